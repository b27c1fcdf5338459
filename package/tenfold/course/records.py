"""Small JSON files that are whole at every moment, whoever writes them."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenfold.errors import FileError

__all__ = ["NewerFileError", "locked", "read_record", "write_record"]

# a lock older than this belongs to a process that died
STALE_SECONDS = 5.0


class NewerFileError(FileError):
    """A newer Tenfold wrote this: it is whole, but not for this one to touch."""


def read_record(file: Path, *, version: int, mend: str) -> dict[str, Any]:
    """The object in a JSON file of this version; raises FileError, which ends in `mend`."""
    try:
        record = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise FileError(f"{file} is not JSON ({error}); {mend}") from error
    found = record.get("version") if isinstance(record, dict) else None
    if not isinstance(found, int):
        raise FileError(f"{file} has no version, so it is not a file of the course; {mend}")
    if found > version:
        raise NewerFileError(
            f"{file} is of version {found} and this Tenfold reads up to {version}; "
            "upgrade it: pip install --upgrade tenfold"
        )
    return record


def write_record(file: Path, record: dict[str, Any]) -> None:
    """Write under another name first, so that nobody ever reads half a file."""
    partial = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        partial.write_text(text, "utf-8")
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock of a file: a second process waits, and one that died holds nobody up."""
    lock = file.with_name(f".{file.name}.lock")
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if _age(lock) > STALE_SECONDS:
                lock.unlink(missing_ok=True)
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _age(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
