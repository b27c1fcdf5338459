"""Where pairs of pictures come from: two folders, two lists of files, or two arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tenfold.data.cache import kept_store, store_path
from tenfold.data.decode import fitted
from tenfold.data.folders import pictures_in
from tenfold.data.loading import decode_files
from tenfold.data.pixels import as_pictures
from tenfold.data.settings import Settings
from tenfold.data.split import check_share, stratified_split
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["PairSource", "pair_sources", "read_pairs"]

Pictures: TypeAlias = "tuple[Path, ...] | Tensor"
# sides that were divided by a factor and rounded differ by so much
_ROUNDED = 0.03


@dataclass(frozen=True)
class PairSource:
    """One split: what the model gets and what it should give, each files or uint8 (N, 3, h, w)."""

    inputs: Pictures
    targets: Pictures

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def files(self) -> list[Path]:
        """The files of the inputs; none when they came as arrays."""
        return [] if isinstance(self.inputs, Tensor) else list(self.inputs)

    def rows(self, numbers: Tensor) -> PairSource:
        """The pairs with these numbers, in this order."""
        return PairSource(_rows(self.inputs, numbers), _rows(self.targets, numbers))

    def sides(self, side: str) -> list[tuple[int, int]]:
        """Height and width of every input, or target, as it came."""
        pictures: Pictures = getattr(self, side)
        if isinstance(pictures, Tensor):
            return [(int(pictures.shape[2]), int(pictures.shape[3]))]
        return [_size(file) for file in pictures]


def read_pairs(
    splits: Sequence[PairSource], settings: Settings
) -> tuple[list[tuple[Tensor, Tensor]], str]:
    """Inputs and targets of each split at one size, uint8 (n, 3, h, w) each, and where they are.

    Files that would take more than the memory are decoded into a mapped file. Raises DataError
    for what cannot be read, and for arrays that would take more at that size.
    """
    parts = [pictures for split in splits for pictures in (split.inputs, split.targets)]
    files = [file for part in parts if not isinstance(part, Tensor) for file in part]
    lengths = [len(part) for part in parts if not isinstance(part, Tensor)]
    decoded, mapped = _decoded(files, settings)
    read = iter(decoded.split(lengths))
    _check_memory([part for part in parts if isinstance(part, Tensor)], settings)
    sides = settings.sides
    rows = [_fitted(part, sides) if isinstance(part, Tensor) else next(read) for part in parts]
    whole = f"{sum(part.nbytes for part in rows) / 2**20:,.0f} MiB in "
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    return pairs, whole + ("a mapped file" if mapped else "memory")


def _decoded(files: list[Path], settings: Settings) -> tuple[Tensor, bool]:
    """The files at one size, and whether they are in a mapped file, which is used again."""
    shape = (len(files), 3, *settings.sides)

    def fill(rows: Tensor, good: Tensor) -> None:
        bad = decode_files(files, rows, progress=settings.progress)
        if bad:
            named = listed(f"{file} ({reason})" for file, reason in bad.items())
            raise DataError(
                f"{counted(len(bad), 'picture')} cannot be read: {named}; replace them, or take "
                "both pictures of the pair away"
            )
        good.fill_(1)

    if torch.Size(shape).numel() > settings.memory_limit:
        return kept_store(store_path(files, None, settings.sides, kind="pairs"), shape, fill), True
    rows = torch.empty(shape, dtype=torch.uint8)
    fill(rows, torch.empty(len(files), dtype=torch.uint8))
    return rows, False


def _fitted(pictures: Tensor, sides: tuple[int, int]) -> Tensor:
    if tuple(pictures.shape[-2:]) == sides:
        return pictures
    return torch.stack([fitted(picture, sides) for picture in pictures])


def _check_memory(arrays: list[Tensor], settings: Settings) -> None:
    """Refuse arrays that have to be made larger than memory; those of that size take no more."""
    height, width = settings.sides
    resized = [part for part in arrays if tuple(part.shape[-2:]) != (height, width)]
    needed = sum(len(part) * 3 * height * width for part in resized)
    if needed > settings.memory_limit:
        raise DataError(
            f"the pairs at {height}x{width} take {needed / 2**20:,.0f} MiB more; "
            f"{settings.memory_limit / 2**20:,.0f} may be used; give a smaller size, memory=, or "
            "files in place of arrays: they are kept on the disk when they do not fit"
        )


def pair_sources(
    inputs: Any, targets: Any, *, valid: Any, seed: int
) -> tuple[PairSource, PairSource]:
    """Training and validation pairs; `valid` is a share, or the (inputs, targets) to validate."""
    train = _paired(inputs, targets, "")
    if isinstance(valid, tuple | list):
        if len(valid) != 2:
            raise DataError(
                f"valid has {counted(len(valid), 'part')}; allowed is a share, or two: (inputs, "
                "targets); give both"
            )
        return train, _paired(valid[0], valid[1], "validation ")
    check_share(valid)
    numbers = stratified_split(torch.zeros(len(train), dtype=torch.long), valid, seed=seed)
    return train.rows(numbers[0]), train.rows(numbers[1])


def _paired(inputs: Any, targets: Any, split: str) -> PairSource:
    if all(isinstance(side, str | os.PathLike) for side in (inputs, targets)):
        source = _from_folders(Path(inputs).expanduser(), Path(targets).expanduser())
    else:
        source = PairSource(_read(inputs, f"{split}inputs"), _read(targets, f"{split}targets"))
    if len(source.inputs) != len(source.targets) or not len(source):
        raise DataError(
            f"{counted(len(source.inputs), f'{split}input')} came with "
            f"{counted(len(source.targets), f'{split}target')}; each input needs the picture that "
            "it should become; check how they were put together"
        )
    _check_shapes(source)
    return source


def _from_folders(inputs: Path, targets: Path) -> PairSource:
    """Files of the same name below two folders; what comes after the point may differ."""
    known = [_named(folder) for folder in (inputs, targets)]
    alone = sorted(known[0].keys() ^ known[1].keys())
    if alone:
        raise DataError(
            f"{counted(len(alone), 'picture')} of {inputs} and {targets} without a partner: "
            f"{listed(alone)}; both pictures of a pair have the same name; rename or remove them"
        )
    names = sorted(known[0])
    return PairSource(*(tuple(files[name] for name in names) for files in known))


def _named(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DataError(
            f"there is no folder {folder}; give two folders with pictures of the same names"
        )
    return {str(file.relative_to(folder).with_suffix("")): file for file in pictures_in(folder)}


def _read(pictures: Any, name: str) -> Pictures:
    if isinstance(pictures, np.ndarray | Tensor):
        return as_pictures(pictures, name=name)
    if isinstance(pictures, Sequence) and all(
        isinstance(file, str | os.PathLike) for file in pictures
    ):
        return tuple(Path(file).expanduser() for file in pictures)
    raise DataError(
        f"a {type(pictures).__name__} was given as {name}; allowed are two folders, two lists of "
        "files, or two arrays of pictures; give inputs and targets in the same form"
    )


def _check_shapes(source: PairSource) -> None:
    """Refuse pairs of other proportions: fitted to one size they would not lie on each other."""
    strange = [
        f"{small[0]} x {small[1]} for {large[0]} x {large[1]}"
        for small, large in zip(source.sides("inputs"), source.sides("targets"), strict=False)
        if all((*small, *large)) and not _alike(small, large)
    ]
    if strange:
        raise DataError(
            f"{counted(len(strange), 'pair')} of other proportions: {listed(strange, most=3)}; "
            "input and target show the same, at any scale; cut them alike"
        )


def _alike(small: tuple[int, int], large: tuple[int, int]) -> bool:
    across, down = large[1] / small[1], large[0] / small[0]
    return abs(across / down - 1) <= max(_ROUNDED, 1.5 / min(small))


def _rows(pictures: Pictures, numbers: Tensor) -> Pictures:
    if isinstance(pictures, Tensor):
        return pictures[numbers]
    return tuple(pictures[number] for number in numbers.tolist())


def _size(file: Path) -> tuple[int, int]:
    """Height and width as the head of the file says; zeros where it does not say."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            width, height = ImageOps.exif_transpose(image).size
            return height, width
    except Exception:  # what cannot be read is told of when all are read
        return 0, 0
