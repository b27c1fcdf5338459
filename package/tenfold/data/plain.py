"""Anything that gives (inputs, targets), as data for a learner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tenfold.errors import DataError
from tenfold.train.task import Task

__all__ = ["PlainData", "as_data"]


@dataclass
class PlainData:
    """Two iterables of (inputs, targets), one to train on and one to validate with.

    Lists, `Batches`, a DataLoader: whatever can be iterated more than once. Raises DataError for
    one that can be iterated only once, like a generator.

    >>> one_batch = ([[0.5, 0.1], [0.2, 0.9]], [0, 1])
    >>> PlainData([one_batch], [one_batch]).classes is None
    True
    """

    train: Iterable[Any]
    valid: Iterable[Any] | None = None
    test: Iterable[Any] | None = None
    classes: list[str] | None = None
    task: Task | None = None

    def __post_init__(self) -> None:
        for name in ("train", "valid", "test"):
            _check(name, getattr(self, name))


def _check(name: str, pairs: object) -> None:
    if pairs is None and name != "train":
        return
    if not isinstance(pairs, Iterable) or isinstance(pairs, Iterator):
        raise DataError(
            f"{name} is a {type(pairs).__name__}; data must be iterable, and once for every epoch; "
            "pass a list of (inputs, targets), a DataLoader or Batches"
        )


def as_data(data: Any) -> Any:
    """Data as it is, or a pair of iterables made into data."""
    if isinstance(data, tuple | list) and len(data) == 2:
        return PlainData(*data)
    if not hasattr(data, "train"):
        raise DataError(
            f"{type(data).__name__} was given as data; allowed is an ImageData, or a pair (train, "
            "valid) of iterables of (inputs, targets)"
        )
    return data
