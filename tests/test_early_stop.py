from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from factories import At, make_run

from tenfold.errors import SettingError
from tenfold.techniques.early_stop import EarlyStop, better
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.events import Callback
from tenfold.train.run import Run
from tenfold.train.trainer import fit


class Scored(Callback):
    """Writes scores of our choice into the rows."""

    def __init__(self, column: str, scores: list[float]) -> None:
        self._column, self._scores = column, scores

    def after_epoch(self, run: Run) -> None:
        run.row[self._column] = self._scores[run.epoch]


def epochs_trained(scores: list[float], stop: EarlyStop) -> int:
    run = make_run(epochs=len(scores), callbacks=[Scored(stop.column, scores), stop], limit=None)
    return len(fit(run).history)


@pytest.mark.parametrize(
    ("scores", "patience", "least", "epochs"),
    [
        ([5, 4, 3, 2], 1, 0, 4),
        ([5, 5, 3, 2], 1, 0, 2),
        ([5, 6, 4, 6, 6, 1], 2, 0, 5),
        ([5, 4.9, 4.8, 4.7], 2, 0.5, 3),
        ([5, 4.4, 3.8, 3.2], 1, 0.5, 4),
        ([math.nan, 4, 3, 2], 1, 0, 4),
        ([4, math.nan, math.nan, 2], 2, 0, 3),
    ],
)
def test_a_run_ends_after_so_many_epochs_without_a_smaller_loss(
    scores: list[float], patience: int, least: float, epochs: int
) -> None:
    assert epochs_trained(scores, EarlyStop(patience=patience, least=least)) == epochs


def test_an_accuracy_must_rise() -> None:
    assert epochs_trained([0.1, 0.2, 0.2, 0.9], EarlyStop("accuracy", patience=1)) == 3


def test_the_end_is_said_and_the_run_is_stopped() -> None:
    run = make_run(epochs=3, callbacks=[Scored("valid_loss", [1, 1, 1]), EarlyStop(patience=1)])
    assert fit(run).state == "stopped"
    assert run.message == "valid_loss did not improve for 1 epoch"


def test_a_second_run_counts_anew() -> None:
    stop = EarlyStop(patience=2)
    assert [epochs_trained([1, 1, 1, 1], stop) for _ in range(2)] == [3, 3]


def test_a_pass_that_was_cut_short_is_not_judged() -> None:
    cut = At("after_step", lambda run: run.stop(), step=6)
    assert fit(make_run(callbacks=[cut, EarlyStop()])).message == "stopped"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: EarlyStop(patience=0), "patience=0 was given; allowed is 1 epoch and above"),
        (lambda: EarlyStop(patience=True), "patience=True was given"),
        (lambda: EarlyStop(least=-1), "least=-1 was given; allowed is 0 and above"),
        (lambda: EarlyStop(least=math.nan), "least=nan was given"),
        (lambda: fit(make_run(callbacks=[EarlyStop("acuracy")])), "'acuracy' .*mean 'accuracy'?"),
        (
            lambda: fit(make_run(callbacks=[EarlyStop()], valid=False)),
            "'valid_loss' was given; there",
        ),
    ],
)
def test_what_cannot_be_watched_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make()


def test_better_means_smaller_for_losses_and_larger_for_the_rest() -> None:
    assert better(1, 2, lower=True) and better(2, 1, lower=False)
    assert not better(1, 1, lower=False)
    assert better(1, math.nan, lower=True) and not better(math.nan, 1, lower=False)


def test_the_direction_of_a_metric_can_be_said() -> None:
    assert EarlyStop("cost", lower=True).lower and not EarlyStop("cost").lower
    assert KeepBest("mae", lower=True).lower and KeepBest().lower
