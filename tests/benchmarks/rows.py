"""A training step on tables of MovieLens-20M's size: which weights an optimizer goes over.

The ratings are made up: 138,000 users, 27,000 items, 50 factors, batches of 512. Processor time
of one thread, from two lengths of a run, so that what is paid once drops out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tenfold.data.ratings import RatingsData
from tenfold.learners import ratings_learner

from .harness import Table, Target, interleave, load_average, slope

USERS, ITEMS, RATINGS, BATCH = 138_000, 27_000, 400_000, 512
DENSE, FUSED, SPARSE, OURS = "dense Adam", "fused AdamW", "SparseAdam", "Tenfold, as picked"


def made_up(users: int, items: int, ratings: int) -> RatingsData:
    """Ratings in which everybody and everything is there once at least."""
    rng = np.random.default_rng(0)
    frame = {
        "user": rng.permutation(np.arange(ratings) % users),
        "item": np.concatenate([np.arange(items), rng.integers(items, size=ratings - items)]),
        "rating": rng.integers(1, 6, ratings),
        "valid": np.arange(ratings) >= ratings - 2,
    }
    return RatingsData.from_frame(frame, valid="valid", duplicates="last", batch_size=BATCH)


class Plain(nn.Module):
    """The net of every tutorial: an embedding and a bias of its own for users and for items."""

    def __init__(self, users: int, items: int, *, sparse: bool) -> None:
        super().__init__()
        self.users, self.items = (nn.Embedding(n, 50, sparse=sparse) for n in (users, items))
        self.user_bias, self.item_bias = (nn.Embedding(n, 1, sparse=sparse) for n in (users, items))

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        user, item = pairs[:, 0], pairs[:, 1]
        product = (self.users(user) * self.items(item)).sum(1, keepdim=True)
        return product + self.user_bias(user) + self.item_bias(item)


def loop(data: RatingsData, make: Callable[..., Any], *, sparse: bool) -> Callable[[int], object]:
    """A plain loop over the same batches."""
    model = Plain(len(data.users) + 1, len(data.items) + 1, sparse=sparse)
    optimizer = make(list(model.parameters()), lr=5e-3)

    def run(steps: int) -> None:
        for _, (pairs, ratings) in zip(range(steps), data.train, strict=False):
            data.task.loss(model(pairs), ratings).backward()
            optimizer.step()
            optimizer.zero_grad()

    return run


def measure(
    *, rounds: int = 5, short: int = 10, long: int = 40,
    users: int = USERS, items: int = ITEMS, ratings: int = RATINGS,
) -> Table:  # fmt: skip
    """Microseconds of processor time a step."""
    torch.set_num_threads(1)
    before, data = load_average(), made_up(users, items, ratings)
    learn = ratings_learner(data, quiet=True, metrics=[])
    runs = {
        DENSE: loop(data, torch.optim.Adam, sparse=False),
        FUSED: loop(data, lambda p, lr: torch.optim.AdamW(p, lr, fused=True), sparse=False),
        SPARSE: loop(data, torch.optim.SparseAdam, sparse=True),
        OURS: lambda steps: learn.fit(1, 5e-3, stop_at=steps),
    }
    for run in runs.values():
        run(short)  # the state of each optimizer, and the plan
    timed = {
        name: lambda run=run: slope(run, short=short, long=long)  # type: ignore[misc]
        for name, run in runs.items()
    }
    table = Table(
        part="rows",
        title="A step on tables of MovieLens-20M's size, batches of 512, one thread",
        unit="µs",
        baseline=DENSE,
        samples=interleave(timed, rounds=rounds),
        settings={"users": users, "items": items, "factors": 50, "picked": learn.model.notes[0]},
        load=(before, load_average()),
    )
    times = 1 / table.ratio(OURS)
    words = "dense Adam's step over that of what Tenfold picks"
    table.targets = [Target(words, times, 10.0, at_least=True)]
    return table
