"""Two processes against one, one thread each, over gloo: how fast a launch trains, and begins.

A conv net in float32 on pictures that are made up; the launch is the one of a notebook, from this
process. What begins is a whole fit: a batch, a validation with its metric, the weights back.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import torch
from torch import nn

from tenfold.data.batches import Batches
from tenfold.data.plain import PlainData
from tenfold.learner import Learner
from tenfold.parallel.pools import close_all
from tenfold.train.task import single_label

from .harness import Table, Target, interleave, load_average, seconds

ONE, TWO, COLD, WARM = "one process", "two processes", "cold", "warm"
SIDE, BATCH = 64, 256


def conv_net() -> nn.Module:
    """Four convolutions with batch norm, 0.4 million weights."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 32), (32, 64), (64, 128), (128, 256)):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10))


def learner(items: int, *, valid: bool = False) -> Learner:
    """The net on made-up pictures, with one thread."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 256, (items, 3, SIDE, SIDE), generator=generator).byte()
    targets = torch.randint(0, 10, (items,), generator=generator)
    train = Batches(
        pictures, targets, batch_size=BATCH, shuffle=True, prepare=lambda rows: rows.float() / 255
    )
    data = PlainData(train, train.plain() if valid else None)
    learn = Learner(data, conv_net(), task=single_label(10), quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn


def measure(*, rounds: int = 5, items: int = 16 * BATCH) -> list[Table]:
    """Seconds of an epoch, and of a fit that begins."""
    torch.set_num_threads(1)
    return [speed(rounds, items), begin(rounds)]


def speed(rounds: int, items: int) -> Table:
    """An epoch on one and on two processes, in turns."""
    before, alone, both = load_average(), learner(items), learner(items)

    def epoch(learn: Learner, fit: Callable[[int], object]) -> float:
        fit(1)
        return float(learn.history.rows[-1]["seconds"])

    turns = {
        ONE: lambda: epoch(alone, alone.fit),
        TWO: lambda: epoch(both, both.launch(2).fit),
    }
    for turn in turns.values():
        turn()
    table = Table(
        part="launch",
        title=f"An epoch of a conv net in float32, {items:,} pictures of {SIDE} pixels",
        unit="s",
        baseline=ONE,
        samples=interleave(turns, rounds=rounds),
        settings={"threads of each process": 1, "batch": BATCH, "backend": "gloo"},
        load=(before, load_average()),
    )
    rates = [items / statistics.median(table.samples[name]) for name in (ONE, TWO)]
    table.columns = {
        name: {"pictures/s": f"{rate:.0f}"} for name, rate in zip((ONE, TWO), rates, strict=True)
    }
    words = "speed of two processes over that of one"
    table.targets = [Target(words, 1 / table.ratio(TWO), 1.7, at_least=True)]
    return table


def begin(rounds: int) -> Table:
    """A whole fit of one batch, where no process is there and where they are warm."""
    before, learn = load_average(), learner(64, valid=True)

    def cold() -> float:
        close_all()
        return warm()

    def warm() -> float:
        return seconds(lambda: learn.launch(2).fit(1))

    learn.fit(1)  # what this process itself has to load
    # in this order: a warm launch needs a cold one before it
    samples: dict[str, list[float]] = {COLD: [], WARM: []}
    for _ in range(rounds):
        samples[COLD].append(cold())
        samples[WARM].append(warm())
    close_all()
    table = Table(
        part="launch_begin",
        title="A launch on two processes: one batch, a validation, the weights back",
        unit="s",
        baseline=COLD,
        samples=samples,
        settings={"processes": 2, "batch": 64},
        load=(before, load_average()),
    )
    table.targets = [
        Target("seconds of a cold launch", statistics.median(samples[COLD]), 5.0),
        Target("seconds of a warm launch", statistics.median(samples[WARM]), 0.5),
    ]
    return table
