"""A lock on a folder: one process writes to it, and one that died holds nothing."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import IO

from tenfold.device import writes
from tenfold.errors import StateError

__all__ = ["FolderLock"]

NAME = "lock"
_HELD: set[Path] = set()


class FolderLock:
    """The lock of `folder`, a file in it that the operating system lets go when its holder ends.

    A record lock: processes that were forked, as the workers of a data loader, do not hold it on.
    It says nothing to threads of one process, so these are kept apart here.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._opened: IO[str] | None = None
        self._place = self._file

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._opened is not None

    def acquire(self) -> None:
        """Take the lock, or raise StateError that names who has it; twice is no harm."""
        if self.held or not writes():
            return
        self._place = self._file.resolve()
        if self._place in _HELD:  # opening and closing the file here would let the lock go
            raise StateError(_taken(self._file.parent, "another learner of this kernel"))
        opened = self._file.open("a+", encoding="utf-8")
        try:
            _lock(opened)
        except OSError:
            opened.seek(0)
            who = opened.read(200).strip()
            opened.close()
            raise StateError(_taken(self._file.parent, who or "another process")) from None
        opened.truncate(0)
        opened.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        opened.flush()
        self._opened = opened
        _HELD.add(self._place)

    def release(self) -> None:
        """Let the lock go, if it is held."""
        opened, self._opened = self._opened, None
        if opened is not None:
            _HELD.discard(self._place)
            opened.close()


def _taken(folder: Path, who: str) -> str:
    return (
        f"{folder} is in use by {who}; two runs cannot write to one folder; wait for it to end, "
        "or give another folder"
    )


if os.name == "nt":

    def _lock(opened: IO[str]) -> None:
        import msvcrt

        opened.seek(1 << 20)  # a byte far behind the words, which others may read
        msvcrt.locking(opened.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:

    def _lock(opened: IO[str]) -> None:
        import fcntl

        fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
