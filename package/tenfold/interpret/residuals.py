"""Where a model of numbers errs: predictions against targets, and the error by target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tenfold.errors import DataError, SettingError
from tenfold.figures import COLOURS, GREY, quiet, showable
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Part", "Residuals", "residuals"]

# with more different targets than this, as with prices, they are taken in fifths
_VALUES, _PARTS = 12, 5
# more points only cover each other
_POINTS = 5_000


@dataclass(frozen=True)
class Part:
    """The items whose target is `words`: how many, and how the predictions miss on average."""

    words: str
    count: int
    predicted: float
    error: float


@dataclass(frozen=True, eq=False, repr=False)
class Residuals:
    """Predictions against targets (items,), in the unit of the targets, which `name` names.

    >>> found = Residuals(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 5.0]), name="stars")
    >>> found
    rmse 1 over 2 validation items; the mean error is 1, and on average 0 too high
    stars  items  mean prediction  mean error
    1          1                2           1
    5          1                4           1
    """

    predicted: Tensor
    actual: Tensor
    name: str = "target"

    def __len__(self) -> int:
        return len(self.actual)

    @cached_property
    def errors(self) -> Tensor:
        """Prediction less target (items,)."""
        return self.predicted.double() - self.actual.double()

    @property
    def rmse(self) -> float:
        """The root of the mean squared error."""
        return float(self.errors.square().mean().sqrt())

    @property
    def mean_error(self) -> float:
        """The mean of the errors without their sign."""
        return float(self.errors.abs().mean())

    @property
    def bias(self) -> float:
        """The mean error with its sign: above 0 where predictions are too high."""
        return float(self.errors.mean())

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The error by target: for each of a few values, as ratings have, else for fifths."""
        values = self.actual.double().unique()
        if len(values) <= _VALUES:
            return tuple(self._part(self.actual == v, _word(v)) for v in values.tolist())
        order = self.actual.argsort(stable=True)
        found = []
        for places in order.tensor_split(_PARTS):
            ends = self.actual[places[[0, -1]]].tolist()
            there = torch.zeros(len(self), dtype=torch.bool)
            there[places] = True
            found.append(self._part(there, f"{_word(ends[0])} to {_word(ends[1])}"))
        return tuple(found)

    @property
    def summary(self) -> str:
        """How far the predictions are off, in words."""
        way = "too high" if self.bias >= 0 else "too low"
        return (
            f"rmse {_word(self.rmse)} over {counted(len(self), 'validation item')}; the mean error "
            f"is {_word(self.mean_error)}, and on average {_word(abs(self.bias))} {way}"
        )

    @property
    def words(self) -> str:
        """What `plot` shows, for who cannot see it."""
        return (
            f"predictions over actual {self.name}, a point for each of "
            f"{counted(len(self), 'validation item')}, and how often each error occurs"
        )

    @property
    def table(self) -> list[list[str]]:
        """The error by target, a header first."""
        rows = [
            [part.words, f"{part.count:,}", _word(part.predicted), _word(part.error)]
            for part in self.parts
        ]
        return [[self.name, "items", "mean prediction", "mean error"], *rows]

    def plot(self) -> Figure:
        """Predictions over targets, with the line on which they would be right; the errors."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 3.4), layout="constrained", facecolor="none")
        left, right = figure.subplots(1, 2)
        stride = -(-len(self) // _POINTS)
        left.scatter(self.actual[::stride], self.predicted[::stride], s=12, alpha=0.6, lw=0)
        ends = [float(self.actual.min()), float(self.actual.max())]
        left.plot(ends, ends, color=COLOURS[1], linewidth=1.5)
        left.set(xlabel=f"actual {self.name}", ylabel="predicted")
        right.hist(self.errors.numpy(), bins=min(40, 8 + len(self) // 20), color=COLOURS[0])
        right.axvline(0, color=COLOURS[1], linewidth=1.5)
        right.set(xlabel="error: predicted less actual", ylabel="items")
        for axes in (left, right):
            quiet(axes)
            axes.grid(color=GREY, alpha=0.2, linewidth=0.5)
            axes.locator_params(nbins=5)  # long numbers must not run into each other
        return showable(figure)

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary)

    def _part(self, there: Tensor, words: str) -> Part:
        predicted, errors = self.predicted[there], self.errors[there]
        return Part(words, int(there.sum()), float(predicted.mean()), float(errors.abs().mean()))


def residuals(
    predictions: Tensor, targets: Tensor, *, task: Task, name: str = "target"
) -> Residuals:
    """Compare predictions (items, 1) with targets (items,), as `learn.predictions()` gives them.

    Raises SettingError for a task that is not a number, DataError where there are no items.

    >>> from tenfold.train.task import number
    >>> residuals(torch.tensor([[3.0]]), torch.tensor([1.0]), task=number()).rmse
    2.0
    """
    if task.name != "number":
        raise SettingError(
            f"predictions against targets were asked for with {task.name}; they need targets that "
            "are numbers; learn.confusion() shows classes, learn.top_losses() the worst of both"
        )
    if not len(targets):
        raise DataError("there is no validation item to compare; check the validation set")
    return Residuals(predictions.flatten().cpu(), targets.flatten().cpu(), name)


def _word(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
