"""Test-time augmentation: predict several views of every item and average.

The views are of the validation items; the training never sees them. Simonyan & Zisserman 2015,
arXiv:1409.1556, section 3.2 use it for crops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.augment import Augment, corner_views
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan
from tenfold.train.task import Task

__all__ = ["check_tta", "check_views", "predicted", "tta", "tta_passes"]

View = Callable[[Tensor, torch.Generator], Tensor]


def check_tta(n: int, beta: float) -> None:
    """Refuse a number of views or a weight that means nothing."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise SettingError(f"n={n!r} was given; allowed is 1 view and above; try 4")
    if not 0 <= beta <= 1:
        raise SettingError(
            f"beta={beta} was given; allowed is 0 (augmented only) to 1 (plain only); try 0.25"
        )


def check_views(task: Task) -> None:
    """Refuse a task whose predictions move with the view, so that their mean is of no item."""
    if task.name == "picture":
        raise ModelError(
            "test-time augmentation was asked for; predictions that are pictures move with each "
            "view, so their mean is a blur; use learn.predictions()"
        )


def tta(
    model: nn.Module,
    data: Any,
    *,
    task: Task,
    plan: Plan,
    augment: View | None = None,
    n: int = 4,
    beta: float = 0.25,
    corners: bool = False,
    seed: int = 0,
    control: Pass | None = None,
) -> tuple[Tensor, Tensor]:
    """Activated predictions (items, outputs) and targets: beta * plain + (1 - beta) * mean.

    `n` random views by `augment`, or with `corners` the four corner crops and their mirror
    images, which are always the same. `data` is any repeatable iterable of (pictures, targets);
    the same `seed` gives the same result.
    """
    check_tta(n, beta)
    views: list[View] = corner_list() if corners else [augment or Augment(lighting=0)] * n
    plain, targets = predicted(model, data, task=task, plan=plan, control=control)
    if beta == 1:
        return plain, targets
    total = torch.zeros_like(plain)
    for number, view in enumerate(views):
        batches = Viewed(data, view, seed=seed * 1000 + number)
        augmented, again = predicted(model, batches, task=task, plan=plan, control=control)
        if not torch.equal(again, targets):
            raise DataError(
                "the data came in another order the second time, so views cannot be averaged; "
                "give it in one order: shuffle=False"
            )
        total += augmented
    return beta * plain + (1 - beta) * total / len(views), targets


def tta_passes(*, n: int, beta: float, corners: bool) -> int:
    """How often `tta` goes over the data."""
    return 1 if beta == 1 else 1 + (len(corner_list()) if corners else n)


def predicted(
    model: nn.Module, data: Any, *, task: Task, plan: Plan, control: Pass | None = None
) -> tuple[Tensor, Tensor]:
    """Activated predictions and targets of a whole pass, on the CPU."""
    pairs: list[tuple[Tensor, Tensor]] = []

    def keep(outputs: Tensor, targets: Tensor) -> None:
        pairs.append((task.activation(outputs), targets))

    predict_batches(model, data, use=keep, plan=plan, control=control)
    if not pairs:
        raise DataError("there is nothing to predict: the data gave no batch; check the set")
    predictions, targets = zip(*pairs, strict=True)
    # waits for the device once, at the end of the pass
    return torch.cat(predictions).cpu(), torch.cat(targets).cpu()


class Viewed:
    """Another view of every batch of `data`, with random numbers from `seed` alone."""

    def __init__(self, data: Any, view: View, *, seed: int) -> None:
        self._data, self._view, self._seed = data, view, seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for number, (inputs, targets) in enumerate(self._data):
            if not isinstance(inputs, Tensor) or inputs.ndim != 4:
                shape = tuple(getattr(inputs, "shape", ())) or type(inputs).__name__
                raise DataError(
                    f"inputs of shape {shape} were given; test-time augmentation turns and crops "
                    "pictures (N, C, H, W); for other data use predictions()"
                )
            generator = torch.Generator(inputs.device)
            generator.manual_seed(self._seed * 1_000_003 + number)
            yield self._view(inputs, generator), targets


def corner_list() -> list[View]:
    """The eight deterministic views: four corners, each plain and mirrored."""

    def view(index: int) -> View:
        return lambda batch, generator: corner_views(batch)[index]

    return [view(index) for index in range(8)]
