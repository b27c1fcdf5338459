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
    one = isinstance(given, float | int)
    several = [given] if one else [float(value) for value in given]  # type: ignore[union-attr]
    wrong = [value for value in several if not 0 < value < 1]
    if wrong:
        value = given if one else f"{wrong[0]:g} for a label"
        raise SettingError(f"threshold={value} was given; allowed is 0 to 1; try 0.5")
    if one:
        return given  # type: ignore[return-value]
    if len(several) != labels:
        raise SettingError(
            f"{len(several)} thresholds were given for {labels} labels; give one number for all "
            "of them, or one for each"
        )
    return tuple(several)


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
