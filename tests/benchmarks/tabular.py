"""Tables: Adult against fastai and gradient boosting, the same net against a bare loop, one row.

The rate is that of training rows with the same net: embeddings, 200, 100, batch norm, no bins.
Accuracy is after three epochs of one cycle on the same 80/20 splits, each with its defaults;
`fastai, its tutorial` has the columns that fastai's own tutorial names and not all of them.
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
TUTORIAL, TREES = "fastai, its tutorial", "gradient boosting"
BATCH, EPOCHS, RATE = 64, 3, 1e-2
COLUMNS = {
    "cat_names": ["workclass", "education", "marital-status", "occupation", "relationship", "race"],
    "cont_names": ["age", "fnlwgt", "education-num"],
}


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


def fastai_learner(frame: pd.DataFrame, valid: np.ndarray, seed: int, *, tutorial: bool) -> Any:
    """fastai with its defaults, on the same split."""
    from fastai.data.transforms import IndexSplitter
    from fastai.metrics import accuracy
    from fastai.tabular import all as tabular
    from fastai.torch_core import set_seed

    continuous, categories = tabular.cont_cat_split(frame, max_card=20, dep_var="salary")
    columns = COLUMNS if tutorial else {"cat_names": categories, "cont_names": continuous}
    set_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about how fastai fills
        table = tabular.TabularPandas(
            frame.copy(),
            procs=[tabular.Categorify, tabular.FillMissing, tabular.Normalize],
            y_names="salary",
            y_block=tabular.CategoryBlock(),
            splits=IndexSplitter(list(valid))(frame),
            **columns,
        )
    dls = table.dataloaders(bs=BATCH, device="cpu")
    return tabular.tabular_learner(dls, metrics=accuracy)


def quietly(learn: Any, epochs: int) -> None:
    """fastai's one cycle, without bar and log."""
    with warnings.catch_warnings(), learn.no_bar(), learn.no_logging():
        warnings.simplefilter("ignore")
        learn.fit_one_cycle(epochs, RATE)


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
    ours, bare = (our_learner(data, 0, bins=0, metrics=[]) for _ in range(2))
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
        whole = fastai_learner(frame.drop(columns="held"), np.arange(64), 0, tutorial=False)
        runs[THEIRS] = lambda: quietly(whole, 1)
    return {name: timed(run) for name, run in runs.items()}


def accuracies(frame: pd.DataFrame, seed: int, *, with_peers: bool) -> dict[str, float]:
    """The accuracy of everybody on one split."""
    data = data_of(frame, seed)
    learn = our_learner(data, seed)
    learn.fit_one_cycle(EPOCHS, RATE)
    found = {OURS: learn.history.column("accuracy")[-1]}
    if with_peers:
        for name in (THEIRS, TUTORIAL):
            peer = fastai_learner(frame, data.rows["valid"], seed, tutorial=name == TUTORIAL)
            quietly(peer, EPOCHS)
            found[name] = float(peer.recorder.values[-1][-1])
        found[TREES] = boosted(frame, data, seed)
    return found


def boosted(frame: pd.DataFrame, data: TabularData, seed: int) -> float:
    """scikit-learn's gradient boosting, its settings chosen on a fifth of the training rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier as Trees

    words = frame.select_dtypes(exclude="number").columns.drop("salary")
    inputs = frame.drop(columns="salary").astype(dict.fromkeys(words, "category"))
    targets = frame["salary"] == frame["salary"].iloc[0]
    train, valid = data.rows["train"], data.rows["valid"]

    def score(rate: float, leaves: int, fit: np.ndarray, check: np.ndarray) -> float:
        trees = Trees(
            learning_rate=rate, max_leaf_nodes=leaves, max_iter=300, early_stopping=False,
            categorical_features="from_dtype", random_state=seed,
        )  # fmt: skip
        return trees.fit(inputs.iloc[fit], targets.iloc[fit]).score(
            inputs.iloc[check], targets.iloc[check]
        )

    mixed = np.random.default_rng(seed).permutation(train)
    cut = len(mixed) // 5
    grid = [(rate, leaves) for rate in (0.03, 0.05, 0.1) for leaves in (15, 31)]
    best = max(grid, key=lambda given: score(*given, mixed[cut:], mixed[:cut]))
    return score(*best, train, valid)


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


def measure(
    *, rounds: int = 5, seeds: int = 5, wide_rows: int = 1_000_000, with_peers: bool = True
) -> Table:
    """Rows a second; accuracy over splits; one row; a wide table."""
    torch.set_num_threads(1)
    before, frame = load_average(), adult()
    runs = epochs_of(frame, with_peers=with_peers)
    interleave(runs, rounds=1)  # the first epoch does not count
    samples = interleave(runs, rounds=rounds)
    scores = [accuracies(frame, seed, with_peers=with_peers) for seed in range(seeds)]
    by_name = {name: [score[name] for score in scores] for name in scores[0]}
    table = Table(
        part="tabular",
        title="Tables: Adult, 26,049 rows of 14 columns",
        unit="rows/s",
        baseline=BARE,
        samples=samples,
        settings={"batch": BATCH, "epochs": EPOCHS, "rate": RATE, "seeds": seeds},
        columns={name: {"accuracy": spread(values)} for name, values in by_name.items()},
        load=(before, load_average()),
    )
    table.settings |= {name: spread(by_name[name]) for name in (TUTORIAL, TREES) if name in by_name}
    table.targets = targets(table, by_name, one_row(frame), memory(wide_rows))
    return table


def targets(table: Table, scores: dict[str, list[float]], one: float, wide: float) -> list[Target]:
    """What the project promises."""
    found = [
        Target("the bare loop's rate over Tenfold's", 1 / table.ratio(OURS), 1.1),
        Target("a prediction of one row over the model's forward", one, 3.0),
        Target("memory of a wide table and of preparing it, over that of the frame", wide, 2.0),
    ]
    if THEIRS in scores:
        means = {name: statistics.mean(values) for name, values in scores.items()}
        gain, behind = means[OURS] - means[THEIRS], means[TREES] - means[OURS]
        found += [
            Target("Tenfold's rate over fastai's", table.ratio(OURS, to=THEIRS), 4.0, True),
            Target("accuracy over fastai's on the same columns", gain, 0.005, True),
            Target("accuracy behind tuned gradient boosting's", behind, 0.02),
        ]
    return found


def spread(values: list[float]) -> str:
    """Mean and deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.4f} ± {deviation:.4f}"
