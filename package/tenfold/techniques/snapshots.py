"""Snapshot ensembles: keep the weights at the end of every cosine cycle and average them.

Huang et al. 2017, "Snapshot ensembles: train 1, get M for free", arXiv:1704.00109.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from tenfold.train.events import Callback
from tenfold.train.run import Run
from tenfold.train.state import Snapshot

__all__ = ["CycleSnapshots", "cycles_of"]


class CycleSnapshots(Callback):
    """Copies the weights at the end of each cycle; `lengths` are the epochs of the cycles.

    >>> CycleSnapshots([1, 2, 4]).ends
    [1, 3, 7]
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = list(lengths)
        self.ends = list(accumulate(lengths))
        self.snapshots: list[Snapshot] = []

    def state(self) -> dict[str, Any]:
        return {"weights": [snapshot.tensors for snapshot in self.snapshots]}

    def load_state(self, state: dict[str, Any], run: Run) -> None:
        self.snapshots = [Snapshot.of(run.model, weights) for weights in state["weights"]]

    def after_epoch(self, run: Run) -> None:
        if run.epoch + 1 in self.ends and not run.stopping:
            self.snapshots.append(Snapshot(run.model))
            run.mark(f"end of cycle {len(self.snapshots)}")


def cycles_of(callbacks: Iterable[Callback]) -> list[int] | None:
    """The lengths of the cycles whose ends are kept, if one of the callbacks does that."""
    found = [one.lengths for one in callbacks if isinstance(one, CycleSnapshots)]
    return found[0] if found else None
