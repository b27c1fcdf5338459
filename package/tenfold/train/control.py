"""What may be asked of work that goes over batches, from any thread: pause, resume, stop, wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tenfold.errors import StateError, StoppedError

__all__ = ["TICK_SECONDS", "Control", "Pass"]

TICK_SECONDS = 0.2
DOING = {
    "lr_find": "trying learning rates",
    "tta": "predicting several views",
    "predictions": "predicting",
    "features": "storing activations",
    "landscape": "measuring the loss around the weights",
}


class Control:
    """Where some work stands, and the requests that it reads between two batches.

    `kind` is fit, lr_find, tta, predictions, features or landscape; `state` is ready, running,
    paused, finished, stopped or failed. `owner` tells learners apart.
    """

    kind: str = "fit"
    state: str = "ready"
    step: int = 0
    message: str = ""
    error: BaseException | None = None
    owner: int = 0
    thread: int | None = None
    """The identity of the thread in which it runs."""
    memories: Sequence[int] = ()
    """The bytes that each of its processes uses, where there are several."""

    def __init__(self) -> None:
        self.requested = False
        self.started = self.next_tick = time.perf_counter()
        self._requests: list[Callable[[], None]] = []
        self._stopping = False
        self._begun_at = 0
        self._lock = threading.RLock()  # an interrupt may ask while this thread holds it
        self._going = threading.Event()
        self._going.set()
        self._ended = threading.Event()

    # ---- what may be asked, from any thread --------------------------------------------------

    def pause(self) -> None:
        """Wait before the next batch until `resume` or `stop`."""
        if self._going.is_set():
            self._going.clear()
            self._request(lambda: self.mark("paused"))

    def resume(self) -> None:
        """Go on after `pause`."""
        self._going.set()

    def stop(self, message: str = "stopped") -> None:
        """End after the present batch; called in `after_epoch`, end with that epoch."""

        def ask() -> None:
            self._stopping, self.message = True, message

        self._request(ask)
        self._going.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; False when `timeout` seconds went by first."""
        if self.state == "ready":
            raise StateError("this run has not started; nothing to wait for; call fit first")
        return self._ended.wait(timeout)

    # ---- what the work itself uses -----------------------------------------------------------

    @property
    def total_steps(self) -> int:
        """Batches of the whole work."""
        raise NotImplementedError

    @property
    def standing(self) -> str:
        """What is being done, and where it is, in words."""
        return f"{DOING.get(self.kind, self.kind)} (batch {self.step} of {self.total_steps})"

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stopping

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"finished", "stopped", "failed"}

    @property
    def seconds_left(self) -> float:
        """An estimate from the pace so far."""
        done, steps = time.perf_counter() - self.started, self.step - self._begun_at
        return done / max(steps, 1) * (self.total_steps - self.step)

    def due(self) -> bool:
        """Whether a request is to be carried out here; where there are several processes, all
        of them ask, and all get the same answer."""
        return self.requested

    def serve(self) -> None:
        """Carry out what was asked; waits here while it is paused."""
        with self._lock:
            self.requested = False  # first: what an interrupt asks from here on is served later
            requests, self._requests = self._requests, []
        for request in requests:
            request()
        if not self._going.is_set() and not self._stopping:
            self.state = "paused"
            self.tick()
            since = time.perf_counter()
            self._going.wait()
            self.started += time.perf_counter() - since  # a pause says nothing about the pace
            self.state = "running"
            self.mark("resumed")
        if self.requested:
            self.serve()

    def begin(self) -> None:
        """Run from here on, in this thread."""
        self.thread, self.started = threading.get_ident(), time.perf_counter()
        self.state, self._begun_at = "running", self.step

    def tick(self) -> None:
        """Tell who watches."""

    def mark(self, words: str) -> None:
        """Note that something was done at this step."""

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Let go of who is in `wait` at the end, when everything has been put back."""
        try:
            yield
        finally:
            if not self.ended:
                self.state = "failed"  # an error came before anybody could say so
            self._ended.set()

    def _request(self, request: Callable[[], None]) -> None:
        with self._lock:
            self._requests.append(request)
            self.requested = True


class Pass(Control):
    """A pass over data without training: a prediction of many items, as TTA and features are.

    `observers` are told where it stands, as callbacks are of a fit.
    """

    def __init__(
        self, kind: str, steps: int, *, observers: Sequence[Any] = (), owner: int = 0
    ) -> None:
        super().__init__()
        self.kind, self.owner = kind, owner
        self._steps, self._observers = steps, observers

    def __repr__(self) -> str:
        return f"Pass({self.kind}, {self.state}, batch {self.step} of {self.total_steps})"

    @property
    def total_steps(self) -> int:
        """Batches of the whole pass."""
        return self._steps

    def tick(self) -> None:
        """Tell the observers; at most five times a second."""
        self._tell("on_tick")
        self.next_tick = time.perf_counter() + TICK_SECONDS

    def advance(self) -> None:
        """Count a batch and carry out what was asked; raises StoppedError after `stop`."""
        self.step += 1
        if self.requested:
            self.serve()
        if self._stopping:
            raise StoppedError(
                f"{self.message} after batch {self.step} of {self.total_steps}, so there is no "
                "result; nothing was changed; run it again for one"
            )
        if time.perf_counter() > self.next_tick:
            self.tick()

    @contextmanager
    def going(self) -> Iterator[None]:
        """Say that it runs, and how it ended."""
        with self.awaited():
            self.begin()
            self._tell("before_fit")
            try:
                yield
                self.state = "finished"
            except BaseException as error:
                self.state = "stopped" if isinstance(error, StoppedError) else "failed"
                self.error = error
                raise
            finally:
                self._tell("after_fit")

    def _tell(self, event: str) -> None:
        for observer in self._observers:
            getattr(observer, event)(self)
