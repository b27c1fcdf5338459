"""What the tests of the search try: objectives that take no time, and trials made by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from factories import make_learner, make_net

from tenfold.learner import Learner
from tenfold.trials.ranges import read_ranges
from tenfold.trials.result import Search, Tried

RANGES: dict[str, Any] = {"lr": (1e-4, 1.0, "log"), "act": ["relu", "gelu"], "idle": (0.0, 1.0)}


def bowl(trial: Any) -> float:
    """Best at a rate of 0.01 with "relu"; "idle" does not matter."""
    return (math.log10(trial["lr"]) + 2) ** 2 + (trial["act"] == "gelu")


def train(trial: Any) -> Learner:
    """Three epochs of a small net at the rate to try."""
    learn = make_learner(model=make_net())
    learn.fit(3, trial["lr"], callbacks=trial.callbacks)
    return learn


def make_search(trials: int = 60, **more: Any) -> Search:
    """Trials at random, scored as `bowl` does."""
    tried, rng = [], np.random.default_rng(0)
    for number in range(trials):
        settings = {
            "lr": float(10 ** rng.uniform(-4, 0)),
            "act": "gelu" if number % 3 == 0 else "relu",
            "idle": float(rng.uniform()),
        }
        tried.append(Tried(number, settings, bowl(settings)))
    return Search(tuple(tried), read_ranges(RANGES), **more)
