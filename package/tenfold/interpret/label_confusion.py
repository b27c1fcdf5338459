"""What is missed and what is seen where it is not: the confusion of several labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.interpret.items import check_count, class_names, draw_items
from tenfold.tables import Tabled
from tenfold.text import counted, did_you_mean, listed
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CELLS", "LabelCell", "LabelConfusion", "Wrong", "label_confusion"]

CELLS = {"hits": (True, True), "misses": (True, False), "false-alarms": (False, True)}
"""The cells of a label that can be looked at: whether it is there, and whether it was said."""

# more rows would be too many to read at once: those with the most mistakes are drawn
MOST_ROWS = 40


class Wrong(NamedTuple):
    """One kind of mistake: how often a label was missed, or said where it is not.

    >>> print(Wrong("cat", "misses", 3))
    cat missed: 3
    """

    label: str
    cell: str
    times: int

    def __str__(self) -> str:
        return f"{self.label} {_VERBS[self.cell]}: {self.times:,}"


_VERBS = {"hits": "found", "misses": "missed", "false-alarms": "seen where it is not"}


@dataclass(frozen=True, eq=False, repr=False)
class LabelCell:
    """The validation items in one cell of a label: its hits, misses or false alarms.

    `items` are their numbers in the validation set and `probabilities` what the model gave the
    label: of mistakes those come first of which it was surest.

    >>> LabelCell("cat", "misses", [4, 0], [0.01, 0.2])
    cat was missed in 2 validation items: item 4 and 0
    """

    label: str
    cell: str
    items: list[int]
    probabilities: list[float]
    data: Any = None

    @property
    def place(self) -> tuple[str, str]:
        """The names of its row and its column."""
        return self.label, self.cell

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        if not self.items:
            return f"{self.label} was {_VERBS[self.cell]} in no validation item"
        where = counted(len(self), "validation item")
        return f"{self.label} was {_VERBS[self.cell]} in {where}: item {listed(self.items)}"

    def plot(self, n: int = 9) -> Figure:
        """The pictures of the first `n`, each with the probability of the label."""
        check_count(n)
        titles = [f"{self.label} {share:.0%}" for share in self.probabilities[:n]]
        return draw_items(self.data, self.items[:n], titles)


@dataclass(frozen=True, eq=False, repr=False)
class LabelConfusion(Tabled):
    """For each label, the two by two of what is there and what was said.

    With several labels an item is not "taken for" another class: each label is a question of its
    own, answered rightly, missed, or seen where it is not. `actual`, `predicted` (bool) and
    `probabilities` have the shape (items, labels).

    >>> there = torch.tensor([[True, False]] * 3)
    >>> said = torch.tensor([[True, True], [False, False], [False, False]])
    >>> LabelConfusion(there, said, said.float(), ["cat", "dog"])
    3 of 6 decisions are right (50.0%); of 3 labels 1 was found, and 1 was seen where none is
    label  hits  misses  false alarms  rightly absent
    cat       1       2             0               0
    dog       0       0             1               2
    """

    actual: Tensor
    predicted: Tensor
    probabilities: Tensor
    labels: Sequence[str]
    data: Any = None

    @cached_property
    def matrix(self) -> Tensor:
        """Counts (labels, 2, 2), int64: a row for absent and there, a column for each as said."""
        cells = [
            [(self.actual == there) & (self.predicted == said) for said in (False, True)]
            for there in (False, True)
        ]
        return torch.stack([torch.stack([cell.sum(0) for cell in row], 1) for row in cells], 1)

    def counts(self, cell: str) -> list[int]:
        """How many items each label has in a cell of `CELLS`."""
        there, said = CELLS[_known(cell)]
        return self.matrix[:, int(there), int(said)].tolist()

    def most_wrong(self, n: int = 10) -> list[Wrong]:
        """The `n` most frequent mistakes that happened at all, the most frequent first."""
        check_count(n)
        wrong = [
            Wrong(label, cell, times)
            for cell in ("misses", "false-alarms")
            for label, times in zip(self.labels, self.counts(cell), strict=True)
            if times
        ]
        return sorted(wrong, key=lambda mistake: -mistake.times)[:n]

    def cell(self, label: str, cell: str) -> LabelCell:
        """The items in a cell of a label: "hits", "misses" or "false-alarms"."""
        there, said = CELLS[_known(cell)]
        at = self._number(label)
        inside = (self.actual[:, at] == there) & (self.predicted[:, at] == said)
        found = inside.nonzero().flatten()
        shares = self.probabilities[found, at]
        order = shares.argsort(descending=said, stable=True)
        items, chances = found[order].tolist(), shares[order].tolist()
        return LabelCell(label, cell, items, chances, self.data)

    @property
    def summary(self) -> str:
        """How many decisions are right, in words."""
        absent, found = int(self.matrix[:, 0, 0].sum()), sum(self.counts("hits"))
        alarms, there = sum(self.counts("false-alarms")), int(self.actual.sum())
        total = self.actual.numel()
        share = (absent + found) / max(total, 1)
        verbs = ["was" if count == 1 else "were" for count in (found, alarms)]
        return (
            f"{absent + found:,} of {counted(total, 'decision')} are right ({share:.1%}); of "
            f"{counted(there, 'label')} {found:,} {verbs[0]} found, and {alarms:,} {verbs[1]} "
            "seen where none is"
        )

    def plot(self) -> Figure:
        """A bar for each label: to the right its hits and misses, to the left its false alarms."""
        rows = self._drawn()
        figure, axes = new_figure(width=6.5, height=1.0 + 0.28 * len(rows))
        hits, misses, alarms = ([self.counts(cell)[at] for at in rows] for cell in CELLS)
        places = range(len(rows))
        axes.barh(places, hits, color=COLOURS[0], label="hits")
        axes.barh(places, misses, left=hits, color=COLOURS[1], label="misses")
        axes.barh(places, [-count for count in alarms], color=COLOURS[5], label="false alarms")
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_yticks(places, [self.labels[at] for at in rows], parse_math=False)
        axes.set(xlabel="validation items", ylim=(len(rows) - 0.4, -0.6))
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        axes.tick_params(axis="y", length=0)
        figure.legend(frameon=False, labelcolor=GREY, loc="outside upper center", ncols=3)
        return figure

    def _drawn(self) -> list[int]:
        """The labels that are drawn, in their order."""
        off = [a + b for a, b in zip(self.counts("misses"), self.counts("false-alarms"))]
        return sorted(sorted(range(len(off)), key=lambda at: -off[at])[:MOST_ROWS])

    @property
    def table(self) -> list[list[str]]:
        """A row for each label, the header first."""
        columns = [*map(self.counts, CELLS), self.matrix[:, 0, 0].tolist()]
        rows = zip(self.labels, *([f"{count:,}" for count in column] for column in columns))
        return [["label", *_HEADS, "rightly absent"], *map(list, rows)]

    def _number(self, name: str) -> int:
        if name not in self.labels:
            raise SettingError(
                f"the label {name!r} was given; there are {listed(self.labels)}"
                f"{did_you_mean(name, self.labels)}"
            )
        return list(self.labels).index(name)


_HEADS = [name.replace("-", " ") for name in CELLS]


def _known(cell: str) -> str:
    if cell not in CELLS:
        raise SettingError(
            f"the cell {cell!r} was given; allowed are {listed(CELLS)}{did_you_mean(cell, CELLS)}"
        )
    return cell


def label_confusion(
    probabilities: Tensor, targets: Tensor, *, task: Task, data: Any = None
) -> LabelConfusion:
    """Compare what a task decides from probabilities (items, labels) with targets of 0 and 1.

    They come from `learn.predictions()` or `learn.tta()`; `data` names the labels.

    >>> from tenfold.train.task import multi_label
    >>> chances, truth = torch.tensor([[0.9, 0.2]]), torch.tensor([[1, 1]])
    >>> label_confusion(chances, truth, task=multi_label(2)).counts("misses")
    [0, 1]
    """
    said, names = task.decode(probabilities), class_names(data, task)
    return LabelConfusion(targets > 0.5, said, probabilities, names, data)
