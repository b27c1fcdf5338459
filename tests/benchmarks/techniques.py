"""What the small techniques are worth on the nursery: each against the same run without it.

Every seed draws its own pictures, the same for all. The validation loss is the cross-entropy of
the predictions, so that label smoothing is judged by what the others are judged by.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from tenfold.data import samples
from tenfold.data.images import ImageData
from tenfold.learners import vision_learner
from tenfold.techniques.cutmix import CutMix
from tenfold.techniques.early_stop import EarlyStop
from tenfold.techniques.ema import EMA
from tenfold.techniques.mixup import Mixup

from .harness import Table, load_average
from .nursery import spread

PLAIN, STEADY = "none of them", "one rate, no technique"
RATE, SIZE = 3e-3, 64
Score = dict[str, float]
Maker = Callable[[], dict[str, Any]]
# an optimizer decays what it is told to; the callbacks are made anew for every run
ONE_CYCLE: dict[str, Maker] = {
    PLAIN: lambda: {"weight_decay": 0.0},
    "weight decay 0.01, the default": lambda: {},
    "weight decay 0.3": lambda: {"weight_decay": 0.3},
    "label smoothing 0.1": lambda: {"weight_decay": 0.0, "smoothing": 0.1},
    "mixup 0.4": lambda: {"weight_decay": 0.0, "callbacks": [Mixup(0.4)]},
    "cutmix 1.0": lambda: {"weight_decay": 0.0, "callbacks": [CutMix(1.0)]},
    "EMA 0.99": lambda: {"weight_decay": 0.0, "callbacks": [EMA(0.99)]},
}
ONE_RATE: dict[str, Maker] = {
    STEADY: lambda: {"weight_decay": 0.0},
    "one rate, EMA 0.99": lambda: {"weight_decay": 0.0, "callbacks": [EMA(0.99)]},
    "one rate, early stopping": lambda: {
        "weight_decay": 0.0,
        "callbacks": [EarlyStop(patience=3)],
    },
}


def score(data: ImageData, make: Maker, *, schedule: str, epochs: int, seed: int) -> Score:
    """Per cent right, validation loss, epochs and seconds of a run of the whole network."""
    learn = vision_learner(data, "nano", seed=seed, quiet=True, **make())
    learn.unfreeze()
    started = time.process_time()
    learn.fit(epochs, RATE, schedule=schedule)
    spent = time.process_time() - started
    predictions, targets = learn.predictions()
    return {
        "right": 100 * learn.score(predictions, targets)["accuracy"],
        "loss": float(F.nll_loss(predictions.clamp_min(1e-12).log(), targets)),
        "epochs": float(len(learn.history)),
        "seconds": spent,
    }


def measure(*, seeds: int = 3, epochs: int = 6, pictures: int = 360) -> list[Table]:
    """Two tables: within one cycle, and twice as long at one rate, where stopping early pays."""
    torch.set_num_threads(1)
    groups = {"one_cycle": (ONE_CYCLE, epochs), "constant": (ONE_RATE, 2 * epochs)}
    return [
        table_of(schedule, makers, seeds=seeds, epochs=most, pictures=pictures)
        for schedule, (makers, most) in groups.items()
    ]


def table_of(
    schedule: str, makers: dict[str, Maker], *, seeds: int, epochs: int, pictures: int
) -> Table:
    """Every technique with this schedule, seed by seed."""
    before = load_average()
    found: dict[str, list[Score]] = {name: [] for name in makers}
    for seed in range(seeds):
        data = samples.seedlings(pictures=pictures, size=SIZE, valid=0.5, seed=seed)
        for name, make in makers.items():
            found[name].append(score(data, make, schedule=schedule, epochs=epochs, seed=seed))
    return Table(
        part=f"techniques {schedule}",
        title=f"Techniques on the nursery, nano, {epochs} epochs, {schedule.replace('_', ' ')}",
        unit="% right",
        baseline=next(iter(makers)),
        samples={name: [one["right"] for one in runs] for name, runs in found.items()},
        settings={"rate": RATE, "size": SIZE, "training pictures": pictures // 2},
        columns={name: columns(runs) for name, runs in found.items()},
        load=(before, load_average()),
    )


def columns(runs: list[Score]) -> dict[str, str]:
    """Mean and spread of what was measured beside the share that is right."""
    told = {"mean ± sd": spread([one["right"] for one in runs])}
    losses = [one["loss"] for one in runs]
    mean = sum(losses) / len(losses)
    told["validation loss"] = f"{mean:.3f} ({min(losses):.3f} to {max(losses):.3f})"
    told["epochs"] = ", ".join(f"{one['epochs']:.0f}" for one in runs)
    told["processor s"] = f"{sum(one['seconds'] for one in runs) / len(runs):.1f}"
    return told
