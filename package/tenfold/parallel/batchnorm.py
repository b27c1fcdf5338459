"""Batch norm over the shares of every rank, on any device.

Torch's own SyncBatchNorm knows GPUs only, and counts the rows that a rank goes over for company.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["SyncedBatchNorm", "synchronise"]


class SyncedBatchNorm(_BatchNorm):
    """A batch norm whose mean and variance are those of the whole batch (Ioffe & Szegedy 2015).

    `counts` says whether the rows of this rank count.
    """

    counts: Callable[[], bool] = staticmethod(lambda: True)

    def _check_input_dim(self, input: Tensor) -> None:
        """The class that it took the place of has checked it in one process."""

    def forward(self, input: Tensor) -> Tensor:
        """Inputs (N, channels, …), normalised."""
        if not self.training:
            return super().forward(input)
        axes = [0, *range(2, input.ndim)]
        shape = [1, -1, *[1] * (input.ndim - 2)]
        values, mine = input.float(), self.counts()
        own = values.new_tensor([input.numel() / input.shape[1] * mine])
        # differentiable sums: the loss of a rank depends on the rows of all
        total = _added(torch.cat([values.sum(axes) * mine, own]))
        count, mean = total[-1], total[:-1] / total[-1]
        values = values - mean.view(shape)
        variance = _added(values.square().sum(axes) * mine) / count
        self._remember(mean.detach(), variance.detach() * count / (count - 1).clamp(min=1))
        scale = (variance + self.eps).rsqrt()
        result = values * scale.view(shape)
        if self.affine:
            result = result * self.weight.view(shape) + self.bias.view(shape)
        return result.to(input.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        if not self.track_running_stats or self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


class _Sum(torch.autograd.Function):
    """The sum over the ranks; the gradient of a sum is the sum of the gradients."""

    @staticmethod
    def forward(context: Any, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        return total


def _added(value: Tensor) -> Tensor:
    return _Sum.apply(value)


def synchronise(model: nn.Module, counts: Callable[[], bool]) -> list[nn.Module]:
    """Make every batch norm of `model` a synchronised one, with the same weights and buffers.

    Returns those that were changed, each with its former class in `was`.
    """
    changed: list[nn.Module] = []
    for module in model.modules():
        if isinstance(module, _BatchNorm) and not isinstance(module, SyncedBatchNorm):
            module.was, module.__class__ = module.__class__, SyncedBatchNorm  # type: ignore
            module.counts = counts  # type: ignore[assignment]
            changed.append(module)
    return changed


def restore(changed: list[nn.Module]) -> None:
    """Undo `synchronise`."""
    for module in changed:
        module.__class__ = vars(module).pop("was")
        del module.counts
