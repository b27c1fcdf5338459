"""The panel: one widget that shows a learner, steers its runs, and runs magics for its page.

The page writes the trait `view` and the kernel all others, so neither overwrites the other. What
comes from the page is handled in whatever thread the kernel chooses: it is checked, handed to a
run or to the worker thread, and answered; nothing is computed there.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anywidget
import numpy as np
from traitlets import Bytes, Dict, Unicode

from tenfold.errors import MissingPackageError, SettingError, StateError, TenfoldError
from tenfold.learner import Learner
from tenfold.live.comm import LOG_SECONDS, id_of
from tenfold.live.jobs import Job, brief, jobs
from tenfold.live.monitor import Monitor, monitor
from tenfold.live.panels.report import Report
from tenfold.live.publisher import View
from tenfold.live.series import LOSS, RATES, STEP
from tenfold.live.widgets.payloads import (
    Piece,
    data_facts,
    learner_facts,
    opened,
    pieces,
    prediction_facts,
)
from tenfold.live.wire import MOST_BYTES, Command, read_command
from tenfold.text import listed

__all__ = ["Panel", "RunLines"]

STATIC = Path(__file__).parent / "static"
ENDED = {"finished", "stopped", "failed"}
SAID = {
    "pause": "run {run} pauses before its next batch",
    "resume": "run {run} goes on",
    "stop": "run {run} stops after this batch",
    "rate": "run {run} has the rate {lr:g} from its next batch on",
}
NOTHING: dict[str, Any] = dict.fromkeys(
    ("confusion", "cell", "top", "scores", "prediction", "exported")
)

log = logging.getLogger("tenfold")

RunLines = Callable[[list[str], "Panel"], Job]


class Keeper(Protocol):
    """What keeps a copy of what the panel shows."""

    def update(self) -> None:
        """Something has ended: bring the copy up to date."""

    def close(self) -> None:
        """The panel is gone."""


class Panel(anywidget.AnyWidget):
    """Shows and steers the runs of `learner`, called `name` on the magic lines.

    With `several` learners around, every line names its own. `run_lines(lines, panel)` checks
    lines of magics and runs them as a job, which gives each result to `took`. The learner is
    not kept alive. Raises MissingPackageError where the page's part was not built.
    """

    _esm = Unicode().tag(sync=True)
    _css = Unicode().tag(sync=True)
    learner = Dict().tag(sync=True)
    data = Dict().tag(sync=True)
    results = Dict(NOTHING).tag(sync=True)
    batch_png = Bytes(b"").tag(sync=True)
    cell_png = Bytes(b"").tag(sync=True)
    top_png = Bytes(b"").tag(sync=True)
    notice = Unicode().tag(sync=True)
    busy = Unicode().tag(sync=True)
    view = Dict().tag(sync=True)

    _page: View | None = None

    def __init__(
        self,
        learner: Learner,
        *,
        name: str = "learn",
        several: bool = False,
        run_lines: RunLines,
        monitor: Monitor = monitor,
    ) -> None:
        self._subject = weakref.ref(learner)
        self._name, self._option = name, f" --learner {name}" if several else ""
        self._run_lines: RunLines | None = run_lines
        self._monitor = monitor
        self._lock = threading.RLock()
        self._keepers: list[Keeper] = []
        self._jobs: list[Job] = []
        self._known_data: Any = None
        self._seen_ends: set[int] = set()
        self._logged = float("-inf")
        # as text, not as paths: anywidget would keep every panel alive to tell it of changes
        super().__init__(_esm=built("panel.js"), _css=built("panel.css"))
        self._page = monitor.listen(self._tell, owner=id(learner))
        self.refresh()
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        return f"Tenfold panel of {self._name}"

    # ---- for those who run its lines and show it ---------------------------------------------

    @property
    def the_learner(self) -> Learner:
        """The learner; raises StateError when it is gone."""
        learner = self._subject()
        if learner is None:
            raise StateError(
                f"the learner of this panel is gone: {self._name} was made anew or deleted; "
                "open another panel with %panel"
            )
        return learner

    @property
    def closed(self) -> bool:
        """Whether it shows nothing any more."""
        return self._page is None

    def took(self, name: str, line: str, value: Any) -> None:
        """Show what a line gave: its magic's `name`, the line, its value. For the worker thread."""
        if not self.closed:
            self._show(pieces(name, line, value, learner=self.the_learner))
            self.refresh()

    def refresh(self) -> None:
        """Tell the page what has changed about the learner and its data; from any thread."""
        learner = self._subject()
        if self.closed or learner is None:
            return
        news: dict[str, Any] = {
            "learner": learner_facts(learner, name=self._name, option=self._option)
        }
        if self._known_data is None or self._known_data() is not learner.data:
            self._known_data = weakref.ref(learner.data)
            news |= {"data": data_facts(learner.data), "batch_png": b""}
        self._write(**news)

    def keep(self, keeper: Keeper) -> None:
        """Let `keeper` know of every end, and of that of the panel."""
        self._keepers.append(keeper)

    def report(self) -> Report:
        """What it shows now, for a page without it."""
        learner = self._subject()
        found = [] if learner is None else self._monitor.records(owner=id(learner))
        records = [record for record in found if record.facts["kind"] in {"fit", "lr_find"}]
        if not records:
            return Report(self._name, results=self.results)
        run, buffers = self._monitor.whole(records[-1])
        return Report(self._name, run, points_of(run, buffers), self.results)

    def close(self) -> None:
        """Take it off the page and let go of everything; a second time does nothing."""
        page, self._page = self._page, None
        if page is not None:
            page.close()
            for keeper in self._keepers:
                keeper.close()
            self._keepers, self._jobs, self._run_lines = [], [], None
            super().close()
            self.layout.close()
        elif self.comm is not None:
            super().close()

    # ---- from the page -----------------------------------------------------------------------

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page remembers; every other trait is the kernel's."""
        view = sync_data.get("view")
        if isinstance(view, dict) and len(json.dumps(view)) <= MOST_BYTES:
            with self._lock:
                super().set_state({"view": view})

    def _receive(self, widget: Any, message: Any, buffers: Any) -> None:
        """Read a command, carry it out and answer it; raises nothing into the kernel."""
        try:
            command = read_command(message, buffers=buffers or ())
            words, done = self._carry_out(command), True
        except TenfoldError as error:
            words, done = brief(error), False
        except Exception as error:  # a page must not be able to put an error into a cell
            words, done = f"this message cannot be read ({type(error).__name__})", False
        if not done:
            self._refused(words)
        if words:
            self._write(notice=words)
        page = self._page
        if page is not None and (to := id_of(message)):
            page.answer(to, ok=done, words=words)

    def _carry_out(self, command: Command) -> str:
        """Do what a command asks for; what to say about it."""
        if self._page is None or command.kind == "close":
            self.close()
            return ""
        self._page.renew(fresh=command.fresh)  # whoever asks is there
        if command.kind == "lines":
            return self._started(self._run(list(command.lines)))
        if command.kind == "predict":
            return self._started(self._predict(command))
        if command.kind in SAID:
            self._monitor.steer(command)
            return SAID[command.kind].format(run=command.run, lr=command.lr)
        return ""

    def _run(self, lines: list[str]) -> Job:
        _ = self.the_learner
        assert self._run_lines is not None
        return self._run_lines(lines, self)

    def _predict(self, command: Command) -> Job:
        learner = self.the_learner
        if getattr(learner.data, "size", None) is None:
            raise SettingError(
                f"{command.name} was dropped; this model takes tensors, no pictures; predict in a "
                "cell: learn.predict(tensor)"
            )

        def work() -> None:
            found = learner.predict(opened(command.file, name=command.name))
            facts = prediction_facts(command.name, found)
            self._show([Piece("results", "prediction", facts)])

        lines = [f"%predict {command.name}"]
        return jobs.submit(
            work, lines=lines, learner=learner, name=self._name, in_cell=False, keep=False
        )

    def _started(self, job: Job) -> str:
        with self._lock:
            self._jobs.append(job)
        self._show_busy()
        job.when_ended(self._job_ended)
        return "" if job.ended else f"running {in_one_line(job)}"

    def _refused(self, words: str) -> None:
        now = time.monotonic()
        if now - self._logged >= LOG_SECONDS:
            self._logged = now
            log.info("a message of a panel was refused: %s", words)

    # ---- to the page -------------------------------------------------------------------------

    def _tell(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """Send a message of the monitor; an end of a run is worth a look at the learner."""
        self.send(message, buffers)
        runs = message.get("runs", ())
        ends = {run["run"] for run in runs if run["state"] in ENDED} - self._seen_ends
        if ends:
            self._seen_ends |= ends
            self._after_end()

    def _job_ended(self, job: Job) -> None:
        self._show_busy()
        words = brief(job.error) if job.error is not None else f"{in_one_line(job)} {job.state}"
        self._write(notice=words)
        self._after_end()

    def _after_end(self) -> None:
        self.refresh()
        for keeper in list(self._keepers):
            keeper.update()

    def _show_busy(self) -> None:
        with self._lock:
            self._jobs = [job for job in self._jobs if not job.ended]
            self._write(busy=listed(map(in_one_line, self._jobs)))

    def _show(self, found: list[Piece]) -> None:
        with self._lock:
            for trait, key, facts, picture in found:
                news = {trait: {**getattr(self, trait), key: facts}}
                self._write(**news, **({} if picture is None else {f"{key}_png": picture}))

    def _write(self, **news: Any) -> None:
        """Set traits, in one message: the widget itself knows no threads."""
        with self._lock:
            if self.closed:
                return
            with self.hold_sync():
                for trait, value in news.items():
                    self.set_trait(trait, value)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        # ipykernel 7.4 would have commands handled where a message was sent from last: in the
        # main thread, where a Stop waits for the cell that runs
        vars(self.comm or object).pop("_reply_subshell_id", None)


def built(name: str) -> str:
    """One of the files that were made of extension/."""
    file = STATIC / name
    if not file.is_file():
        raise MissingPackageError(
            f"the panel needs {name}, which is made when Tenfold is installed and is not there; "
            "in the checkout run: pip install --editable ."
        )
    return file.read_text("utf-8")


def in_one_line(job: Job) -> str:
    """The lines of a job."""
    return "; ".join(job.lines)


def points_of(run: dict[str, Any], buffers: list[bytes]) -> list[tuple[float, float]]:
    """The curve of a whole run: losses by step, those of a rate finder by rate."""
    piece = run["series"]
    if piece is None:
        return []
    rows = np.frombuffer(buffers[piece["buffer"]], "<f4").reshape(-1, piece["count"])
    across = rows[RATES] if run["kind"] == "lr_find" else rows[STEP]
    return list(zip(across.tolist(), rows[LOSS].tolist()))
