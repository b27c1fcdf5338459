"""What the kernel remembers of runs, in plain numbers: bounded, and safe to read while they run."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field
from typing import Any

from tenfold.live.series import Series
from tenfold.train.control import Control

__all__ = ["Record", "Records", "Sent"]

MOST_RUNS = 50
TRAINING = ("fit", "lr_find")


@dataclass
class Sent:
    """What a view has of a run so far."""

    revision: int = 0
    rows: int = 0
    marks: int = 0
    steps: int = 0
    generation: int = 0
    points: int = 0


@dataclass
class Record:
    """One run: `facts` are as in the message, rows, marks and series only ever grow.

    Nothing here keeps the run itself alive, nor any tensor of it.
    """

    control: weakref.ref[Control]
    series: Series | None = None
    number: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    revision: int = 0
    ended: bool = False

    @property
    def active(self) -> bool:
        """Whether more will come."""
        return not self.ended and self.control() is not None

    def news(self, sent: Sent, buffers: list[bytes]) -> dict[str, Any]:
        """The run as a message has it, with what `sent` lacks; its series goes to `buffers`."""
        told = {
            **self.facts,
            "run": self.number,
            "rows_from": sent.rows,
            "rows": self.rows[sent.rows :],
            "marks_from": sent.marks,
            "marks": self.marks[sent.marks :],
            "series": self._piece(sent, buffers),
        }
        sent.revision, sent.rows, sent.marks = self.revision, len(self.rows), len(self.marks)
        return told

    def _piece(self, sent: Sent, buffers: list[bytes]) -> dict[str, int] | None:
        series = self.series
        if series is None or series.steps == sent.steps:
            return None
        start = sent.points if sent.generation == series.generation else 0
        points = series.read(start)
        buffers.append(points.tobytes())
        sent.steps, sent.generation, sent.points = series.steps, series.generation, series.settled
        return {
            "generation": series.generation,
            "from": start,
            "count": points.shape[1],
            "buffer": len(buffers) - 1,
        }


class Records:
    """At most 50 records, oldest first; `lock` is held while one is changed or read."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._records: list[Record] = []
        self._number = 0

    def add(self, record: Record) -> None:
        """Number the record of a run that begins; the oldest that has ended may go for it."""
        with self.lock:
            self._number += 1
            record.number = self._number
            self._records.append(record)
            over = [one for one in self._records if not one.active]
            if len(self._records) > MOST_RUNS and over:
                # predictions go first: a curve of training is what one comes back for
                self._records.remove(min(over, key=worth))

    def all(self, *, owner: str | None = None) -> list[Record]:
        """The records, or those of one learner."""
        with self.lock:
            return [one for one in self._records if owner in (None, one.facts["owner"])]

    def control(self, number: int) -> Control | None:
        """The run with this number, if it is still there."""
        found = next((record for record in self.all() if record.number == number), None)
        return None if found is None else found.control()


def worth(record: Record) -> tuple[bool, int]:
    """What is kept longest sorts last."""
    return record.facts["kind"] in TRAINING, record.number
