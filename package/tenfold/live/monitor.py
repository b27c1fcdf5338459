"""The monitor: one memory of every run in this kernel, for every page that wants to see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.learner import Learner
from tenfold.live.jobs import Job, jobs
from tenfold.live.publisher import Publisher, Send, View
from tenfold.live.record import Record, Records, Sent
from tenfold.live.recorder import Recorder
from tenfold.live.wire import Command, WireError
from tenfold.train.control import Control
from tenfold.train.run import Run

__all__ = ["Monitor", "monitor"]


def start_thread(loop: Callable[[], None]) -> None:
    """Run `loop` in a thread that does not keep the process alive."""
    threading.Thread(target=loop, name="tenfold-monitor", daemon=True).start()


class Monitor:
    """Remembers the last 50 runs and tells the views; commands of a page are carried out here.

    `watch` puts it among the observers of every learner. `clock` tells the seconds and
    `start` starts the thread that sends; tests give others.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.perf_counter,
        start: Callable[[Callable[[], None]], None] = start_thread,
    ) -> None:
        self._records = Records()
        self.publisher = Publisher(self._records, clock=clock, start=start)
        self._recorder = Recorder(self._records, self.publisher.changed, clock=clock)

    def watch(self) -> None:
        """See every run from now on; a second time changes nothing."""
        if self._recorder not in Learner.observers:
            Learner.observers.append(self._recorder)

    def unwatch(self) -> None:
        """See no further run."""
        if self._recorder in Learner.observers:
            Learner.observers.remove(self._recorder)

    def listen(self, send: Send, *, owner: int | str | None = None) -> View:
        """Call `send(message, buffers)` with everything now and what is new later.

        `owner` is the id of a learner whose runs alone are wanted. `send` is called in a thread of
        the monitor. A view that is not renewed for a minute is dropped; renewing brings it back.
        """
        view = View(self.publisher, send, owner=None if owner is None else str(owner))
        self.publisher.add(view)
        return view

    def records(self, *, owner: int | str | None = None) -> list[Record]:
        """The records of the runs, oldest first."""
        return self._records.all(owner=None if owner is None else str(owner))

    def whole(self, record: Record) -> tuple[dict[str, Any], list[bytes]]:
        """A run as a message has it with everything in it, and the points of its series."""
        buffers: list[bytes] = []
        with self._records.lock:
            return record.news(Sent(), buffers), buffers

    def control(self, number: int) -> Control | None:
        """The run with this number; None when it is unknown or gone."""
        return self._records.control(number)

    def steer(self, command: Command) -> None:
        """Carry out pause, resume, stop or rate; raises WireError with the reason why not."""
        control = self.control(command.run)
        if control is None or control.ended:
            raise WireError(f"run {command.run} has ended; there is nothing to {command.kind}")
        # a job is stopped as a whole: it may begin one run after another
        going = (job for job in jobs.unfinished() if job.control is control)
        held: Job | Control = next(going, control)
        if command.kind == "pause":
            held.pause()
        elif command.kind == "resume":
            held.resume()
        elif command.kind == "stop":
            held.stop()
        else:
            self._set_rate(control, command)

    def _set_rate(self, control: Control, command: Command) -> None:
        if not isinstance(control, Run):
            raise WireError(f"run {command.run} does not train, so it has no rate to change")
        try:
            control.set_rate(command.lr, group=command.group)
        except TenfoldError as error:
            raise WireError(str(error)) from error


monitor = Monitor()
"""The monitor of this process."""
