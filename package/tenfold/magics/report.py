"""Progress in a notebook: the panel of epochs, redrawn at most five times a second."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tenfold.learner import Learner
from tenfold.live.columns import best_column, columns_of, keeper_of
from tenfold.live.jobs import current
from tenfold.live.output import Publish, publish_bundle
from tenfold.live.panels.epochs import Progress, epochs_html, epochs_text
from tenfold.train.events import Callback
from tenfold.train.run import Run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["KernelReport", "in_kernel", "watched"]

# with a panel's two and a half messages a second, less than five
REDRAW_SECONDS = 0.5
# the loss shown is the mean of this many steps: one step alone jumps about
STEPS_SHOWN = 20


@dataclass
class Shown:
    """One output on the page: its id, when it was last drawn, and what the run is at."""

    first_row: int = 0
    first_step: int = 0
    phase: str = "training"
    drawn: float = 0.0
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


class KernelReport(Callback):
    """Shows the table of epochs with a progress bar, and leaves a still table behind.

    With `table=False` there is a bar alone. One report serves every run; what it knows of a run
    is kept by run. Runs that a panel started are shown there, not here.
    """

    def __init__(self, *, table: bool = True, publish: Publish = publish_bundle) -> None:
        self._table, self._publish = table, publish
        self._shown: WeakKeyDictionary[Run, Shown] = WeakKeyDictionary()

    def before_fit(self, run: Run) -> None:
        job = current()
        if job is not None and not job.in_cell:
            return
        self._shown[run] = Shown(run.first_row, run.first_step, drawn=time.monotonic())
        self._publish(self._bundle(run), self._shown[run].id, False)

    def on_tick(self, run: Run) -> None:
        self._draw(run)

    def before_epoch(self, run: Run) -> None:
        self._draw(run, phase="training")

    def before_validate(self, run: Run) -> None:
        self._draw(run, phase="validation")

    def after_epoch(self, run: Run) -> None:
        self._draw(run)

    def after_fit(self, run: Run) -> None:
        self._draw(run, last=True)

    def _draw(self, run: Run, *, phase: str = "", last: bool = False) -> None:
        shown, now = self._shown.get(run), time.monotonic()
        if shown is None:
            return
        shown.phase = phase or shown.phase
        if last or now - shown.drawn >= REDRAW_SECONDS:
            shown.drawn = now
            self._publish(self._bundle(run), shown.id, True)

    def _bundle(self, run: Run) -> dict[str, str]:
        progress = progress_of(run, self._shown[run], table=self._table)
        return {"text/html": epochs_html(progress), "text/plain": epochs_text(progress)}


def progress_of(run: Run, shown: Shown, *, table: bool) -> Progress:
    """A run in the plain numbers of the panel."""
    losses = run.history.tail(min(STEPS_SHOWN, run.history.steps - shown.first_step))
    best, lowest = best_column(run)
    weights = "" if keeper_of(run) else "the weights are those of the last batch"
    return Progress(
        columns=columns_of(run) if table else (),
        rows=run.history.rows[shown.first_row :] if table else (),
        state="finished" if not table and exploded(run) else run.state,
        phase=shown.phase,
        epoch=run.epoch + 1,
        epochs=run.epochs,
        step=run.step,
        steps=run.total_steps,
        loss=float(losses.mean()) if len(losses) else None,
        seconds=time.perf_counter() - run.started,
        seconds_left=run.seconds_left if run.step else None,
        message="interrupted" if isinstance(run.error, KeyboardInterrupt) else run.message,
        weights=weights if table else "",
        best=best,
        lowest=lowest,
    )


def exploded(run: Run) -> bool:
    """Whether a run of the rate finder ended as most do: before its last rate, by itself."""
    return run.state == "stopped" and run.message != "interrupted"


def in_kernel(shell: InteractiveShell) -> bool:
    """Whether outputs can be redrawn: a terminal would print each of them below the last."""
    return hasattr(shell, "kernel")


@contextmanager
def watched(learner: Learner, callback: Callback) -> Iterator[None]:
    """Let `callback` see every run of `learner`."""
    learner.callbacks.append(callback)
    try:
        yield
    finally:
        learner.callbacks.remove(callback)
