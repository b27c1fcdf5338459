"""The pictures of every split as tensors: on the device, or in a mapped file when too many."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from tenfold.data.cache import open_store, store_path, write_store
from tenfold.data.decode import fitted
from tenfold.data.loading import decode_files
from tenfold.data.settings import Settings
from tenfold.data.sources import Sources
from tenfold.errors import DataError, TenfoldWarning
from tenfold.text import counted, listed

__all__ = ["Stored", "stored"]


@dataclass(frozen=True)
class Stored:
    """The splits that could be read, their pictures in the same order, and what could not."""

    sources: Sources
    pictures: list[Tensor]
    bad_files: list[Path]
    place: str


def stored(sources: Sources, settings: Settings) -> Stored:
    """Read every picture of `sources` once, at the size of `settings`.

    Raises DataError when pictures cannot be read, all of them named, unless `on_bad` is "skip":
    then they are left out with a TenfoldWarning.
    """
    total = sum(len(split) for split in sources.splits)
    shape = (total, 3, *settings.sides)
    fits = torch.Size(shape).numel() <= settings.memory_limit
    if isinstance(sources.train.pictures, Tensor):
        pictures = [_resized(split.pictures, settings) for split in sources.splits]
        return _placed(Stored(sources, pictures, [], "memory (cpu)"), settings, fits=fits)
    files = [file for split in sources.splits for file in split.files]
    if fits:
        rows = torch.empty(shape, dtype=torch.uint8)
        good = torch.empty(total, dtype=torch.uint8)
        _fill(files, rows, good, settings)
    else:
        rows, good = _from_file(files, sources.root, shape, settings)
    bad = [file for file, fine in zip(files, good.tolist(), strict=True) if not fine]
    if bad:
        sources = sources.without(set(bad))
    pictures = list(rows[: int(good.sum())].split([len(split) for split in sources.splits]))
    return _placed(Stored(sources, pictures, bad, "a mapped file"), settings, fits=fits)


def _placed(kept: Stored, settings: Settings, *, fits: bool) -> Stored:
    words = f"{sum(rows.nbytes for rows in kept.pictures) / 2**20:,.0f} MiB in "
    if not fits:
        return replace(kept, place=words + kept.place)
    moved = [rows.to(settings.on) for rows in kept.pictures]
    return replace(kept, pictures=moved, place=f"{words}memory ({settings.on.type})")


def _from_file(
    files: list[Path], root: Path | None, shape: tuple[int, int, int, int], settings: Settings
) -> tuple[Tensor, Tensor]:
    path = store_path(files, root, settings.sides)
    opened = open_store(path, shape)
    if opened is None:
        write_store(path, shape, lambda rows, good: _fill(files, rows, good, settings))
        opened = open_store(path, shape)
        assert opened is not None
    elif not opened[1].all():
        bad = [file for file, fine in zip(files, opened[1].tolist(), strict=True) if not fine]
        again = torch.empty(len(bad), *shape[1:], dtype=torch.uint8)
        _report(decode_files(bad, again, progress=False), len(files), settings.on_bad)
    return opened


def _fill(files: list[Path], rows: Tensor, good: Tensor, settings: Settings) -> None:
    """Decode into `rows`, the readable ones moved to the front, and mark them in `good`."""
    bad = decode_files(files, rows, progress=settings.progress)
    good.copy_(torch.tensor([file not in bad for file in files]))
    if bad:
        _report(bad, len(files), settings.on_bad)
        for row, number in enumerate(good.nonzero().flatten().tolist()):
            if row != number:
                rows[row] = rows[number]


def _report(bad: dict[Path, str], total: int, on_bad: str) -> None:
    named = listed(f"{file} ({reason})" for file, reason in bad.items())
    if on_bad == "error":
        raise DataError(
            f"{len(bad):,} of {counted(total, 'picture')} cannot be read: {named}; replace or "
            'remove them, or go on without them with on_bad="skip"'
        )
    warnings.warn(
        f"{len(bad):,} of {counted(total, 'picture')} cannot be read and are left out: {named}",
        TenfoldWarning,
        stacklevel=2,
    )


def _resized(pictures: tuple[Path, ...] | Tensor, settings: Settings) -> Tensor:
    assert isinstance(pictures, Tensor)
    if tuple(pictures.shape[-2:]) == settings.sides:
        return pictures
    return torch.stack([fitted(picture, settings.sides) for picture in pictures])
