"""Masks over their pictures, a colour for each class, with the names of those in sight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tenfold.figures import GREY, showable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["class_colours", "draw_overlays", "overlaid"]

STRENGTH = 0.55  # of the colour; the rest is the picture
MOST_NAMED = 12
BESIDE_NAME, LETTER = 0.5, 0.07  # inches of the legend: what stands beside a name, and a letter
_TURN = 0.381966  # of the colour circle: the golden section, so that neighbours differ


def class_colours(classes: int) -> Tensor:
    """A colour (classes, 3), RGB in [0, 1], for each class, neighbours far apart.

    >>> class_colours(3).shape
    torch.Size([3, 3])
    """
    from matplotlib.colors import hsv_to_rgb

    number = np.arange(classes)
    shades = np.stack(
        [
            (0.58 + number * _TURN) % 1,
            0.85 - 0.3 * (number // 8 % 2),
            0.95 - 0.15 * (number % 3),
        ],
        axis=1,
    )
    return torch.from_numpy(hsv_to_rgb(shades)).float()


def overlaid(picture: Tensor, mask: Tensor, *, classes: int, ignore: int) -> Tensor:
    """A picture (3, h, w) in [0, 1] under the colours of its mask; grey where nothing counts."""
    mask = mask.cpu().long()
    counts = (mask != ignore) & (mask < classes)
    grey = picture.cpu().mean(0, keepdim=True).expand(3, -1, -1)
    colours = class_colours(classes)[mask.where(counts, 0)].permute(2, 0, 1)
    return torch.where(counts, picture.cpu() * (1 - STRENGTH) + colours * STRENGTH, grey * 0.6)


def draw_overlays(
    pictures: Tensor,
    masks: Sequence[Tensor | None] | Tensor,
    titles: Sequence[str],
    *,
    classes: Sequence[str],
    ignore: int,
    columns: int | None = None,
    side: float = 2.0,
) -> Figure:
    """A figure with a grid of pictures (N, 3, h, w) under their masks (N, h, w), and the colours.

    A picture whose mask is None is shown as it is. `side` is the width of one picture in inches.
    The colours of the classes that cover most are named below.
    """
    from matplotlib.figure import Figure

    columns = columns or math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    height = side * pictures.shape[-2] / pictures.shape[-1] + 0.3
    named = _named(masks, len(classes), ignore)
    # names side by side as far as they fit: what is wider than the figure would be cut off
    longest = max((len(classes[number]) for number in named), default=0)
    across = max(1, int(side * columns / (BESIDE_NAME + LETTER * longest)))
    size = (side * columns, height * rows + 0.25 * math.ceil(len(named) / across))
    figure = Figure(figsize=size, layout="constrained", facecolor="none")
    grid = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in grid:
        axes.set_axis_off()
    for axes, picture, mask, title in zip(grid, pictures, masks, titles, strict=False):
        told = {"classes": len(classes), "ignore": ignore}
        seen = picture.cpu() if mask is None else overlaid(picture, mask, **told)
        axes.imshow(seen.permute(1, 2, 0).clamp(0, 1).numpy(), interpolation="nearest")
        axes.set_title(title, fontsize=8, color=GREY, parse_math=False)
    _legend(figure, named, classes, columns=across)
    return showable(figure)


def _named(masks: Sequence[Tensor | None] | Tensor, classes: int, ignore: int) -> list[int]:
    """The classes in sight that cover most, the largest first."""
    seen = torch.cat([mask.flatten().cpu().long() for mask in masks if mask is not None])
    counts = torch.bincount(seen, minlength=256)
    counts[classes:] = 0
    if ignore < classes:
        counts[ignore] = 0
    order = counts.argsort(descending=True)[:MOST_NAMED]
    return [number for number in order.tolist() if counts[number]]


def _legend(figure: Figure, named: list[int], classes: Sequence[str], *, columns: int) -> None:
    from matplotlib.patches import Patch

    colours = class_colours(len(classes)).numpy()
    patches = [Patch(color=tuple(colours[place]), label=classes[place]) for place in named]
    if patches:
        figure.legend(
            handles=patches,
            loc="outside lower center",
            ncols=columns,
            fontsize=8,
            frameon=False,
            labelcolor=GREY,
            handlelength=1,
        )
