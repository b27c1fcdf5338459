"""MovieLens latest-small, a fixed tenth held out, against fastai: rate, and RMSE.

Both train a dot product with biases, 50 factors, one cycle at 5e-3. fastai decays weights by 0.1,
as in its course, and Tenfold too in batches of fastai's size; in its own, larger ones it takes
fewer steps and decays by 0.3, its default. Speed is measured in turns, an epoch with its
validation each; the error comes from `epochs`.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from tenfold.data.ratings import RatingsData
from tenfold.learner import Learner
from tenfold.learners import ratings_learner

from .harness import Table, Target, interleave, load_average

BATCH, FACTORS, RATE, DECAY = 64, 50, 5e-3, 0.1
THEIRS, EQUAL, OURS = "fastai", "Tenfold, fastai's batch size", "Tenfold"
NEURAL = "Tenfold, neural"
Make = Callable[[pd.DataFrame, int], Any]


def movielens() -> pd.DataFrame:
    """The ratings, with the tenth that validates marked; says what to set when they are absent."""
    home = os.environ.get("TENFOLD_DATA", "")
    file = Path(home) / "movielens" / "ratings.csv"
    if not home or not file.exists():
        raise SystemExit("movielens is needed: set TENFOLD_DATA to the folder that holds it")
    frame = pd.read_csv(file)
    frame["valid"] = np.random.default_rng(0).permutation(len(frame)) < len(frame) // 10
    return frame


def fastai_learner(frame: pd.DataFrame, seed: int) -> Any:
    """fastai's collab_learner, with the range that its course gives it."""
    from fastai.collab import TabularCollab, collab_learner
    from fastai.data.block import TransformBlock
    from fastai.tabular.core import Categorify
    from fastai.torch_core import set_seed

    set_seed(seed)
    rows = np.arange(len(frame))
    splits = [rows[~frame["valid"]].tolist(), rows[frame["valid"]].tolist()]
    table = TabularCollab(
        frame.copy(), [Categorify], ["userId", "movieId"], y_names=["rating"],
        y_block=TransformBlock(), splits=splits,
    )  # fmt: skip
    dls = table.dataloaders(bs=BATCH, val_bs=1024)
    return collab_learner(dls, n_factors=FACTORS, y_range=(0, 5.5), wd=DECAY)


def tenfold_learner(frame: pd.DataFrame, seed: int, *, batch: int = 512, **more: Any) -> Learner:
    """Ours, in batches of some size."""
    data = RatingsData.from_frame(
        frame, user="userId", item="movieId", valid="valid", batch_size=batch, seed=seed
    )
    settings = {"factors": FACTORS, "seed": seed, "quiet": True, **more}
    return ratings_learner(data, **settings)


LEARNERS: dict[str, Make] = {
    THEIRS: fastai_learner,
    EQUAL: lambda frame, seed: tenfold_learner(frame, seed, batch=BATCH, weight_decay=DECAY),
    OURS: tenfold_learner,
    NEURAL: lambda frame, seed: tenfold_learner(
        frame, seed, model="neural", dropout=0.5, weight_decay=0.3
    ),
}


def trained(learn: Any, epochs: int) -> None:
    """One cycle, in silence."""
    if isinstance(learn, Learner):
        learn.fit_one_cycle(epochs, RATE)
        return
    with learn.no_bar(), learn.no_logging(), contextlib.redirect_stdout(io.StringIO()):
        learn.fit_one_cycle(epochs, RATE)


def processor_seconds(learn: Any) -> float:
    """What an epoch takes on one thread, whatever else the machine does."""
    begin = time.process_time()
    trained(learn, 1)
    return time.process_time() - begin


def error_of(learn: Any) -> float:
    """The RMSE on what was held out."""
    if isinstance(learn, Learner):
        return learn.history.column("rmse")[-1]
    with learn.no_bar(), learn.no_logging():
        return float(learn.validate()[0]) ** 0.5


def results(learners: dict[str, Make], *, epochs: int, seeds: int) -> dict[str, list[float]]:
    """Everybody's RMSE, in turns, by seed."""
    frame, found = movielens(), {name: [] for name in learners}
    for seed in range(seeds):
        for name, make in learners.items():
            learn = make(frame, seed)
            trained(learn, epochs)
            found[name].append(error_of(learn))
    return found


def measure(*, rounds: int = 5, epochs: int = 5, seeds: int = 5, with_peers: bool = True) -> Table:
    """Training ratings per second, with the RMSE beside."""
    torch.set_num_threads(1)
    before, frame = load_average(), movielens()
    learners = {name: make for name, make in LEARNERS.items() if with_peers or name != THEIRS}
    size = int((~frame["valid"]).sum())
    ready = {name: make(frame, 0) for name, make in learners.items()}
    timed = {
        name: lambda learn=learn: size / processor_seconds(learn)  # type: ignore[misc]
        for name, learn in ready.items()
    }
    interleave(timed, rounds=1)  # imports and first allocations
    samples = interleave(timed, rounds=rounds)
    errors = results(learners, epochs=epochs, seeds=seeds)
    table = Table(
        part="ratings",
        title="MovieLens latest-small, 50 factors",
        unit="ratings/s",
        baseline=THEIRS if with_peers else EQUAL,
        samples=samples,
        settings={"fastai's batch": BATCH, "rate": RATE, "epochs": epochs, "seeds": seeds},
        columns={name: {"RMSE": words_of(values)} for name, values in errors.items()},
        load=(before, load_average()),
    )
    if with_peers:
        words = "Tenfold's ratings per second over fastai's, at fastai's batch size"
        worse = statistics.mean(errors[EQUAL]) - statistics.mean(errors[THEIRS])
        table.targets = [
            Target(words, table.ratio(EQUAL), 4.0, at_least=True),
            Target("Tenfold's RMSE minus fastai's, at fastai's batch size", worse, 0.0),
        ]
    return table


def words_of(values: list[float]) -> str:
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{spread}"
