"""Checkpoints while training: every epoch and every few minutes, so that a killed run goes on.

The state is copied in the training thread, between two batches, and written in another; what a
checkpoint holds is in `train/place.py`, how the folder is kept in `train/run_folder.py`.
"""

from __future__ import annotations

import math
import os
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from tenfold.errors import SettingError, StateError
from tenfold.techniques.early_stop import score_of
from tenfold.train.events import Callback
from tenfold.train.metrics import lower_is_better
from tenfold.train.place import captured
from tenfold.train.run import Run
from tenfold.train.run_folder import RunFolder
from tenfold.train.state import weights_finite

__all__ = ["Checkpoints", "as_checkpoints"]


class Checkpoints(Callback):
    """Writes the whole run to `folder` at every epoch and every `minutes` within one.

    Of the files the last `keep` stay, and the one with the best `column`; together they take at
    most `budget` bytes. A disk that is full or cannot be written to is said once, and training
    goes on. When checkpoints come faster than the disk takes them, some epochs have none; the
    newest and the best are always written.

    >>> Checkpoints("runs/first", minutes=10, keep=3)
    Checkpoints('runs/first')
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        minutes: float = 5.0,
        keep: int = 2,
        column: str = "valid_loss",
        budget: float = 20e9,
    ) -> None:
        if isinstance(minutes, bool) or not 0 <= minutes <= math.inf:
            raise SettingError(f"minutes={minutes} was given; allowed is 0 and above; try 5")
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
            raise SettingError(f"keep={keep!r} was given; allowed is 1 and above; try 2")
        if isinstance(budget, bool) or not budget > 0:
            raise SettingError(f"budget={budget} was given; allowed are bytes above 0; try 20e9")
        self.folder = RunFolder(Path(folder))
        self.minutes, self.keep, self.column, self.budget = minutes, keep, column, budget
        self._about: dict[str, Any] = {}
        self._model: nn.Module | None = None
        self._say: Callable[[str], None] = print
        self._writer: Writer | None = None

    def __repr__(self) -> str:
        return f"Checkpoints({str(self.folder.path)!r})"

    def serve(
        self, model: nn.Module, about: dict[str, Any], *, say: Callable[[str], None]
    ) -> Checkpoints:
        """Write `model` and what `about` says of its learner; `say` tells the user something."""
        self._about = {"id": uuid.uuid4().hex, "after": self._after, **about}
        self._model, self._say, self._after = model, say, ""
        return self

    def known_as(self, **identity: Any) -> Checkpoints:
        """Write what comes as of the run that `identity` names."""
        self._about |= identity
        return self

    def follow(self) -> None:
        """Let the next fit go on in the folder where this one has ended, as in `fine_tune`."""
        self._after = self._about["id"]

    @property
    def begun(self) -> bool:
        """Whether the folder has a checkpoint of this very fit."""
        return self.folder.holds(self._about["id"])

    def elsewhere(self, **identity: Any) -> Checkpoints:
        """The same in another process, which takes the lock of the folder and prints what it says.

        `identity` is what the next checkpoints are known by, when the run goes on.
        """
        assert self._model is not None
        self.folder.lock.release()
        other = Checkpoints(self.folder.path, **self.settings())
        self.known_as(**identity)
        return other.serve(self._model, self._about, say=print)

    def settings(self) -> dict[str, Any]:
        """What a run that goes on needs to go on with these checkpoints."""
        names = ("minutes", "keep", "column", "budget")
        return {name: getattr(self, name) for name in names}

    def flush(self) -> None:
        """Wait until every checkpoint taken so far is written, or has failed."""
        if self._writer is not None:
            self._writer.idle.wait()

    def before_fit(self, run: Run) -> None:
        self.folder.open()
        where = self.folder.unfinished(but=self._about["after"])
        if run.place is None and where:
            raise StateError(
                f"{self.folder.path} holds a run that was not finished ({where}); go on with it "
                f"by learn.resume({str(self.folder.path)!r}), or give another folder"
            )
        self._best: float | None = self._about.get("best")
        self._told = self._whole = False
        self._due = time.monotonic() + 60 * self.minutes
        self._writer = Writer(self._write)

    def before_epoch(self, run: Run) -> None:
        if run.place is None or run.step != run.place.step:  # else it is the one just read
            self._put(run, (run.epoch, 0))

    def on_tick(self, run: Run) -> None:
        self._tell(run)
        assert self._writer is not None
        # what was asked and not yet served would be lost
        ready = not run.requested and not self._writer.busy and run.batches_done
        if ready and time.monotonic() >= self._due and sound(run):
            self._put(run, (run.epoch, run.batches_done))

    def before_validate(self, run: Run) -> None:
        self._whole = False

    def after_epoch(self, run: Run) -> None:
        self._whole = not run.stopping
        score = score_of(run, self.column) if self.column in run.row else None
        self._score = score if score is None or lower_is_better(self.column) else -score

    def after_fit(self, run: Run) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            self.folder.lock.release()
            return
        try:
            self._last(run, writer)
        finally:
            writer.close()
            self.folder.lock.release()
            self._tell(run, writer)

    def _last(self, run: Run, writer: Writer) -> None:
        """One more, where the run ended; after an error the last one stays the last."""
        if run.state == "finished":
            self._put(run, (run.epochs, 0), writer)
        elif run.state == "stopped" and self._whole:
            self._put(run, (run.epoch + 1, 0), writer)
        elif run.state == "stopped" and run.batches_done and hasattr(run.train, "starting_at"):
            self._put(run, (run.epoch, run.batches_done), writer, whole=False)

    def _put(
        self,
        run: Run,
        place: tuple[int, int],
        writer: Writer | None = None,
        *,
        whole: bool = True,
    ) -> None:
        run.read_losses()
        score = self._score if place[1] == 0 and run.step else None
        improves = score is not None and (self._best is None or score < self._best)
        self._best = score if improves else self._best
        assert self._model is not None
        tensors, words = captured(run, self._model, place=place, whole=whole)
        words["run"]["id"] = self._about["id"]
        about = {**self._about, "best": self._best, "checkpoints": self.settings()}
        words.update(score=score, about=about)
        (writer or self._writer).put(Copy(tensors, words, best=improves))  # type: ignore[union-attr]
        self._due = time.monotonic() + 60 * self.minutes

    def _write(self, copy: Copy) -> None:
        self.folder.write(copy.tensors, copy.words, keep=self.keep, budget=self.budget)

    def _tell(self, run: Run, writer: Writer | None = None) -> None:
        """Say once that checkpoints are not written; here, because the writer has no cell."""
        error = (writer or self._writer).error  # type: ignore[union-attr]
        if error is not None and not self._told:
            self._told = True
            self._say(
                f"no checkpoint was written: {error}; training goes on, what was written before "
                "is still good, and the next one is tried at its time"
            )

    _score: float | None = None
    _after = ""


def as_checkpoints(given: str | os.PathLike[str] | Checkpoints) -> Checkpoints:
    """A folder as what writes to it; what writes is left as it is."""
    return given if isinstance(given, Checkpoints) else Checkpoints(given)


@dataclass
class Copy:
    """The state of a run at one moment, on its way to the disk."""

    tensors: dict[str, Tensor]
    words: dict[str, Any]
    best: bool


class Writer:
    """Writes copies in a thread of its own, the newest first; at most two wait."""

    def __init__(self, write: Callable[[Copy], None]) -> None:
        self.error: BaseException | None = None
        self._write = write
        self._waiting: list[Copy] = []
        self.idle = threading.Event()
        self.idle.set()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tenfold-checkpoint")

    @property
    def busy(self) -> bool:
        """Whether something is being written, or waits for it."""
        return not self.idle.is_set()

    def put(self, copy: Copy) -> None:
        """Have a copy written; one that still waits gives way, unless it is the best so far."""
        with self._lock:
            kept = [one for one in self._waiting if one.best and not copy.best]
            self._waiting = [*kept, copy]
            if self.idle.is_set():
                self.idle.clear()
                self._pool.submit(self._go)

    def close(self) -> None:
        """Wait until everything is written."""
        self._pool.shutdown(wait=True)

    def _go(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self.idle.set()
                    return
                copy = self._waiting.pop(0)
            try:
                self._write(copy)
            except BaseException as error:  # whatever it is, training goes on
                self.error = error


def sound(run: Run) -> bool:
    """Whether losses and weights are numbers: nobody wants to go on from others."""
    return bool(np.isfinite(run.last_loss)) and weights_finite(run.optimizer)
