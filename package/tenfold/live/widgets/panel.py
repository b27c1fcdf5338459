"""The panel: one widget that shows a learner, steers its runs, and runs magics for its page.

The page writes the trait `view` and the kernel all others, so neither overwrites the other. What
comes from the page is handled in whatever thread the kernel chooses: it is checked, handed to a
run or to the worker thread, and answered; nothing is computed there.
"""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from traitlets import Dict, Unicode

from tenfold.errors import SettingError, StateError, TenfoldError
from tenfold.learner import Learner
from tenfold.live.comm import LOG_SECONDS, id_of
from tenfold.live.job import Job, brief
from tenfold.live.jobs import jobs
from tenfold.live.monitor import Monitor, monitor
from tenfold.live.publisher import View
from tenfold.live.record import TRAINING
from tenfold.live.widgets.payloads import data_facts, learner_facts, opened
from tenfold.live.widgets.pictured import Pictured
from tenfold.live.widgets.results import NOTHING, Piece, live_pieces, pieces, predicted
from tenfold.live.widgets.still import show
from tenfold.live.wire import Command, read_command
from tenfold.text import listed

__all__ = ["Panel", "RunLines", "show"]

ENDED = {"finished", "stopped", "failed"}
SAID = {
    "pause": "run {run} pauses before its next batch",
    "resume": "run {run} goes on",
    "stop": "run {run} stops after this batch",
    "rate": "run {run} has the rate {lr:g} from its next batch on; later peaks scale with it",
}

log = logging.getLogger("tenfold")

RunLines = Callable[[list[str], "Panel"], Job]


class Keeper(Protocol):
    """What keeps a copy of what the panel shows."""

    def update(self) -> None:
        """Something has ended: bring the copy up to date."""

    def close(self) -> None:
        """The panel is gone."""


class Panel(Pictured):
    """Shows and steers the runs of `learner`, called `name` on the magic lines.

    With `several` learners around, every line names its own. `run_lines(lines, panel)` checks
    lines of magics and runs them as a job, which gives each result to `took`. The learner is
    not kept alive. Raises MissingPackageError where the page's part was not built.
    """

    learner = Dict().tag(sync=True)
    data = Dict().tag(sync=True)
    results = Dict(dict(NOTHING)).tag(sync=True)
    notice = Unicode().tag(sync=True)
    busy = Unicode().tag(sync=True)

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
        self._keepers: list[Keeper] = []
        self._jobs: list[Job] = []
        self._known_data = 0
        self._seen_shown: Any = None
        self._seen_ends: set[int] = set()
        self._logged = float("-inf")
        super().__init__("panel", words=f"Tenfold panel of {name}")
        self._page = monitor.listen(self._tell, owner=id(learner))
        self.refresh()
        self.on_msg(self._receive)

    def _ipython_display_(self) -> None:
        show(self)

    # ---- for those who run its lines and show it ---------------------------------------------

    @property
    def name(self) -> str:
        """What the learner is called on the lines."""
        return self._name

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
        if self._known_data != id(learner.data):
            self._known_data = id(learner.data)
            news |= {"data": data_facts(learner.data), "batch_png": b""}
        self.write(**news)
        self._show_live(learner)

    def catch_up(self) -> None:
        """Something has ended: tell the page and those who keep a copy; raises nothing."""
        try:
            self.refresh()
            for keeper in list(self._keepers):
                keeper.update()
        except Exception:  # the thread that ends a job must go on
            log.warning("the panel of %s could not be updated", self._name, exc_info=True)

    def keep(self, keeper: Keeper) -> None:
        """Let `keeper` know of every end, and of that of the panel."""
        self._keepers.append(keeper)

    def last_run(self) -> tuple[dict[str, Any], list[bytes]] | None:
        """The last run that trained or tried rates, as a message has it with its buffers."""
        learner = self._subject()
        found = [] if learner is None else self._monitor.records(owner=id(learner))
        records = [record for record in found if record.facts["kind"] in TRAINING]
        return self._monitor.whole(records[-1]) if records else None

    def close(self) -> None:
        """Take it off the page and let go of everything; a second time does nothing."""
        page, self._page = self._page, None
        if page is not None:
            page.close()
            for keeper in self._keepers:
                keeper.close()
            self._keepers, self._jobs, self._run_lines = [], [], None
        super().close()

    # ---- from the page -----------------------------------------------------------------------

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
            self.write(notice=words)
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
            item = opened(command.file, name=command.name)
            self._show(predicted(command.name, item, learner.predict(item), learner))

        lines = [f"%predict {command.name}"]
        return jobs.submit(
            work, lines=lines, learner=learner, name=self._name, in_cell=False, keep=False
        )

    def _started(self, job: Job) -> str:
        with self._lock:
            self._jobs.append(job)
        self._show_busy()
        self.write(notice=f"running {job.title}")
        job.when_ended(self._job_ended)
        return ""

    def _refused(self, words: str) -> None:
        now = time.monotonic()
        if now - self._logged >= LOG_SECONDS:
            self._logged = now
            log.info("a message of a panel was refused: %s", words)

    # ---- to the page -------------------------------------------------------------------------

    def _tell(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """Send a message of the monitor; an end of a run is worth a look at the learner."""
        self.send(message, buffers)
        if (learner := self._subject()) is not None:
            self._show_live(learner)
        runs = message.get("runs", ())
        ends = {run["run"] for run in runs if run["state"] in ENDED} - self._seen_ends
        if ends:
            self._seen_ends |= ends
            self.catch_up()

    def _job_ended(self, job: Job) -> None:
        self._show_busy()
        words = brief(job.error) if job.error is not None else f"{job.title} {job.state}"
        self.write(notice=words)
        self.catch_up()

    def _show_busy(self) -> None:
        with self._lock:
            self._jobs = [job for job in self._jobs if not job.ended]
            self.write(busy=listed(job.title for job in self._jobs))

    def _show_live(self, learner: Learner) -> None:
        """Show what a callback of the run has made for the eye, once."""
        shown = getattr(learner.run, "shown", None)
        if shown is not self._seen_shown and shown is not None:
            self._seen_shown = shown
            self._show(live_pieces(shown, learner))

    def _show(self, found: list[Piece]) -> None:
        with self._lock:
            for one in found:
                pictures = {f"{one.key}_png": one.png, f"{one.key}_gif": one.gif}
                given = {name: data for name, data in pictures.items() if data is not None}
                self.write(**{one.trait: {**getattr(self, one.trait), one.key: one.facts}}, **given)
