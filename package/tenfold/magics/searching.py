"""%search: try settings within ranges, in the worker thread, and show what was found."""

from __future__ import annotations

import uuid
from typing import Any, cast

from torch import nn

from tenfold.learner import Learner
from tenfold.live.jobs import Job, current
from tenfold.live.output import Publish, publish_bundle
from tenfold.magics.call import BACKGROUND, Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.magics.report import in_kernel
from tenfold.magics.work import finished, start, synchronous
from tenfold.text import escape
from tenfold.trials.result import Search
from tenfold.trials.search import search as search_for

__all__ = ["SEARCHING", "SearchReport"]


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
    """One output that shows how a search stands, drawn anew after each trial."""

    def __init__(self, trials: int, *, publish: Publish = publish_bundle) -> None:
        self._trials, self._publish = trials, publish
        self._id, self._shown = uuid.uuid4().hex, False

    def __call__(self, found: Search, *, ended: bool = False) -> None:
        """Draw it; when it has ended, without saying how to end it."""
        left = not ended and len(found) < self._trials
        head = f"{len(found)} of {self._trials} trials; %stop ends the search" if left else ""
        html = f"<p>{escape(head)}</p>" * left + found._repr_html_()
        bundle = {"text/html": html, "text/plain": f"{head}\n{found!r}".lstrip()}
        self._publish(bundle, self._id, self._shown)
        self._shown = True


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
    fit(..., callbacks=trial.callbacks), and returns it. %stop ends the search with what there is.
    The value is what was found: found.best, found.importance(), found.parallel().
    """
    settings = call.given("trials", "column", "storage", "name", "seed")
    ranges = dict(_setting(word) for word in call["ranges"])
    objective = call["objective"]

    redraws = in_kernel(call.shell) and not call.silent
    report = SearchReport(settings.setdefault("trials", TRIALS)) if redraws else None

    def work() -> Search:
        quiet = redraws or call.silent
        settings.update(prune=not call["no_pruning"], quiet=quiet, watch=report)
        found = search_for(objective, ranges, **settings)
        if report is not None:
            report(found, ended=True)
        elif not call.used:
            call.show(found)
        return found

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
