"""Test-time augmentation: predict several views of every item and average.

The views are of the validation items; the training never sees them. Simonyan & Zisserman 2015,
arXiv:1409.1556, section 3.2 use it for crops. What is predicted for each pixel is moved back
before it is averaged: over the eight flips and quarter turns of a picture this is the
self-ensemble of Timofte, Rothe & Van Gool 2016, "Seven ways to improve example-based single image
super resolution", arXiv:1511.02228. On the nursery's pairs (240, 48 pixels, 4 epochs, three seeds)
it gains 0.14, 0.12 and 0.08 dB for eight times the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.augment import Augment, corner_views
from tenfold.errors import DataError, SettingError
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan
from tenfold.train.task import Task

__all__ = ["predicted", "read_tta", "tta", "tta_passes", "tta_views"]

View = Callable[[Tensor, torch.Generator], Tensor]
Back = Callable[[Tensor], Tensor]


# the plain picture is one of the eight, and counts as much as each of the others
SELF_ENSEMBLE = (7, 1 / 8)


def read_tta(task: Task, n: int | None, beta: float | None) -> tuple[int, float]:
    """The number of views and the weight of the plain one; refuses what means nothing.

    >>> from tenfold.train.task import picture, single_label
    >>> read_tta(single_label(2), None, None), read_tta(picture(), None, None)
    ((4, 0.25), (7, 0.125))
    """
    usual = SELF_ENSEMBLE if task.name == "picture" else (4, 0.25)
    n, beta = usual[0] if n is None else n, usual[1] if beta is None else beta
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise SettingError(f"n={n!r} was given; allowed is 1 view and above; try 4")
    if not 0 <= beta <= 1:
        raise SettingError(
            f"beta={beta} was given; allowed is 0 (augmented only) to 1 (plain only); try "
            f"{usual[1]}"
        )
    return n, beta


def tta(
    model: nn.Module,
    data: Any,
    *,
    task: Task,
    plan: Plan,
    augment: View | None = None,
    n: int | None = None,
    beta: float | None = None,
    corners: bool = False,
    seed: int = 0,
    control: Pass | None = None,
) -> tuple[Tensor, Tensor]:
    """Activated predictions (items, outputs) and targets: beta * plain + (1 - beta) * mean.

    `n` random views by `augment`, or with `corners` the four corner crops and their mirror
    images, which are always the same. Of pixels the views are mirrored and, where `augment` is
    dihedral, turned by quarters; of pictures they are both in any case; and what is predicted is
    moved back. Without `n` and `beta` they are 4 and 0.25, of pictures 7 and 1/8. `data` is any
    repeatable iterable of (pictures, targets); the same `seed` gives the same result.
    """
    n, beta = read_tta(task, n, beta)
    views = tta_views(task, augment, n=n, corners=corners)
    plain, targets = predicted(model, data, task=task, plan=plan, control=control)
    if beta == 1:
        return plain, targets
    total = torch.zeros_like(plain)
    for number, (view, back) in enumerate(views):
        batches = Viewed(data, view, seed=seed * 1000 + number)
        augmented, again = predicted(model, batches, task=task, plan=plan, control=control)
        if not torch.equal(again, targets):
            raise DataError(
                "the data came in another order the second time, so views cannot be averaged; "
                "give it in one order: shuffle=False"
            )
        total += back(augmented)
    return beta * plain + (1 - beta) * total / len(views), targets


def tta_passes(task: Task, augment: Any, *, n: int, beta: float, corners: bool) -> int:
    """How often `tta` goes over the data."""
    views = tta_views(task, augment, n=n, corners=corners)
    return 1 if beta == 1 else 1 + len(views)


def tta_views(task: Task, augment: Any, *, n: int, corners: bool) -> list[tuple[View, Back]]:
    """The views of every picture, each with what moves predictions for its pixels back.

    >>> from tenfold.train.task import picture, pixel_labels
    >>> len(tta_views(pixel_labels(2), Augment.light(), n=4, corners=False))
    1
    >>> len(tta_views(picture(), None, n=7, corners=False))
    7
    """
    if task.name not in ("pixel labels", "picture"):
        views = corner_list() if corners else [augment or Augment(lighting=0)] * n
        return [(view, lambda predictions: predictions) for view in views]
    if corners:
        raise SettingError(
            f"corners=True was given with {task.name}; a corner has no prediction for the pixels "
            "outside of it; leave it out: pictures are then mirrored"
        )
    # a street has an up; noise and blur look alike from every side
    turned = getattr(getattr(augment, "change", augment), "dihedral", False)
    dihedral = task.name == "picture" or bool(turned)
    moves = [(mirror, turns) for turns in range(4 if dihedral else 1) for mirror in (False, True)]
    return [(partial(_moved, move=move), partial(_back, move=move)) for move in moves[1 : n + 1]]


def _moved(pictures: Tensor, generator: torch.Generator, *, move: tuple[bool, int]) -> Tensor:
    """Turned by quarters, then mirrored."""
    mirror, turns = move
    turned = pictures.rot90(turns, (-2, -1))
    return turned.flip(-1) if mirror else turned


def _back(predictions: Tensor, *, move: tuple[bool, int]) -> Tensor:
    mirror, turns = move
    return (predictions.flip(-1) if mirror else predictions).rot90(-turns, (-2, -1))


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
