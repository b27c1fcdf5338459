"""Decoded pictures and masks in a memory-mapped file, for sets that do not fit the memory."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from tenfold.data.sources import described
from tenfold.device import cache_folder
from tenfold.errors import FileError

__all__ = ["kept_store", "open_store", "store_path", "write_store"]

Fill = Callable[[Tensor, Tensor], None]

# Each place (a folder of pictures at one size) keeps so many files: other splits, older content.
_KEPT = 3


def store_path(
    files: list[Path], root: Path | None, size: tuple[int, int], *, kind: str = "pictures"
) -> Path:
    """Where these files at this size are kept: the name changes with their names, sizes, times."""
    place = root if root is not None else files[0].parent
    content = described(files, root)
    return _folder() / f"{_key(str(place.resolve()), str(size))}-{_key(content, str(size))}.{kind}"


def kept_store(path: Path, shape: tuple[int, ...], fill: Fill) -> Tensor:
    """The rows that are kept there, written by `fill` first where there are none."""
    opened = open_store(path, shape)
    if opened is None:
        write_store(path, shape, fill)
        opened = open_store(path, shape)
        assert opened is not None
    return opened[0]


def open_store(path: Path, shape: tuple[int, ...]) -> tuple[Tensor, Tensor] | None:
    """The rows, uint8 of `shape`, and which are good (N,); None when there are none."""
    if not path.is_file() or path.stat().st_size != _bytes(shape):
        return None
    os.utime(path)  # used now: of a place's files the oldest goes first
    return _mapped(path, shape, shared=False)


def write_store(path: Path, shape: tuple[int, ...], fill: Fill) -> None:
    """Write a store: `fill` gets its empty rows and its mask of good ones.

    It appears under its name only when `fill` ends without an error; otherwise nothing stays.
    Raises FileError when the disk is too full.
    """
    _check_room(path.parent, _bytes(shape))
    unfinished = path.with_name(f"{path.stem}-{uuid.uuid4().hex[:8]}.unfinished")
    try:
        fill(*_mapped(unfinished, shape, shared=True))
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _forget_old(path)


def _folder() -> Path:
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _key(*words: str) -> str:
    return hashlib.blake2b("\n".join(words).encode(), digest_size=10).hexdigest()


def _bytes(shape: tuple[int, ...]) -> int:
    """The rows, and one byte for each that says whether it is good."""
    return torch.Size(shape).numel() + shape[0]


def _mapped(path: Path, shape: tuple[int, ...], *, shared: bool) -> tuple[Tensor, Tensor]:
    whole = torch.from_file(str(path), shared=shared, size=_bytes(shape), dtype=torch.uint8)
    rows, good = whole.split([_bytes(shape) - shape[0], shape[0]])
    return rows.view(shape), good


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + (64 << 20):
        raise FileError(
            f"the decoded pictures need {needed / 2**30:.1f} GB in {folder} and {free / 2**30:.1f} "
            "GB are free; set TENFOLD_CACHE to a larger disk, or choose a smaller size="
        )


def _forget_old(path: Path) -> None:
    place = path.name.split("-")[0]
    stores = sorted(
        path.parent.glob(f"{place}-*{path.suffix}"), key=lambda store: store.stat().st_mtime
    )
    for store in stores[:-_KEPT]:
        try:
            store.unlink()
        except OSError:  # Windows does not delete what is mapped; it goes next time
            continue
