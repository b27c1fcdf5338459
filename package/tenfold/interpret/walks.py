"""Optimizers compared: the ways they walk down one surface, how fast, and with what steps.

Run with torch's own optimizers. Polyak 1964 (momentum), Nesterov 1983, Tieleman & Hinton 2012
(RMSprop), Kingma & Ba 2015, arXiv:1412.6980 (Adam), Loshchilov & Hutter 2019, arXiv:1711.05101
(AdamW).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.interpret.surfaces import Surface, find_surface
from tenfold.text import did_you_mean, listed

__all__ = ["COMPARED", "Walk", "check_names", "check_rate", "walks"]

Maker = Callable[..., torch.optim.Optimizer]

COMPARED: dict[str, Maker] = {
    "sgd": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "nesterov": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
"""The optimizers that are compared, with torch's own settings and a momentum of 0.9."""

# three to each power of ten; more would cost time and move no picture
RATES = tuple(float(f"{10 ** (power / 3):.2g}") for power in range(-12, 1))
MOST_STEPS = 5_000


@dataclass(frozen=True, eq=False)
class Walk:
    """The way of one optimizer: points (steps + 1, 2) and losses (steps + 1,), the start first."""

    name: str
    lr: float
    points: np.ndarray
    losses: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """How far each step went (steps,)."""
        with np.errstate(over="ignore", invalid="ignore"):  # a walk may fly away
            return np.linalg.norm(np.diff(self.points, axis=0), axis=1)

    def arrival(self, lowest: float, *, share: float = 0.01) -> int | None:
        """The step from which on `share` of the way down at most is left, if there is one."""
        above = self.losses - lowest
        far = np.flatnonzero(~(above <= share * above[0]))
        first = int(far[-1]) + 1
        return first if first < len(self.losses) else None


def check_names(names: Sequence[str] | None) -> list[str]:
    """The optimizers to compare; all of `COMPARED` where none are named."""
    chosen = list(COMPARED) if names is None else list(names)
    for name in chosen:
        if name not in COMPARED:
            hint = did_you_mean(str(name), COMPARED)
            raise SettingError(
                f"the optimizer {name!r} was given; those compared are {listed(COMPARED)}{hint}"
            )
    if not chosen:
        raise SettingError(f"no optimizer was named; those compared are {listed(COMPARED)}")
    return list(dict.fromkeys(chosen))


def walks(
    surface: str | Surface,
    names: Sequence[str] | None = None,
    *,
    steps: int = 150,
    lr: float | Mapping[str, float] | None = None,
) -> list[Walk]:
    """The walk of each optimizer; without `lr` at the best of `RATES`.

    The best rate is, of those whose walk stays in the picture, the one with the lowest mean
    logarithm of the loss above the minimum. Draws no random numbers. Raises SettingError for
    names that are not known, `steps` outside 1 to 5,000 and rates that are not above 0.
    """
    ground, chosen = find_surface(surface), check_names(names)
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= MOST_STEPS:
        raise SettingError(f"steps={steps!r} was given; allowed is 1 to {MOST_STEPS:,}; try 150")
    given = {name: check_rate(name, lr) for name in chosen}
    tried = [
        (name, one) for name, rate in given.items() for one in (RATES if rate is None else (rate,))
    ]
    found = walk_all(ground, tried, steps=steps)
    return [
        min((one for one in found if one.name == name), key=partial(_rank, ground))
        for name in chosen
    ]


def check_rate(name: str, lr: float | Mapping[str, float] | None) -> float | None:
    """The rate given for one optimizer; None where there is none."""
    rate = lr.get(name) if isinstance(lr, Mapping) else lr
    if rate is None:
        return None
    if isinstance(rate, bool) or not 0 < rate < math.inf:
        raise SettingError(
            f"the learning rate {rate!r} was given for {name}; allowed is a number above 0, or "
            "none, to have it found"
        )
    return float(rate)


@torch.enable_grad()
def walk_all(ground: Surface, tried: Sequence[tuple[str, float]], *, steps: int) -> list[Walk]:
    """Walk with every optimizer and rate at once: one backward serves them all."""
    points = [torch.tensor(ground.start, dtype=torch.float64) for _ in tried]
    made = [
        COMPARED[name]([point.requires_grad_()], lr=rate)
        for point, (name, rate) in zip(points, tried, strict=True)
    ]
    places, losses = [], []
    for step in range(steps + 1):
        together = torch.stack(points)
        heights = ground.height(*together.unbind(-1))
        places.append(together.detach())
        losses.append(heights.detach())
        if step < steps:
            _step(made, points, torch.autograd.grad(heights.sum(), points))
    ways, downs = torch.stack(places, 1).numpy(), torch.stack(losses, 1).numpy()
    return [Walk(name, rate, ways[at], downs[at]) for at, (name, rate) in enumerate(tried)]


def _step(
    made: Sequence[torch.optim.Optimizer], points: Sequence[Tensor], grads: Sequence[Tensor]
) -> None:
    for optimizer, point, grad in zip(made, points, grads, strict=True):
        point.grad = grad
        optimizer.step()


def _rank(ground: Surface, walk: Walk) -> tuple[bool, float]:
    """What a good rate makes small: it stays in the picture, and goes far down, early."""
    x, y = walk.points.T
    (left, right), (bottom, top) = ground.across, ground.up
    inside = ((left <= x) & (x <= right) & (bottom <= y) & (y <= top)).all()
    above = (walk.losses - ground.lowest) / (walk.losses[0] - ground.lowest)
    return not inside, float(np.log(np.clip(np.nan_to_num(above, nan=np.inf), 1e-6, 1e6)).mean())
