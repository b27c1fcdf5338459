"""Items of a validation set by number: how many were asked for, and their pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.data.overlays import draw_overlays
from tenfold.errors import DataError, SettingError
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["check_count", "class_names", "draw_items", "draw_masks", "has_pictures", "item_words"]

# characters on a line that fit above one picture, and lines that leave room for it
TITLE, LINES = 24, 4


def check_count(n: object) -> None:
    """Refuse a number of items that is none."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise SettingError(f"n={n!r} was given; allowed is 1 and above; try 9")


def class_names(data: Any, task: Task) -> list[str]:
    """The classes as the data names them, else their numbers."""
    return [str(name) for name in getattr(data, "classes", None) or range(task.outputs)]


def has_pictures(data: Any) -> bool:
    """Whether the items of this data can be shown."""
    return hasattr(data, "show_items")


def item_words(data: Any, items: Sequence[int]) -> dict[str, list[str]]:
    """What the validation items hold, in words by column: those of tables and of ratings.

    >>> item_words(None, [3, 5])
    {}
    """
    told = getattr(data, "item_words", None)
    return told(items) if told is not None else {}


def draw_items(data: Any, items: Sequence[int], titles: Sequence[str]) -> Figure:
    """The validation pictures `items` of an ImageData, each under its title."""
    if not has_pictures(data):
        raise DataError(
            f"this data is {type(data).__name__}, which has no pictures to show; an ImageData "
            "has; print the result instead"
        )
    above = [textwrap.fill(title, TITLE, max_lines=LINES, placeholder=" …") for title in titles]
    return data.show_items(items, above)


def draw_masks(data: Any, items: Sequence[int], predicted: Tensor, titles: Sequence[str]) -> Figure:
    """Each item as its picture, under its own mask, and under the predicted one.

    More than three items stand two in a row: one tall column would be shown too small to judge.
    """
    pictures, masks = data.items(items)
    rows = list(zip(pictures.cpu(), masks.cpu(), predicted, titles, strict=True))
    return draw_overlays(
        torch.stack([picture for picture, *_ in rows for _ in range(3)]),
        [mask for _, target, found, _ in rows for mask in (None, target, found)],
        [title for *_, title in rows for title in (title, "target", "prediction")],
        classes=data.classes,
        ignore=data.ignore,
        columns=3 if len(rows) <= 3 else 6,
        side=2.0 if len(rows) <= 3 else 1.6,
    )
