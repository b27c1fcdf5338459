"""Gradient clipping by global norm (Pascanu et al. 2013, arXiv:1211.5063)."""

from __future__ import annotations

import math

import torch

from tenfold.errors import SettingError
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["ClipGradient"]


class ClipGradient(Callback):
    """Scales the gradient down when its norm over all parameters is above `norm`.

    >>> clip = ClipGradient(1.0)
    """

    def __init__(self, norm: float = 1.0) -> None:
        if not 0 < norm < math.inf:
            raise SettingError(f"norm={norm} was given; allowed is above 0; try 1.0")
        self.norm = norm

    def after_backward(self, run: Run) -> None:
        torch.nn.utils.clip_grad_norm_(run.model.parameters(), self.norm)
