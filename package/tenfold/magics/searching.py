"""%search: try settings within ranges, in the worker thread, and show what was found."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from tenfold.errors import MissingPackageError
from tenfold.figures import Told
from tenfold.learner import Learner
from tenfold.live.jobs import Job, current
from tenfold.live.output import Publish, publish_bundle
from tenfold.live.panels.search import search_html, search_line, search_text
from tenfold.magics.call import BACKGROUND, Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.magics.report import REDRAW_SECONDS, in_kernel
from tenfold.magics.work import finished, start, synchronous
from tenfold.trials.forest import LEAST
from tenfold.trials.result import Search
from tenfold.trials.search import search as search_for

if TYPE_CHECKING:
    from tenfold.live.widgets.search import SearchBar

__all__ = ["SEARCHING", "SearchReport", "pictures_of"]


# how many trials without --trials
TRIALS = 20


class Bench:
    """What a search holds in the place of one learner: each of its trials makes its own."""

    def __init__(self) -> None:
        self.holder: Any = None
        self.model = nn.Identity()

    def _refuse_while_busy(self) -> None:
        """It never is: every search has one of its own."""


class SearchReport:
    """Shows how a search stands: a bar with a stop, and below it one output that is drawn anew.

    Without `redraws`, as in a terminal, it only tells the job, for %status. Calling it with what
    was found so far says whether the search is to go on.
    """

    def __init__(
        self, trials: int, *, redraws: bool = True, publish: Publish = publish_bundle
    ) -> None:
        self._trials, self._redraws, self._publish = trials, redraws, publish
        self._id, self._shown, self._drawn = uuid.uuid4().hex, False, 0.0
        self._bar_id = uuid.uuid4().hex
        self._bar: SearchBar | None = None
        self._ended = -1
        self._job: Job | None = None

    def open_bar(self) -> None:
        """Show the bar, where the page's part of it was built."""
        from tenfold.live.widgets.search import SearchBar  # widgets are loaded with the first

        with suppress(MissingPackageError):
            self._bar = SearchBar(self._trials, stop=self._stop)
            self._publish(self._bar.bundle()[0], self._bar_id, False)

    def __call__(self, found: Search) -> bool:
        """Show it, at the end of a trial at once and between at most twice a second."""
        self._job = job = current()
        words = search_line(found, self._trials)
        if job is not None:
            job.doing = words
        if self._bar is not None:
            self._bar.tell(len(found), words)
        if len(found) != self._ended or time.monotonic() - self._drawn > REDRAW_SECONDS:
            self._ended = len(found)
            self._draw(found)
        return job is None or not job.stopping

    def end(self, found: Search) -> None:
        """Leave what was found behind."""
        self._draw(found)

    def close(self) -> None:
        """Take the bar away: nothing is left to stop."""
        bar, self._bar = self._bar, None
        if bar is not None:
            self._publish({"text/plain": ""}, self._bar_id, True)
            bar.close()

    def _draw(self, found: Search) -> None:
        if not self._redraws:
            return
        self._drawn = time.monotonic()
        bundle = {
            "text/html": search_html(found, self._trials),
            "text/plain": search_text(found, self._trials),
        }
        self._publish(bundle, self._id, self._shown)
        self._shown = True

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()


def pictures_of(found: Search) -> Iterator[Told]:
    """What the trials say about the settings, as far as there are enough of them.

    Every trial as a line; then which settings matter, and how the two that matter most do.
    """
    lines = found.parallel()
    if len(lines.rows) < 2:
        return
    yield Told(lines.plot(), words=str(lines))
    if len(lines.rows) < LEAST:
        return
    told = found.importance()
    yield Told(told.plot(), words=str(told))
    for name in told.names[:2]:
        dependence = found.dependence(name)
        yield Told(dependence.plot(), words=str(dependence))


@magic(
    "search",
    Argument("objective", "data", "a function of a trial that trains and returns the learner"),
    Argument(
        "ranges",
        "word",
        "settings with their ranges: lr=1e-4:1e-1:log, dropout=0.0:0.5, layers=1:4 for whole "
        "numbers, activation=relu,gelu",
        {"nargs": "+", "metavar": "setting=range"},
    ),
    Argument("--trials", "count", "how many, those in the storage among them; 20 without it"),
    Argument("--column", "word", "the column of the history to compare; valid_loss without it"),
    Argument("--storage", "path", "an SQLite file: the same line goes on where it was"),
    Argument("--name", "word", "the name of the search in the storage; search without it"),
    Argument("--seed", "count", "of what is tried; 0 without it"),
    Argument("--no-pruning", "flag", "let hopeless trials go on", {"action": "store_true"}),
    BACKGROUND,
    example="found = %search train lr=1e-4:1e-1:log dropout=0.0:0.5 --trials 30",
    learner=False,
)
def search(call: Call) -> Search | Job:
    """Look for good settings: train with some within the ranges, again and again.

    The objective is a function: it makes a learner with trial["lr"] and its like, trains it with
    fit(..., callbacks=trial.callbacks), and returns it. %stop ends the search with what there is;
    with --storage the same line goes on. The value is what was found: found.best,
    found.importance(), found.parallel().
    """
    settings = call.given("trials", "column", "storage", "name", "seed")
    ranges = dict(_setting(word) for word in call["ranges"])
    objective = call["objective"]

    redraws = in_kernel(call.shell) and not call.silent
    report = SearchReport(settings.setdefault("trials", TRIALS), redraws=redraws)

    def work() -> Search:
        settings.update(prune=not call["no_pruning"], quiet=redraws or call.silent, watch=report)
        try:
            found = search_for(objective, ranges, **settings)
        finally:
            report.close()
        show(found)
        return found

    def show(found: Search) -> None:
        job = current()
        if redraws:
            report.end(found)
            if job is None or not job.stopping:
                for picture in pictures_of(found):
                    call.show(picture)
        elif not call.used:
            call.show(found)

    if redraws:
        report.open_bar()
    if current() is not None:  # a panel's lines are in the worker already
        return work()
    lasting = call["background"] and not synchronous(call.shell)
    bench = cast(Learner, Bench())
    job = start(call.shell, work, lines=[call.line], learner=bench, name="", keep=True)
    return job if lasting else finished(job)


def _setting(word: str) -> tuple[str, str]:
    name, sign, given = word.partition("=")
    if not sign or not name or not given:
        raise MagicError(
            f"{word!r} was given; allowed is SETTING=RANGE; write it as in lr=1e-4:1e-1:log or "
            "activation=relu,gelu"
        )
    return name, given


SEARCHING: tuple[Magic, ...] = (search,)
