"""What a line adds to the page of a panel: plain values, and a picture as PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tenfold.live.wire import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Facts", "Piece", "png", "view"]

# two dots for each dot of a page, and no side longer than this
DOTS_PER_INCH, LONGEST_SIDE = 200, 1800

Facts = dict[str, Any]


class Piece(NamedTuple):
    """What a line adds to what the page shows: `facts` under `key` of a trait, and its picture.

    A picture that moves has its frames as a GIF beside the one at rest.
    """

    trait: str
    key: str
    facts: Any
    png: bytes | None = None
    gif: bytes | None = None


def view(words: str, picture: str, tables: Mapping[str, list[list[str]]]) -> Facts:
    """Words, what the picture shows in words, and tables by their captions."""
    given = [{"caption": caption, "rows": rows} for caption, rows in tables.items()]
    return plain({"words": words, "picture": picture, "tables": given})


def png(figure: Figure) -> bytes:
    """A figure as PNG on a transparent ground, sharp on every screen."""
    longest = max(map(float, figure.get_size_inches()))
    file = io.BytesIO()
    figure.savefig(
        file, format="png", dpi=min(DOTS_PER_INCH, LONGEST_SIDE / longest), transparent=True
    )
    return file.getvalue()
