"""Metrics by name (torchmetrics), or any function of predictions and targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.text import did_you_mean
from tenfold.train.label_metrics import average_precision, f_beta, label_accuracy
from tenfold.train.picture_task import psnr, ssim
from tenfold.train.pixel_scores import READINGS, PixelMetric
from tenfold.train.task import Task

if TYPE_CHECKING:
    from torchmetrics import Metric

__all__ = ["METRICS", "Perplexity", "RootMeanSquaredPercentage", "Scores", "lower_is_better"]

MetricLike = "str | Metric | Callable[[Tensor, Tensor], Any]"


def _accuracy(task: Task) -> Metric:
    from torchmetrics.classification import MulticlassAccuracy

    return MulticlassAccuracy(task.outputs, average="micro")


def _top_5(task: Task) -> Metric:
    from torchmetrics.classification import MulticlassAccuracy

    return MulticlassAccuracy(task.outputs, average="micro", top_k=min(5, task.outputs))


def _f1(task: Task) -> Metric:
    from torchmetrics.classification import MulticlassF1Score

    return MulticlassF1Score(task.outputs, average="macro")


def _rmse(task: Task) -> Metric:
    from torchmetrics import MeanSquaredError

    return MeanSquaredError(squared=False)


def _mae(task: Task) -> Metric:
    from torchmetrics import MeanAbsoluteError

    return MeanAbsoluteError()


class RootMeanSquaredPercentage:
    """RMSPE, the metric of Rossmann's contest: the root of the mean squared share of error.

    A target of 0 has no percentage and does not count. It works as a torchmetrics metric does.

    >>> metric = RootMeanSquaredPercentage()
    >>> metric.update(torch.tensor([90.0, 5.0]), torch.tensor([100.0, 0.0]))
    >>> round(float(metric.compute()), 6)
    0.1
    """

    def __init__(self) -> None:
        self.reset()

    def to(self, device: torch.device) -> RootMeanSquaredPercentage:
        """Itself: the sums follow the first batch to its device."""
        return self

    def reset(self) -> None:
        """Forget what was summed up."""
        self._total: Tensor | float = 0.0
        self._count: Tensor | float = 0.0

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch."""
        wanted, found = targets.flatten().float(), predictions.flatten()
        counts = wanted != 0
        shares = torch.where(counts, (found - wanted) / wanted.where(counts, 1.0), 0.0)
        self._total = self._total + shares.square().sum()
        self._count = self._count + counts.sum()

    def compute(self) -> Tensor:
        """The metric as a share: 0.1 is ten per cent."""
        return torch.as_tensor(self._total / self._count).sqrt()


class Perplexity:
    """How many words a language model is in doubt between: e to the mean -log(probability).

    >>> metric = Perplexity()
    >>> metric.update(torch.full((2, 4), 0.25), torch.tensor([0, 3]))
    >>> float(metric.compute())
    4.0
    """

    def __init__(self) -> None:
        self.reset()

    def to(self, device: torch.device) -> Perplexity:
        """Itself: the sums follow the first batch to its device."""
        return self

    def reset(self) -> None:
        """Forget what was summed up."""
        self._total: Tensor | float = 0.0
        self._count = 0

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of probabilities (words, vocabulary)."""
        given = predictions.gather(1, targets[:, None]).double()
        self._total = self._total - given.clamp(min=1e-38).log().sum()
        self._count += len(targets)

    def compute(self) -> Tensor:
        """The perplexity."""
        return torch.as_tensor(self._total / self._count).exp()


def _of_pixels(name: str) -> Callable[[Task], Any]:
    def make(task: Task) -> PixelMetric:
        return PixelMetric(name, classes=task.outputs, ignore=dict(task.settings)["ignore"])

    return make


METRICS: dict[str, dict[str, Callable[[Task], Any]]] = {
    "single label": {"accuracy": _accuracy, "top_5": _top_5, "f1": _f1},
    "multi label": {
        "label_accuracy": label_accuracy,
        "f1": f_beta(1.0),
        "f2": f_beta(2.0),
        "f0.5": f_beta(0.5),
        "average_precision": average_precision,
    },
    "number": {"rmse": _rmse, "mae": _mae, "rmspe": lambda task: RootMeanSquaredPercentage()},
    "next word": {
        "accuracy": _accuracy,
        "top_5": _top_5,
        "perplexity": lambda task: Perplexity(),
    },
    "picture": {"psnr": psnr, "ssim": ssim},
    "pixel labels": {name: _of_pixels(name) for name in READINGS},
}
"""The metrics known by name for each kind of task."""


class Scores:
    """The metrics of one validation pass, summed up on the device and read once.

    Names are looked up for the task; a torchmetrics `Metric` gets activated outputs and targets
    batch by batch; a function gets all of them once, at the end.
    """

    def __init__(self, metrics: Sequence[Any], *, task: Task, device: torch.device) -> None:
        self.names: list[str] = []
        """The columns, in the order asked for."""
        self._metrics: dict[str, Metric] = {}
        self._functions: dict[str, Callable[[Tensor, Tensor], Any]] = {}
        self._kept: list[tuple[Tensor, Tensor]] = []
        for given in metrics:
            name, metric = _named(given, task)
            if name in self.names:
                raise SettingError(
                    f"two metrics are called {name!r}; each is a column of the history, so give "
                    "them names of their own: a function's name is its metric's"
                )
            self.names.append(name)
            if hasattr(metric, "update"):
                self._metrics[name] = metric.to(device)
            else:
                self._functions[name] = metric

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
        return {name: values[name] for name in self.names}


def _fit(predictions: Tensor, targets: Tensor) -> Tensor:
    """Targets as torchmetrics wants them: whole numbers for labels, one shape for numbers."""
    if predictions.ndim > 2:
        return targets
    if targets.shape == predictions.shape and targets.is_floating_point():
        return targets.long() if bool(predictions.shape[-1] > 1) else targets
    return targets.view_as(predictions) if targets.numel() == predictions.numel() else targets


def _named(given: Any, task: Task) -> tuple[str, Any]:
    known = METRICS.get(task.name, {})
    if isinstance(given, str):
        if given not in known:
            hint = did_you_mean(given, known)
            raise SettingError(
                f"the metric {given!r} was given; {task.name} knows {', '.join(known)}{hint}; a "
                "torchmetrics Metric or a function of (predictions, targets) also works"
            )
        return given, known[given](task)
    if not callable(given):
        raise SettingError(
            f"{given!r} was given as a metric; allowed is a name, a torchmetrics Metric or a "
            "function of (predictions, targets)"
        )
    return getattr(given, "__name__", type(given).__name__).lower(), given


def lower_is_better(column: str) -> bool:
    """Whether a column of the history is better when it is smaller."""
    return column in {
        "train_loss", "valid_loss", "rmse", "mae", "rmspe", "error_rate", "perplexity",
        "seconds", "frechet",
    }  # fmt: skip
