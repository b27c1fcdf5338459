"""Notice that other programs take the processor, and say what helps.

OpenMP's threads wait for each other by spinning: with two threads on two cores and another busy
program, a step can take ten times as long as with one thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

import psutil

from tenfold.train.control import Control
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["Crowding", "others_of"]

# seconds over which the processor is watched before anything is said
WATCHED = 4.0
# of one core: what a busy program takes, and a browser that draws a panel does not
MUCH = 0.6

Reading = tuple[float, float, float]


class Crowding(Callback):
    """An observer that says once in a run that others are busy, where one thread would help.

    `read` gives the clock, and the seconds of processor time of all programs and of this one.
    """

    def __init__(self, read: Callable[[], Reading] | None = None) -> None:
        self._read = read or used
        self._begun: WeakKeyDictionary[Control, Reading] = WeakKeyDictionary()

    def before_fit(self, run: Run) -> None:
        # with several processes, those that are busy are its own
        alone = isinstance(run, Run) and not run.memories
        if alone and run.plan.threads > 1 and run.device.type == "cpu":
            self._begun[run] = self._read()

    def on_tick(self, run: Run) -> None:
        begun = self._begun.get(run)
        if begun is None:
            return
        now = self._read()
        if now[0] - begun[0] < WATCHED:
            return
        del self._begun[run]
        others, left = others_of(begun, now), (os.cpu_count() or 1) - run.plan.threads
        if others > left + MUCH:
            print(
                f"other programs use {others:.1f} of {os.cpu_count()} cores, and threads that wait "
                "for a core slow each other down: %stop and %plan --threads 1 may be much faster"
            )


def used() -> Reading:
    """The clock, and the seconds of processor time that all programs and this one have used."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    whole = sum(times[:8]) - idle  # the later fields are counted in the first ones
    return time.perf_counter(), whole, time.process_time()


def others_of(begun: Reading, now: Reading) -> float:
    """The cores that other programs used between two readings.

    >>> others_of((0.0, 100.0, 5.0), (10.0, 120.0, 15.0))
    1.0
    """
    clock, whole, ours = (after - before for after, before in zip(now, begun, strict=True))
    return max(0.0, whole - ours) / clock
