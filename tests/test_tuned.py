"""Thresholds and a temperature that were chosen come back with the learner, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner, same
from resume_world import Kill, equal, killed
from test_tune_thresholds import several_learner
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.learner import Learner
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.task import Task, multi_label, number, single_label
from tenfold.train.tuned import tuned, with_tuned


def tune(learn: Learner) -> None:
    """Choose what there is to choose for this kind of target."""
    (learn.tune_thresholds if learn.task.name == "multi label" else learn.calibrate)()


def fit(learn: Learner, **more: Any) -> Any:
    return learn.fit(2, 0.05, **more)


def without(file: Path, *, kind: str, keep: bool = False) -> None:
    """Turn a file into one of before: with no more than thresholds, or not even those."""
    tensors, words = read_file(file, kind=kind)
    if kind == "training":
        found = words.pop("tuned")
        words["thresholds"] = list(found["threshold"]) if keep else []
    else:
        words["about"].pop("tuned")
    write_file(file, tensors, kind=kind, header=words)


MAKERS = [several_learner, make_learner]


@pytest.mark.parametrize("make", MAKERS)
def test_a_killed_run_comes_back_with_what_was_chosen_before_it(make: Any, tmp_path: Path) -> None:
    whole, dead, again = make(), make(), make()
    for learn in (whole, dead):
        tune(learn)
        fit(learn)
    fit(whole)
    killed(dead, fit, tmp_path, callbacks=[Kill("after_step", 1)])
    again.resume(tmp_path)
    assert tuned(again.task) == tuned(whole.task) == tuned(dead.task) != tuned(make().task)
    # the rows hold metrics that decide by thresholds, and the predictions the temperature
    assert equal(again, whole)


@pytest.mark.parametrize("make", MAKERS)
def test_a_saved_state_brings_back_the_same_predictions(make: Any, tmp_path: Path) -> None:
    learn, other = make(), make()
    fit(learn)
    tune(learn)
    other.load(learn.save(tmp_path / "state"))
    assert tuned(other.task) == tuned(learn.task) != tuned(make().task)
    mine, theirs = learn.predictions(), other.predictions()
    assert same(list(mine), list(theirs)) and learn.score(*mine) == other.score(*theirs)


@pytest.mark.parametrize("make", MAKERS)
def test_what_was_not_chosen_then_is_not_kept_now(make: Any, tmp_path: Path) -> None:
    learn, other = make(), make()
    tune(other)
    other.load(learn.save(tmp_path / "state"))
    assert tuned(other.task) == tuned(make().task)


@pytest.mark.parametrize("make", MAKERS)
def test_files_of_before_still_load_and_leave_what_the_learner_has(
    make: Any, tmp_path: Path
) -> None:
    learn, first, second = make(), make(), make()
    fit(learn, checkpoint=tmp_path / "run")
    state = learn.save(tmp_path / "state")
    without(state, kind="training")
    for file in (tmp_path / "run").glob("*.safetensors"):
        without(file, kind="checkpoint")
    for other in (first, second):
        tune(other)
    chosen = tuned(first.task)
    first.load(state)
    second.resume(tmp_path / "run")
    assert tuned(first.task) == tuned(second.task) == chosen
    assert same(learn.model.state_dict(), first.model.state_dict())
    assert same(learn.model.state_dict(), second.model.state_dict())


def test_a_state_of_before_with_thresholds_brings_them(tmp_path: Path) -> None:
    learn, other = several_learner(), several_learner()
    tune(learn)
    state = learn.save(tmp_path / "state")
    without(state, kind="training", keep=True)
    other.load(state)
    assert other.task.thresholds == learn.task.thresholds


def test_resuming_says_what_is_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for make, name in zip(MAKERS, ("threshold", "temperature"), strict=True):
        learn, again = make(), make()
        tune(learn)
        fit(learn, checkpoint=tmp_path / name)
        learn.quiet = again.quiet = False
        learn.resume(tmp_path / name)
        assert "is back" not in capsys.readouterr().out
        again.resume(tmp_path / name)
        assert f"the {name} of the checkpoint is back" in capsys.readouterr().out


def test_thresholds_that_do_not_fit_change_nothing(tmp_path: Path) -> None:
    learn, other = several_learner(), several_learner()
    fit(learn)
    state = learn.save(tmp_path / "state")
    tensors, words = read_file(state, kind="training")
    words["tuned"] = {"threshold": [0.2, 0.3, 0.4]}
    write_file(state, tensors, kind="training", header=words)
    before = {name: value.clone() for name, value in other.model.state_dict().items()}
    with pytest.raises(SettingError, match="3 thresholds were given for 2 labels; give one number"):
        other.load(state)
    assert same(other.model.state_dict(), before)


def own() -> Task:
    """A task of somebody's own, of which nothing is known but its name."""
    given: dict[str, Any] = {"activation": torch.sigmoid, "loss": torch.dist}
    return Task("single label", 2, decode=Tensor.round, **given)


@pytest.mark.parametrize("task", [number(), own()])
def test_a_task_without_anything_to_choose_stays_as_it_is(task: Task) -> None:
    assert tuned(task) == {} and with_tuned(task, {"temperature": 2.0}) is task


def test_the_loss_and_the_smoothing_stay() -> None:
    smooth = single_label(3, smoothing=0.1)
    cool = with_tuned(smooth, {"temperature": 2.0})
    assert cool.loss is smooth.loss and dict(cool.settings)["smoothing"] == 0.1
    assert with_tuned(cool, tuned(cool)) is cool
    assert with_tuned(multi_label(2), {"temperature": 2.0}).thresholds == (0.5, 0.5)
