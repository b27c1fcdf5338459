"""A folder with the checkpoints of one run, numbered in the order in which they were written.

    checkpoint-000007.safetensors   a whole state of the run (`place.py` says what is in it)
    lock                            held by the process that writes here (`lock.py`)

The newest one that is whole counts. The last few and the best are kept; the rest is deleted, but
never before a newer one lies safely in its place.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from tenfold.errors import FileError
from tenfold.train.checkpoint import read_file, read_words, write_file
from tenfold.train.lock import FolderLock

__all__ = ["KIND", "RunFolder"]

KIND = "checkpoint"
_NAME = re.compile(r"checkpoint-(\d{6,})\.safetensors")


class RunFolder:
    """The checkpoints in `path`; hold the `lock` while reading to go on, and while writing."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self.lock = FolderLock(self.path)
        self._scores: dict[Path, float | None] = {}

    def open(self, *, anew: bool = True) -> None:
        """Take the lock of the folder; what a crash left half written is removed.

        It is made when it is not there, with `anew`. Raises FileError for a folder that cannot be
        written to, StateError for one in use.
        """
        with self._usable():
            if anew:
                self.path.mkdir(parents=True, exist_ok=True)
            if self.path.is_dir():
                self.lock.acquire()
        for name in self._names():
            if name.startswith(".checkpoint-") and name.endswith(".part"):
                with contextlib.suppress(OSError):
                    (self.path / name).unlink()

    def files(self) -> list[Path]:
        """The checkpoints, the oldest first."""
        named = [(_NAME.fullmatch(name), name) for name in self._names()]
        return [self.path / name for _, name in sorted((int(m[1]), name) for m, name in named if m)]

    def _names(self) -> list[str]:
        with self._usable():
            return os.listdir(self.path) if self.path.is_dir() else []

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileError(
                f"{self.path} cannot be used for checkpoints ({error.strerror or error}); choose "
                "a folder that you may write to"
            ) from error

    def newest(self) -> tuple[Path, dict[str, Tensor], dict[str, Any]]:
        """The newest checkpoint that is whole: its place, tensors and words.

        A damaged one is passed over for the one before it: from there the run is the same, only
        longer. Raises FileError when there is none.
        """
        found, faults = self.files(), []
        for file in reversed(found):
            try:
                return file, *read_file(file, kind=KIND)
            except FileError as error:
                faults.append(str(error))
        if faults:
            raise FileError(
                f"none of the {len(found)} checkpoints in {self.path} can be read; the newest: "
                f"{faults[0]}"
            )
        raise FileError(
            f"there is no checkpoint in {self.path}; check the folder, or train with "
            f"checkpoint={str(self.path)!r} first"
        )

    def unfinished(self, *, but: str = "") -> str:
        """What the newest checkpoint says of a run that has not ended; empty when none has.

        A run whose id is `but` counts as ended.
        """
        for file in reversed(self.files()):
            with contextlib.suppress(FileError, KeyError, TypeError):
                run = read_words(file, kind=KIND)["run"]
                finished = run["state"] == "finished"
                if run["id"] == but or (finished and not run["asked"].get("then")):
                    return ""
                if finished:
                    return "before its second fit"
                return f"epoch {run['epoch'] + 1} of {run['epochs']}"
        return ""

    def holds(self, run: str) -> bool:
        """Whether there is a checkpoint of the run with this id."""
        return any(self._is_of(file, run) for file in self.files())

    def write(
        self, tensors: dict[str, Tensor], words: dict[str, Any], *, keep: int, budget: float
    ) -> Path:
        """Write one more, then delete what is neither among the last `keep` nor the best.

        All of them together take at most `budget` bytes; when they would not, the best and then
        the older ones give way. Raises FileError when even two are too many.
        """
        found = self.files()
        number = int(_NAME.fullmatch(found[-1].name)[1]) + 1 if found else 1  # type: ignore[index]
        size = sum(tensor.nbytes for tensor in tensors.values())
        last = found[-1].stat().st_size if found else 0
        if size + last > budget:
            raise FileError(
                f"a checkpoint of {size / 1e6:,.0f} MB beside the last one is more than the "
                f"budget of {budget / 1e6:,.0f} MB for {self.path}; give a larger budget="
            )
        for old in self._too_many(found, room=budget - size):
            old.unlink(missing_ok=True)
        file = self.path / f"checkpoint-{number:06}.safetensors"
        write_file(file, tensors, kind=KIND, header=words)
        self._scores[file] = words["score"]
        for old in self._unwanted(keep, run=words["run"]["id"]):
            with contextlib.suppress(OSError):
                old.unlink()
        return file

    def _too_many(self, found: list[Path], *, room: float) -> list[Path]:
        """The oldest files, so that the others fit into `room`; never the last one."""
        gone, total = [], sum(file.stat().st_size for file in found)
        for file in found[:-1]:
            if total > room:
                total -= file.stat().st_size
                gone.append(file)
        return gone

    def _unwanted(self, keep: int, *, run: str) -> list[Path]:
        files = self.files()
        ours = [file for file in files if self._is_of(file, run)]
        scored = [(score, file) for file in ours if (score := self._scores.get(file)) is not None]
        kept = {*ours[-keep:], *([min(scored)[1]] if scored else [])}
        return [file for file in files if file not in kept]

    def _is_of(self, file: Path, run: str) -> bool:
        if file in self._scores:
            return True
        try:
            words = read_words(file, kind=KIND)
            mine = words["run"]["id"] == run
        except (FileError, KeyError, TypeError):
            return False
        if mine:
            self._scores[file] = words["score"]
        return mine
