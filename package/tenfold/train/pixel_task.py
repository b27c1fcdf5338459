"""A class for each pixel: the task, its losses, and what may be wrong with masks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.text import did_you_mean, listed

if TYPE_CHECKING:
    from tenfold.train.task import Task

__all__ = ["IGNORE", "PIXEL_LOSSES", "check_pixel_labels", "dice_loss", "focal_loss", "pixel_loss"]

IGNORE = 255
"""What a pixel holds that does not count, where no class is ignored: the largest uint8."""

PixelLoss = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(outputs: Tensor, targets: Tensor, *, ignore: int) -> Tensor:
    """The mean cross-entropy of the pixels that count; 0 where none does.

    `outputs` are raw, (N, classes, h, w), and `targets` class numbers (N, h, w).
    """
    targets = targets.long()
    total = F.cross_entropy(outputs, targets, ignore_index=ignore, reduction="sum")
    return total / (targets != ignore).sum().clamp(min=1)


def focal_loss(outputs: Tensor, targets: Tensor, *, ignore: int, gamma: float = 2.0) -> Tensor:
    """Cross-entropy that looks less at pixels that are right already: times (1 - p) ** gamma.

    p is the probability of the target. Lin et al. 2017, https://arxiv.org/abs/1708.02002.

    >>> easy = torch.tensor([9.0, 0.0]).view(1, 2, 1, 1)
    >>> bool(focal_loss(easy, torch.zeros(1, 1, 1), ignore=255) < 1e-10)
    True
    """
    targets = targets.long()
    each = F.cross_entropy(outputs, targets, ignore_index=ignore, reduction="none")
    # where nothing counts, each is 0, and so is what is added
    return (each * (1 - torch.exp(-each)) ** gamma).sum() / (targets != ignore).sum().clamp(min=1)


def dice_loss(outputs: Tensor, targets: Tensor, *, ignore: int) -> Tensor:
    """One minus the mean Dice score of the classes in the batch, with probabilities for pixels.

    A class counts alike whether it covers much or little. Milletari et al. 2016, "V-Net",
    https://arxiv.org/abs/1606.04797.

    >>> right = torch.tensor([99.0, 0.0]).view(1, 2, 1, 1)
    >>> dice_loss(right, torch.zeros(1, 1, 1), ignore=255).item()
    0.0
    """
    targets = targets.long()
    counts = targets != ignore
    wanted = F.one_hot(targets.where(counts, 0), outputs.shape[1]).movedim(-1, 1) * counts[:, None]
    given = torch.softmax(outputs, dim=1) * counts[:, None]
    both, sizes = (given * wanted).sum((0, 2, 3)), (given.square() + wanted).sum((0, 2, 3))
    there = wanted.sum((0, 2, 3)) > 0
    scores = 2 * both / sizes.clamp(min=1e-8)
    return 1 - (scores * there).sum() / there.sum() if there.any() else sizes.sum() * 0


PIXEL_LOSSES: dict[str, Callable[..., Tensor]] = {
    "cross_entropy": cross_entropy,
    "dice": dice_loss,
    "focal": focal_loss,
}
"""The losses of `pixel_labels` by name; "cross_entropy+dice" adds two."""


def pixel_loss(name: str, *, ignore: int) -> PixelLoss:
    """A loss by its name, or the sum of several joined by "+"; pixels of `ignore` do not count."""
    parts = name.split("+")
    strange = [part for part in parts if part not in PIXEL_LOSSES]
    if strange:
        raise SettingError(
            f"the loss {name!r} was given; known are {listed(PIXEL_LOSSES)}, and sums of them as "
            f"'cross_entropy+dice'{did_you_mean(strange[0], PIXEL_LOSSES)}"
        )
    terms = [partial(PIXEL_LOSSES[part], ignore=ignore) for part in parts]

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return torch.stack([term(outputs, targets) for term in terms]).sum()

    return terms[0] if len(terms) == 1 else loss


def check_pixel_labels(task: Task, outputs: Tensor, targets: Tensor) -> None:
    """Refuse outputs and masks that do not belong together."""
    classes, ignore = task.outputs, dict(task.settings)["ignore"]
    if outputs.ndim != 4:
        raise ModelError(
            f"the model gives outputs of shape {tuple(outputs.shape)}; pixel labels need (N, "
            f"{classes}, h, w), numbers for each pixel; use unet_learner, or a model without "
            "pooling at its end"
        )
    if targets.ndim != 3 or targets.is_floating_point():
        raise ModelError(
            f"targets of {targets.dtype} and shape {tuple(targets.shape)} were given; pixel labels "
            "need masks of whole numbers, (N, h, w); make the data with ImageData.from_masks"
        )
    if targets.shape[1:] != outputs.shape[2:]:
        raise ModelError(
            f"masks of {_size(targets)} pixels came with outputs of {_size(outputs)}; each pixel "
            "needs its own; use unet_learner, or masks of the size that the model gives"
        )
    seen = targets[targets != ignore].unique()
    strange = seen[(seen < 0) | (seen >= classes)].tolist()
    if strange:
        raise ModelError(
            f"a mask holds {listed(strange, most=3)}; allowed is 0 to {classes - 1} for {classes} "
            f"classes, and {ignore} for pixels that do not count; check the masks or the classes"
        )


def _size(values: Tensor) -> str:
    return " x ".join(map(str, values.shape[-2:]))
