"""Pictures in a grid, as the network sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tenfold.figures import GREY, showable
from tenfold.text import listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["beside", "draw_pictures", "title_of"]

GAP = 0.04  # of a picture's width


def draw_pictures(
    pictures: Tensor, titles: list[str], *, side: float = 1.6, columns: int | None = None
) -> Figure:
    """A figure with a grid of pictures (N, 3 or 4, h, w), floats in [0, 1], under their titles.

    `side` is the width of one picture in inches; without `columns` the grid is a square. The
    ground is transparent and the words are grey, for light and dark pages. pyplot is left alone:
    it is not safe in threads.
    """
    from matplotlib.figure import Figure

    columns = columns or math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    height = side * pictures.shape[-2] / pictures.shape[-1] + 0.25
    figure = Figure(figsize=(side * columns, height * rows), layout="constrained", facecolor="none")
    grid = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in grid:
        axes.set_axis_off()
    for axes, picture, title in zip(grid, pictures, titles, strict=False):
        axes.imshow(picture.permute(1, 2, 0).clamp(0, 1).cpu().numpy(), interpolation="nearest")
        # a name is words: two dollar signs in it are no formula
        axes.set_title(title, fontsize=9, color=GREY, parse_math=False)
    return showable(figure)


def title_of(target: Tensor, classes: Sequence[str]) -> str:
    """The label of a picture: its class, or the classes that it has.

    >>> import torch
    >>> title_of(torch.tensor([1.0, 0.0, 1.0]), ["cat", "cow", "dog"])
    'cat and dog'
    """
    if target.ndim == 0:
        return classes[int(target)]
    return listed(classes[number] for number in target.nonzero().flatten().tolist())


def beside(*rows: Tensor) -> Tensor:
    """Pictures (N, 3, h, w) of each row side by side, RGB and alpha, with nothing between them.

    >>> beside(torch.zeros(2, 3, 50, 50), torch.zeros(2, 3, 50, 50)).shape
    torch.Size([2, 4, 50, 102])
    """
    pictures, height, width = len(rows[0]), *rows[0].shape[-2:]
    opaque = rows[0].new_ones(pictures, 1, height, width)
    gap = rows[0].new_zeros(pictures, 4, height, max(1, round(width * GAP)))
    parts = [torch.cat([row, opaque], 1) for row in rows]
    return torch.cat([parts[0], *[part for one in parts[1:] for part in (gap, one)]], -1)
