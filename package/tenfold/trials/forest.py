"""A random forest fitted to the trials of a search: which settings matter, and how.

Breiman 2001, "Random forests"; as hyper-parameter importance Hutter, Hoos & Leyton-Brown 2014.
The score of a pruned trial is that of its last epoch: left out, the settings that do badly
would seem not to matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import MissingPackageError, SettingError, StateError
from tenfold.figures import COLOURS, new_figure
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.trials.ranges import Choice, Range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tenfold.trials.result import Search

__all__ = ["Dependence", "Importance", "dependence", "importance"]

LEAST = 12
_TREES, _SPLITS, _REPEATS, _HELD = 100, 10, 5, 0.25


@dataclass(frozen=True, eq=False, repr=False)
class Importance:
    """How much worse the forest ranks the trials when it is not told a setting.

    `means` and `spreads` belong to `names`, the most important first: the part of the variance
    of the ranks that is no longer explained, its mean and its deviation over ten forests, each
    judged on trials that it was not fitted to. Ranks, because one diverged trial has more variance
    than all the others. `explained` is what a forest that is told everything explains: near 0, the
    trials say nothing about the settings.

    >>> Importance(("lr", "dropout"), (0.8, 0.1), (0.2, 0.1), explained=0.7)
    the settings explain 70% of how the trials rank
             importance  spread
    lr             0.80    0.20
    dropout        0.10    0.10
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    explained: float

    @property
    def summary(self) -> str:
        """What the forest can say at all, in words."""
        part = max(self.explained, 0.0)
        more = "" if part > 0.3 else ": too little to trust the order; run more trials"
        return f"the settings explain {part:.0%} of how the trials rank{more}"

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self._table())}"

    def _repr_html_(self) -> str:
        return html_table(self._table(), caption=self.summary)

    def _table(self) -> list[list[str]]:
        rows = zip(self.names, self.means, self.spreads, strict=True)
        head = ["", "importance", "spread"]
        return [head, *[[name, f"{mean:z.2f}", f"{spread:.2f}"] for name, mean, spread in rows]]

    def plot(self) -> Figure:
        """A bar for each setting, with its spread."""
        figure, axes = new_figure(height=1 + 0.4 * len(self.names))
        axes.barh(self.names, self.means, xerr=self.spreads, color=COLOURS[0], ecolor=COLOURS[1])
        axes.invert_yaxis()
        axes.set_xlabel("part of the ranks' variance that is lost without it")
        return figure


@dataclass(frozen=True, eq=False, repr=False)
class Dependence:
    """The mean score that the forest expects over all trials, were `name` set to each value.

    `spreads` are the deviations over its trees (Friedman 2001, partial dependence).
    """

    name: str
    column: str
    range: Range | Choice
    values: tuple[Any, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    def __repr__(self) -> str:
        low, high = min(self.means), max(self.means)
        return f"{self.column} by {self.name}: {low:.4f} to {high:.4f} over {self.range}"

    def plot(self) -> Figure:
        """The line with its spread; points where the setting is a choice."""
        figure, axes = new_figure()
        means, spreads = np.array(self.means), np.array(self.spreads)
        if isinstance(self.range, Choice):
            words = [str(value) for value in self.values]
            axes.errorbar(words, means, yerr=spreads, fmt="o", color=COLOURS[0])
        else:
            axes.plot(self.values, means, color=COLOURS[0])
            axes.fill_between(
                self.values, means - spreads, means + spreads, color=COLOURS[0], alpha=0.2, lw=0
            )
            axes.set_xscale("log" if self.range.log else "linear")
        axes.set_xlabel(self.name)
        axes.set_ylabel(self.column)
        return figure


def importance(found: Search, *, seed: int = 0) -> Importance:
    """Permutation importance on held-out trials, over ten splits; StateError below 12 trials."""
    inputs, scores = matrix(found)
    ranks = scores.argsort(kind="stable").argsort(kind="stable").astype(np.float64)
    scale = ranks.var()
    _sklearn()
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import ShuffleSplit

    splits = ShuffleSplit(_SPLITS, test_size=_HELD, random_state=seed)
    drops, explained = [], []
    for number, (train, held) in enumerate(splits.split(inputs)):
        forest = fitted(inputs[train], ranks[train], seed=seed + number)
        told = permutation_importance(
            forest, inputs[held], ranks[held], scoring="neg_mean_squared_error",
            n_repeats=_REPEATS, random_state=seed + number,
        )  # fmt: skip
        drops.append(told.importances_mean / scale)
        explained.append(1 - np.square(forest.predict(inputs[held]) - ranks[held]).mean() / scale)
    means, spreads = np.mean(drops, 0), np.std(drops, 0, ddof=1)
    order = np.argsort(-means, kind="stable")
    names = list(found.ranges)
    return Importance(
        tuple(names[place] for place in order),
        tuple(means[order].tolist()),
        tuple(spreads[order].tolist()),
        float(np.mean(explained)),
    )


def dependence(found: Search, setting: str, *, points: int = 25, seed: int = 0) -> Dependence:
    """The partial dependence of the score on one setting; StateError below 12 trials."""
    if isinstance(points, bool) or not isinstance(points, int) or points < 2:
        raise SettingError(f"points={points!r} was given; allowed is 2 and above; try 25")
    inputs, scores = matrix(found)
    forest, column = fitted(inputs, scores, seed=seed), list(found.ranges).index(setting)
    one, by_tree = found.ranges[setting], []
    values = one.grid(points)
    for value in values:
        changed = inputs.copy()
        changed[:, column] = one.place(value)
        by_tree.append([tree.predict(changed).mean() for tree in forest.estimators_])
    means, spreads = np.mean(by_tree, 1), np.std(by_tree, 1, ddof=1)
    return Dependence(
        setting, found.column, one, tuple(values), tuple(means.tolist()), tuple(spreads.tolist())
    )


def matrix(found: Search) -> tuple[np.ndarray, np.ndarray]:
    """Settings (trials, settings) as places on their axes, and scores (trials,)."""
    known = [one for one in found.trials if math.isfinite(one.score)]
    if len(known) < LEAST:
        raise StateError(
            f"{counted(len(known), 'trial')} with a score were given to the forest; it needs "
            f"{LEAST}; search on with more trials"
        )
    rows = [[r.place(one.settings[name]) for name, r in found.ranges.items()] for one in known]
    return np.array(rows, np.float64), np.array([one.score for one in known], np.float64)


def fitted(inputs: np.ndarray, scores: np.ndarray, *, seed: int) -> Any:
    """A forest of a hundred trees."""
    _sklearn()
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(_TREES, min_samples_leaf=2, random_state=seed).fit(inputs, scores)


def _sklearn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise MissingPackageError(
            "the forest needs scikit-learn, which is not installed; run `pip install "
            "tenfold[search]`"
        ) from None
