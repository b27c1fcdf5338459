"""Whether a model means its probabilities: of what it calls 80% sure, are 80% right?

Reliability diagram, expected calibration error, and the temperature that mends most of it: Guo et
al. 2017, "On calibration of modern neural networks", https://arxiv.org/abs/1706.04599.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import DataError, SettingError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Bin", "Calibration", "best_temperature", "calibration"]

# the temperatures between which the best one is looked for
LOWEST, HIGHEST = 0.05, 20.0


@dataclass(frozen=True)
class Bin:
    """The items whose largest probability is above `low` and at most `high`."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """How sure a model was of each item (items,) and whether it was right, before and after.

    `temperature` is what raw outputs are divided by before softmax so that the validation set is
    most probable: above 1 where the model is too sure. `after` is how sure it would be then. So
    that nothing is judged by what it was fitted to, each half of `after` has the temperature of
    the other half.

    >>> sure, right = torch.tensor([0.9, 0.9, 0.8, 0.8]), torch.tensor([True, False, True, True])
    >>> found = Calibration(sure, right, after=sure, temperature=1.0, bins=2)
    >>> round(found.ece, 3)
    0.1
    """

    before: Tensor
    right: Tensor
    after: Tensor
    temperature: float
    bins: int = 15

    def __len__(self) -> int:
        return len(self.right)

    @cached_property
    def ece(self) -> float:
        """Expected calibration error: the mean distance of confidence and accuracy, by bins."""
        return _error(self.before, self.right, self.bins)

    @cached_property
    def ece_after(self) -> float:
        """The same with the temperature."""
        return _error(self.after, self.right, self.bins)

    @cached_property
    def parts(self) -> tuple[Bin, ...]:
        """The bins that have items, the least sure first."""
        return _bins(self.before, self.right, self.bins)

    @property
    def summary(self) -> str:
        """Whether the model is too sure, by how much, and what a temperature mends, in words."""
        sure, right = float(self.before.mean()), float(self.right.double().mean())
        way = "too sure" if sure > right else "not sure enough"
        return (
            f"the model is {sure:.1%} sure on average and {right:.1%} right over "
            f"{counted(len(self), 'validation item')}: {way}; expected calibration error "
            f"{self.ece:.1%}, and {self.ece_after:.1%} with temperature {self.temperature:.2f}"
        )

    @property
    def words(self) -> str:
        """What `plot` shows, for who cannot see it."""
        return (
            "reliability: how many are right over how sure the model is, before and with the "
            "temperature, and the line on which both are equal"
        )

    @property
    def table(self) -> list[list[str]]:
        """The bins, a header first."""
        rows = [
            [f"{one.low:.0%} to {one.high:.0%}", f"{one.count:,}", f"{one.confidence:.1%}",
             f"{one.accuracy:.1%}"]
            for one in self.parts
        ]  # fmt: skip
        return [["probability", "items", "mean probability", "right"], *rows]

    def plot(self) -> Figure:
        """The reliability diagram; the larger a point, the more items it stands for."""
        figure, axes = new_figure(width=4.6, height=4)
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
        after = _bins(self.after, self.right, self.bins)
        told = ((f"temperature {self.temperature:.2f}", after, "s"), ("as it is", self.parts, "o"))
        for (name, parts, mark), colour in zip(told, (COLOURS[1], COLOURS[0]), strict=True):
            across, up = [one.confidence for one in parts], [one.accuracy for one in parts]
            sizes = [12 + 150 * one.count / len(self) for one in parts]
            axes.plot(across, up, color=colour, linewidth=1.2)
            axes.scatter(across, up, sizes, color=colour, marker=mark, label=name)
        axes.set(xlabel="probability of the predicted class", ylabel="share that is right")
        axes.set(xlim=(0, 1.03), ylim=(-0.03, 1.03))
        axes.legend(frameon=False, labelcolor=GREY, loc="upper left")
        return figure

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary)


def calibration(outputs: Tensor, targets: Tensor, *, task: Task, bins: int = 15) -> Calibration:
    """Compare how sure raw outputs (items, classes) are with how often they are right.

    A temperature that the task has already counts as how it is. Raises SettingError for a task
    without one class an item and for less than two bins, DataError for less than two items.

    >>> from tenfold.train.task import single_label
    >>> outputs = torch.tensor([[4.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 0.0]])
    >>> calibration(outputs, torch.tensor([0, 1, 1, 0]), task=single_label(2)).temperature > 2
    True
    """
    check_bins(bins)
    if task.name != "single label":
        raise SettingError(
            f"calibration was asked for with {task.name}; it needs one class for each item; "
            "learn.residuals() shows how far numbers are off"
        )
    if len(targets) < 2:
        raise DataError(
            f"calibration needs two items and more, and there is {len(targets)}; give data with a "
            "larger validation set"
        )
    outputs, targets = outputs.detach().double().cpu(), targets.cpu()
    right = outputs.argmax(1) == targets
    before = task.activation(outputs).amax(1)
    after = torch.empty_like(before)
    for half in (0, 1):
        other = best_temperature(outputs[1 - half :: 2], targets[1 - half :: 2])
        after[half::2] = (outputs[half::2] / other).softmax(1).amax(1)
    found = best_temperature(outputs, targets)
    return Calibration(before, right, after, found, bins)


def best_temperature(outputs: Tensor, targets: Tensor) -> float:
    """The temperature with the smallest cross-entropy of outputs (items, classes) / temperature.

    Cross-entropy is convex in 1 / temperature, so halving the bracket by the sign of its slope
    finds it; between 0.05 and 20.

    >>> outputs = torch.tensor([[1.0, 0.0]] * 4)
    >>> round(best_temperature(outputs, torch.tensor([0, 0, 0, 1])), 3)  # 1 / log(3)
    0.91
    """
    outputs = outputs.detach().double()
    mine = outputs.gather(1, targets[:, None])[:, 0]
    low, high = 1 / HIGHEST, 1 / LOWEST
    for _ in range(60):
        middle = (low + high) / 2
        expected = (F.softmax(outputs * middle, 1) * outputs).sum(1)
        if float((expected - mine).mean()) > 0:
            high = middle
        else:
            low = middle
    return 2 / (low + high)


def check_bins(bins: object) -> None:
    """Refuse a number of bins that is none."""
    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 2:
        raise SettingError(f"bins={bins!r} was given; allowed is 2 and above; try 15")


def _bins(sure: Tensor, right: Tensor, bins: int) -> tuple[Bin, ...]:
    """The items by how sure the model is, in `bins` equal parts of 0 to 1; empty ones left out."""
    places = (sure * bins).ceil().long().clamp(1, bins) - 1
    found = []
    for place in places.unique().tolist():
        there = places == place
        confidence, share = float(sure[there].mean()), float(right[there].double().mean())
        ends = place / bins, (place + 1) / bins
        found.append(Bin(*ends, int(there.sum()), confidence, share))
    return tuple(found)


def _error(sure: Tensor, right: Tensor, bins: int) -> float:
    parts = _bins(sure, right, bins)
    gaps = sum(one.count * abs(one.confidence - one.accuracy) for one in parts)
    return gaps / max(len(right), 1)
