"""What happened: a row for each epoch, and the loss and rates of every step."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import SettingError
from tenfold.text import cell, did_you_mean, escape, listed
from tenfold.train.grown import Grown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

__all__ = ["History"]

Row = dict[str, Any]


class History:
    """Rows by epoch, and losses and rates by step, over every fit of a learner.

    `losses` has shape (steps,) and `rates` (steps, layer groups); `marks` are (step, words) for
    what a person did on the way. Steps may be added in one thread and read in others.
    """

    def __init__(
        self,
        *,
        rows: list[Row] | None = None,
        losses: np.ndarray | None = None,
        rates: np.ndarray | None = None,
        marks: list[tuple[int, str]] | None = None,
    ) -> None:
        self.rows: list[Row] = [] if rows is None else rows
        self.marks: list[tuple[int, str]] = [] if marks is None else marks
        self._losses = Grown(np.float32)
        self._stretches: list[Stretch] = []
        if losses is not None and rates is not None:
            self.add_steps(losses, rates)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def steps(self) -> int:
        """How many training steps there have been."""
        return len(self._losses)

    @property
    def losses(self) -> np.ndarray:
        """The loss of every step, float32 (steps,); joined anew at each call."""
        return self._losses.last()

    @property
    def rates(self) -> np.ndarray:
        """The rate of every layer group at every step, float64 (steps, groups); joined anew."""
        steps = self.steps  # first: one thread may be adding more
        return self.tail_rates(sys.maxsize)[:steps]

    def tail(self, count: int) -> np.ndarray:
        """The losses of the last `count` steps, or of all when there are fewer."""
        return self._losses.last(count)

    def tail_rates(self, count: int) -> np.ndarray:
        """The rates of the last `count` steps; earlier steps get the groups of the last ones."""
        if not self._stretches:
            return np.zeros((0, 1))
        stretches, found = list(self._stretches), []
        groups = stretches[-1].groups
        while stretches and count > 0:
            found.append(stretches.pop().last(count, groups=groups))
            count -= len(found[-1])
        return np.concatenate([np.zeros((0, groups)), *reversed(found)])

    def add_steps(
        self, losses: np.ndarray, rates: np.ndarray, *, bases: list[float] | None = None
    ) -> None:
        """Append the losses (n,) and rates (n, groups) of some steps.

        With `bases`, one rate for each group, `rates` are factors (n,) of these: a schedule over
        differential rates then costs one number a step, not one for each group.
        """
        values = np.asarray(rates, np.float64)
        values = values if bases is None else values[:, None]
        wanted = np.ones(values.shape[1]) if bases is None else np.array(bases, np.float64)
        if not self._stretches or not self._stretches[-1].fits(values, wanted):
            self._stretches.append(Stretch(values.shape[1], wanted))
        # rates first: whoever reads meanwhile finds a rate for each loss
        self._stretches[-1].factors.append(values)
        self._losses.append(losses)

    def column(self, name: str) -> list[Any]:
        """One column over the epochs; None where an epoch does not have it.

        >>> History(rows=[{"epoch": 1, "valid_loss": 0.5}]).column("valid_loss")
        [0.5]
        """
        columns = self.columns()
        if name not in columns:
            hint = did_you_mean(name, columns)
            there = listed(columns) or "none: nothing has been trained"
            raise SettingError(f"the column {name!r} was asked for; there are {there}{hint}")
        return [row.get(name) for row in self.rows]

    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def frame(self) -> DataFrame:
        """The rows as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self.rows, columns=self.columns())

    def table(self) -> list[list[str]]:
        """Header and rows as words, for text and HTML alike."""
        columns = self.columns()
        return [columns, *[[cell(name, row.get(name)) for name in columns] for row in self.rows]]

    def __str__(self) -> str:
        cells = self.table()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = (
            "  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True))
            for row in cells
        )
        return "\n".join(lines) if self.rows else "nothing has been trained"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *body = ([escape(word) for word in row] for row in self.table())
        rows = "".join(f"<tr>{''.join(f'<td>{word}</td>' for word in row)}</tr>" for row in body)
        return (
            f"<table><thead><tr>{''.join(f'<th>{word}</th>' for word in head)}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )

    def plot(self) -> Figure:
        """Training loss by step and validation loss by epoch."""
        from tenfold.figures import new_figure

        figure, axes = new_figure()
        losses = self.losses
        steps = range(1, len(losses) + 1)
        axes.plot(steps, smoothed(losses), linewidth=1, label="training, smoothed")
        ends = [row.get("step", 0) for row in self.rows if row.get("valid_loss") is not None]
        values = [row["valid_loss"] for row in self.rows if row.get("valid_loss") is not None]
        axes.plot(ends, values, "o-", label="validation")
        axes.set(xlabel="step", ylabel="loss")
        axes.legend(frameon=False, labelcolor="#808080")
        return figure

    def plot_lr(self) -> Figure:
        """The learning rate of each layer group by step."""
        from tenfold.figures import new_figure

        figure, axes = new_figure()
        rates = self.rates
        distinct = [tuple(column) for column in rates.T]
        for group, column in enumerate(rates.T):
            if distinct.index(tuple(column)) == group:
                axes.plot(range(1, len(column) + 1), column, linewidth=1.4, label=f"group {group}")
        axes.set(xlabel="step", ylabel="learning rate")
        if len(set(distinct)) > 1:
            axes.set_yscale("log")
            axes.legend(frameon=False, labelcolor="#808080")
        return figure


class Stretch:
    """Steps in a row with the same base rates: `factors` (steps, 1 or groups) times `bases`."""

    def __init__(self, width: int, bases: np.ndarray) -> None:
        self.factors = Grown(np.float64, width=width)
        self.bases = bases

    @property
    def groups(self) -> int:
        """How many layer groups there were."""
        return len(self.bases)

    def fits(self, values: np.ndarray, bases: np.ndarray) -> bool:
        """Whether steps with these factors and base rates go on from here."""
        return values.shape[1] == self.factors.width and np.array_equal(bases, self.bases)

    def last(self, count: int, *, groups: int) -> np.ndarray:
        """The last rates; where the groups were others, each gets the rate of the last one."""
        rates = self.factors.last(count) * self.bases
        return rates if groups == self.groups else np.repeat(rates[:, -1:], groups, axis=1)


def smoothed(values: np.ndarray, *, weight: float = 0.98) -> np.ndarray:
    """Exponential moving average with the start corrected (Kingma & Ba 2015, section 3).

    Values that are not numbers are passed over.
    """
    result, average, total = np.empty(len(values)), 0.0, 0.0
    for index, value in enumerate(values):
        if np.isfinite(value):
            average = weight * average + (1 - weight) * float(value)
            total = weight * total + (1 - weight)
        result[index] = average / total if total else np.nan
    return result
