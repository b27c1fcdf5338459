"""Several labels, one by one: precision, recall, F-beta and average precision of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from tenfold.figures import COLOURS, GREY, quiet, showable
from tenfold.interpret.items import check_count
from tenfold.tables import Tabled
from tenfold.text import counted
from tenfold.train.label_metrics import each_precision, f_of
from tenfold.train.thresholds import above

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LabelScores", "Labels"]

# curves of more labels would be too small to read; those with the least precision are drawn
MOST_CURVES = 20
COLUMNS = 5


class LabelScores(NamedTuple):
    """One label: how many items carry it, how many were predicted with it, and how well.

    `hits` of the `items` were predicted too; what cannot be said, as the recall of a label that
    no item carries, is NaN.
    """

    label: str
    items: int
    predicted: int
    hits: int
    precision: float
    recall: float
    f: float
    average_precision: float
    threshold: float


@dataclass(frozen=True, eq=False, repr=False)
class Labels(Tabled):
    """How well a model tells each of several labels.

    `probabilities` and `targets` (items, labels), the `thresholds` (labels) that decide, and
    `beta`, the weight of recall in F. Precision, recall and F depend on the threshold, average
    precision on the order alone.

    >>> chances, truth = torch.tensor([[0.9, 0.2], [0.6, 0.1]]), torch.tensor([[1, 1], [0, 0]])
    >>> Labels(chances, truth, ["cat", "dog"], (0.5, 0.5))
    mean average precision 1.0000, mean F1 0.3333 over 2 labels
    label  items  predicted  hits  precision  recall      F1      AP  threshold
    cat        1          2     1     0.5000  1.0000  0.6667  1.0000      0.500
    dog        1          0     0          –  0.0000  0.0000  1.0000      0.500
    """

    probabilities: Tensor
    targets: Tensor
    labels: Sequence[str]
    thresholds: Sequence[float]
    beta: float = 1.0

    @cached_property
    def rows(self) -> list[LabelScores]:
        """The scores of every label, in the order of the classes."""
        said = above(self.probabilities, threshold=tuple(self.thresholds))
        truth = self.targets > 0.5
        items, predicted, hits = truth.sum(0), said.sum(0), (said & truth).sum(0)
        f = f_of(said, truth, beta=self.beta).where(items > 0, math.nan)
        columns = [items, predicted, hits, hits / predicted, hits / items, f]
        columns.append(each_precision(self.probabilities, self.targets))
        rows = zip(self.labels, *(column.tolist() for column in columns), self.thresholds)
        return [LabelScores(*row) for row in rows]

    @property
    def mean_average_precision(self) -> float:
        """The mean over the labels that occur."""
        return self._mean([row.average_precision for row in self.rows])

    @property
    def mean_f(self) -> float:
        """F-beta, as the mean over the labels that occur."""
        return self._mean([row.f for row in self.rows])

    def worst(self, n: int = 5) -> list[LabelScores]:
        """The `n` labels with the least average precision, of those that occur."""
        check_count(n)
        there = [row for row in self.rows if row.items]
        return sorted(there, key=lambda row: row.average_precision)[:n]

    @property
    def summary(self) -> str:
        """The means in words."""
        there = sum(row.items > 0 for row in self.rows)
        return (
            f"mean average precision {self.mean_average_precision:.4f}, mean F{self.beta:g} "
            f"{self.mean_f:.4f} over {counted(there, 'label')}"
        )

    def plot(self) -> Figure:
        """Precision over recall of each label; a dot is where its threshold is now."""
        from matplotlib.figure import Figure

        drawn = self.worst(len(self.rows))[:MOST_CURVES]
        columns = min(COLUMNS, max(len(drawn), 1))
        lines = max(1, math.ceil(len(drawn) / columns))
        size = (1.75 * columns + 0.3, 1.75 * lines + 0.3)
        figure = Figure(figsize=size, layout="constrained", facecolor="none")
        grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
        for axes in grid.flatten():
            quiet(axes)
            axes.set_axis_off()
        for axes, row in zip(grid.flatten(), drawn, strict=False):
            self._draw(axes, row)
        figure.supxlabel("recall", color=GREY, fontsize=9)
        figure.supylabel("precision", color=GREY, fontsize=9)
        return showable(figure)

    def _draw(self, axes: Axes, row: LabelScores) -> None:
        axes.set_axis_on()
        recall, precision = self.curve(row.label)
        axes.step(recall, precision, where="post", color=COLOURS[0], linewidth=1.5)
        if row.predicted:
            axes.plot(row.recall, row.precision, "o", color=COLOURS[5], markersize=5)
        axes.set(xlim=(0, 1.04), ylim=(0, 1.04), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        axes.tick_params(labelsize=7)
        title = f"{row.label}  {row.average_precision:.2f}"
        axes.set_title(title, fontsize=9, color=GREY, parse_math=False)

    def curve(self, label: str) -> tuple[Tensor, Tensor]:
        """Recall and precision of a label at every threshold, from the lowest on."""
        from torchmetrics.functional.classification import binary_precision_recall_curve

        at = list(self.labels).index(label)
        chances, truth = self.probabilities[:, at], (self.targets[:, at] > 0.5).long()
        precision, recall, _ = binary_precision_recall_curve(chances, truth)
        return recall, precision

    @property
    def table(self) -> list[list[str]]:
        """A row for each label, the header first."""
        head = ["label", "items", "predicted", "hits", "precision", "recall"]
        rows = [[*head, f"F{self.beta:g}", "AP", "threshold"]]
        for label, *counts, precision, recall, f, average, threshold in self.rows:
            shares = [_cell(value) for value in (precision, recall, f, average)]
            rows.append([label, *(f"{count:,}" for count in counts), *shares, f"{threshold:.3f}"])
        return rows

    def _mean(self, values: list[float]) -> float:
        return float(torch.tensor(values).nanmean())


def _cell(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"
