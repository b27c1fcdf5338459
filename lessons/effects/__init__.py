"""Does each technique help? Every one against its control, over several seeds.

A module here measures one technique:

    TITLE = "Restarts"                           # as in the table
    MEASURE = "validation accuracy, %"           # words, with the unit
    BETTER = "higher"                            # or "lower"
    ARMS = {"one decay": control, "restarts": technique}    # the control first

Each arm is a function of a seed, that of the split, of the order and of the weights, and returns
one number. `python -m lessons.effects [NAME…] [--seeds 5]` runs them.
"""

from __future__ import annotations

import hashlib
import json
import math
import pkgutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from statistics import fmean, stdev

from tenfold.course.records import locked

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER.parent / "EFFECTS.md"

# a mean this many standard errors away from nothing is not put down to luck
ERRORS = 2.0


@dataclass(frozen=True)
class Effect:
    """What one module measures; `code` changes when the module does."""

    name: str
    title: str
    measure: str
    better: str
    arms: dict[str, Callable[[int], float]]
    code: str


@dataclass(frozen=True)
class Result:
    """The numbers of one technique: one for each seed in every arm, and seconds for each run."""

    title: str
    measure: str
    better: str
    code: str
    values: dict[str, list[float]]
    seconds: dict[str, float]


def names() -> list[str]:
    """The modules of this folder."""
    return sorted(one.name for one in pkgutil.iter_modules([str(FOLDER)]) if one.name[0] != "_")


def load(name: str) -> Effect:
    """One module's effect; raises ValueError that says what is not as it has to be."""
    if name not in names():
        raise ValueError(f"there is no effect {name!r}; there is {', '.join(names())}")
    module = import_module(f"lessons.effects.{name}")
    better, arms = getattr(module, "BETTER", None), getattr(module, "ARMS", {})
    if better not in ("higher", "lower"):
        raise ValueError(f'{name}: BETTER is {better!r}; allowed is "higher" and "lower"')
    if len(arms) < 2:
        raise ValueError(f"{name}: ARMS has {len(arms)} arms; give the control, then the technique")
    return Effect(name, module.TITLE, module.MEASURE, better, arms, digest(name))


def digest(name: str) -> str:
    """A short name of what a module says now."""
    return hashlib.blake2b((FOLDER / f"{name}.py").read_bytes(), digest_size=6).hexdigest()


def measure(effect: Effect, seeds: Sequence[int]) -> Result:
    """Run every arm with every seed, and say each number as it comes."""
    values: dict[str, list[float]] = {arm: [] for arm in effect.arms}
    spent = dict.fromkeys(effect.arms, 0.0)
    for seed in seeds:
        for arm, run in effect.arms.items():
            started = time.perf_counter()
            values[arm].append(float(f"{run(seed):.6g}"))
            taken = time.perf_counter() - started
            spent[arm] += taken
            said = f"{effect.name}: {arm}, seed {seed}: {values[arm][-1]:#.4g} in {taken:.1f} s"
            print(said, flush=True)
    seconds = {arm: round(total / len(seeds), 1) for arm, total in spent.items()}
    return Result(effect.title, effect.measure, effect.better, effect.code, values, seconds)


def read_results(file: Path = RESULTS) -> dict[str, Result]:
    """The results by name."""
    if not file.exists():
        return {}
    return {name: Result(**one) for name, one in json.loads(file.read_text("utf-8")).items()}


def add_result(name: str, result: Result, file: Path = RESULTS, page: Path = PAGE) -> None:
    """Put one technique's numbers in the place of its earlier ones, and write the page anew."""
    with locked(file):
        results = {**read_results(file), name: result}
        ordered = {name: asdict(results[name]) for name in sorted(results)}
        file.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", "utf-8")
        page.write_text(written(results), "utf-8")


def written(results: dict[str, Result]) -> str:
    """The page: one table, a line for each technique, and how to read it."""
    rows = [line for name in sorted(results) for line in lines(results[name])]
    return "\n".join([HEAD, *rows, "", FOOT, ""])


COLUMNS = (
    "technique",
    "what is measured",
    "control",
    "technique",
    "difference, seed by seed",
    "mean",
    "wins",
    "in words",
)
HEAD = f"""# Does it help?

Each technique of the course against a control that lacks it and nothing else, with the same
seeds: a seed gives the split of the data, the order of the batches and the first weights. This
page is written by `python -m lessons.effects`; the numbers are in `effects/results.json`.

| {" | ".join(COLUMNS)} |
|{"---|" * len(COLUMNS)}"""
FOOT = """*Control* and *technique*: the mean over the seeds ± the standard deviation. *Wins*: in
how many seeds the technique was better than its control. *In words*: it helps, or hurts, where
the mean difference is more than two standard errors from nothing; everywhere else these runs show
no difference, and the table says so."""


def lines(result: Result) -> Iterable[str]:
    """The table's lines of one technique: one for each arm after the control."""
    (control, first), *others = result.values.items()
    for arm, values in others:
        apart = [mine - its for mine, its in zip(values, first)]
        wins = sum(is_better(one, result.better) for one in apart)
        columns = [
            f"**{result.title}**",
            f"{result.measure} ({result.better} is better)",
            f"{control}: {spread(first)}",
            f"{arm}: {spread(values)}",
            ", ".join(f"{one:+#.3g}" for one in apart),
            f"{fmean(apart):+#.3g}",
            f"{wins} of {len(apart)}",
            verdict(apart, result.better),
        ]
        yield f"| {' | '.join(columns)} |"


def spread(values: Sequence[float]) -> str:
    """The mean ± the standard deviation."""
    return f"{fmean(values):#.3g} ± {stdev(values):.2g}"


def is_better(difference: float, better: str) -> bool:
    """Whether a difference, technique less control, is to the good."""
    return difference > 0 if better == "higher" else difference < 0


def verdict(apart: Sequence[float], better: str) -> str:
    """Helps, hurts, or no difference that these seeds show."""
    mean, error = fmean(apart), stdev(apart) / math.sqrt(len(apart))
    if abs(mean) <= ERRORS * error or mean == 0:
        return "no clear difference here"
    return "helps" if is_better(mean, better) else "does not help: it is worse"
