"""Jobs: work that goes on in a thread of its own, one at a time, while the kernel stays usable.

One at a time, because torch, numpy and `random` have one set of random numbers for the whole
process: two runs that draw from it at once could not be repeated.
"""

from __future__ import annotations

import atexit
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from tenfold.errors import StateError
from tenfold.learner import Learner
from tenfold.live.job import Around, Job, Work, current
from tenfold.text import listed
from tenfold.train.control import Control
from tenfold.train.events import Callback

__all__ = ["Job", "Jobs", "current", "jobs"]

# ended jobs that are still listed
MOST_ENDED = 20
# seconds that the end of the process waits for a job to stop
FAREWELL = 5.0
# measured beside a cell that is busy in Python, with batches of 50 ms: a stop took 62 ms, and 239
# with Python's own 5 ms
SWITCH_SECONDS = 0.0005


class Handing(Callback):
    """An observer that ties each run to the job in whose thread it begins."""

    def before_fit(self, run: Control) -> None:
        if (job := current()) is not None:
            job.takes(run)

    def after_fit(self, run: Control) -> None:
        if (job := current()) is not None:
            job.leaves()


class Jobs:
    """The jobs of this process, in order; a thread exists only while there is work for it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # an interrupt may ask while this thread holds it
        self._waiting: deque[tuple[Job, Around]] = deque()
        self._all: list[Job] = []
        self._number = 0
        self._worker: threading.Thread | None = None

    def submit(
        self,
        work: Work,
        *,
        lines: list[str],
        learner: Learner,
        name: str = "",
        in_cell: bool = True,
        keep: bool = True,
        around: Around = nullcontext,
    ) -> Job:
        """Put work in line; `around` is a context of the thread in which it is done.

        Without `keep` the result is let go at the end: it may hold a model on the device.
        Raises StateError when the learner has a job already.
        """
        job = Job(work, lines=lines, learner=learner, name=name, in_cell=in_cell, keep=keep)
        with self._lock:
            learner._refuse_while_busy()
            self._number += 1
            job.number, learner.holder = self._number, job
            self._all = [*self._forgetting(), job]
            self._waiting.append((job, around))
            if self._worker is None:
                self._worker = threading.Thread(target=self._go, name="tenfold-jobs", daemon=True)
                self._worker.start()
        return job

    @property
    def all(self) -> list[Job]:
        """The jobs that have not ended, and the last of those that have."""
        with self._lock:
            return list(self._all)

    def unfinished(self, learner: Learner | None = None) -> list[Job]:
        """The jobs that run or wait, of one learner or of all, in order."""
        return [
            job for job in self.all if not job.ended and (learner is None or job.learner is learner)
        ]

    def find(self, number: int) -> Job:
        """The job with this number."""
        found = {job.number: job for job in self.all}
        if number not in found:
            there = listed(found) or "none yet"
            raise StateError(f"job {number} was asked for; there is {there}; %jobs lists them")
        return found[number]

    def stop(self, message: str = "stopped") -> None:
        """Stop every job."""
        for job in self.unfinished():
            job.stop(message)

    def _forgetting(self) -> list[Job]:
        ended = [job for job in self._all if job.ended]
        gone = set(map(id, ended[: max(0, len(ended) - MOST_ENDED)]))
        return [job for job in self._all if id(job) not in gone]

    def _go(self) -> None:
        with quick_switches():
            self._go_on()

    def _go_on(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._worker = None
                    return
                job, around = self._waiting.popleft()
            job.run(around)


@contextmanager
def quick_switches() -> Iterator[None]:
    """Let threads take turns more often.

    A step gives the interpreter away many times, and beside a cell that is busy in Python it would
    wait five milliseconds for each return.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


jobs = Jobs()
"""The jobs of this kernel."""
Learner.observers.insert(0, Handing())


@atexit.register
def farewell() -> None:
    """Stop what still runs, so that the process can end."""
    left = jobs.unfinished()
    jobs.stop("the kernel ended")
    for job in left:
        job.wait(FAREWELL)
