"""From which chance on a label counts as there: one threshold for all labels, or one for each."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tenfold.errors import SettingError

__all__ = ["above", "read_thresholds"]


def read_thresholds(given: float | Sequence[float], labels: int) -> float | tuple[float, ...]:
    """One number, or as many as there are labels, each between 0 and 1.

    >>> read_thresholds(0.5, 3), read_thresholds([0.2, 0.7], 2)
    (0.5, (0.2, 0.7))
    """
    if isinstance(given, float | int):
        return _allowed(given, str(given))
    if len(given) != labels:
        raise SettingError(
            f"{len(given)} thresholds were given for {labels} labels; give one number for all of "
            "them, or one for each"
        )
    return tuple(_allowed(float(value), f"{value:g} for a label") for value in given)


def _allowed(value: float, words: str) -> float:
    if not 0 < value < 1:
        raise SettingError(f"threshold={words} was given; allowed is 0 to 1; try 0.5")
    return value


def above(probabilities: Tensor, *, threshold: float | tuple[float, ...]) -> Tensor:
    """Which labels are there: bool, of the shape of the probabilities (..., labels).

    >>> above(torch.tensor([[0.4, 0.4]]), threshold=(0.3, 0.5))
    tensor([[ True, False]])
    """
    if isinstance(threshold, tuple):
        return probabilities > torch.tensor(
            threshold, dtype=probabilities.dtype, device=probabilities.device
        )
    return probabilities > threshold
