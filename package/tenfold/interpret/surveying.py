"""What a survey of a landscape begins with, and whether it goes on with an earlier one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.errors import SettingError, StateError
from tenfold.interpret.directions import Weights, random_direction, towards
from tenfold.interpret.ground import Ground
from tenfold.interpret.landscape import Landscape, Settings

__all__ = ["begun", "check_trained", "directions_of", "settings_of"]


def settings_of(dimensions: int, *, to: Any = None, **settings: Any) -> Settings:
    """Settings by how many dimensions are asked for; with `to` the line to that solution.

    >>> settings_of(1, points=5).kind, settings_of(2, to="a file", points=5).kind
    ('line', 'between')
    """
    if dimensions not in (1, 2) or isinstance(dimensions, bool):
        raise SettingError(
            f"dimensions={dimensions!r} was given; allowed are 1, a few lines, and 2, a plane"
        )
    kind = "between" if to is not None else {1: "line", 2: "plane"}[dimensions]
    if kind != "plane":
        settings.setdefault("points", 21)
    return Settings(kind, **settings)


def directions_of(ground: Ground, settings: Settings, *, to: Any = None) -> list[Weights]:
    """The directions of a plane, of the curves, or to another solution."""
    if settings.kind == "between":
        return [towards(ground.model, to)]
    check_trained(ground)
    number = 2 if settings.kind == "plane" else settings.directions
    return [random_direction(ground.trained, seed=settings.seed + n) for n in range(number)]


def check_trained(ground: Ground) -> None:
    """Refuse a model none of whose matrices and filters trains: there is no direction."""
    if not any(weight.ndim > 1 for weight in ground.trained.values()):
        raise StateError(
            "no matrix and no filter of this model trains, so there is no direction to go; "
            "unfreeze some layers: learn.unfreeze()"
        )


def begun(
    before: Landscape | None, ground: Ground, settings: Settings, directions: Sequence[Weights]
) -> Landscape:
    """The landscape to go on with: that of before, if it is of the same, else an empty one."""
    key = _key(ground, settings, directions)
    if before is not None and before.key == key:
        return before
    return Landscape(settings, np.full(settings.shape, np.nan), key)


def _key(ground: Ground, settings: Settings, directions: Sequence[Weights]) -> str:
    digest = hashlib.blake2b(repr(settings).encode(), digest_size=16)
    if settings.kind == "between":
        _feed(digest, directions)
    _feed(digest, ground.start)
    _feed(digest, ground.batches)
    return digest.hexdigest()


def _feed(digest: Any, values: Any) -> None:
    """Put every tensor of nested values into a digest, and what else there is by its words."""
    if isinstance(values, Tensor):
        digest.update(values.detach().contiguous().cpu().flatten().view(torch.uint8).numpy())
    elif isinstance(values, dict):
        _feed(digest, list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            _feed(digest, value)
    else:
        digest.update(repr(values).encode())
