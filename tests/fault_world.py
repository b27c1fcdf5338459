"""A disk that fails, fills up, or dies with its process, at a chosen call of a save."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CALLS = (
    "open", "write", "fsync", "close", "replace", "unlink", "mkdir", "listdir", "stat", "scandir",
)  # fmt: skip


class Crash(BaseException):
    """The process is dead: this call and every later one does nothing."""


class Disk:
    """Counts the calls of `os` on one folder, and lets number `at` go wrong as `fault` says.

    fail: an error of the disk. full: half of a write, then no room. short: half of a write.
    crash: dead before the call. torn: dead in the middle of a write.
    """

    def __init__(self, folder: Path, *, fault: str = "", at: int = -1) -> None:
        self._folder, self._fault, self._at = str(folder), fault, at
        self.seen: list[str] = []
        self._ours: set[int] = set()
        self._dead = self._full = False

    @contextmanager
    def in_place(self) -> Iterator[Disk]:
        """Stand between `os` and the disk."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, self._between(name, getattr(os, name)))
            yield self

    def _between(self, name: str, real: Any) -> Any:
        def call(first: Any = ".", *rest: Any, **more: Any) -> Any:
            if not self._is_ours(first):
                return real(first, *rest, **more)
            number = len(self.seen)
            self.seen.append(name)
            wrong = self._wrong(name, real, first, rest) if number >= self._at >= 0 else None
            if wrong is not None:
                return wrong
            found = real(first, *rest, **more)
            if name == "open":
                self._ours.add(found)
            return found

        return call

    def _is_ours(self, first: Any) -> bool:
        if isinstance(first, int):
            return first in self._ours
        return str(first).startswith(self._folder)

    def _wrong(self, name: str, real: Any, first: Any, rest: Any) -> Any:
        """What a call that goes wrong returns or raises; None when this one does not."""
        there = len(self.seen) - 1 == self._at
        if name == "close":  # files are closed by the system, whatever happens
            self._ours.discard(first)
            real(first)
            if there and self._fault == "fail":
                raise OSError(errno.EIO, "Input/output error")
            self._dead = self._dead or (there and self._fault == "crash")
            return 0
        if self._dead or (there and self._fault == "crash"):
            self._dead = True
            raise Crash
        if there and self._fault == "fail":
            raise OSError(errno.EIO, "Input/output error")
        return self._wrong_write(real, first, rest) if name == "write" else None

    def _wrong_write(self, real: Any, first: int, rest: Any) -> int | None:
        there = len(self.seen) - 1 == self._at
        if self._full:
            raise OSError(errno.ENOSPC, "No space left on device")
        if not there:
            return None
        half = real(first, rest[0][: max(1, len(rest[0]) // 2)])
        self._full, self._dead = self._fault == "full", self._fault == "torn"
        if self._dead:
            raise Crash
        return half
