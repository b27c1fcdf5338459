"""One quiet style for every picture: readable on white and on black, without pyplot."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "GREY", "new_figure", "showable"]

# told apart by people with any colour vision and on both backgrounds (Okabe & Ito 2008)
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
GREY = "#808080"


def new_figure(*, width: float = 6, height: float = 3) -> tuple[Figure, Axes]:
    """A figure of `width` by `height` inches with one quiet pair of axes.

    pyplot is left alone: it keeps global state and is not safe in threads.
    """
    from cycler import cycler
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
    axes = figure.subplots()
    quiet(axes)
    axes.set_prop_cycle(cycler(color=COLOURS))
    return showable(figure), axes


def showable(figure: Figure) -> Figure:
    """The figure, able to show itself in any notebook; a bare one needs pyplot for that."""
    figure._repr_png_ = functools.partial(_png, figure)  # type: ignore[attr-defined]
    return figure


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def quiet(axes: Axes) -> None:
    """Give `axes` the style: a transparent ground, mid-grey lines and words, two spines."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=GREY)
    for words in (axes.xaxis.label, axes.yaxis.label, axes.title):
        words.set_color(GREY)
