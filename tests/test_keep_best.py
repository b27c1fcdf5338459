from __future__ import annotations

from typing import Any

import pytest
from factories import At, make_run, same, tensors
from test_early_stop import Scored

from tenfold.errors import SettingError
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.events import Callback
from tenfold.train.run import Run
from tenfold.train.trainer import fit


class Weights(Callback):
    """Copies the weights after every epoch."""

    def before_fit(self, run: Run) -> None:
        self.kept: list[Any] = []

    def after_epoch(self, run: Run) -> None:
        self.kept.append(tensors(run.model))


@pytest.mark.parametrize(
    ("column", "scores", "best"),
    [
        ("valid_loss", [3, 1, 2], 2),
        ("valid_loss", [1, 2, 3], 1),
        ("valid_loss", [3, 2, 1], 3),
        ("valid_loss", [1, 1, 1], 1),
        ("valid_loss", [float("nan"), 3, 4], 2),
        ("accuracy", [0.1, 0.9, 0.5], 2),
    ],
)
def test_the_weights_of_the_best_epoch_come_back(
    column: str, scores: list[float], best: int
) -> None:
    keep, weights = KeepBest(column), Weights()
    run = fit(make_run(epochs=3, callbacks=[Scored(column, scores), keep, weights]))
    assert keep.epoch == best and same(tensors(run.model), weights.kept[best - 1])
    marks = [(12, f"weights of epoch {best} put back")]
    assert run.history.marks == (marks if best < 3 else [])


def test_the_best_comes_back_after_a_stop_in_the_middle_of_an_epoch() -> None:
    weights, stop = Weights(), At("after_step", lambda run: run.stop(), step=6)
    run = fit(make_run(callbacks=[KeepBest(), weights, stop]))
    assert same(tensors(run.model), weights.kept[0])


def test_nothing_comes_back_when_no_epoch_was_finished() -> None:
    stop = At("after_step", lambda run: run.stop(), step=2)
    run = fit(make_run(callbacks=[KeepBest(), stop]))
    assert run.history.marks == []


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingError, match="the column 'valid_los' was given; there are epoch"):
        fit(make_run(callbacks=[KeepBest("valid_los")]))
