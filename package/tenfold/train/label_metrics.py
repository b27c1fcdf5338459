"""Metrics of several labels: torchmetrics, with the thresholds of the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.train.task import Task

if TYPE_CHECKING:
    from torchmetrics import Metric

__all__ = ["Decided", "MeanOverLabels", "average_precision", "f_beta", "f_of", "label_accuracy"]


class Decided:
    """A torchmetrics metric of what the task decides from the probabilities, as 0 and 1.

    torchmetrics knows one threshold for all labels; the task may have one for each.
    """

    def __init__(self, metric: Metric, task: Task) -> None:
        self._metric, self._decode = metric, task.decode

    def to(self, device: torch.device) -> Decided:
        """Itself, with its sums on `device`."""
        self._metric = self._metric.to(device)
        return self

    def reset(self) -> None:
        """Forget what was summed up."""
        self._metric.reset()

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of probabilities and 0/1 targets, both (items, labels)."""
        self._metric.update(self._decode(predictions).long(), targets)

    def compute(self) -> Tensor:
        """The metric."""
        return self._metric.compute()


class MeanOverLabels:
    """The mean of a torchmetrics metric that gives a number for each label.

    A label that never comes has no such number, and does not count.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def to(self, device: torch.device) -> MeanOverLabels:
        """Itself, with its sums on `device`."""
        self._metric = self._metric.to(device)
        return self

    def reset(self) -> None:
        """Forget what was summed up."""
        self._metric.reset()

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of probabilities and 0/1 targets, both (items, labels)."""
        self._metric.update(predictions, targets)

    def compute(self) -> Tensor:
        """The mean."""
        return self._metric.compute().nanmean()


def label_accuracy(task: Task) -> Decided:
    """The share of single decisions, item by label, that are right."""
    from torchmetrics.classification import MultilabelAccuracy

    return Decided(MultilabelAccuracy(task.outputs, average="micro"), task)


def f_beta(beta: float) -> Callable[[Task], Decided]:
    """F-beta of every label, averaged: precision and recall as one number.

    With `beta` 2 recall counts as much as four times the precision does; with 1 both are alike.
    """

    def make(task: Task) -> Decided:
        from torchmetrics.classification import MultilabelFBetaScore

        return Decided(MultilabelFBetaScore(beta, task.outputs, average="macro"), task)

    return make


def average_precision(task: Task) -> MeanOverLabels:
    """Mean average precision: how well each label ranks the items, whatever the threshold."""
    from torchmetrics.classification import MultilabelAveragePrecision

    metric: Any = MultilabelAveragePrecision(task.outputs, average="none")
    return MeanOverLabels(metric)


def f_of(said: Tensor, truth: Tensor, *, beta: float) -> Tensor:
    """F-beta of each label (labels,) from two 0/1 matrices (items, labels); 0 without a hit.

    >>> f_of(torch.tensor([[1], [1], [0]]), torch.tensor([[1], [0], [0]]), beta=1.0)
    tensor([0.6667])
    """
    said, truth = said.float(), truth.float()
    hits, weight = (said * truth).sum(0), beta**2
    return (1 + weight) * hits / (weight * truth.sum(0) + said.sum(0)).clamp(min=1e-12)
