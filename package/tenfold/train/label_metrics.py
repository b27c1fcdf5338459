"""Metrics of several labels: torchmetrics, with the thresholds of the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tenfold.train.task import Task

if TYPE_CHECKING:
    from torchmetrics import Metric

__all__ = ["Decided", "average_precision", "each_precision", "f_beta", "f_of", "label_accuracy"]


class Decided:
    """A torchmetrics metric of what the task decides from the probabilities, as 0 and 1.

    torchmetrics knows one threshold for all labels; the task may have one for each.
    """

    def __init__(self, metric: Metric, task: Task) -> None:
        self._metric, self._decode = metric, task.decode

    @property
    def sync_on_compute(self) -> bool:
        """Whether it is summed up over processes, where there are several."""
        return bool(self._metric.sync_on_compute)

    @property
    def distributed_available_fn(self) -> Callable[[], bool] | None:
        """What says whether there are several processes."""
        return self._metric.distributed_available_fn

    @distributed_available_fn.setter
    def distributed_available_fn(self, says: Callable[[], bool]) -> None:
        self._metric.distributed_available_fn = says

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


def average_precision(task: Task) -> Callable[[Tensor, Tensor], float]:
    """Mean average precision: how well each label ranks the items, whatever the threshold.

    A label that no item carries has none, and does not count.
    """
    return lambda predictions, targets: float(each_precision(predictions, targets).nanmean())


def each_precision(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The average precision of each label (labels,), NaN where no item carries it.

    >>> each_precision(torch.tensor([[0.9], [0.6], [0.2]]), torch.tensor([[1], [0], [1]]))
    tensor([0.8333])
    """
    from torchmetrics.functional.classification import binary_average_precision

    found = torch.full((targets.shape[1],), torch.nan, device=targets.device)
    truth = (targets > 0.5).long()
    for at in truth.any(0).nonzero().flatten().tolist():
        found[at] = binary_average_precision(probabilities[:, at], truth[:, at])
    return found


def f_of(said: Tensor, truth: Tensor, *, beta: float) -> Tensor:
    """F-beta of each label (labels,) from two 0/1 matrices (items, labels); 0 without a hit.

    >>> f_of(torch.tensor([[1], [1], [0]]), torch.tensor([[1], [0], [0]]), beta=1.0)
    tensor([0.6667])
    """
    said, truth = said.float(), truth.float()
    hits, weight = (said * truth).sum(0), beta**2
    return (1 + weight) * hits / (weight * truth.sum(0) + said.sum(0)).clamp(min=1e-12)
