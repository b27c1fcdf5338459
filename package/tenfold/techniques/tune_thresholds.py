"""For each of several labels, the chance from which it counts as there, chosen on validation.

A threshold of 0.5 is best for the number of right decisions, and seldom for F-beta: of a rare
label even the likeliest item may stay below it. Lipton, Elkan & Narayanaswamy 2014, "Thresholding
classifiers to maximize F1 score", arXiv:1402.1892, show that the best one is half of the best F1,
and why a label that the model knows nothing about ends up predicted everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tenfold.errors import DataError, SettingError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.tables import Tabled
from tenfold.text import counted
from tenfold.train.label_metrics import f_of
from tenfold.train.task import Task
from tenfold.train.thresholds import above

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Thresholds", "best_thresholds", "check_beta", "check_several", "tune_thresholds"]


@dataclass(frozen=True, eq=False, repr=False)
class Thresholds(Tabled):
    """What was chosen for each of `labels`, and what F-beta it gives.

    `before` and `after` are the thresholds, `items` how many validation items carry the label,
    and `f_before` and `f_after` F-beta on them; all have the shape (labels,). `f_after` flatters:
    the same items chose and judge. `f_halves` does not: each half of the items is judged by
    thresholds that the other half chose. Of a label that no item carries nothing is changed.

    >>> chances, truth = torch.tensor([[0.4], [0.3], [0.1]]), torch.tensor([[1.0], [1], [0]])
    >>> tune_thresholds(chances, truth, before=[0.5], labels=["cat"]).after
    tensor([0.2000])
    """

    labels: Sequence[str]
    beta: float
    before: Tensor
    after: Tensor
    items: Tensor
    f_before: Tensor
    f_after: Tensor
    f_halves: Tensor

    @property
    def summary(self) -> str:
        """The mean over the labels that occur, before and after, in words."""
        there = self.items > 0
        before, after, halves = (
            float(part[there].mean()) for part in (self.f_before, self.f_after, self.f_halves)
        )
        return (
            f"mean {self._name}: {before:.4f} before, {after:.4f} with the new thresholds; "
            f"{halves:.4f} where one half of the items chose them and the other judged"
        )

    def plot(self) -> Figure:
        """Thresholds before and after, label by label."""
        figure, axes = new_figure(width=6, height=0.6 + 0.28 * len(self.labels))
        rows = range(len(self.labels))
        axes.hlines(rows, self.before, self.after, color=GREY, linewidth=1)
        axes.plot(self.before, rows, "|", color=GREY, markersize=10, label="before")
        axes.plot(self.after, rows, "o", color=COLOURS[0], markersize=5, label="after")
        axes.set_yticks(rows, list(self.labels), parse_math=False)
        axes.set(xlim=(0, 1), ylim=(len(self.labels) - 0.4, -0.6), xlabel="threshold")
        axes.tick_params(axis="y", length=0)
        axes.legend(frameon=False, labelcolor=GREY, loc="best")
        return figure

    @property
    def table(self) -> list[list[str]]:
        """A row for each label, the header first."""
        f = self._name
        head = ["label", "items", "threshold", "it was", f, f"{f} was", f"{f} by halves"]
        rows = zip(
            self.labels, self.items.tolist(), self.after.tolist(), self.before.tolist(),
            self.f_after.tolist(), self.f_before.tolist(), self.f_halves.tolist(), strict=True,
        )  # fmt: skip
        return [head, *([name, f"{items:,}", *map(_cell, rest)] for name, items, *rest in rows)]

    @property
    def _name(self) -> str:
        return f"F{self.beta:g}"


def _cell(value: float) -> str:
    return f"{value:.3f}"


def tune_thresholds(
    probabilities: Tensor,
    targets: Tensor,
    *,
    before: Sequence[float],
    labels: Sequence[str],
    beta: float = 1.0,
) -> Thresholds:
    """Choose for each label the threshold with the best F-beta, from chances (items, labels).

    Raises SettingError for a `beta` that is no number above 0, DataError where no item carries
    a label.
    """
    check_beta(beta)
    truth, old = targets > 0.5, torch.tensor(before)
    if not truth.any():
        raise DataError(
            f"none of {counted(len(truth), 'validation item')} carries a label, so no threshold "
            "can be chosen; give a validation set with labels"
        )

    def chosen(rows: Tensor) -> Tensor:
        return best_thresholds(probabilities[rows], truth[rows], before=old, beta=beta)

    every = torch.arange(len(truth))
    said = torch.zeros_like(truth)
    for judged in (every % 2 == 0, every % 2 == 1):
        said[judged] = probabilities[judged] > chosen(~judged)
    after = chosen(every)
    return Thresholds(
        labels,
        beta,
        before=old,
        after=after,
        items=truth.sum(0),
        f_before=f_of(above(probabilities, threshold=tuple(before)), truth, beta=beta),
        f_after=f_of(probabilities > after, truth, beta=beta),
        f_halves=f_of(said, truth, beta=beta),
    )


def best_thresholds(
    probabilities: Tensor, targets: Tensor, *, before: Tensor, beta: float = 1.0
) -> Tensor:
    """The threshold of each label (labels,) with the best F-beta of all; `before` where no item
    carries it.

    A threshold lies halfway between two chances that occur; of several that are equally good it
    is the one nearest to 0.5.

    >>> chances, truth = torch.tensor([[0.9], [0.6], [0.2]]), torch.tensor([[1.0], [1], [0]])
    >>> best_thresholds(chances, truth, before=torch.tensor([0.5]))
    tensor([0.4000])
    """
    sorted_chances, order = probabilities.float().sort(dim=0, descending=True)
    hits = targets.float().gather(0, order).cumsum(0)
    taken = torch.arange(1, len(hits) + 1)[:, None]
    carry = targets.float().sum(0)
    f = (1 + beta**2) * hits / (beta**2 * carry + taken)
    lower = torch.cat([sorted_chances[1:], torch.zeros_like(sorted_chances[:1])])
    cuts = _between(lower, sorted_chances)
    # equal chances cannot be parted
    f[(sorted_chances <= lower) | (cuts <= 0)] = -1.0
    equally_good = f >= f.max(dim=0).values - 1e-7
    distance = (cuts - 0.5).abs().masked_fill(~equally_good, 2.0)
    best = cuts.gather(0, distance.argmin(0)[None])[0]
    return torch.where((carry > 0) & (f.max(dim=0).values > 0), best, before)


def _between(low: Tensor, high: Tensor) -> Tensor:
    """Halfway; where no number lies between the two, the lower: a label is what is above it."""
    middle = (low + high) / 2
    return torch.where(middle < high, middle, low)


def check_beta(beta: object) -> None:
    """Refuse a weight of recall that is no number above 0."""
    number = isinstance(beta, float | int) and not isinstance(beta, bool)
    if not number or not 0 < beta < float("inf"):  # type: ignore[operator]
        raise SettingError(
            f"beta={beta!r} was given; allowed is a number above 0; 1 counts precision and recall "
            "alike, 2 counts recall more, 0.5 precision"
        )


def check_several(task: Task, what: str) -> None:
    """Refuse a task whose items do not have several labels."""
    if task.name != "multi label":
        raise SettingError(
            f"{what} was asked for with {task.name}; it is for several labels, as of data made "
            "with label_separator=, from_tags or from_coco; learn.confusion() is for one label"
        )
