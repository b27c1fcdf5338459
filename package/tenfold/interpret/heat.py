"""A matrix of counts as a figure that reads on white and on black."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from tenfold.figures import COLOURS, GREY, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_matrix", "shades"]

# from a share of nearly nothing to the whole class; both ends show on any page
RIGHT = ("#C9DFEE", COLOURS[0])
WRONG = ("#F8DFC3", COLOURS[5])
# names that are nearer to each other than this cannot be read
MOST_NAMES = 60
# the width of a letter for each point of its size
INCHES = 0.0083
# a longer name is cut: it would leave no room for the cells
LONG = 40


def draw_matrix(counts: Tensor, classes: Sequence[str], *, numbers: bool) -> Figure:
    """Counts (actual, predicted) as coloured cells, with their `numbers` if wanted."""
    names = [name if len(name) <= LONG else f"{name[: LONG - 1]}…" for name in classes]
    side, size = (0.5 * len(classes), 9) if numbers else (min(0.2 * len(classes), 10), 6)
    margin = max(map(len, names)) * size * INCHES + 0.4
    figure, axes = new_figure(width=side + margin, height=side + margin)
    colours = shades(counts.numpy())
    axes.imshow(colours, interpolation="nearest")
    axes.set(xlabel="predicted", ylabel="actual")
    axes.spines[:].set_visible(False)
    _name(axes, names, size=size, upright=numbers and max(map(len, names)) <= 5)
    if numbers:
        for (row, column), count in np.ndenumerate(counts.numpy()):
            ink = ink_on(colours[row, column]) if count else GREY
            words = f"{count:,}"
            axes.text(column, row, words, color=ink, size=8, ha="center", va="center")
    return figure


def shades(counts: np.ndarray) -> np.ndarray:
    """A colour (classes, classes, 4) for each count: none for 0, else by its share of the row."""
    from matplotlib.colors import to_rgba

    totals = counts.sum(1, keepdims=True).clip(1)
    # the root, because most mistakes are a small share and should differ all the same
    share = np.sqrt(counts / totals)[..., None]
    ends = [[np.array(to_rgba(end)) for end in pair] for pair in (RIGHT, WRONG)]
    right, wrong = (low * (1 - share) + high * share for low, high in ends)
    colours = np.where(np.eye(len(counts), dtype=bool)[..., None], right, wrong)
    colours[counts == 0] = 0
    return colours


def ink_on(colour: np.ndarray) -> str:
    """Black or white, whichever has more contrast with `colour` (WCAG 2.1, section 1.4.3)."""
    return "black" if luminance(colour) > 0.179 else "white"


def luminance(colour: np.ndarray) -> float:
    """The relative luminance of an sRGB colour."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear[:3] @ [0.2126, 0.7152, 0.0722])


def _name(axes: Axes, names: Sequence[str], *, size: int, upright: bool) -> None:
    step = math.ceil(len(names) / MOST_NAMES)
    places, names = range(0, len(names), step), names[::step]
    # a name is words: two dollar signs in it are no formula
    axes.set_xticks(places, names, rotation=0 if upright else 90, parse_math=False)
    axes.set_yticks(places, names, parse_math=False)
    axes.tick_params(length=0, labelsize=size)
