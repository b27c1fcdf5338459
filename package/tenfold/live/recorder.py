"""From a run to its record: what the views are told, read a few times a second, never by step."""

from __future__ import annotations

import re
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import psutil
import torch

from tenfold.errors import TenfoldError
from tenfold.live.columns import best_column, columns_of
from tenfold.live.jobs import current
from tenfold.live.record import Record, Records
from tenfold.live.series import Series
from tenfold.live.wire import plain
from tenfold.techniques.lr_find import RateCurve
from tenfold.train.control import Control
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["Recorder", "group_names", "groups_of", "repeat_line", "restarts"]

# the loss shown is the mean of this many steps: one step alone jumps about
STEPS_SHOWN = 20
# the pace is that of so many ticks: about the last three seconds
TICKS_SHOWN = 16
LONGEST_ERROR, LONGEST_CELL = 300, 100
# a line that can be made to do the same again, also on several processes
AGAIN = re.compile(r"(%launch\s.*)?%fit(_sgdr|_one_cycle)?(?!\w)")
# what a line that repeats a run does without, or says anew; a path may stand in quotes
ANEW = r"""\s--(?:background\b|(?:changes|stop-at|checkpoint)(?:=|\s+)("[^"]*"|'[^']*'|\S+))"""


class Recorder(Callback):
    """Writes every run and every pass into `records`, and calls `changed` after each change.

    An observer for `Learner.observers`: it sees the ticks of a run and does nothing between.
    """

    def __init__(
        self,
        records: Records,
        changed: Callable[[Record], None],
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._records, self._changed, self._clock = records, changed, clock
        self._watched: WeakKeyDictionary[Control, Watched] = WeakKeyDictionary()

    def before_fit(self, run: Run) -> None:
        watched = self._watched[run] = Watched(run, self._clock)
        self._records.add(watched.record)
        self._changed(watched.record)

    def on_tick(self, run: Run) -> None:
        self._update(run)

    def before_validate(self, run: Run) -> None:
        self._update(run, phase="validation")

    def after_epoch(self, run: Run) -> None:
        self._update(run, phase="training")

    def after_fit(self, run: Run) -> None:
        self._update(run)
        self._watched.pop(run, None)

    def _update(self, run: Run, *, phase: str = "") -> None:
        watched = self._watched.get(run)
        if watched is None:
            return  # another callback ended the run before this one saw it begin
        if phase:
            watched.turn(run, phase)
        with self._records.lock:
            watched.write(run)
        self._changed(watched.record)


class Watched:
    """What is needed to go on with the record of one run."""

    def __init__(self, run: Control, clock: Callable[[], float]) -> None:
        job, self._clock = current(), clock
        self._lines = [""] if job is None else job.lines
        self._fixed: dict[str, Any] = {
            "kind": run.kind,
            "line": "" if job is None else job.line,
            "learner": "" if job is None else job.learner_name,
            "owner": str(run.owner),
            "columns": columns_of(run) if isinstance(run, Run) else [],
            "groups": groups_of(run.model, len(run.base_rates)) if isinstance(run, Run) else [],
        }
        self._phase = "training" if isinstance(run, Run) else "validation"
        self._restarts = restarts(run.factors) if isinstance(run, Run) else []
        self._marks = len(run.history.marks) if isinstance(run, Run) else 0
        self._pace = deque([(clock(), run.step)], maxlen=TICKS_SHOWN)
        self._items_per_second: float | None = None
        self._batch = 0
        self._process = psutil.Process()
        groups = len(run.base_rates) if isinstance(run, Run) else 0
        self.record = Record(weakref.ref(run), Series(groups=groups) if groups else None)
        self.write(run)

    def turn(self, run: Run, phase: str) -> None:
        """Go from training to validation or back; the time of a validation counts as no pace."""
        if phase == "validation":
            self._measure(run)
        self._phase = phase
        self._pace.clear()
        self._pace.append((self._clock(), run.step))

    def write(self, run: Control) -> None:
        """Put what is new into the record."""
        record = self.record
        if isinstance(run, Run):
            assert record.series is not None
            new = run.history.steps - run.first_step - record.series.steps
            record.series.append(run.history.tail(new), run.history.tail_rates(new))
            rows = run.history.rows[run.first_row + len(record.rows) :]
            record.rows += [{str(name): cell_of(row[name]) for name in row} for row in rows]
            record.marks += self._new_marks(run)
        record.facts, record.ended = self._facts(run), run.ended
        record.revision += 1

    def _facts(self, run: Control) -> dict[str, Any]:
        """Everything about a run that is sent whole each time."""
        going = run.step and not run.ended
        memory, kind = self._memory(run)
        facts: dict[str, Any] = {
            **self._fixed,
            "state": run.state,
            "phase": self._phase,
            "epoch": 0,
            "epochs": 0,
            "step": run.step,
            "steps": run.total_steps,
            "loss": None,
            "seconds": time.perf_counter() - run.started,
            "seconds_left": run.seconds_left if going else None,
            "items_per_second": None,
            "memory": memory,
            "memory_kind": kind,
            "memories": list(run.memories),
            "rates": [],
            "best": None,
            "suggestions": {},
            "repeat": repeat_lines(self._lines, run),
            "message": "interrupted" if isinstance(run.error, KeyboardInterrupt) else run.message,
            "error": error_line(run.error),
        }
        return {**facts, **self._facts_of_training(run)} if isinstance(run, Run) else facts

    def _facts_of_training(self, run: Run) -> dict[str, Any]:
        if self._phase == "training":
            self._measure(run)
        shown = run.history.tail(min(STEPS_SHOWN, run.history.steps - run.first_step))
        factor = run.factors[min(run.step, run.total_steps - 1)]
        found = run.kind == "lr_find" and run.ended
        return {
            "epoch": run.epoch + 1,
            "epochs": run.epochs,
            "loss": float(shown.mean()) if len(shown) else None,
            "items_per_second": self._items_per_second,
            "rates": [base * factor for base in run.base_rates],
            "best": best_epoch(self.record.rows, run) if run.kind == "fit" else None,
            "suggestions": suggestions(run) if found else {},
        }

    def _measure(self, run: Run) -> None:
        """Items a second over the last ticks."""
        if run.state == "paused":
            self._pace.clear()
            return
        self._pace.append((self._clock(), run.step))
        (begun, first), (now, last) = self._pace[0], self._pace[-1]
        if hasattr(run.targets, "__len__"):
            self._batch = max(self._batch, len(run.targets))  # the last one may be smaller
        if last > first and now > begun and self._batch:
            self._items_per_second = (last - first) / (now - begun) * self._batch

    def _new_marks(self, run: Run) -> list[tuple[int, str]]:
        marks = run.history.marks[self._marks :]
        self._marks += len(marks)
        there = [(step, "restart") for step in self._restarts if step <= run.step]
        self._restarts = self._restarts[len(there) :]
        told = [(max(step - run.first_step, 0), words) for step, words in marks]
        return sorted([*there, *told], key=lambda mark: mark[0])

    def _memory(self, run: Control) -> tuple[int, str]:
        if run.memories:
            assert isinstance(run, Run)
            return sum(run.memories), "cuda" if run.device.type == "cuda" else "process"
        if isinstance(run, Run) and run.device.type == "cuda":
            return torch.cuda.memory_allocated(run.device), "cuda"
        return self._process.memory_info().rss, "process"


def cell_of(value: Any) -> float | str | None:
    """A value of a row as a number, words or nothing: no tensor stays alive in a record."""
    told = plain(int(value) if isinstance(value, bool) else value)
    return told if told is None or isinstance(told, int | float) else str(told)[:LONGEST_CELL]


def group_names(groups: int) -> list[str]:
    """What the layer groups are called, from the input to the head.

    >>> group_names(1), group_names(2), group_names(3)
    (['model'], ['body', 'head'], ['body 1', 'body 2', 'head'])
    """
    if groups < 3:
        return [["model"], ["body", "head"]][groups - 1]
    return [*(f"body {number}" for number in range(1, groups)), "head"]


def groups_of(model: Any, groups: int) -> list[str]:
    """What the layer groups of a model are called: as it says itself, as a GAN does."""
    told = getattr(model, "group_names", ())
    return list(told) if len(told) == groups else group_names(groups)


def restarts(factors: Sequence[float]) -> list[int]:
    """The steps at which a schedule starts anew: it had fallen, and more than doubles at once.

    >>> restarts([1.0, 0.5, 0.0, 1.0, 0.5])
    [3]
    """
    values = np.array(factors)
    if len(values) < 3:
        return []
    fell, jumps = values[1:-1] < values[:-2], values[2:] > 2 * values[1:-1]
    return (np.flatnonzero(fell & jumps) + 2).tolist()


def best_epoch(rows: Sequence[dict[str, Any]], run: Run) -> int | None:
    """The number of the best epoch among `rows`, by the column that decides it."""
    column, lower = best_column(run)
    values = {
        row["epoch"]: row[column] if lower else -row[column]
        for row in rows
        if isinstance(row.get(column), int | float)
    }
    return min(values, key=values.__getitem__) if values else None


def suggestions(run: Run) -> dict[str, float]:
    """The rates that a finder suggests."""
    return RateCurve(run.history.rates[:, -1], run.history.losses).suggestions


def error_line(error: BaseException | None) -> str:
    """An error in one line; an interrupt is none."""
    if error is None or isinstance(error, KeyboardInterrupt):
        return ""
    words = " ".join(str(error).split())
    named = words if isinstance(error, TenfoldError) else f"{type(error).__name__}: {words}"
    return named if len(named) <= LONGEST_ERROR else f"{named[:LONGEST_ERROR]}…"


def repeat_lines(lines: list[str], run: Control) -> str:
    """The lines of a job with the last one as `repeat_line` has it; empty when none does it."""
    *earlier, line = lines
    again = repeat_line(line, run)
    return "\n".join([*earlier, again]) if again else ""


def repeat_line(line: str, run: Control) -> str:
    """The line that does again what happened to a run; empty when no line does."""
    line = line.strip()
    if not isinstance(run, Run) or not AGAIN.match(line):
        return ""
    line = re.sub(r"\s#.*", "", line).rstrip("; ")
    line = re.sub(ANEW, "", line)
    if run.changes:
        line += f" --changes {','.join(change_word(*change) for change in run.changes)}"
    if run.state == "stopped" and run.step < run.total_steps:
        line += f" --stop-at {run.step}"
    return line


def change_word(step: int, rate: float, group: int | None) -> str:
    """A change of the rate as `--changes` reads it.

    >>> change_word(40, 0.003, None), change_word(90, 0.001, 2)
    ('40:0.003', '90:2:0.001')
    """
    return f"{step}:{rate!r}" if group is None else f"{step}:{group}:{rate!r}"
