"""Which classes are taken for which: the confusion matrix, and the items behind its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.interpret.heat import draw_matrix
from tenfold.interpret.items import check_count, class_names, draw_items
from tenfold.tables import html_table, text_table
from tenfold.text import counted, did_you_mean, listed
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Cell", "Confused", "Confusion", "check_single_label", "confusion"]

# with more classes a table is too wide to read and the numbers too small
READABLE = 15


class Confused(NamedTuple):
    """One kind of mistake: how many items of class `actual` were predicted as `predicted`.

    >>> print(Confused("cat", "dog", 3))
    cat taken for dog: 3
    """

    actual: str
    predicted: str
    times: int

    def __str__(self) -> str:
        return f"{self.actual} taken for {self.predicted}: {self.times:,}"


@dataclass(frozen=True, eq=False, repr=False)
class Cell:
    """The validation items of class `actual` that were predicted as `predicted`.

    `items` are their numbers in the validation set and `probabilities` what the model gave the
    predicted class, the surest first.

    >>> Cell("cat", "dog", [4, 0], [0.9, 0.6])
    2 validation items of class cat were predicted as dog: item 4 and 0
    """

    actual: str
    predicted: str
    items: list[int]
    probabilities: list[float]
    data: Any = None

    @property
    def place(self) -> tuple[str, str]:
        """The names of its row and its column."""
        return self.actual, self.predicted

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        if not self.items:
            return f"no validation item of class {self.actual} was predicted as {self.predicted}"
        verb = "was" if len(self) == 1 else "were"
        return (
            f"{counted(len(self), 'validation item')} of class {self.actual} {verb} predicted as "
            f"{self.predicted}: item {listed(self.items)}"
        )

    def plot(self, n: int = 9) -> Figure:
        """The pictures of the `n` surest, each with the probability of the predicted class."""
        check_count(n)
        titles = [f"{self.predicted} {share:.0%}" for share in self.probabilities[:n]]
        return draw_items(self.data, self.items[:n], titles)


@dataclass(frozen=True, eq=False, repr=False)
class Confusion:
    """Actual against predicted classes of the validation items.

    `actual` and `predicted` hold class numbers (items,), `probabilities` what the model gave
    the predicted class (items,). `data`, if it has pictures, shows them.

    >>> shares = torch.tensor([0.9, 0.8, 0.6])
    >>> cats = Confusion(torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]), shares, ["cat", "dog"])
    >>> cats
    2 of 3 validation items are right (66.7%)
    actual \\ predicted  cat  dog
    cat                   1    1
    dog                   0    1
    >>> cats.most_confused()
    [Confused(actual='cat', predicted='dog', times=1)]
    """

    actual: Tensor
    predicted: Tensor
    probabilities: Tensor
    classes: Sequence[str]
    data: Any = None

    @cached_property
    def matrix(self) -> Tensor:
        """Counts (classes, classes), int64: a row for each actual, a column for each predicted."""
        size = len(self.classes)
        cells = self.actual * size + self.predicted
        return torch.bincount(cells, minlength=size * size).view(size, size)

    def most_confused(self, n: int = 10) -> list[Confused]:
        """The `n` most frequent mistakes that happened at all, the most frequent first."""
        check_count(n)
        mistakes = [
            Confused(self.classes[actual], self.classes[predicted], count)
            for actual, row in enumerate(self.matrix.tolist())
            for predicted, count in enumerate(row)
            if count and actual != predicted
        ]
        return sorted(mistakes, key=lambda mistake: -mistake.times)[:n]

    def items(self, actual: str, predicted: str) -> list[int]:
        """The items in one cell by their number in the validation set, the surest first."""
        there = (self.actual == self._number(actual)) & (self.predicted == self._number(predicted))
        found = there.nonzero().flatten()
        order = self.probabilities[found].argsort(descending=True, stable=True)
        return found[order].tolist()

    def cell(self, actual: str, predicted: str) -> Cell:
        """The items in one cell, able to show their pictures."""
        items = self.items(actual, predicted)
        return Cell(actual, predicted, items, self.probabilities[items].tolist(), self.data)

    @property
    def summary(self) -> str:
        """How many are right, in words."""
        right, total = int(self.matrix.trace()), len(self.actual)
        verb = "is" if right == 1 else "are"
        return (
            f"{right:,} of {counted(total, 'validation item')} {verb} right "
            f"({right / max(total, 1):.1%})"
        )

    def plot(self) -> Figure:
        """The matrix as a figure: right in blue, wrong in orange, by their share of the class."""
        return draw_matrix(self.matrix, self.classes, numbers=len(self.classes) <= READABLE)

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self._table())}"

    def _repr_html_(self) -> str:
        return html_table(self._table(), caption=self.summary)

    def _table(self) -> list[list[str]]:
        """The matrix as words; with many classes the most frequent mistakes."""
        if len(self.classes) > READABLE:
            head = ["actual", "predicted", "items"]
            return [head, *[[a, b, f"{times:,}"] for a, b, times in self.most_confused()]]
        rows = zip(self.classes, self.matrix.tolist(), strict=True)
        head = ["actual \\ predicted", *self.classes]
        return [head, *[[name, *[f"{count:,}" for count in row]] for name, row in rows]]

    def _number(self, name: str) -> int:
        if name not in self.classes:
            raise SettingError(
                f"the class {name!r} was given; there are {listed(self.classes)}"
                f"{did_you_mean(name, self.classes)}"
            )
        return list(self.classes).index(name)


def check_single_label(task: Task) -> None:
    """Refuse a task whose items do not have one class each."""
    if task.name == "single label":
        return
    instead = (
        "%iou or learn.iou() shows how well each class of the pixels is found"
        if task.name == "pixel labels"
        else "learn.top_losses() shows the worst items of any task, and "
        "learn.score(*learn.predictions()) its metrics"
    )
    raise SettingError(
        f"a confusion matrix was asked for with {task.name}; it needs one class for each item; "
        f"{instead}"
    )


def confusion(predictions: Tensor, targets: Tensor, *, task: Task, data: Any = None) -> Confusion:
    """Compare activated predictions (items, classes) with targets (items,).

    They come from `learn.predictions()` or `learn.tta()`; `data` names the classes.

    >>> from tenfold.train.task import single_label
    >>> confusion(torch.eye(2), torch.tensor([0, 1]), task=single_label(2)).matrix.tolist()
    [[1, 0], [0, 1]]
    """
    check_single_label(task)
    # the logarithm of a probability is a raw output that softmax maps back to it
    task.check(predictions.log(), targets)
    predicted = task.decode(predictions)
    shares = predictions.gather(1, predicted[:, None])[:, 0]
    return Confusion(targets, predicted, shares, class_names(data, task), data)
