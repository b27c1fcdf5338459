"""An interrupt while the kernel is idle stops the jobs.

ipykernel ignores SIGINT between two cells, so the Interrupt button would do nothing to work in
the background. A handler installed while the kernel is idle is put aside for each cell and put
back after it, so a cell that runs still gets its KeyboardInterrupt.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

from tenfold.live.jobs import Jobs

__all__ = ["IdleInterrupts"]

# seconds between two looks: whether the handler can be installed, or is needed no more
AGAIN = 1.0


class IdleInterrupts:
    """Listens for interrupts of `kernel` while `jobs` has work; leaves nothing behind."""

    def __init__(self, kernel: Any, jobs: Jobs) -> None:
        self._loop, self._jobs = kernel.io_loop, jobs
        self._looking = False

    def watch(self) -> None:
        """Listen from the next idle moment on until every job has ended; from any thread."""
        if not self._looking:
            self._looking = True
            self._loop.add_callback(self._look)

    def _look(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # a kernel inside another program: its signals are not ours
        self._looking = False  # before the question: a job that begins now looks again
        now, work = signal.getsignal(signal.SIGINT), bool(self._jobs.unfinished())
        if work and now is signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._stop)
        elif not work and now == self._stop:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if work and not self._looking:
            self._looking = True
            self._loop.call_later(AGAIN, self._look)

    def _stop(self, number: int, frame: Any) -> None:
        self._jobs.stop("interrupted")
