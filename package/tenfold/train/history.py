"""What happened: a row for each epoch, and the loss and rates of every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import SettingError
from tenfold.text import cell, did_you_mean, escape, listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

__all__ = ["History"]

Row = dict[str, Any]


@dataclass
class History:
    """Rows by epoch, and losses and rates by step, over every fit of a learner.

    `losses` has shape (steps,) and `rates` (steps, layer groups); `marks` are (step, words) for
    what a person did on the way.
    """

    rows: list[Row] = field(default_factory=list)
    losses: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    rates: np.ndarray = field(default_factory=lambda: np.zeros((0, 1), np.float64))
    marks: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def steps(self) -> int:
        """How many training steps there have been."""
        return len(self.losses)

    def add_steps(self, losses: np.ndarray, rates: np.ndarray) -> None:
        """Append the losses and rates of some steps."""
        self.losses = np.concatenate([self.losses, losses.astype(np.float32)])
        if self.rates.shape[1] != rates.shape[1]:
            self.rates = np.zeros((len(self.rates), rates.shape[1])) + self.rates[:, -1:]
        self.rates = np.concatenate([self.rates, rates])

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
        steps = range(1, self.steps + 1)
        axes.plot(steps, smoothed(self.losses), linewidth=1, label="training, smoothed")
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
        distinct = [tuple(column) for column in self.rates.T]
        for group, column in enumerate(self.rates.T):
            if distinct.index(tuple(column)) == group:
                axes.plot(range(1, len(column) + 1), column, linewidth=1.4, label=f"group {group}")
        axes.set(xlabel="step", ylabel="learning rate")
        if len(set(distinct)) > 1:
            axes.set_yscale("log")
            axes.legend(frameon=False, labelcolor="#808080")
        return figure


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
