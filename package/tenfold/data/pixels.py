"""Arrays and tensors as pictures: any order of axes, any kind of number, as uint8 RGB."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.errors import DataError

__all__ = ["as_pictures", "on_white"]


def as_pictures(array: Any, *, name: str) -> Tensor:
    """Pictures as uint8 (N, 3, H, W) from (N, H, W), (N, H, W, C) or (N, C, H, W).

    uint8, whole numbers from 0 to 255, or floats in [0, 1], which are rounded to 256 steps.
    With 1 channel grey, with 3 RGB, with 4 RGB and alpha, put on white. Where both orders fit,
    channels are last in arrays and first in tensors. `name` is what messages call them.
    """
    pictures = _in_bytes(_as_tensor(array, name), name)
    first = isinstance(array, Tensor)
    if pictures.ndim == 3:
        pictures = pictures[:, None]
    elif pictures.ndim != 4 or not {pictures.shape[1], pictures.shape[3]} & {1, 3, 4}:
        raise DataError(
            f"{name} has shape {tuple(pictures.shape)}; allowed are (N, H, W), (N, H, W, C) and "
            "(N, C, H, W) with 1, 3 or 4 channels; change the order of the axes"
        )
    elif pictures.shape[3] in (1, 3, 4) and not (first and pictures.shape[1] in (1, 3, 4)):
        pictures = pictures.permute(0, 3, 1, 2)
    if pictures.shape[1] == 4:
        return on_white(pictures)
    return pictures.expand(-1, 3, -1, -1).contiguous()


def _as_tensor(array: Any, name: str) -> Tensor:
    if isinstance(array, Tensor):
        return array.detach()
    values = np.asarray(array)
    if values.dtype.kind not in "uif":
        raise DataError(
            f"{name} holds {values.dtype}; allowed are uint8 and floats from 0 to 1; give one "
            "array in which all pictures have the same size"
        )
    if values.dtype.kind in "ui" and values.dtype != np.uint8:
        values = values.astype(np.int64)  # torch cannot compare its wider unsigned types
    # torch warns about memory that it must not write to
    return torch.from_numpy(np.require(values, requirements=["C", "W"]))


def _in_bytes(pictures: Tensor, name: str) -> Tensor:
    if pictures.dtype == torch.uint8:
        return pictures
    high = 1 if pictures.is_floating_point() else 255
    low, top = (float(x) for x in pictures.aminmax()) if pictures.numel() else (0.0, 0.0)
    if not (low >= 0 and top <= high):  # also true for NaN
        raise DataError(
            f"{name} holds {pictures.dtype} from {low:g} to {top:g}; allowed are uint8 and floats "
            "from 0 to 1; scale the values, and leave normalising to the model"
        )
    scale = 255 if pictures.is_floating_point() else 1
    return (pictures * scale).round().to(torch.uint8)


def on_white(pictures: Tensor) -> Tensor:
    """uint8 RGB and alpha (…, 4, H, W) as RGB (…, 3, H, W): what is transparent turns white."""
    colour, alpha = pictures[..., :3, :, :].int(), pictures[..., 3:, :, :].int()
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).to(torch.uint8)
