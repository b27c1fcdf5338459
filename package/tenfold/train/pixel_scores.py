"""Metrics of masks: every one is read off the counts of actual against predicted classes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["READINGS", "PixelMetric", "class_ious", "count_pixels"]


def count_pixels(predicted: Tensor, targets: Tensor, *, classes: int, ignore: int) -> Tensor:
    """How many pixels of each actual class (rows) were given each class (columns), int64.

    Both hold class numbers of any shape; pixels whose target is `ignore` do not count.

    >>> count_pixels(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 9]), classes=2, ignore=9).tolist()
    [[1, 1], [0, 0]]
    """
    there = targets != ignore
    cells = targets[there].long() * classes + predicted[there].long()
    return torch.bincount(cells, minlength=classes * classes).view(classes, classes)


def class_ious(counts: Tensor) -> Tensor:
    """Intersection over union of each class (classes,), nan for one that is nowhere.

    >>> class_ious(torch.tensor([[2, 1, 0], [0, 1, 0], [0, 0, 0]]))
    tensor([0.6667, 0.5000,    nan])
    """
    both = counts.diagonal().float()
    return both / (counts.sum(0) + counts.sum(1) - both)


def pixel_accuracy(counts: Tensor) -> Tensor:
    """The share of pixels that got their class."""
    return counts.trace() / counts.sum()


def mean_iou(counts: Tensor) -> Tensor:
    """The mean over the classes that are there, actually or predicted."""
    return class_ious(counts).nanmean()


def dice(counts: Tensor) -> Tensor:
    """The mean Dice score, which is F1, over the classes that are there."""
    return (2 * counts.diagonal() / (counts.sum(0) + counts.sum(1))).nanmean()


READINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "pixel_accuracy": pixel_accuracy,
    "mean_iou": mean_iou,
    "dice": dice,
}
"""The metrics of pixel labels by name: each reads the counts of a whole pass."""


class PixelMetric:
    """One of `READINGS`, summed up batch by batch; it works as a torchmetrics metric does.

    >>> metric = PixelMetric("pixel_accuracy", classes=2, ignore=255)
    >>> metric.update(torch.eye(2).view(1, 2, 1, 2), torch.tensor([[[0, 255]]]))
    >>> float(metric.compute())
    1.0
    """

    def __init__(self, name: str, *, classes: int, ignore: int) -> None:
        self._read, self._classes, self._ignore = READINGS[name], classes, ignore
        self.reset()

    def to(self, device: torch.device) -> PixelMetric:
        """Itself: the counts follow the first batch to its device."""
        return self

    def reset(self) -> None:
        """Forget what was counted."""
        self._counts: Tensor | int = 0

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of probabilities (N, classes, h, w)."""
        settings = {"classes": self._classes, "ignore": self._ignore}
        self._counts = self._counts + count_pixels(predictions.argmax(1), targets, **settings)

    def compute(self) -> Tensor:
        """The metric."""
        return self._read(torch.as_tensor(self._counts))
