"""What a search found: its trials, the best settings, and which settings mattered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenfold.errors import SettingError, StateError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.tables import html_table, text_table
from tenfold.text import counted, did_you_mean, listed
from tenfold.trials.parallel import Parallel
from tenfold.trials.ranges import Choice, Range, words_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from tenfold.trials.forest import Dependence, Importance

__all__ = ["Search", "Tried"]

# trials that a table shows
_SHOWN = 10


@dataclass(frozen=True)
class Tried:
    """One trial that has a result.

    `state` is finished, pruned, failed or, without a result yet, running; the score of a pruned
    trial is that of its last epoch, and `why` says what made one fail. `epochs` are those that it
    told the search of, and `curve` their scores.
    """

    number: int
    settings: dict[str, Any]
    score: float
    state: str = "finished"
    epochs: int = 0
    seconds: float = 0.0
    why: str = ""
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Search:
    """The trials of a search in their order, and what they say about the settings.

    `ranges` has the range of each setting; `column` is what was compared, `lower` whether lower
    is better. `running` is the trial that goes on, which is none of the others.

    >>> tried = (Tried(0, {"lr": 0.1}, 0.7), Tried(1, {"lr": 0.01}, 0.4))
    >>> Search(tried, {"lr": Range(1e-3, 1.0, log=True)}, column="valid_loss", lower=True).best
    {'lr': 0.01}
    """

    trials: tuple[Tried, ...]
    ranges: Mapping[str, Range | Choice]
    column: str = "valid_loss"
    lower: bool = True
    running: Tried | None = None

    def __len__(self) -> int:
        return len(self.trials)

    @property
    def finished(self) -> tuple[Tried, ...]:
        """The trials that went to their end, the best first."""
        done = [trial for trial in self.trials if trial.state == "finished"]
        return tuple(sorted(done, key=lambda trial: trial.score if self.lower else -trial.score))

    @property
    def winner(self) -> Tried | None:
        """The trial with the best score; None while none has finished."""
        return self.finished[0] if self.finished else None

    @property
    def best(self) -> dict[str, Any]:
        """The settings of the best trial."""
        return dict(self._winner().settings)

    @property
    def score(self) -> float:
        """The score of the best trial."""
        return self._winner().score

    def frame(self) -> DataFrame:
        """A row for each trial: its settings, score, state, epochs and seconds."""
        import pandas as pd

        rows = [
            {"trial": one.number, **one.settings, self.column: one.score, "state": one.state,
             "epochs": one.epochs, "seconds": one.seconds}
            for one in self.trials
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def importance(self, *, seed: int = 0) -> Importance:
        """Which settings mattered: a random forest fitted to the trials, asked without each."""
        from tenfold.trials.forest import importance

        return importance(self, seed=seed)

    def dependence(self, setting: str, *, points: int = 25, seed: int = 0) -> Dependence:
        """The score that the forest expects at each value of one setting, over all trials."""
        from tenfold.trials.forest import dependence

        self.range_of(setting)
        return dependence(self, setting, points=points, seed=seed)

    def parallel(self) -> Parallel:
        """Every trial as a line through its settings to its score."""
        names = (*self.ranges, self.column)
        known = [one for one in self.trials if math.isfinite(one.score)]
        rows = [(*(one.settings[name] for name in self.ranges), one.score) for one in known]
        return Parallel(names, tuple(self.ranges.values()), tuple(rows), lower=self.lower)

    def plot(self) -> Figure:
        """The score of each trial, and the best until then."""
        figure, axes = new_figure()
        for state, marker in (("finished", "o"), ("pruned", "x")):
            chosen = [one for one in self.trials if one.state == state]
            places, scores = [one.number for one in chosen], [one.score for one in chosen]
            colour = COLOURS[0] if state == "finished" else GREY
            axes.scatter(places, scores, s=14, marker=marker, color=colour, label=state)
        best, so_far = math.nan, []
        for one in self.trials:
            if one.state == "finished":
                best = one.score if math.isnan(best) else self._better(best, one.score)
            so_far.append(best)
        axes.step([one.number for one in self.trials], so_far, where="post", color=COLOURS[1])
        axes.set_xlabel("trial")
        axes.set_ylabel(self.column)
        axes.legend(frameon=False, labelcolor=GREY)
        return figure

    def range_of(self, setting: str) -> Range | Choice:
        """The range of a setting; SettingError for one that was not searched."""
        if setting not in self.ranges:
            raise SettingError(
                f"the setting {setting!r} was asked for; this search has {listed(self.ranges)}"
                f"{did_you_mean(setting, self.ranges)}"
            )
        return self.ranges[setting]

    @property
    def summary(self) -> str:
        """How many trials there were, and the best, in words."""
        states = [one.state for one in self.trials]
        others = [f"{states.count(s)} {s}" for s in ("pruned", "failed") if s in states]
        counts = counted(len(self), "trial") + (f" ({listed(others)})" if others else "")
        if self.winner is None:
            return f"{counts}; none has finished"
        return f"{counts}; best {self.column} {self.score:.4f} with {words_of(self.best)}"

    def __repr__(self) -> str:
        table = self._table()
        return f"{self.summary}\n{text_table(table)}" if self.finished else self.summary

    def _repr_html_(self) -> str:
        return html_table(self._table(), caption=self.summary)

    def _table(self) -> list[list[str]]:
        rows = [["trial", *self.ranges, self.column]]
        for one in self.finished[:_SHOWN]:
            settings = [_word(one.settings[name]) for name in self.ranges]
            rows.append([str(one.number), *settings, f"{one.score:.4f}"])
        return rows

    def _better(self, one: float, other: float) -> float:
        return min(one, other) if self.lower else max(one, other)

    def _winner(self) -> Tried:
        if self.winner is None:
            reasons = [one.why for one in self.trials if one.why]
            said = f"; the last failed: {reasons[-1]}" if reasons else ""
            raise StateError(
                f"none of {counted(len(self), 'trial')} has finished, so there is no best{said}; "
                "search again with other ranges"
            )
        return self.winner


def _word(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
