"""Tables, how quick: Adult against fastai and a bare loop; one row; the memory of a wide table.

The rate is that of training rows with the same net: embeddings, 200, 100, batch norm, no bins.
How good they are is measured in `tables_quality`.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import torch
from torch import nn
from torch.nn import functional as F

from tenfold.data.tables import TabularData
from tenfold.learner import Learner
from tenfold.learners import tabular_learner
from tenfold.train.optim import make_optimizer

from .harness import Table, Target, interleave, load_average

BARE, OURS, THEIRS = "bare loop over tensors", "Tenfold", "fastai"
BATCH, RATE = 64, 1e-2


def adult() -> pd.DataFrame:
    """The census table, from TENFOLD_DATA."""
    folder = os.environ.get("TENFOLD_DATA")
    if not folder:
        raise SystemExit("tabular needs adult/adult.csv: set TENFOLD_DATA to the folder with it")
    return pd.read_csv(Path(folder) / "adult" / "adult.csv")


def data_of(frame: pd.DataFrame, seed: int) -> TabularData:
    """One split of it."""
    return TabularData.from_frame(frame, "salary", batch_size=BATCH, seed=seed, device="cpu")


def our_learner(data: TabularData, seed: int, **more: Any) -> Learner:
    """Tenfold with its defaults, on one thread."""
    learn = tabular_learner(data, quiet=True, seed=seed, device="cpu", **more)
    learn.plan(threads=1)
    return learn


def fastai_learner(
    frame: pd.DataFrame,
    valid: np.ndarray,
    seed: int,
    *,
    target: str = "salary",
    classes: bool = True,
    columns: dict[str, list[str]] | None = None,
) -> Any:
    """fastai with its defaults; without `columns`, all of them, of the kinds that it finds."""
    from fastai.data.transforms import IndexSplitter
    from fastai.tabular import all as tabular
    from fastai.torch_core import set_seed

    continuous, categories = tabular.cont_cat_split(frame, max_card=20, dep_var=target)
    set_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about how fastai fills
        table = tabular.TabularPandas(
            frame.copy(),
            procs=[tabular.Categorify, tabular.FillMissing, tabular.Normalize],
            y_names=target,
            y_block=tabular.CategoryBlock() if classes else tabular.RegressionBlock(),
            splits=IndexSplitter(list(valid))(frame),
            **(columns or {"cat_names": categories, "cont_names": continuous}),
        )
    dls = table.dataloaders(bs=BATCH, device="cpu")
    return tabular.tabular_learner(dls, metrics=tabular.accuracy if classes else tabular.rmse)


def quietly(learn: Any, epochs: int, rate: float = RATE) -> None:
    """fastai's one cycle, without bar and log."""
    with warnings.catch_warnings(), learn.no_bar(), learn.no_logging():
        warnings.simplefilter("ignore")
        learn.fit_one_cycle(epochs, rate)


def bare_epoch(model: nn.Module, rows: torch.Tensor, targets: torch.Tensor) -> None:
    """What a person would write: shuffled tensors, slices, a fused optimizer."""
    optimizer = make_optimizer("adamw", model, rates=[RATE])
    order = torch.randperm(len(rows))
    rows, targets = rows[order], targets[order]
    model.train()
    for start in range(0, len(rows) - 1, BATCH):
        loss = F.cross_entropy(model(rows[start : start + BATCH]), targets[start : start + BATCH])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def epochs_of(frame: pd.DataFrame, *, with_peers: bool) -> dict[str, Callable[[], float]]:
    """Rows a second of one epoch, validating on 64 rows."""
    frame = frame.assign(held=np.arange(len(frame)) < 64)
    data = TabularData.from_frame(frame, "salary", valid="held", batch_size=BATCH, device="cpu")
    ours, bare = (
        our_learner(data, 0, bins=0, dropout=0.0, embedding_dropout=0.0, metrics=[])
        for _ in range(2)
    )
    rows, targets = data.train.inputs, data.train.targets

    def timed(run: Callable[[], object]) -> Callable[[], float]:
        def rate() -> float:
            start = time.process_time()
            run()
            return len(rows) / (time.process_time() - start)

        return rate

    runs: dict[str, Callable[[], object]] = {
        BARE: lambda: bare_epoch(bare.model, rows, targets),
        OURS: lambda: ours.fit_one_cycle(1, RATE),
    }
    if with_peers:
        whole = fastai_learner(frame.drop(columns="held"), np.arange(64), 0)
        runs[THEIRS] = lambda: quietly(whole, 1)
    return {name: timed(run) for name, run in runs.items()}


def one_row(frame: pd.DataFrame, *, times: int = 300) -> float:
    """How many times the model's forward a prediction of one row takes."""
    data = data_of(frame, 0)
    learn = our_learner(data, 0)
    row, inputs = frame.iloc[0].to_dict(), data.valid.inputs[:1]
    model = learn.model.eval()
    with torch.no_grad():
        forward = [timed_call(lambda: model(inputs)) for _ in range(times)]
    whole = [timed_call(lambda: learn.predict(row)) for _ in range(times)]
    return statistics.median(whole) / statistics.median(forward)


def timed_call(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def memory(rows: int, columns: int = 500) -> float:
    """The most memory that a wide table and preparing it took, over that of the frame."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from benchmarks import tabular; tabular.prepare({rows}, {columns})",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return float(done.stdout)


def prepare(rows: int, columns: int) -> None:
    """Make a frame of so many numbers and prepare it; print how much the process grew, over it."""
    small = pd.DataFrame({"x": np.arange(40) / 7, "y": np.arange(40) % 2})
    TabularData.from_frame(small, "y", device="cpu")  # what is imported late is no part of it
    begin = psutil.Process().memory_info().rss
    values, random = np.empty((columns, rows)), np.random.default_rng(0)
    for column in values:
        random.standard_normal(out=column)
    values[-1] = np.arange(rows) % 2
    TabularData.from_frame(pd.DataFrame(values.T, copy=False), columns - 1, device="cpu")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print((most - begin) / values.nbytes)


def measure(*, rounds: int = 5, wide_rows: int = 1_000_000, with_peers: bool = True) -> Table:
    """Rows a second; one row; a wide table."""
    torch.set_num_threads(1)
    before, frame = load_average(), adult()
    runs = epochs_of(frame, with_peers=with_peers)
    interleave(runs, rounds=1)  # the first epoch does not count
    table = Table(
        part="tabular",
        title="Tables: an epoch of Adult, 32,561 rows of 14 columns",
        unit="rows/s",
        baseline=BARE,
        samples=interleave(runs, rounds=rounds),
        settings={"batch": BATCH, "wide table": f"{wide_rows:,} rows of 500 numbers"},
        load=(before, load_average()),
    )
    table.targets = [
        Target("the bare loop's rate over Tenfold's", 1 / table.ratio(OURS), 1.1),
        Target("a prediction of one row over the model's forward", one_row(frame), 3.0),
        Target(
            "memory of a wide table and of preparing it, over that of the frame",
            memory(wide_rows),
            2.0,
        ),
    ]
    if with_peers:
        rate = table.ratio(OURS, to=THEIRS)
        table.targets.append(Target("Tenfold's rate over fastai's", rate, 4.0, at_least=True))
    return table
