"""Tables, how good: Adult, PM2.5 and California housing against fastai and trees, split by seed.

Everybody gets the same rows and columns; the networks train for the same epochs, one cycle, each
at its own rate, otherwise with their defaults. A fifth is held out: of PM2.5, which is hourly,
whole weeks, because an hour between two that are known needs no model. The splits are those of
seeds 10 to 14; rates and the trees' settings were chosen on seed 0 and 1.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from tenfold.data.tables import TabularData

from .harness import Table, Target, load_average
from .tabular import BATCH, RATE, THEIRS, fastai_learner, our_learner, quietly

OURS, FOREST, TREES = "Tenfold", "random forest", "gradient boosting, tuned"
TUTORIAL = "fastai, its tutorial's columns"
COLUMNS = {
    "cat_names": ["workclass", "education", "marital-status", "occupation", "relationship", "race"],
    "cont_names": ["age", "fnlwgt", "education-num"],
}
FIRST_SEED = 10
Score = Callable[["Problem", np.ndarray, int], float]


@dataclass(frozen=True)
class Problem:
    """A table, the column to predict, and for how many epochs networks train on it.

    `blocks`, one number for each row, says which rows are held out together. `rate` is fastai's.
    """

    name: str
    title: str
    frame: pd.DataFrame
    target: str
    epochs: int
    rate: float
    blocks: np.ndarray | None = None
    classes: bool = False

    @property
    def unit(self) -> str:
        return "% right" if self.classes else "RMSE"

    def held(self, seed: int) -> np.ndarray:
        """The rows of one seed's validation set."""
        blocks = np.arange(len(self.frame)) if self.blocks is None else self.blocks
        known = np.unique(blocks)
        chosen = np.random.default_rng(seed).permutation(known)[: len(known) // 5]
        return np.isin(blocks, chosen)

    def numbers(self, held: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """Inputs and targets for trees: words as codes, what is missing as the median."""
        inputs = self.frame.drop(columns=self.target)
        for name in inputs.select_dtypes(exclude="number"):
            inputs[name] = pd.factorize(inputs[name])[0]
        targets = self.frame[self.target]
        coded = pd.factorize(targets)[0] if self.classes else targets.to_numpy(float)
        return inputs.fillna(inputs[~held].median()), coded


def read(path: str) -> pd.DataFrame:
    """A file of TENFOLD_DATA."""
    folder = os.environ.get("TENFOLD_DATA")
    if not folder:
        raise SystemExit(f"tables_quality needs {path}: set TENFOLD_DATA to the folder with it")
    return pd.read_csv(Path(folder) / path)


def adult() -> Problem:
    """The census of 1994: who earns more than 50,000 dollars."""
    return Problem(
        "adult", "Adult", read("adult/adult.csv"), "salary", epochs=3, rate=1e-2, classes=True
    )


def housing() -> Problem:
    """The value of houses, by block of the census of 1990."""
    frame = read("housing/housing.csv")
    return Problem(
        "housing", "California housing", frame, "median_house_value", epochs=10, rate=1e-2
    )


def pm25() -> Problem:
    """Fine dust in the air of Beijing, hour by hour, from weather and date."""
    frame = read("pm25/pollution.csv").dropna(subset=["pm2.5"])
    weeks = frame["No"].to_numpy() // 168
    columns = frame.drop(columns="No").reset_index(drop=True)
    title = "PM2.5, whole weeks held out"
    return Problem("pm25", title, columns, "pm2.5", epochs=3, rate=1e-2, blocks=weeks)


PROBLEMS = {"adult": adult, "housing": housing, "pm25": pm25}


def our_score(problem: Problem, held: np.ndarray, seed: int, **more: Any) -> float:
    """Tenfold with its defaults, but for `more`."""
    data = TabularData.from_frame(
        problem.frame.assign(held=held), problem.target, valid="held", classes=problem.classes,
        batch_size=BATCH, seed=seed, device="cpu",
    )  # fmt: skip
    learn = our_learner(data, seed, **more)
    learn.fit_one_cycle(problem.epochs, RATE)
    found = learn.history.column(learn.task.metrics[0])[-1]
    return 100 * found if problem.classes else found


def fastai_score(problem: Problem, held: np.ndarray, seed: int, **more: Any) -> float:
    """fastai with its defaults; a target that is a number is standardised, or it learns little."""
    frame, target, unit = problem.frame, problem.target, 100.0
    if not problem.classes:
        known = frame[target][~held]
        unit = float(known.std())
        frame = frame.assign(**{target: (frame[target] - known.mean()) / unit})
    learn = fastai_learner(
        frame, np.flatnonzero(held), seed, target=target, classes=problem.classes, **more
    )
    quietly(learn, problem.epochs, problem.rate)
    return unit * float(learn.recorder.values[-1][-1])


def forest_score(problem: Problem, held: np.ndarray, seed: int) -> float:
    """scikit-learn's random forest of 100 trees."""
    from sklearn.ensemble import RandomForestRegressor

    inputs, targets = problem.numbers(held)
    forest = RandomForestRegressor(100, n_jobs=1, random_state=seed)
    found = forest.fit(inputs[~held], targets[~held]).predict(inputs[held])
    return float(np.sqrt(np.mean((found - targets[held]) ** 2)))


def boosted(problem: Problem, train: np.ndarray, check: np.ndarray, **given: Any) -> float:
    """How many of the rows `check` gradient boosting has right after the rows `train`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    words = problem.frame.select_dtypes(exclude="number").columns.drop(problem.target)
    inputs = problem.frame.drop(columns=problem.target).astype(dict.fromkeys(words, "category"))
    targets = pd.factorize(problem.frame[problem.target])[0]
    trees = HistGradientBoostingClassifier(
        max_iter=300, early_stopping=False, categorical_features="from_dtype", **given
    )
    trees.fit(inputs.iloc[train], targets[train])
    return 100 * float(trees.score(inputs.iloc[check], targets[check]))


def tuned(problem: Problem) -> dict[str, Any]:
    """The best of six settings of gradient boosting, on a fifth of seed 0's training rows."""
    train = np.flatnonzero(~problem.held(0))
    mixed = np.random.default_rng(0).permutation(train)
    cut = len(mixed) // 5
    grid = [
        {"learning_rate": rate, "max_leaf_nodes": leaves, "random_state": 0}
        for rate in (0.03, 0.05, 0.1)
        for leaves in (15, 31)
    ]
    return max(grid, key=lambda given: boosted(problem, mixed[cut:], mixed[:cut], **given))


def contenders(problem: Problem, *, with_peers: bool) -> dict[str, Score]:
    """Who takes part in a problem."""
    found: dict[str, Score] = {OURS: our_score}
    if with_peers:
        found[THEIRS] = fastai_score
    if with_peers and problem.classes:
        best = tuned(problem)
        found[TUTORIAL] = partial(fastai_score, columns=COLUMNS)
        found[TREES] = lambda problem, held, seed: boosted(
            problem, np.flatnonzero(~held), np.flatnonzero(held), **best
        )
    elif with_peers:
        found[FOREST] = forest_score
    return found


def scored(problem: Problem, runs: dict[str, Score], *, seeds: int) -> Table:
    """Everybody's score for each seed, and the processor time that training took."""
    before = load_average()
    samples: dict[str, list[float]] = {name: [] for name in runs}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        held = problem.held(seed)
        for name, run in runs.items():
            begin = time.process_time()
            samples[name].append(run(problem, held, seed))
            times[name].append(time.process_time() - begin)
    columns = {
        name: {"mean ± deviation": spread(scores), "processor s": f"{statistics.median(spent):.1f}"}
        for (name, scores), spent in zip(samples.items(), times.values(), strict=True)
    }
    return Table(
        part=problem.name,
        title=f"Tables, how good: {problem.title}, {len(problem.frame):,} rows",
        unit=problem.unit,
        baseline=next(iter(runs)),
        samples=samples,
        settings={"seeds from": FIRST_SEED, "epochs": problem.epochs, "batch": BATCH, "rate": RATE},
        columns=columns,
        load=(before, load_average()),
    )


def measure(
    *, seeds: int = 5, with_peers: bool = True, problems: tuple[str, ...] = tuple(PROBLEMS)
) -> list[Table]:
    """A table for each problem."""
    torch.set_num_threads(1)
    tables = []
    for name in problems:
        problem = PROBLEMS[name]()
        table = scored(problem, contenders(problem, with_peers=with_peers), seeds=seeds)
        if with_peers:
            table.settings["fastai's rate"] = problem.rate
            table.targets = targets(table)
        tables.append(table)
    return tables


def targets(table: Table) -> list[Target]:
    """What the project promises."""
    means = {name: statistics.mean(scores) for name, scores in table.samples.items()}
    if TREES in means:
        return [
            Target("points over fastai's", means[OURS] - means[THEIRS], 0.5, at_least=True),
            Target("points behind tuned gradient boosting", means[TREES] - means[OURS], 2.0),
        ]
    return [
        Target(f"RMSE over that of {name}", means[OURS] / means[name], 1.0)
        for name in (THEIRS, FOREST)
    ]


def spread(values: list[float]) -> str:
    """Mean and deviation, with two digits of what the seeds change."""
    mean, deviation = statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0
    digits = 0 if mean > 1000 else 2
    return f"{mean:,.{digits}f} ± {deviation:,.{digits}f}"
