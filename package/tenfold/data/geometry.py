"""Pictures turned, zoomed and moved: one affine map and one resampling for a whole batch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["affine_maps", "mirrored", "quarter_turned", "resample", "resample_masks"]


def affine_maps(angle: Tensor, scale: Tensor, shift: Tensor, *, aspect: float) -> Tensor:
    """Maps (N, 2, 3) from a place in the new picture to its place in the old one.

    Places run from -1 to 1 along x and y. `angle` (N,) is in radians and turns the picture
    clockwise; `scale` (N, 2) is the share of the old picture that is seen along x and y, negative
    to mirror; `shift` (N, 2) is the place that becomes the centre. `aspect` is width / height:
    the turn is made in pixels, so that it shears nothing in a picture that is not square.
    """
    cosine, sine = torch.cos(angle), torch.sin(angle)
    maps = torch.empty(len(angle), 2, 3, device=angle.device)
    maps[:, 0, 0] = cosine * scale[:, 0]
    maps[:, 0, 1] = sine * scale[:, 1] / aspect
    maps[:, 1, 0] = -sine * scale[:, 0] * aspect
    maps[:, 1, 1] = cosine * scale[:, 1]
    maps[:, :, 2] = shift
    return maps


def resample(pictures: Tensor, maps: Tensor) -> Tensor:
    """Float pictures (N, C, H, W) seen through `maps` (N, 2, 3); outside, they are mirrored.

    Equals `affine_grid` and `grid_sample` with reflection padding. The grid is made by
    broadcasting, because `affine_grid` multiplies matrices, which autocast and TF32 would do
    in too few bits for places.
    """
    return F.grid_sample(
        pictures,
        _grid(pictures, maps),
        mode="bilinear",
        padding_mode="reflection",
        align_corners=False,
    )


def resample_masks(masks: Tensor, maps: Tensor, *, ignore: int) -> Tensor:
    """Masks (N, 1, H, W) of whole numbers seen through `maps`; `ignore` where nothing was.

    Each pixel is the nearest one, so that no class is made that was not there.

    >>> twice_as_much = torch.tensor([[[2.0, 0, 0], [0, 2.0, 0]]])
    >>> resample_masks(torch.ones(1, 1, 4, 4), twice_as_much, ignore=9)[0, 0, 1].tolist()
    [9.0, 1.0, 1.0, 9.0]
    """
    # one more than each number: 0 is then what lies outside
    seen = F.grid_sample(
        masks.float() + 1,
        _grid(masks, maps),
        mode="nearest",
        padding_mode="zeros",
        align_corners=False,
    )
    return torch.where(seen > 0, seen - 1, ignore).to(masks.dtype)


def _grid(pictures: Tensor, maps: Tensor) -> Tensor:
    """Where each pixel of the new pictures lies in the old ones: (N, H, W, 2), from -1 to 1."""
    height, width = pictures.shape[-2:]
    x = _centres(width, pictures.device)[None, None, :]
    y = _centres(height, pictures.device)[None, :, None]
    grid = torch.empty(len(pictures), height, width, 2, device=pictures.device)
    for axis in (0, 1):
        along_x, along_y, shift = maps[:, axis, :, None, None].unbind(1)
        grid[..., axis] = along_x * x + (along_y * y + shift)
    return grid


def mirrored(pictures: Tensor, chosen: Tensor) -> Tensor:
    """Left and right swapped where `chosen` (N,) is true, exact to the pixel."""
    return torch.where(chosen[:, None, None, None], pictures.flip(-1), pictures)


def quarter_turned(pictures: Tensor, turns: Tensor) -> Tensor:
    """Square pictures turned clockwise by `turns` (N,) quarters, 0 to 3, exact to the pixel."""
    turns = turns[:, None, None, None]
    pictures = torch.where(turns % 2 == 1, pictures.rot90(-1, (-2, -1)), pictures)
    return torch.where(turns >= 2, pictures.rot90(2, (-2, -1)), pictures)


def _centres(length: int, device: torch.device) -> Tensor:
    """The middles of `length` pixels that share the way from -1 to 1."""
    return (torch.arange(length, device=device) * 2 + 1) / length - 1
