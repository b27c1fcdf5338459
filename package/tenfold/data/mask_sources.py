"""Where masks come from: the pictures of each split, and which mask belongs to each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.cache import kept_store, store_path
from tenfold.data.mask_files import (
    MasksLike,
    as_masks,
    fitted_mask,
    mask_files,
    picture_files,
    read_masks,
)
from tenfold.data.pixels import as_pictures
from tenfold.data.settings import Settings
from tenfold.data.sources import Source, Sources, described
from tenfold.data.split import check_share
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["MaskSources", "mask_sources", "masks_of"]

# masks that are looked at together: all of them may be more than memory holds
PIECE = 256
SIDE = 128
MOST_CLASSES = 255


@dataclass(frozen=True)
class MaskSources:
    """Two splits of pictures, whose targets are numbers in `masks`: files, or uint8 (N, H, W)."""

    pictures: Sources
    masks: list[Path] | Tensor
    classes: list[str]

    def fingerprint(self) -> str:
        """A key of the content: names, sizes and times of files or bytes of arrays, and splits."""
        if isinstance(self.masks, Tensor):
            told = self.masks.numpy().tobytes()
        else:
            told = described(self.masks, None).encode()
        return f"{self.pictures.fingerprint()}-{hashlib.blake2b(told, digest_size=8).hexdigest()}"

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width of arrays; of files, which have any, the usual size."""
        if isinstance(self.masks, Tensor):
            return int(self.masks.shape[1]), int(self.masks.shape[2])
        return SIDE, SIDE


def mask_sources(
    images: Any,
    masks: MasksLike,
    *,
    classes: Sequence[str],
    valid: float | Sequence[Any],
    seed: int,
) -> MaskSources:
    """Pair pictures with masks and split them; see MaskData.from_masks."""
    names = [str(name) for name in classes]
    if isinstance(classes, str) or not 2 <= len(names) <= MOST_CLASSES:
        raise DataError(
            f"classes={classes!r:.60} was given; allowed is a list of 2 to {MOST_CLASSES} names; "
            "name each number that a mask holds, from 0"
        )
    if hasattr(images, "shape"):
        whole = Source(as_pictures(images, name="images"), torch.arange(len(images)))
        arrays = as_masks(masks)
        _check_arrays(whole, arrays)
        paired: list[Path] | Tensor = arrays
    else:
        files = picture_files(images)
        whole = Source(tuple(files), torch.arange(len(files)))
        paired = mask_files(masks, files)
    held = _held(valid, whole, seed=seed)
    train, checks = (whole.rows(rows.nonzero().flatten()) for rows in (~held, held))
    return MaskSources(Sources(train, checks, None, []), paired, names)


def masks_of(
    sources: MaskSources, splits: Sequence[Source], settings: Settings, *, ignore: int
) -> list[Tensor]:
    """The masks of each split at one size, uint8 (n, h, w).

    Files that with their pictures would take more than the memory are read into a mapped file.
    Raises DataError for classes that are not known.
    """
    numbers = torch.cat([split.targets for split in splits if split.targets is not None]).tolist()
    if isinstance(sources.masks, Tensor):
        names = [f"number {number}" for number in numbers]
        masks = torch.stack(
            [fitted_mask(sources.masks[number], settings.sides) for number in numbers]
        )
    else:
        files = [sources.masks[number] for number in numbers]
        names = [file.name for file in files]
        masks = _read(files, [file for split in splits for file in split.files], settings)
    for start in range(0, len(masks), PIECE):
        piece = slice(start, start + PIECE)
        _check_classes(masks[piece], names[piece], sources.classes, ignore=ignore)
    return list(masks.split([len(split) for split in splits]))


def _read(files: list[Path], pictures: list[Path], settings: Settings) -> Tensor:
    shape = (len(files), *settings.sides)

    def fill(rows: Tensor, good: Tensor) -> None:
        read_masks(files, pictures, rows)
        good.fill_(1)

    # a picture has three channels beside the one of its mask
    if 4 * torch.Size(shape).numel() > settings.memory_limit:
        path = store_path([*files, *pictures], None, settings.sides, kind="masks")
        return kept_store(path, shape, fill)
    rows = torch.empty(shape, dtype=torch.uint8)
    fill(rows, torch.empty(len(files), dtype=torch.uint8))
    return rows


def _check_classes(masks: Tensor, names: list[str], classes: list[str], *, ignore: int) -> None:
    beyond = (masks >= len(classes)) & (masks != ignore)
    if beyond.any():
        first = int(beyond.flatten(1).any(1).nonzero()[0, 0])
        values = masks[first][beyond[first]].unique().tolist()
        raise DataError(
            f"the mask {names[first]} holds {listed(values, most=3)}; allowed is 0 to "
            f"{len(classes) - 1} for {counted(len(classes), 'class')}, and {ignore} for pixels "
            "that do not count; name every class, or number the masks from 0"
        )


def _check_arrays(whole: Source, masks: Tensor) -> None:
    assert isinstance(whole.pictures, Tensor)
    if len(whole) != len(masks):
        raise DataError(
            f"{counted(len(whole), 'picture')} came with {counted(len(masks), 'mask')}; each "
            "picture needs one; check how they were cut"
        )
    if whole.pictures.shape[2:] != masks.shape[1:]:
        given = [" x ".join(map(str, rows.shape[-2:])) for rows in (masks, whole.pictures)]
        raise DataError(
            f"masks of {given[0]} pixels came with pictures of {given[1]}; each pixel needs its "
            "own; make them alike"
        )


def _held(valid: float | Sequence[Any], whole: Source, *, seed: int) -> Tensor:
    """Which items validate (N,): a share by chance, those named, or those marked."""
    if isinstance(valid, int | float):
        check_share(valid)
        order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(seed))
        held = torch.zeros(len(whole), dtype=torch.bool)
        held[order[: max(1, round(len(whole) * valid))]] = True
    else:
        held = _named(valid, whole)
    if held.all() or not held.any():
        raise DataError(
            f"{int(held.sum()):,} of {counted(len(whole), 'picture')} would validate; allowed is "
            "at least one and not all; check valid="
        )
    return held


def _named(valid: Sequence[Any], whole: Source) -> Tensor:
    given = np.asarray(valid)
    if given.dtype == bool and given.shape == (len(whole),):
        return torch.from_numpy(given.copy())
    words = given.flatten().tolist() if given.dtype.kind in "UO" else []
    names = {Path(str(name)).name for name in words}
    held = [file.name in names or file.stem in names for file in whole.files]
    known = {name for file in whole.files for name in (file.name, file.stem)}
    strange = listed(sorted(names - known), most=3)
    if strange or not names:
        raise DataError(
            f"valid has {counted(given.size, 'entry')} for {counted(len(whole), 'picture')}"
            f"{f', and no picture is named {strange}' if strange else ''}; allowed "
            "is a share, the names of files that validate, or True and False for each picture"
        )
    return torch.tensor(held)
