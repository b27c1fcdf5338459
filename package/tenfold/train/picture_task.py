"""Picture to picture: the task of restoration and super-resolution, and how it is scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.text import did_you_mean

if TYPE_CHECKING:
    from torchmetrics import Metric

    from tenfold.train.task import Task

__all__ = [
    "CHANNELS",
    "PICTURE_LOSSES",
    "check_pictures",
    "decibels",
    "picture_loss",
    "psnr",
    "ssim",
]

PICTURE_LOSSES = {"l1": F.l1_loss, "l2": F.mse_loss}
CHANNELS = 3
SMALLEST = 6  # SSIM compares windows of 11 x 11 pixels, which mirror what is beyond the edge


def picture_loss(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of this name; SettingError for one that is not known."""
    if name not in PICTURE_LOSSES:
        raise SettingError(
            f"loss={name!r} was given; allowed are {' and '.join(PICTURE_LOSSES)}"
            f"{did_you_mean(str(name), PICTURE_LOSSES)}; for another, picture().with_loss(...)"
        )
    return PICTURE_LOSSES[name]


def check_pictures(task: Task, outputs: Tensor, targets: Tensor) -> None:
    """Refuse outputs and targets that are not pictures of one size, targets in [0, 1]."""
    if outputs.shape != targets.shape or outputs.ndim != 4:
        raise ModelError(
            f"outputs of shape {tuple(outputs.shape)} came with targets of {tuple(targets.shape)}; "
            "picture to picture needs both as (N, 3, h, w); use a model from unet_learner"
        )
    if min(outputs.shape[-2:]) < SMALLEST:
        raise ModelError(
            f"pictures of {outputs.shape[-2]} x {outputs.shape[-1]} pixels were given; allowed are "
            f"{SMALLEST} x {SMALLEST} and above; make the data larger"
        )
    low, high = (float(end) for end in targets.aminmax())
    if not (targets.is_floating_point() and low >= 0 and high <= 1):
        raise ModelError(
            f"targets of {targets.dtype} from {low:g} to {high:g} were given; pictures to learn "
            "are floats in [0, 1]; divide by 255, or use ImageData.from_pairs"
        )


def decibels(outputs: Tensor, targets: Tensor) -> Tensor:
    """PSNR of each picture (N,): how small its squared error is, on a scale where 20 is a tenth.

    >>> import torch
    >>> decibels(torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.1))
    tensor([20.])
    """
    return -10 * (outputs - targets).square().flatten(1).mean(1).log10()


def psnr(task: Task) -> Metric:
    """Peak signal to noise in decibels, the mean over pictures: -10 log10 of the squared error."""
    from torchmetrics.image import PeakSignalNoiseRatio

    return PeakSignalNoiseRatio(data_range=(0.0, 1.0), dim=(1, 2, 3), reduction="elementwise_mean")


def ssim(task: Task) -> Metric:
    """Structural similarity, 1 for the same picture (Wang et al. 2004), the mean over pictures."""
    from torchmetrics.image import StructuralSimilarityIndexMeasure

    return StructuralSimilarityIndexMeasure(data_range=(0.0, 1.0))
