"""Snapshot ensembles: keep the weights at the end of every cosine cycle and average them.

Huang et al. 2017, "Snapshot ensembles: train 1, get M for free", arXiv:1704.00109.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from tenfold.train.events import Callback
from tenfold.train.run import Run
from tenfold.train.state import Snapshot

__all__ = ["CycleSnapshots"]


class CycleSnapshots(Callback):
    """Copies the weights at the end of each cycle; `lengths` are the epochs of the cycles.

    >>> CycleSnapshots([1, 2, 4]).ends
    [1, 3, 7]
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self.ends = list(accumulate(lengths))
        self.snapshots: list[Snapshot] = []

    def after_epoch(self, run: Run) -> None:
        if run.epoch + 1 in self.ends and not run.stopping:
            self.snapshots.append(Snapshot(run.model))
            run.mark(f"end of cycle {len(self.snapshots)}")
