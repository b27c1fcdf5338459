"""Masks of pictures: which file belongs to which, and class numbers for each pixel out of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data.folders import pictures_in
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["MasksLike", "as_masks", "fitted_mask", "mask_files", "picture_files", "read_masks"]

MasksLike: TypeAlias = "str | os.PathLike[str] | Sequence[Any] | Callable[[Path], Any] | Any"

_ONE_CHANNEL = {"1", "L", "P", "I", "I;16", "I;16B", "F"}


def picture_files(images: Any) -> list[Path]:
    """The files of a folder, or of a list of paths. Raises DataError when there is none."""
    if isinstance(images, str | os.PathLike):
        folder = Path(images).expanduser()
        if not folder.is_dir():
            raise DataError(f"there is no folder {folder}; give one with pictures, or their paths")
        files = pictures_in(folder)
    else:
        files = [Path(file).expanduser() for file in images]
    if not files:
        raise DataError(f"{images} holds no picture; give a folder with some, or their paths")
    return files


def mask_files(masks: MasksLike, files: Sequence[Path]) -> list[Path]:
    """The mask of each picture: from a folder by name, from a list, or from a function of its path.

    In a folder the mask of a.jpg is the file whose name without suffix is "a", or begins with it
    as "a_P.png" and "a-mask.png" do. Raises DataError for pictures without one.
    """
    if callable(masks):
        found: list[Path | None] = [Path(masks(file)) for file in files]
    elif isinstance(masks, str | os.PathLike):
        found = _by_name(Path(masks).expanduser(), files)
    else:
        found = [Path(file).expanduser() for file in masks]
        if len(found) != len(files):
            raise DataError(
                f"{counted(len(files), 'picture')} came with {counted(len(found), 'mask')}; each "
                "picture needs one; give a mask for each, or the folder that holds them"
            )
    pairs = zip(files, found, strict=True)
    without = [file.name for file, mask in pairs if mask is None or not mask.is_file()]
    if without:
        raise DataError(
            f"{counted(len(without), 'picture')} of {len(files):,} without a mask: "
            f"{listed(without, most=3)}; a mask is named as its picture, or give a function of "
            "its path: masks=lambda path: folder / f'{path.stem}_mask.png'"
        )
    return [mask for mask in found if mask is not None]


def _by_name(folder: Path, files: Sequence[Path]) -> list[Path | None]:
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder} with masks; check the path")
    masks = {mask.stem: mask for mask in pictures_in(folder)}
    return [masks.get(_own_name(file.stem, masks)) for file in files]


def _own_name(stem: str, names: Any) -> str:
    """The name itself, or the shortest that goes on after it with a sign, as "a_P" after "a"."""
    longer = [
        name
        for name in names
        if name.startswith(stem) and name[len(stem) : len(stem) + 1] in "_-. "
    ]
    return stem if stem in names else min(longer, key=len, default="")


def as_masks(array: Any) -> Tensor:
    """Masks as uint8 (N, h, w), from an array or a tensor of whole numbers, 0 to 255."""
    # a copy: torch warns about memory that it must not write to, as Pillow's
    values = array if isinstance(array, Tensor) else torch.from_numpy(np.array(array))
    if values.ndim == 4 and 1 in (values.shape[1], values.shape[3]):
        values = values.squeeze(1 if values.shape[1] == 1 else 3)
    whole = not values.is_floating_point() or bool((values == values.floor()).all())
    if values.ndim != 3 or not whole:
        raise DataError(
            f"masks of {values.dtype} and shape {tuple(values.shape)} were given; allowed are "
            "class numbers for each pixel, (N, h, w); take the argmax of probabilities first"
        )
    if values.numel() and not 0 <= int(values.min()) <= int(values.max()) <= 255:
        raise DataError(
            f"masks hold {int(values.min())} to {int(values.max())}; allowed is 0 to 255; number "
            "the classes from 0"
        )
    return values.to(torch.uint8)


def read_masks(files: Sequence[Path], pictures: Sequence[Path] | None, rows: Tensor) -> None:
    """Fill `rows`, uint8 (N, h, w), with masks, fitted as pictures are: the nearest pixel of each.

    Raises DataError for a mask in colour, for one that is not as large as its picture, and for
    one that cannot be read.
    """
    height, width = rows.shape[-2:]
    for row, file in enumerate(files):
        mask = _read(file)
        if pictures is not None:
            _check_size(file, mask, pictures[row])
        rows[row] = fitted_mask(mask, (height, width))


def _read(file: Path) -> Tensor:
    from PIL import Image

    try:
        with Image.open(file) as image:
            mode, values = image.mode, np.asarray(image)
    except Exception as error:  # Pillow's readers raise OSError, SyntaxError, struct.error, …
        raise DataError(
            f"the mask {file} cannot be read ({type(error).__name__}); replace it by a whole PNG"
        ) from error
    if mode not in _ONE_CHANNEL:
        raise DataError(
            f"the mask {file} is in colour ({mode}); allowed is one channel that holds class "
            "numbers; turn each colour into the number of its class first"
        )
    return as_masks(values[None])[0]


def _check_size(file: Path, mask: Tensor, picture: Path) -> None:
    from PIL import Image

    with Image.open(picture) as image:
        width, height = image.size
    if tuple(mask.shape) not in {(height, width), (width, height)}:
        raise DataError(
            f"the mask {file.name} has {mask.shape[0]} x {mask.shape[1]} pixels and its picture "
            f"{picture.name} {height} x {width}; each pixel needs its own; make them alike"
        )


def fitted_mask(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """A uint8 mask (H, W) at `size`, by nearest neighbour: `fitted` does the same to a picture.

    >>> fitted_mask(torch.tensor([[0, 7], [3, 0]], dtype=torch.uint8), (4, 4))[0].tolist()
    [0, 0, 7, 7]
    """
    height, width = size
    old_height, old_width = mask.shape
    if (old_height, old_width) == (height, width):
        return mask
    scale = max(height / old_height, width / old_width)
    between = max(height, round(old_height * scale)), max(width, round(old_width * scale))
    mask = F.interpolate(mask[None, None].float(), size=between, mode="nearest-exact")[0, 0]
    top, left = (between[0] - height) // 2, (between[1] - width) // 2
    return mask[top : top + height, left : left + width].to(torch.uint8)
