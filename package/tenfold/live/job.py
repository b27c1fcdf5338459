"""One job: some work on a learner, with its controls, its result and its error."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from tenfold.errors import StateError, StoppedError
from tenfold.learner import Learner
from tenfold.train.control import Control
from tenfold.train.optim import layer_groups
from tenfold.train.run import Run, check_rate

__all__ = ["Around", "Job", "Work", "current"]

_HERE = threading.local()

Work = Callable[[], Any]
Around = Callable[[], AbstractContextManager[Any]]
"""A context of the thread in which work is done."""


class Job:
    """Some work on a learner: where it stands, its result or its error, and its controls.

    `lines` are the magics that it does; `state` is waiting, running, finished, stopped or
    failed. `in_cell` says whether a cell started it, so that its outputs have a place. The
    controls may be called from any thread and hold for every run within the job.
    """

    def __init__(
        self,
        work: Work,
        *,
        lines: list[str],
        learner: Learner,
        name: str,
        in_cell: bool,
        keep: bool,
    ) -> None:
        self.lines, self.learner_name, self.in_cell = lines, name, in_cell
        self.reported = False
        """Whether somebody was told its error."""
        self.number = 0
        self.doing = ""
        """What the work says of itself while it goes on: a search, at which trial it is."""
        self.state = "waiting"
        self.result: Any = None
        self.error: BaseException | None = None
        self._trace: TracebackType | None = None
        self.thread: int | None = None
        self.control: Control | None = None
        self._work: Work | None = work
        self._learner: Learner | None = learner
        self._keep = keep
        self._stop: str | None = None
        self._paused = False
        self._rates: list[tuple[float, int | None]] = []
        self._lock = threading.RLock()  # an interrupt may ask while this thread holds it
        self._ended = threading.Event()
        self._told: list[Callable[[Job], None]] = []

    def __repr__(self) -> str:
        where = f", {self.control.standing}" if self.control is not None else ""
        return f"job {self.number} ({self.title}{where})"

    @property
    def line(self) -> str:
        """The magics, one below the other."""
        return "\n".join(self.lines)

    @property
    def title(self) -> str:
        """The magics in one line."""
        return "; ".join(self.lines)

    @property
    def learner(self) -> Learner | None:
        """What it works on, until it has ended."""
        return self._learner

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"finished", "stopped", "failed"}

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end: for work that looks between its runs."""
        return self._stop is not None

    @property
    def standing(self) -> str:
        """The state, and where the work is, in words."""
        if self.error is not None:
            return f"{self.state}: {brief(self.error)}"
        if self.state != "running":
            return "waiting for its turn" if self.state == "waiting" else self.state
        if self.control is None:
            return self.doing or "preparing"
        paused = "paused, " if self.control.state == "paused" else ""
        doing = f"{self.doing}, " if self.doing else ""
        return paused + doing + self.control.standing

    # ---- controls, from any thread -----------------------------------------------------------

    def pause(self) -> None:
        """Wait before the next batch until `resume` or `stop`."""
        with self._lock:
            self._paused = True
            if self.control is not None:
                self.control.pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._lock:
            self._paused = False
            if self.control is not None:
                self.control.resume()

    def stop(self, message: str = "stopped") -> None:
        """End after the present batch; a job that waits for its turn does not begin."""
        with self._lock:
            self._stop = message
            if self.control is not None:
                self.control.stop(message)

    def set_rate(self, lr: float, *, group: int | None = None) -> None:
        """Train at `lr` from the next batch on, in one layer group or in all of them."""
        with self._lock:
            control = self.control
            if control is None and self._learner is not None:
                groups = len(layer_groups(self._learner.model))
                check_rate(lr, group, groups=groups)
                self._rates.append((lr, group))  # for the run that is about to begin
            elif isinstance(control, Run):
                control.set_rate(lr, group=group)
            else:
                raise StateError(f"{self} does not train now, so it has no rate to set")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended; False when `timeout` seconds went by first."""
        return self._ended.wait(timeout)

    def when_ended(self, tell: Callable[[Job], None]) -> None:
        """Call `tell(job)` in its thread once it has ended, or now if it has; it must not raise."""
        with self._lock:
            if not self.ended:
                self._told.append(tell)
                return
        tell(self)

    def value(self) -> Any:
        """The result of a job that has ended, if it is kept; raises what ended it."""
        self.reported = True
        if self.error is not None:
            raise self.error.with_traceback(self._trace)  # raised twice, it would grow
        return self.result

    # ---- in its thread -----------------------------------------------------------------------

    def run(self, around: Around) -> None:
        """Do the work; nothing is raised here."""
        self.thread, work, _HERE.job = threading.get_ident(), self._work, self
        try:
            if self._stop is None and work is not None:
                self.state = "running"
                with around():
                    result = work()
                self.result = result if self._keep else None
                del result
            self.state = "stopped" if self._stop is not None else "finished"
        except StoppedError as error:
            self._fail("stopped", error)
        except BaseException as error:
            self._fail("failed", error)
        finally:
            if self._learner is not None:
                self._learner.holder = None
            self._work = self._learner = self.control = _HERE.job = None
            with self._lock:
                told, self._told = self._told, []
            for tell in told:
                tell(self)
            self._ended.set()

    def _fail(self, state: str, error: BaseException) -> None:
        self.state, self.error, self._trace = state, light(error), error.__traceback__

    def takes(self, control: Control) -> None:
        """A run begins within this job: hand on what was asked before."""
        with self._lock:
            self.control = control
            if self._stop is not None:
                control.stop(self._stop)
            elif self._paused:
                control.pause()
            if isinstance(control, Run):
                for lr, group in self._rates:
                    control.set_rate(lr, group=group)
                self._rates.clear()

    def leaves(self) -> None:
        """The run has ended; the job may go on."""
        with self._lock:
            self.control = None


def current() -> Job | None:
    """The job of the calling thread."""
    return getattr(_HERE, "job", None)


def brief(error: BaseException) -> str:
    """An error in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def light(error: BaseException) -> BaseException:
    """The error without the variables of its frames, which may hold batches on the device."""
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__
    return error
