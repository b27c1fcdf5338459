from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import At, make_learner, same, tensors

from tenfold.errors import StateError
from tenfold.techniques.snapshots import CycleSnapshots
from tenfold.train.events import Callback
from tenfold.train.run import Run


class AtEnds(Callback):
    """Copies the weights after epochs 1, 3 and 7."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def after_epoch(self, run: Run) -> None:
        if run.epoch + 1 in {1, 3, 7}:
            self.kept.append(tensors(run.model))


def test_the_weights_at_the_end_of_every_cycle_are_kept() -> None:
    watch, learn = AtEnds(), make_learner()
    learn.fit_sgdr(3, 0.01, cycle_mult=2, snapshots=True, callbacks=[watch])
    restored = []
    for snapshot in learn.snapshots:
        snapshot.restore()
        restored.append(tensors(learn.model))
    assert same(restored, watch.kept)
    ends = [(4, "end of cycle 1"), (12, "end of cycle 2"), (28, "end of cycle 3")]
    assert learn.history.marks == ends


def test_the_ensemble_is_the_mean_of_the_predictions_of_its_members() -> None:
    learn = make_learner()
    learn.fit_sgdr(2, 0.1, snapshots=True)
    before, singles = tensors(learn.model), []
    found, targets = learn.snapshot_predictions()
    assert same(tensors(learn.model), before)
    for snapshot in learn.snapshots:
        snapshot.restore()
        singles.append(learn.predictions()[0])
    assert torch.allclose(found, (singles[0] + singles[1]) / 2, atol=1e-6)
    assert torch.allclose(found.sum(1), torch.ones(len(targets)))


def test_a_cycle_that_was_cut_short_has_no_snapshot() -> None:
    learn = make_learner()
    stop = At("after_step", lambda run: run.stop(), step=6)
    learn.fit_sgdr(2, 0.1, snapshots=True, callbacks=[stop])
    assert len(learn.snapshots) == 1


def test_without_snapshots_there_is_no_ensemble() -> None:
    learn = make_learner()
    learn.fit_sgdr(2, 0.1)
    with pytest.raises(StateError, match=r"there are no snapshots; train with fit_sgdr\(..., snap"):
        learn.snapshot_predictions()


def test_the_ends_are_the_sums_of_the_lengths() -> None:
    assert CycleSnapshots([2, 2, 3]).ends == [2, 4, 7]
