"""One trial: the settings to try, and the callback that ends it when it is hopeless."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tenfold.errors import SettingError
from tenfold.techniques.early_stop import score_of
from tenfold.text import did_you_mean, listed
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["Pruning", "Trial"]

PRUNED = "pruned"
# what a run says of itself when a person ended it
BY_HAND = {"stopped", "interrupted", "the kernel ended"}


class Trial(Mapping[str, Any]):
    """The settings of one trial by name; `callbacks` are for the fits within it.

    `number` counts from 0. `dict(trial)` has all settings, to pass on as `**trial`.
    """

    def __init__(
        self,
        asked: Any,
        settings: Mapping[str, Any],
        *,
        column: str,
        prune: bool,
        tell: Callable[[], Any] = lambda: None,
    ) -> None:
        self._asked, self._settings = asked, dict(settings)
        self.number: int = asked.number
        self.pruning = Pruning(asked, column=column, prune=prune, tell=tell)

    def __getitem__(self, name: str) -> Any:
        if name not in self._settings:
            raise SettingError(
                f"the setting {name!r} was asked for; this search has {listed(self._settings)}"
                f"{did_you_mean(name, self._settings)}"
            )
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def __repr__(self) -> str:
        return f"Trial({self.number}, {self._settings})"

    @property
    def callbacks(self) -> list[Callback]:
        """What to give to `fit(..., callbacks=trial.callbacks)`, so that it can be pruned."""
        return [self.pruning]


class Pruning(Callback):
    """Tells the search how an epoch went, and stops the run when the median did better.

    A trial is stopped when its best score so far is worse than the median of what the earlier
    trials had after as many epochs (Golovin et al. 2017, "Google Vizier"). Epochs are counted
    over all fits of the trial; `tell` is called after each.
    """

    def __init__(
        self,
        asked: Any,
        *,
        column: str,
        prune: bool,
        tell: Callable[[], Any] = lambda: None,
    ) -> None:
        self._asked, self._column, self._prune, self._tell = asked, column, prune, tell
        self.epochs = 0
        self.pruned = False
        """Whether it was stopped because it was hopeless."""
        self.stopped = False
        """Whether somebody stopped the run, and so the search."""

    def before_epoch(self, run: Run) -> None:
        if self.pruned:  # a second fit of the same trial
            run.stop(PRUNED)

    def after_epoch(self, run: Run) -> None:
        score = score_of(run, self._column)
        if score is None or self.pruned or run.limit is not None:
            return
        self.epochs += 1
        self._asked.report(score, self.epochs)
        self._tell()
        if self._prune and self._asked.should_prune():
            self.pruned = True
            run.stop(PRUNED)

    def after_fit(self, run: Run) -> None:
        by_hand = run.state == "stopped" and run.message in BY_HAND
        self.stopped = self.stopped or by_hand
