"""A ledger that prices every training run, and the leaderboard of what a technique buys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from tenfold.errors import SettingError, StateError
from tenfold.tables import html_table, text_table
from tenfold.text import counted

__all__ = ["Entry", "Leaderboard", "Ledger"]


@dataclass(frozen=True)
class Entry:
    """One run: what was tried, what it cost, what it reached, and from which seed."""

    name: str
    seconds: float
    cents: float
    score: float
    seed: int | None = None


class Ledger:
    """What runs cost, in seconds and in hundredths of the money that an hour costs.

    `price_per_hour` is yours to state: what a machine is rented for, or the power that it draws.
    `budget` is in seconds of training. A run that goes over it is written down all the same,
    because it was paid for; `left` is then below zero and the leaderboard says so.

    >>> ledger = Ledger(price_per_hour=3.6, budget=60)
    >>> ledger.add("plain", 20.0, score=0.5).cents
    2.0
    >>> ledger.left
    40.0
    """

    def __init__(self, *, price_per_hour: float, budget: float) -> None:
        self.price_per_hour = _number("price_per_hour", price_per_hour)
        self.budget = _number("budget", budget)
        self.entries: list[Entry] = []

    def cents(self, seconds: float) -> float:
        """What so many seconds cost."""
        return seconds * self.price_per_hour * 100 / 3600

    def add(
        self,
        name: str,
        history: Any,
        *,
        score: float,
        seed: int | None = None,
        extra: float = 0.0,
    ) -> Entry:
        """Write a run down: its name, its history or its seconds, and the score it reached.

        The seconds of all epochs in `learn.history` count, those of validation too; `extra` are
        seconds on top, for what happened outside training. Raises StateError for a history
        without epochs, SettingError for a score or seconds that are no numbers.
        """
        seconds = seconds_of(history) + _number("extra", extra)
        score = _number("score", score, least=-math.inf)
        entry = Entry(name, seconds, self.cents(seconds), score, seed)
        self.entries.append(entry)
        return entry

    @property
    def spent(self) -> float:
        """The seconds that all runs took together."""
        return sum(entry.seconds for entry in self.entries)

    @property
    def left(self) -> float:
        """The seconds of the budget that are left; below zero when it is overdrawn."""
        return self.budget - self.spent

    def leaderboard(self) -> Leaderboard:
        """The best mean score first, each against the name that was written down first."""
        return Leaderboard(self)

    def __repr__(self) -> str:
        return repr(self.leaderboard()) if self.entries else self.account

    def _repr_html_(self) -> str:
        board = self.leaderboard() if self.entries else None
        return board._repr_html_() if board else f"<p>{self.account}</p>"

    @property
    def account(self) -> str:
        """The account in one sentence."""
        rest = f"{-self.left:.1f} over" if self.left < 0 else f"{self.left:.1f} left"
        return (
            f"{counted(len(self.entries), 'run')}: {self.spent:.1f} of {self.budget:.1f} seconds "
            f"spent, {rest}; {self.cents(self.spent):.3f} cents"
        )


class Leaderboard:
    """The runs of a ledger by name, the best mean score first, as text and as HTML.

    `rows` has for each name: how many runs, the mean score and its standard deviation over the
    runs (None for one), the mean seconds and cents of a run, and `gain`, the mean score against
    that of the first name in the ledger: by seed where both have runs from the same seeds,
    between the means otherwise.

    >>> ledger = Ledger(price_per_hour=3.6, budget=60)
    >>> for seed, (plain, better) in enumerate([(0.5, 0.6), (0.3, 0.5)]):
    ...     _ = ledger.add("plain", 10.0, score=plain, seed=seed)
    ...     _ = ledger.add("better", 10.0, score=better, seed=seed)
    >>> print(ledger.leaderboard())
            runs  score      ±   gain  seconds  cents
    better     2  0.550  0.071  0.150     10.0  1.000
    plain      2  0.400  0.141      –     10.0  1.000
    4 runs: 40.0 of 60.0 seconds spent, 20.0 left; 4.000 cents
    """

    def __init__(self, ledger: Ledger) -> None:
        if not ledger.entries:
            raise StateError("the ledger is empty; write a run down first, with ledger.add")
        self.account = ledger.account
        by_name: dict[str, list[Entry]] = {}
        for entry in ledger.entries:
            by_name.setdefault(entry.name, []).append(entry)
        first, base = next(iter(by_name.items()))
        self.rows: list[dict[str, Any]] = [
            _row(name, runs, gain=None if name == first else _gain(runs, base))
            for name, runs in by_name.items()
        ]
        self.rows.sort(key=lambda row: -row["score"])

    @property
    def table(self) -> list[list[str]]:
        """Header and rows as words."""
        head = ["", "runs", "score", "±", "gain", "seconds", "cents"]
        return [head, *[[row["name"], *_words(row)] for row in self.rows]]

    def __repr__(self) -> str:
        return f"{text_table(self.table)}\n{self.account}"

    def _repr_html_(self) -> str:
        return f"{html_table(self.table)}<p>{self.account}</p>"


def seconds_of(history: Any) -> float:
    """The seconds of a run: those of every epoch of a history, or the number itself.

    >>> from tenfold.train.history import History
    >>> seconds_of(History(rows=[{"seconds": 1.5}, {"seconds": 2.0}]))
    3.5
    """
    if isinstance(history, int | float) and not isinstance(history, bool):
        return _number("seconds", history)
    rows = getattr(history, "rows", None)
    if not rows:
        raise StateError(
            f"{type(history).__name__} was given and has no epochs; train first, then give "
            "learn.history, or the seconds as a number"
        )
    return float(sum(row["seconds"] for row in rows))


def _row(name: str, runs: list[Entry], *, gain: float | None) -> dict[str, Any]:
    scores = [run.score for run in runs]
    return {
        "name": name,
        "runs": len(runs),
        "score": mean(scores),
        "deviation": stdev(scores) if len(runs) > 1 else None,
        "gain": gain,
        "seconds": mean(run.seconds for run in runs),
        "cents": mean(run.cents for run in runs),
    }


def _words(row: dict[str, Any]) -> list[str]:
    deviation, gain = (
        "–" if row[name] is None else f"{row[name]:.3f}" for name in ("deviation", "gain")
    )
    score, seconds, cents = f"{row['score']:.3f}", f"{row['seconds']:.1f}", f"{row['cents']:.3f}"
    return [str(row["runs"]), score, deviation, gain, seconds, cents]


def _gain(runs: list[Entry], base: list[Entry]) -> float:
    """The mean difference by seed: the luck of a seed that both had cancels."""
    ours, theirs = ({run.seed: run.score for run in one} for one in (runs, base))
    shared = (ours.keys() & theirs.keys()) - {None}
    if shared:
        return mean(ours[seed] - theirs[seed] for seed in shared)
    return mean(run.score for run in runs) - mean(run.score for run in base)


def _number(name: str, value: float, *, least: float = 0.0) -> float:
    """A finite number from `least` on."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < least:
        allowed = "a number" + (f" from {least:g}" if math.isfinite(least) else "")
        raise SettingError(f"{name}={value!r} was given; allowed is {allowed}; try {name}=1")
    return float(value)
