"""Drawn pictures kept as files in the cache folder; a damaged file is drawn again."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

Arrays = dict[str, np.ndarray]


def kept(file: Path, draw: Callable[[], Arrays]) -> Arrays:
    """The arrays in a file, or those that draw returns, which are then kept in it."""
    found = _read(file)
    if found is not None:
        return found
    arrays = draw()
    with suppress(OSError):  # a full disk or a read-only home costs time, not the data
        _write(file, arrays)
    return arrays


def _read(file: Path) -> Arrays | None:
    try:
        with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def _write(file: Path, arrays: Arrays) -> None:
    with NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        try:
            np.savez(part, allow_pickle=False, **arrays)
            part.close()
            os.replace(part.name, file)
        except BaseException:
            part.close()
            os.unlink(part.name)
            raise
