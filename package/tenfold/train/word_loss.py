"""Cross-entropy over a large vocabulary, with its gradient made in the same pass.

Raw outputs for every word of a language are the largest tensors of its model. Here a few rows at a
time are taken to float32, while they are in the processor's cache; the whole is never copied.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["word_loss"]

_AT_ONCE = 2**19  # numbers of float32 in a part: 2 MB


def word_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of raw outputs (n, words) in any precision, as float32 or wider.

    >>> outputs, targets = torch.randn(4, 9), torch.tensor([0, 8, 3, 3])
    >>> torch.equal(word_loss(outputs, targets), F.cross_entropy(outputs, targets))
    True
    """
    if outputs.dtype is torch.bfloat16 and outputs.device.type == "cpu" and outputs.requires_grad:
        return _InParts.apply(outputs, targets)
    return F.cross_entropy(outputs.float() if outputs.dtype.itemsize < 4 else outputs, targets)


class _InParts(torch.autograd.Function):
    """The loss, and its gradient (softmax less one for the target) in the precision given."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, targets: Tensor) -> Tensor:
        slope = torch.empty_like(outputs)
        rows = max(1, _AT_ONCE // outputs.shape[1])
        parts = [one.split(rows) for one in (outputs, targets, slope)]
        total = torch.zeros((), dtype=torch.float64)
        for part, wanted, result in zip(*parts, strict=True):
            scores = torch.log_softmax(part, 1, dtype=torch.float32)
            picked = wanted[:, None]
            total -= scores.gather(1, picked).sum()
            scores.exp_().scatter_add_(1, picked, scores.new_full(picked.shape, -1.0))
            torch.mul(scores, 1 / len(outputs), out=result)
        ctx.save_for_backward(slope)
        return (total / len(outputs)).float()

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor, None]:
        (slope,) = ctx.saved_tensors
        return (slope if given == 1 else slope * given.to(slope.dtype)), None
