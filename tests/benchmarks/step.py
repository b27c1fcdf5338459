"""One training step of a model so small that only the trainer is left to measure.

Everybody trains 784-50-10 with ReLU, batches of 64, momentum SGD and one thread, in one epoch of
some number of steps, without validation; the difference of two lengths is the cost of a step.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from tenfold.data.batches import Batches
from tenfold.data.plain import PlainData
from tenfold.learner import Learner
from tenfold.train.task import single_label

from . import peers
from .harness import Table, Target, interleave, load_average, slope

BATCH = 64
RATE, MOMENTUM = 0.01, 0.9
BARE, NAIVE, OURS = "bare loop, fused optimizer", "naive loop", "Tenfold"
Run = Callable[[int], object]


@dataclass(frozen=True)
class Problem:
    """Random pictures of 784 numbers and their classes, enough for the longest run."""

    inputs: Tensor
    targets: Tensor

    def first(self, steps: int) -> tuple[Tensor, Tensor]:
        """What a run of so many steps sees."""
        return self.inputs[: steps * BATCH], self.targets[: steps * BATCH]

    def batches(self, steps: int) -> list[tuple[Tensor, Tensor]]:
        """The same, cut into batches beforehand."""
        inputs, targets = self.first(steps)
        return list(zip(inputs.split(BATCH), targets.split(BATCH)))

    def loader(self, steps: int) -> DataLoader[Any]:
        """The batches in another order every time."""
        return DataLoader(self.batches(steps), batch_size=None, shuffle=True)  # type: ignore[arg-type]


def problem(steps: int) -> Problem:
    """Data for `steps` steps."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(steps * BATCH, 784, generator=generator)
    return Problem(inputs, torch.randint(0, 10, (len(inputs),), generator=generator))


def network() -> nn.Module:
    """784-50-10, always with the same weights."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))


def bare(data: Problem, steps: int) -> None:
    """Rows of device tensors in a shuffled order, the fused optimizer, nothing else."""
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), RATE, momentum=MOMENTUM, fused=True)
    inputs, targets = data.first(steps)
    for rows in torch.randperm(len(inputs)).split(BATCH):
        loss = F.cross_entropy(model(inputs[rows]), targets[rows])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def naive(loader: DataLoader[Any]) -> float:
    """The loop of a first tutorial: the default optimizer, and the loss read at every step."""
    model, total = network(), 0.0
    optimizer = torch.optim.SGD(model.parameters(), RATE, momentum=MOMENTUM)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total


def ours(data: Problem, steps: int, *, quiet: bool) -> None:
    """A learner over the same tensors; the report, when there is one, goes to a string.

    It validates on one batch: the slope leaves that out, as it does for the others.
    """
    batches = Batches(*data.first(steps), batch_size=BATCH, shuffle=True)
    learn = Learner(
        PlainData(batches, data.batches(1)),
        network(),
        task=single_label(10),
        optimizer="sgd",
        weight_decay=0.0,
        metrics=[],
        quiet=quiet,
    )
    learn.plan(precision="float32", channels_last=False, threads=1)
    with contextlib.redirect_stdout(io.StringIO()):
        learn.fit(1, RATE)


def contenders(data: Problem, *, with_peers: bool) -> dict[str, Run]:
    """Everybody who is installed."""
    runs: dict[str, Run] = {
        BARE: lambda steps: bare(data, steps),
        NAIVE: lambda steps: naive(data.loader(steps)),
        "naive loop, an item at a time": lambda steps: naive(
            DataLoader(TensorDataset(*data.first(steps)), batch_size=BATCH, shuffle=True)
        ),
        OURS: lambda steps: ours(data, steps, quiet=True),
        "Tenfold, printing": lambda steps: ours(data, steps, quiet=False),
    }
    if with_peers:
        for name, make in peers.STEPS.items():
            with contextlib.suppress(ImportError):
                runs[name] = make(data, network)
    return runs


def measure(
    *, rounds: int = 7, short: int = 200, long: int = 1000, with_peers: bool = True
) -> Table:
    """Microseconds of processor time a step."""
    torch.set_num_threads(1)
    before, data = load_average(), problem(long)
    runs = contenders(data, with_peers=with_peers)
    for run in runs.values():
        run(short)  # imports and first allocations
    timed = {
        name: lambda run=run: slope(run, short=short, long=long)  # type: ignore[misc]
        for name, run in runs.items()
    }
    table = Table(
        part="step",
        title="A step of 784-50-10, batches of 64, one thread",
        unit="µs",
        baseline=NAIVE,
        samples=interleave(timed, rounds=rounds),
        settings={"optimizer": "SGD, momentum 0.9", "steps": f"{short} and {long}, their slope"},
        load=(before, load_average()),
    )
    table.targets = [
        Target("Tenfold over the bare loop", table.ratio(OURS, to=BARE), 1.0),
        Target("Tenfold over the naive loop", table.ratio(OURS), 0.9),
    ]
    return table
