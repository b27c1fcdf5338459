"""The head on stored activations, then everything: magics in a real kernel, fastai in between.

For each seed in turn. Tenfold: read the photos, `%fit_one_cycle` with precompute, `%unfreeze`,
differential rates, `%tta`. fastai: two frozen epochs, unfrozen with a spread of rates, tta.
Every time starts at the folder of photos and holds all that is needed, the feature pass too.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from .harness import Table, Target, load_average, seconds
from .kernel import Kernel, kernel
from .photos import imagenette, some_photos
from .vision import accuracy_of, fastai_learner, quietly

THEIRS, OURS = "fastai, two frozen epochs", "Tenfold, precompute"
FROZEN = """
data = ImageData.from_folder({folder!r}, size=128, seed={seed}, progress=False)
learn = vision_learner(data, "squeezenet1_0", precompute=True, seed={seed})
%fit_one_cycle 4 --lr 3e-3
"""
UNFROZEN = """
%unfreeze
%fit_one_cycle 3 --lr 1e-5:1e-3
"""
Figures = dict[str, float]


def ours(notebook: Kernel, folder: Path, seed: int) -> Figures:
    """One seed in the kernel, by magics."""
    found = {
        "frozen s": seconds(lambda: notebook.cell(FROZEN.format(folder=str(folder), seed=seed)))
    }
    found["frozen"] = notebook.number("learn.history.rows[-1]['accuracy']")
    found["unfrozen s"] = seconds(lambda: notebook.cell(UNFROZEN))
    found["unfrozen"] = notebook.number("learn.history.rows[-1]['accuracy']")
    found["TTA s"] = seconds(lambda: notebook.cell("preds, targets = %tta"))
    found["TTA"] = notebook.number("(preds.argmax(1) == targets).float().mean()")
    return found


def theirs(folder: Path, seed: int) -> Figures:
    """One seed of fastai."""
    made: list[Any] = []

    def frozen() -> None:
        made.append(fastai_learner(folder, seed))
        quietly(made[0], lambda: made[0].fit_one_cycle(2))

    found = {"frozen s": seconds(frozen)}
    learn = made[0]
    found["frozen"] = accuracy_of(learn)
    learn.unfreeze()
    spread = slice(1e-5, 1e-3)
    found["unfrozen s"] = seconds(lambda: quietly(learn, lambda: learn.fit_one_cycle(2, spread)))
    found["unfrozen"] = accuracy_of(learn)
    found["TTA"], found["TTA s"] = views(learn)
    return found


def views(learn: Any) -> tuple[float, float]:
    """fastai's accuracy with test-time augmentation, and its time."""
    kept: list[Any] = []

    def work() -> None:
        with learn.no_bar():
            kept.extend(learn.tta())

    took = seconds(work)
    return float((kept[0].argmax(1) == kept[1]).float().mean()), took


def compared(folder: Path, seeds: int) -> dict[str, list[Figures]]:
    """Both, in turns, by seed; the kernel starts with an empty cache."""
    found: dict[str, list[Figures]] = {THEIRS: [], OURS: []}
    with tempfile.TemporaryDirectory() as cache:
        for seed in range(seeds):
            os.environ["TENFOLD_CACHE"] = str(Path(cache) / str(seed))  # nothing is known yet
            with kernel() as notebook:
                notebook.cell("%load_ext tenfold\nfrom tenfold import ImageData, vision_learner")
                found[OURS].append(ours(notebook, folder, seed))
            found[THEIRS].append(theirs(folder, seed))
    return found


def measure(*, seeds: int = 3, pictures: int | None = None) -> Table:
    """Seconds to the trained head, with the accuracies beside."""
    before = load_average()
    with tempfile.TemporaryDirectory() as name:
        few = pictures is not None
        folder = some_photos(Path(name), train=pictures or 0, valid=100) if few else imagenette()
        found = compared(folder, seeds)
    table = Table(
        part="precompute",
        title="squeezenet1_0 on Imagenette: frozen head, then unfrozen, then TTA",
        unit="s to the frozen head",
        baseline=THEIRS,
        samples={name: [figures["frozen s"] for figures in runs] for name, runs in found.items()},
        settings={"seeds": seeds, "magics": " ".join((FROZEN + UNFROZEN + "%tta").split("\n")[3:])},
        columns={name: columns(runs) for name, runs in found.items()},
        load=(before, load_average()),
    )
    table.targets = [
        Target("accuracy of the frozen head", mean(found[OURS], "frozen"), 0.9, at_least=True),
        Target("its time over fastai's two frozen epochs", table.ratio(OURS), 0.25),
        Target("accuracy, unfrozen with TTA", mean(found[OURS], "TTA"), 0.915, at_least=True),
    ]
    return table


def columns(runs: list[Figures]) -> dict[str, str]:
    """Mean and spread of each accuracy, and the other times."""
    scores = {name: spread(runs, name) for name in ("frozen", "unfrozen", "TTA")}
    times = {name: f"{mean(runs, name):.0f}" for name in ("unfrozen s", "TTA s")}
    return {**scores, **times}


def mean(runs: list[Figures], name: str) -> float:
    return statistics.mean(run[name] for run in runs)


def spread(runs: list[Figures], name: str) -> str:
    """Mean and standard deviation over the seeds."""
    values = [run[name] for run in runs]
    around = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(runs, name):.3f}{around}"
