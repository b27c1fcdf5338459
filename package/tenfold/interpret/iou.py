"""How well each class of a segmentation is found: intersection over union, and its mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.interpret.items import class_names
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.pixel_scores import class_ious, count_pixels, mean_iou, pixel_accuracy
from tenfold.train.plan import Plan
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Iou", "check_pixels", "class_iou"]

ROW = 0.22  # inches of a class in the picture


@dataclass(frozen=True, eq=False, repr=False)
class Iou:
    """Intersection over union of each class: the pixels that are and were said, over those that
    are or were.

    `counts` (classes, classes) holds pixels, a row for each actual, a column for each predicted
    class. Classes that are nowhere have no row in the table and no part in the mean.

    >>> Iou(torch.tensor([[6, 2], [0, 4]]), ["soil", "plant"])
    pixel accuracy 83.3%, mean IoU 70.8% over 2 classes
    class  IoU    pixels  found   most often taken for
    soil   75.0%  66.7%   75.0%   plant
    plant  66.7%  33.3%   100.0%
    """

    counts: Tensor
    classes: Sequence[str]

    @property
    def by_class(self) -> dict[str, float]:
        """The IoU of each class that is there, actually or predicted, the best first."""
        ious = zip(self.classes, class_ious(self.counts).tolist(), strict=True)
        there = {name: iou for name, iou in ious if iou == iou}
        return dict(sorted(there.items(), key=lambda item: -item[1]))

    @property
    def mean(self) -> float:
        """The mean over the classes that are there."""
        return float(mean_iou(self.counts))

    @property
    def accuracy(self) -> float:
        """The share of pixels that got their class."""
        return float(pixel_accuracy(self.counts))

    @property
    def summary(self) -> str:
        """Both scores in words."""
        there = counted(len(self.by_class), "class")
        return f"pixel accuracy {self.accuracy:.1%}, mean IoU {self.mean:.1%} over {there}"

    @property
    def table(self) -> list[list[str]]:
        """A row for each class: its IoU, its share of all pixels, what of it was found."""
        rows = [["class", "IoU", "pixels", "found", "most often taken for"]]
        total = int(self.counts.sum())
        for name, iou in self.by_class.items():
            number = list(self.classes).index(name)
            row = self.counts[number]
            own, right = int(row.sum()), int(row[number])
            found = f"{right / own:.1%}" if own else "–"
            rows.append([name, f"{iou:.1%}", f"{own / total:.1%}", found, self._lost_to(number)])
        return rows

    def _lost_to(self, number: int) -> str:
        lost = self.counts[number].clone()
        lost[number] = 0
        return self.classes[int(lost.argmax())] if lost.any() else ""

    def plot(self) -> Figure:
        """The IoU of each class as bars, with a line at the mean."""
        found = self.by_class
        figure, axes = new_figure(height=ROW * len(found) + 0.8)
        axes.barh(range(len(found)), list(found.values()), color=COLOURS[0])
        axes.axvline(self.mean, color=COLOURS[1], linewidth=1.5)
        axes.set_yticks(range(len(found)), list(found), fontsize=8, parse_math=False)
        axes.invert_yaxis()
        axes.set(xlim=(0, 1), xlabel="intersection over union; the line is the mean")
        axes.xaxis.label.set_color(GREY)
        return figure

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table, words=True)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary)


def check_pixels(task: Task) -> None:
    """Refuse a task whose targets are not masks."""
    if task.name != "pixel labels":
        raise SettingError(
            f"intersection over union was asked for with {task.name}; it needs a class for each "
            "pixel; make the data with ImageData.from_masks, or use learn.confusion()"
        )


def class_iou(
    model: nn.Module,
    data: Any,
    batches: Any,
    *,
    task: Task,
    plan: Plan,
    control: Pass | None = None,
) -> Iou:
    """Count the pixels of a whole pass over `batches`; `data` names the classes."""
    check_pixels(task)
    classes, ignore = task.outputs, dict(task.settings)["ignore"]
    total = torch.zeros(classes, classes, dtype=torch.int64)

    def count(outputs: Tensor, targets: Tensor) -> None:
        found = count_pixels(outputs.argmax(1), targets, classes=classes, ignore=ignore)
        total.add_(found.cpu())

    predict_batches(model, batches, use=count, plan=plan, control=control)
    return Iou(total, class_names(data, task))
