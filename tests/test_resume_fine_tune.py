"""`fine_tune` with checkpoints: two fits, of which either may be killed, or the moment between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from resume_world import Kill, Killed, equal, killed, learner
from test_precompute import make_vision_learner

from tenfold.errors import StateError
from tenfold.learner import Learner
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.techniques.fine_tune import ThenUnfrozen, then_of
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.events import Callback
from tenfold.train.run import Run

# of a fit of 8 steps, then one of 16
MOMENTS = [
    (0, "before_batch", 0),
    (0, "after_step", 5),
    (0, "after_epoch", 8),
    (1, "before_epoch", 0),
    (1, "after_backward", 3),
    (1, "before_validate", 8),
    (1, "after_step", 13),
]


class KillIn(Kill):
    """Kills the fit that began after so many epochs; the other one goes by."""

    def __init__(self, first_epoch: int, event: str, step: int) -> None:
        super().__init__(event, step)
        self._first_epoch = first_epoch

    def _come(self, event: str, run: Run) -> None:
        if run.first_epoch == self._first_epoch:
            super()._come(event, run)


class Between(Callback):
    """Kills a second fit before anything of it is written."""

    def before_fit(self, run: Run) -> None:
        if run.first_epoch:
            raise Killed


def fine_tune(learn: Learner, **more: Any) -> Run:
    return learn.fine_tune(2, 0.05, **more)


@pytest.mark.parametrize("moment", MOMENTS)
def test_whichever_fit_is_killed_both_go_on_bit_for_bit(moment: Any, tmp_path: Path) -> None:
    whole, dead, again = learner(), learner(), learner()
    fine_tune(whole, callbacks=[KeepBest()])
    killed(dead, fine_tune, tmp_path, callbacks=[KeepBest(), KillIn(*moment)])
    assert dead.run.state == "failed" and dead.run.first_epoch == moment[0]
    run = again.resume(tmp_path, callbacks=[KeepBest()])
    assert equal(again, whole) and run.epochs == 2 and run.state == "finished"


def test_killed_between_the_two_it_begins_the_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, again = learner(), learner()
    fine_tune(whole)
    killed(learner(), fine_tune, tmp_path, callbacks=[Between()])
    again.quiet = False
    again.resume(tmp_path)
    assert "had finished; its weights of its first fit are loaded" in capsys.readouterr().out
    again.quiet = True
    assert equal(again, whole)
    assert again.resume(tmp_path).state == "finished" and equal(again, whole)


def test_killed_in_the_first_and_again_in_the_second(tmp_path: Path) -> None:
    whole, again = learner(), learner()
    fine_tune(whole)
    killed(learner(), fine_tune, tmp_path, callbacks=[KillIn(0, "after_step", 4)])
    with pytest.raises(Killed):
        learner().resume(tmp_path, callbacks=[KillIn(1, "after_step", 9)])
    again.resume(tmp_path)
    assert equal(again, whole)


def test_stopped_in_the_first_it_goes_on_to_the_end_of_the_second(tmp_path: Path) -> None:
    class Stop(Callback):
        def after_step(self, run: Run) -> None:
            if run.step == 3:
                run.stop()

    whole, first, again = learner(), learner(), learner()
    fine_tune(whole)
    assert fine_tune(first, callbacks=[Stop()], checkpoint=tmp_path).state == "stopped"
    assert len(first.history) == 1
    again.resume(tmp_path)
    assert equal(again, whole)


def test_another_fit_is_refused_while_the_second_has_not_begun(tmp_path: Path) -> None:
    killed(learner(), fine_tune, tmp_path, callbacks=[Between()])
    with pytest.raises(StateError, match=r"not finished \(before its second fit\); go on with it"):
        learner().fit(1, 0.01, checkpoint=tmp_path)


def test_a_folder_whose_fine_tuning_is_over_may_be_used_again(tmp_path: Path) -> None:
    learn, keeper = learner(), Checkpoints(tmp_path)
    for _ in range(2):
        assert fine_tune(learn, checkpoint=keeper).state == "finished"
    assert len(learn.history) == 6 and len(keeper.folder.files()) <= 3


def test_pictures_go_on_that_began_with_stored_activations(tmp_path: Path) -> None:
    whole, again = (make_vision_learner() for _ in range(2))
    for learn in (whole, again):
        learn.precompute = True
    fine_tune(whole)
    dead = make_vision_learner()
    dead.precompute = True
    killed(dead, fine_tune, tmp_path, callbacks=[KillIn(0, "after_step", 1)])
    again.resume(tmp_path)
    assert equal(again, whole) and not again.precompute


def test_only_what_follows_is_kept() -> None:
    then = ThenUnfrozen(2, rates=[1e-4, 1e-2], momentum=(0.9, 0.8))
    asked = {"epochs": 2, "rates": [1e-4, 1e-2], "momentum": [0.9, 0.8]}
    assert then_of([KeepBest(), then]) == asked and then_of([KeepBest()]) is None
    assert vars(ThenUnfrozen(**asked)) == asked
