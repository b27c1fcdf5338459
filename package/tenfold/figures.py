"""One quiet style for every picture: readable on white and on black, without pyplot."""

from __future__ import annotations

import base64
import functools
import io
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "GREY", "Picture", "Told", "new_figure", "png", "showable"]

# told apart by people with any colour vision and on both backgrounds (Okabe & Ito 2008)
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
GREY = "#808080"

PIXELS_PER_INCH = 100
# screens with a high resolution show two pixels where the page counts one
SHARPNESS = 2


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


class Picture:
    """A figure with the words that stand for it where pictures do not show."""

    def __init__(self, figure: Figure, *, words: str) -> None:
        self.figure, self.words = figure, words

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        data, metadata = png(self.figure)
        words = {"text/plain": self.words, "image/png": base64.b64encode(data).decode()}
        return words, {"image/png": {**metadata, "alt": self.words}}


class Told(Picture):
    """The same as HTML: JupyterLab reads the words of such a picture out, of a bare PNG none."""

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        data, size = png(self.figure)
        source = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        shown = (
            f'<img alt="{escape(self.words)}" width="{size["width"]}" height="{size["height"]}" '
            f'style="max-width:100%;height:auto" src="{source}">'
        )
        return {"text/plain": self.words, "text/html": shown}, {}


def png(figure: Figure) -> tuple[bytes, dict[str, int]]:
    """The picture of a figure, and the width and height at which a page shows it."""
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=PIXELS_PER_INCH * SHARPNESS)
    width, height = (round(side * PIXELS_PER_INCH) for side in figure.get_size_inches())
    return written.getvalue(), {"width": width, "height": height}
