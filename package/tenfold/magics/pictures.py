"""Figures on a page without pyplot: a PNG at twice the size, with words for who cannot see it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture"]

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


def png(figure: Figure) -> tuple[bytes, dict[str, int]]:
    """The picture of a figure, and the width and height at which a page shows it."""
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=PIXELS_PER_INCH * SHARPNESS)
    width, height = (round(side * PIXELS_PER_INCH) for side in figure.get_size_inches())
    return written.getvalue(), {"width": width, "height": height}
