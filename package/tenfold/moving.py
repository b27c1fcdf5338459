"""Pictures that move, where motion explains: played once, still for who wants no motion."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.figures import PIXELS_PER_INCH, Picture, png

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from PIL.Image import Image

__all__ = ["Moving", "frames"]

# as many as lines on a quiet ground need: a tenth of the bytes of all colours
PALETTE = 128
# Pillow finds the colour of a pixel to the nearest 4 of 256
NEARLY_WHITE = 248
# dots for each dot of a page: sharp enough while it moves
SHARPNESS = 1.5


class Moving(Picture):
    """A figure, and the frames that led to it.

    `figure` is the picture at rest. A page shows the frames once, as a GIF on white, and stays at
    the last one; a reader whose system asks for reduced motion sees the figure alone.
    """

    def __init__(
        self, figure: Figure, shown: Sequence[Image], *, words: str, seconds: float = 4.0
    ) -> None:
        super().__init__(figure, words=words)
        self.frames, self.seconds = list(shown), seconds

    def gif(self) -> bytes:
        """The frames as a GIF that plays once, in `seconds`; it needs no script."""
        from PIL.Image import Dither

        # one palette for all, and no dither, so that only what moved differs between frames
        palette = _palette(self.frames[-1])
        first, *rest = [
            frame.quantize(palette=palette, dither=Dither.NONE) for frame in self.frames
        ]
        file, each = io.BytesIO(), round(1000 * self.seconds / len(self.frames))
        first.save(file, format="GIF", save_all=True, append_images=rest, duration=each)
        return file.getvalue()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        still, size = png(self.figure)
        calm, moving = _inline(_fewer_colours(still), "png"), _inline(self.gif(), "gif")
        shown = (
            f'<picture><source media="(prefers-reduced-motion: reduce)" srcset="{calm}">'
            f'<img alt="{escape(self.words)}" width="{size["width"]}" height="{size["height"]}" '
            f'style="max-width:100%;height:auto" src="{moving}"></picture>'
        )
        return {"text/plain": self.words, "text/html": shown}, {}


def _palette(frame: Image) -> Image:
    """The colours of a frame; what is all but white is white, or the ground would be a grey box."""
    small = frame.quantize(PALETTE)
    colours = np.reshape(small.getpalette() or [], (-1, 3))
    colours[(colours >= NEARLY_WHITE).all(axis=1)] = 255
    small.putpalette(colours.flatten().tolist())
    return small


def _inline(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _fewer_colours(data: bytes) -> bytes:
    """The same PNG, transparent ground included, in a palette."""
    from PIL import Image

    file = io.BytesIO()
    small = Image.open(io.BytesIO(data)).quantize(PALETTE, method=Image.Quantize.FASTOCTREE)
    small.save(file, format="PNG", optimize=True)
    return file.getvalue()


def frames(
    figure: Figure, moved: Sequence[Artist], *, steps: Sequence[int], put: Callable[[int], None]
) -> list[Image]:
    """One image for each of `steps`: `put(step)` brings the artists in `moved` there.

    What does not move is drawn once. The artists are afterwards where the last step put them.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    before = figure.dpi, figure.get_facecolor()
    figure.set(dpi=PIXELS_PER_INCH * SHARPNESS, facecolor="white")  # a GIF has no soft edges
    canvas = FigureCanvasAgg(figure)
    for artist in moved:
        artist.set_animated(True)
    canvas.draw()
    ground = canvas.copy_from_bbox(figure.bbox)
    shown = []
    for step in steps:
        canvas.restore_region(ground)
        put(step)
        for artist in moved:
            figure.draw_artist(artist)
        shown.append(Image.fromarray(np.array(canvas.buffer_rgba())).convert("RGB"))
    for artist in moved:
        artist.set_animated(False)
    figure.set(dpi=before[0], facecolor=before[1])
    return shown
