"""Mixup: train on blends of two items and of their targets.

Zhang et al. 2018, "mixup: beyond empirical risk minimization", arXiv:1710.09412.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["Mixup"]


class Mixup(Callback):
    """Blends every item with another of its batch; the share is drawn from Beta(alpha, alpha).

    The larger share stays with the item itself, so a blend always leans to its own target. Class
    numbers become probabilities (N, classes).

    >>> mix = Mixup(0.4)
    """

    def __init__(self, alpha: float = 0.4) -> None:
        if not 0 < alpha < math.inf:
            raise SettingError(f"alpha={alpha} was given; allowed is above 0; try 0.4")
        self.alpha = alpha

    def before_batch(self, run: Run) -> None:
        inputs, targets = run.inputs, run.targets
        if not isinstance(inputs, Tensor) or not inputs.is_floating_point():
            raise SettingError(
                "mixup was asked for, and these inputs cannot be blended; it needs one tensor of "
                "floats, as pictures are; leave Mixup out for this data"
            )
        share = torch.distributions.Beta(self.alpha, self.alpha).sample((len(inputs),))
        share = torch.maximum(share, 1 - share).to(inputs.device)
        other = torch.randperm(len(inputs), device=inputs.device)
        if targets.ndim == 1 and run.task.outputs > 1:
            targets = F.one_hot(targets, run.task.outputs)
        targets = targets.to(inputs.dtype)
        run.inputs = blend(inputs, inputs[other], share)
        run.targets = blend(targets, targets[other], share)


def blend(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """share * first + (1 - share) * second, one share for each item."""
    weight = share.view(-1, *[1] * (first.ndim - 1)).to(first.dtype)
    return torch.lerp(second, first, weight)
