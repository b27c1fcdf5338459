"""Figures on a page without pyplot: a PNG at twice the size, with words for who cannot see it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from tenfold.text import escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "Told"]

PIXELS_PER_INCH = 100
# screens with a high resolution show two pixels where the page counts one
SHARPNESS = 2


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
