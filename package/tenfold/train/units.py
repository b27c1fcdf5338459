"""Raw outputs of a network to numbers in the unit of what it predicts."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from tenfold.errors import SettingError

__all__ = ["read_out"]

Reading = Callable[[Tensor], Tensor]


def read_out(
    low: float | None, high: float | None, *, log: bool, mean: float, std: float
) -> Reading:
    """Raw outputs to numbers, or with `log` to their logarithms.

    Between `low` and `high`, which are in the unit of the target, by a sigmoid; without them 0
    is `mean` and 1 is `mean + std`.

    >>> read_out(1, 100, log=False, mean=0.0, std=1.0)(torch.tensor(0.0)).item()
    50.5
    """
    if (low is None) != (high is None) or (low is not None and high is not None and low >= high):
        raise SettingError(
            f"the range {low} to {high} was given; allowed is two rising numbers or neither"
        )
    if log and low is not None and low <= 0:
        raise SettingError(
            f"the range {low} to {high} was given with log=True; a logarithm needs numbers above "
            "0; give a low above 0"
        )
    if not std > 0:
        raise SettingError(f"std={std} was given; allowed is a number above 0; try 1.0")
    if low is not None and high is not None:
        return _scaled_sigmoid(*((math.log(low), math.log(high)) if log else (low, high)))
    if mean == 0.0 and std == 1.0:
        return lambda outputs: outputs
    return lambda outputs: outputs * std + mean


def _scaled_sigmoid(low: float, high: float) -> Reading:
    return lambda outputs: torch.sigmoid(outputs) * (high - low) + low
