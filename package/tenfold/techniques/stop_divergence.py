"""A watch on divergence: end a run whose loss runs away, before it becomes no number.

The loss is smoothed as in the rate finder (Smith 2017, arXiv:1506.01186, section 3.3), and looked
at a few times a second, when it is read anyway.
"""

from __future__ import annotations

import math
from typing import Any

from tenfold.errors import SettingError
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["StopDivergence"]

# of the old average that each new loss keeps, and steps that it takes until it means something
KEPT, SETTLED = 0.95, 20


class StopDivergence(Callback):
    """Stops when the smoothed training loss is above `factor` times the lowest it has been.

    The run ends as one that was stopped by hand, with the weights of its last batch: take those
    of an earlier epoch from `KeepBest` or a checkpoint, and try a lower rate. For losses that are
    above zero.

    >>> watch = StopDivergence(factor=3)
    """

    def __init__(self, *, factor: float = 4.0) -> None:
        if isinstance(factor, bool) or not 1 < factor < math.inf:
            raise SettingError(f"factor={factor!r} was given; allowed is above 1; try 4")
        self.factor = factor

    def before_fit(self, run: Run) -> None:
        self._sum, self._seen, self._best = 0.0, 0, math.inf
        self._read = run.history.steps

    def state(self) -> dict[str, Any]:
        return {"sum": self._sum, "seen": self._seen, "best": self._best}

    def load_state(self, state: dict[str, Any], run: Run) -> None:
        self._sum, self._seen, self._best = state["sum"], state["seen"], state["best"]
        self._read = run.history.steps

    def on_tick(self, run: Run) -> None:
        new = run.history.tail(run.history.steps - self._read)
        self._read = run.history.steps
        for loss in new.tolist():
            self._seen += 1
            self._sum = KEPT * self._sum + (1 - KEPT) * loss
            # undoes that the average began at 0
            average = self._sum / (1 - KEPT**self._seen)
            if self._seen < SETTLED:
                continue
            self._best = min(self._best, average)
            if average > self.factor * self._best:
                run.stop(
                    f"the loss runs away: {average:.3g} on average, and it was {self._best:.3g}; "
                    "try a lower rate"
                )
                return

    def after_epoch(self, run: Run) -> None:
        self.on_tick(run)
