"""Archives from the net: their names, sizes and number of files are looked at before use.

Nothing is written outside the folder, no link is followed, and what unpacks to far more than any
data set here has is refused before it fills the disk or the memory.
"""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from tenfold.errors import FileError

__all__ = ["MOST_BYTES", "gunzip", "members", "opened", "unpack", "unzip"]

# IMDB has 100,000 files, the pets 1.6 GB
MOST_FILES = 300_000
MOST_BYTES = 8 << 30
MOST_OF_ONE = 1 << 30


@contextmanager
def opened(file: Path) -> Iterator[tarfile.TarFile]:
    """A tar archive, however it is packed; whatever is wrong with it is a FileError."""
    with _told(file), tarfile.open(file) as archive:
        yield archive


def members(
    archive: tarfile.TarFile, *, files: int = MOST_FILES, size: int = MOST_BYTES
) -> Iterator[tarfile.TarInfo]:
    """The members of an archive, each looked at before it is given out."""
    total = 0
    for number, member in enumerate(archive, 1):
        total += max(member.size, 0)
        _check_name(member.name)
        if number > files or total > size or member.size > MOST_OF_ONE:
            raise FileError(
                f"{archive.name!s} holds more than {files:,} files or {size / 2**30:,.3g} GB, or "
                "one file that is too large; it is not what was expected; not all was unpacked"
            )
        yield member


def unpack(file: Path, folder: Path, *, files: int = MOST_FILES, size: int = MOST_BYTES) -> None:
    """Unpack a tar archive into `folder`, and nowhere else."""
    with opened(file) as archive:
        checked = members(archive, files=files, size=size)
        # the filter refuses links that lead outside, devices, and settings of owners and modes
        archive.extractall(folder, members=checked, filter="data")


def unzip(file: Path, name: str, *, most: int = MOST_OF_ONE) -> bytes:
    """One file of a zip archive."""
    with _told(file), zipfile.ZipFile(file) as archive, archive.open(name) as content:
        return _bounded(content.read(most + 1), file, most)


def gunzip(file: Path, *, most: int = MOST_OF_ONE) -> bytes:
    """What a gzip file holds."""
    with _told(file), gzip.open(file) as content:
        return _bounded(content.read(most + 1), file, most)


def _bounded(content: bytes, file: Path, most: int) -> bytes:
    if len(content) > most:
        raise FileError(
            f"{file} unpacks to more than {most / 2**20:,.4g} MB; it is not what was expected; "
            "delete it and get it again"
        )
    return content


def _check_name(name: str) -> None:
    parts = PurePosixPath(name).parts + PureWindowsPath(name).parts
    outside = name.startswith(("/", "\\")) or ".." in parts or PureWindowsPath(name).drive
    if outside or "\0" in name:
        raise FileError(
            f"the archive has a file {name!r:.80}, which leads outside of its folder; it was not "
            "unpacked; get it from its publisher"
        )


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except FileError:
        raise
    except (
        tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError,
        NotImplementedError, RuntimeError, OverflowError,
    ) as error:  # fmt: skip
        reason = str(error).partition("\n")[0].rstrip(": ")
        raise FileError(
            f"{file} cannot be unpacked ({reason}); delete it and get it again"
        ) from error
