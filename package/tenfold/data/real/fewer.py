"""Only so many items of a set, for a quick look: the same ones for the same seed."""

from __future__ import annotations

from operator import index as whole
from typing import Any

import numpy as np

from tenfold.errors import SettingError

__all__ = ["fewer"]


def fewer(
    validates: np.ndarray,
    most: int | None,
    *,
    name: str,
    labels: np.ndarray | None = None,
    seed: int = 0,
) -> np.ndarray:
    """The numbers of at most `most` items, in their order; None takes all.

    `validates` (N,) is True for the items that validate: both splits shrink alike. With `labels`
    (N,) each class has nearly as many. Raises SettingError, which calls the number `name`.

    >>> chosen = fewer(np.arange(80) >= 60, 20, name="rows")
    >>> len(chosen), int((chosen >= 60).sum())
    (20, 5)
    """
    if most is None:
        return np.arange(len(validates))
    _check(most, name)
    share = min(1.0, most / len(validates))
    rng = np.random.default_rng(seed)
    chosen = []
    for split in (np.flatnonzero(~validates), np.flatnonzero(validates)):
        order = rng.permutation(split)
        if labels is not None:
            order = order[np.argsort(_rank(labels[order]), kind="stable")]
        chosen.append(order[: max(1, round(share * len(split)))])
    return np.sort(np.concatenate(chosen))


def _rank(labels: np.ndarray) -> np.ndarray:
    """For each item, how many of its class come before it."""
    _, numbers = np.unique(labels, return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], numbers[order])
    rank = np.empty(len(labels), int)
    rank[order] = np.arange(len(labels)) - starts
    return rank


def _check(most: Any, name: str) -> None:
    try:
        fits = not isinstance(most, bool) and whole(most) >= 20
    except TypeError:
        fits = False
    if not fits:
        raise SettingError(
            f"{name}={most!r} was given; allowed is a whole number from 20, or None for all"
        )
