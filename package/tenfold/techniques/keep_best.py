"""Keep the best: put the weights of the best epoch back at the end of a run."""

from __future__ import annotations

from typing import Any

from tenfold.techniques.early_stop import better, score_of
from tenfold.train.events import Callback
from tenfold.train.metrics import lower_is_better
from tenfold.train.run import Run
from tenfold.train.state import Snapshot

__all__ = ["KeepBest"]


class KeepBest(Callback):
    """Remembers the weights of the epoch with the best `column`; `run.history` marks it.

    >>> keep = KeepBest("accuracy")
    """

    def __init__(self, column: str = "valid_loss", *, lower: bool | None = None) -> None:
        self.column = column
        self.lower = lower_is_better(column) if lower is None else lower

    def before_fit(self, run: Run) -> None:
        self.epoch: int | None = None
        self._best: float | None = None
        self._snapshot: Snapshot | None = None

    def state(self) -> dict[str, Any]:
        tensors = None if self._snapshot is None else self._snapshot.tensors
        return {"epoch": self.epoch, "best": self._best, "weights": tensors}

    def load_state(self, state: dict[str, Any], run: Run) -> None:
        self.epoch, self._best = state["epoch"], state["best"]
        if state["weights"] is not None:
            self._snapshot = Snapshot.of(run.model, state["weights"])

    def after_epoch(self, run: Run) -> None:
        score = score_of(run, self.column)
        if score is None:
            return
        if self._best is None or better(score, self._best, lower=self.lower):
            self._best, self.epoch = score, run.row["epoch"]
            self._snapshot = Snapshot(run.model)

    def after_fit(self, run: Run) -> None:
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is None or self.epoch == run.row.get("epoch"):
            return
        snapshot.restore()
        run.mark(f"weights of epoch {self.epoch} put back")
