"""Metrics by name (torchmetrics), or any function of predictions and targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.text import nearest
from tenfold.train.task import Task

if TYPE_CHECKING:
    from torchmetrics import Metric

__all__ = ["METRICS", "Scores", "lower_is_better"]

MetricLike = "str | Metric | Callable[[Tensor, Tensor], Any]"


def _accuracy(classes: int) -> Metric:
    from torchmetrics.classification import MulticlassAccuracy

    return MulticlassAccuracy(classes, average="micro")


def _top_5(classes: int) -> Metric:
    from torchmetrics.classification import MulticlassAccuracy

    return MulticlassAccuracy(classes, average="micro", top_k=min(5, classes))


def _f1(classes: int) -> Metric:
    from torchmetrics.classification import MulticlassF1Score

    return MulticlassF1Score(classes, average="macro")


def _label_accuracy(classes: int) -> Metric:
    from torchmetrics.classification import MultilabelAccuracy

    return MultilabelAccuracy(classes, average="micro")


def _label_f1(classes: int) -> Metric:
    from torchmetrics.classification import MultilabelF1Score

    return MultilabelF1Score(classes, average="macro")


def _average_precision(classes: int) -> Metric:
    from torchmetrics.classification import MultilabelAveragePrecision

    return MultilabelAveragePrecision(classes)


def _rmse(outputs: int) -> Metric:
    from torchmetrics import MeanSquaredError

    return MeanSquaredError(squared=False)


METRICS: dict[str, dict[str, Callable[[int], Metric]]] = {
    "single label": {"accuracy": _accuracy, "top_5": _top_5, "f1": _f1},
    "multi label": {
        "label_accuracy": _label_accuracy,
        "f1": _label_f1,
        "average_precision": _average_precision,
    },
    "number": {"rmse": _rmse},
}
"""The metrics known by name for each kind of task."""


class Scores:
    """The metrics of one validation pass, summed up on the device and read once.

    Names are looked up for the task; a torchmetrics `Metric` gets activated outputs and targets
    batch by batch; a function gets all of them once, at the end.
    """

    def __init__(self, metrics: Sequence[Any], *, task: Task, device: torch.device) -> None:
        self._metrics: dict[str, Metric] = {}
        self._functions: dict[str, Callable[[Tensor, Tensor], Any]] = {}
        self._kept: list[tuple[Tensor, Tensor]] = []
        for given in metrics:
            name, metric = _named(given, task)
            if hasattr(metric, "update"):
                self._metrics[name] = metric.to(device)
            else:
                self._functions[name] = metric

    @property
    def names(self) -> list[str]:
        """The columns, in the order asked for."""
        return [*self._metrics, *self._functions]

    def reset(self) -> None:
        """Forget what was summed up."""
        self._kept.clear()
        for metric in self._metrics.values():
            metric.reset()

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of activated outputs."""
        for metric in self._metrics.values():
            metric.update(
                predictions, targets if predictions.ndim == 1 else _fit(predictions, targets)
            )
        if self._functions:
            self._kept.append((predictions, targets))

    def compute(self) -> dict[str, float]:
        """Every metric as a number; the device is waited for here."""
        values = {name: float(metric.compute()) for name, metric in self._metrics.items()}
        if self._functions:
            predictions, targets = (torch.cat(part) for part in zip(*self._kept, strict=True))
            for name, function in self._functions.items():
                values[name] = float(function(predictions, targets))
        return values


def _fit(predictions: Tensor, targets: Tensor) -> Tensor:
    """Targets as torchmetrics wants them: whole numbers for labels, one shape for numbers."""
    if targets.shape == predictions.shape and targets.is_floating_point():
        return targets.long() if bool(predictions.shape[-1] > 1) else targets
    return targets.view_as(predictions) if targets.numel() == predictions.numel() else targets


def _named(given: Any, task: Task) -> tuple[str, Any]:
    known = METRICS.get(task.name, {})
    if isinstance(given, str):
        if given not in known:
            meant = nearest(given, known)
            hint = f"; did you mean {meant!r}?" if meant else ""
            raise SettingError(
                f"the metric {given!r} was given; {task.name} knows {', '.join(known)}{hint}; a "
                "torchmetrics Metric or a function of (predictions, targets) also works"
            )
        return given, known[given](task.outputs)
    if not callable(given):
        raise SettingError(
            f"{given!r} was given as a metric; allowed is a name, a torchmetrics Metric or a "
            "function of (predictions, targets)"
        )
    return getattr(given, "__name__", type(given).__name__).lower(), given


def lower_is_better(column: str) -> bool:
    """Whether a column of the history is better when it is smaller."""
    return column in {"train_loss", "valid_loss", "rmse", "error_rate", "seconds"}
