"""Parallel coordinates: an axis for each setting and one for the score, a line for each trial.

Inselberg 1985, "The plane with parallel coordinates".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenfold.errors import StateError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.text import counted
from tenfold.trials.ranges import Choice, Range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Parallel"]

# the part of the trials that is drawn in colour
_BEST = 0.2


@dataclass(frozen=True, eq=False, repr=False)
class Parallel:
    """Trials as lines: `rows` have a value for each name, the score last.

    >>> Parallel(("lr", "rmse"), (Range(0.0, 1.0),), ((0.5, 0.9), (0.2, 0.7)), lower=True)
    2 trials as lines through lr and rmse
    """

    names: tuple[str, ...]
    ranges: tuple[Range | Choice, ...]
    rows: tuple[tuple[Any, ...], ...]
    lower: bool = True

    def __repr__(self) -> str:
        return f"{counted(len(self.rows), 'trial')} as lines through {' and '.join(self.names)}"

    def heights(self) -> list[list[float]]:
        """Where each line crosses each axis, from 0 at its foot to 1 at its top.

        The axis of a setting has its whole range, that of the score what there is of scores.
        """
        scores = [row[-1] for row in self.rows]
        low, spread = min(scores), (max(scores) - min(scores)) or 1.0
        found = []
        for row in self.rows:
            places = []
            for one, value in zip(self.ranges, row[:-1], strict=True):
                foot, top = ends_of(one)
                places.append((one.place(value) - foot) / (top - foot))
            found.append([*places, (row[-1] - low) / spread])
        return found

    def plot(self) -> Figure:
        """The lines; the best fifth in colour, before the others."""
        if not self.rows:
            raise StateError("no trial has a score, so there is no line to draw; search first")
        figure, axes = new_figure(width=max(5.0, 1.5 * len(self.names)), height=3.5)
        order = sorted(range(len(self.rows)), key=lambda row: self.rows[row][-1])
        order = order if self.lower else order[::-1]
        first = set(order[: max(1, round(_BEST * len(order)))])
        heights = self.heights()
        for row in reversed(order):
            colour, alpha = (COLOURS[0], 0.9) if row in first else (GREY, 0.3)
            axes.plot(heights[row], linewidth=1, color=colour, alpha=alpha)
        for place in range(len(self.names)):
            axes.axvline(place, color=GREY, linewidth=0.5)
            for height, word in self._marks(place):
                axes.annotate(
                    word, (place, height), xytext=(3, 0), textcoords="offset points", fontsize=7,
                    color=GREY,
                )  # fmt: skip
        axes.set_xticks(range(len(self.names)), self.names)
        axes.set_yticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        return figure

    def _marks(self, place: int) -> list[tuple[float, str]]:
        """What stands beside an axis: its ends, or every choice."""
        if place == len(self.ranges):
            scores = [row[-1] for row in self.rows]
            return [(0.0, f"{min(scores):.3g}"), (1.0, f"{max(scores):.3g}")]
        one = self.ranges[place]
        if isinstance(one, Choice):
            top = len(one.values) - 1
            return [(number / top, str(value)) for number, value in enumerate(one.values)]
        return [(0.0, f"{one.low:g}"), (1.0, f"{one.high:g}")]


def ends_of(one: Range | Choice) -> tuple[float, float]:
    """The places of the two ends of a range."""
    if isinstance(one, Choice):
        return 0.0, float(len(one.values) - 1)
    return one.place(one.low), one.place(one.high)
