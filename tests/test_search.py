from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest
from factories import At, make_learner, make_net
from search_world import RANGES, bowl, train

from tenfold.errors import (
    FileError,
    MissingPackageError,
    SettingError,
    StateError,
    StoppedError,
    TrainingError,
)
from tenfold.trials.result import Search
from tenfold.trials.search import search
from tenfold.trials.trial import Trial


def look(objective: Any = bowl, ranges: Any = RANGES, **more: Any) -> Search:
    return search(objective, ranges, **{"quiet": True, "trials": 8, **more})


def test_it_comes_near_the_best_settings() -> None:
    found = look(trials=40)
    assert found.best["act"] == "relu" and 3e-3 < found.best["lr"] < 3e-2
    assert found.score == min(one.score for one in found.trials)
    assert set(found.best) == set(RANGES) and len(found) == 40


def test_every_value_lies_in_its_range() -> None:
    ranges = {**RANGES, "layers": (2, 5)}
    for one in look(ranges=ranges, trials=25).trials:
        assert 1e-4 <= one.settings["lr"] <= 1 and 0 <= one.settings["idle"] <= 1
        assert one.settings["act"] in RANGES["act"]
        assert one.settings["layers"] in (2, 3, 4, 5) and type(one.settings["layers"]) is int


def test_a_higher_score_can_be_better() -> None:
    found = look(lambda trial: -bowl(trial), trials=30, column="accuracy")
    assert not found.lower and found.score == max(one.score for one in found.trials)
    assert look(lambda trial: trial["idle"], lower=False).score > 0.5


def test_the_same_seed_tries_the_same() -> None:
    one, two, other = (look(seed=seed) for seed in (1, 1, 2))
    assert [t.settings for t in one.trials] == [t.settings for t in two.trials]
    assert [t.settings for t in one.trials] != [t.settings for t in other.trials]


def test_a_learner_is_scored_by_the_last_of_its_column() -> None:
    kept: list[Any] = []

    def keep(trial: Any) -> Any:
        kept.append(train(trial))
        return kept[-1]

    found = look(keep, {"lr": (1e-3, 1e-1, "log")}, trials=3, prune=False, column="accuracy")
    assert [one.score for one in found.trials] == [
        learn.history.column("accuracy")[-1] for learn in kept
    ]
    assert {one.epochs for one in found.trials} == {3}


def test_a_trial_worse_than_the_median_is_stopped_at_the_end_of_an_epoch() -> None:
    def once(trial: Any) -> Any:
        return train({"lr": 0.3 if trial.number < 6 else 1e-6, "callbacks": 0} | Both(trial))

    found = look(once, {"x": (0.0, 1.0)}, trials=8)
    assert [one.state for one in found.trials] == ["finished"] * 6 + ["pruned"] * 2
    assert [one.epochs for one in found.trials] == [3] * 6 + [1] * 2
    assert all(math.isfinite(one.score) for one in found.trials)
    assert {one.state for one in look(once, {"x": (0.0, 1.0)}, prune=False).trials} == {"finished"}


class Both(dict[str, Any]):
    """A trial at another rate than the one suggested."""

    def __init__(self, trial: Any) -> None:
        super().__init__()
        self.callbacks = trial.callbacks

    def __ror__(self, other: dict[str, Any]) -> Both:
        self.update(other)
        return self


def test_a_second_fit_of_a_pruned_trial_ends_before_its_first_step() -> None:
    steps = []

    def twice(trial: Any) -> Any:
        learn = make_learner(model=make_net())
        rate = 0.3 if trial.number < 6 else 1e-6
        for _ in range(2):
            learn.fit(1, rate, callbacks=trial.callbacks)
        steps.append(learn.history.steps)
        return learn

    found = look(twice, {"x": (0.0, 1.0)}, trials=7)
    assert found.trials[-1].state == "pruned" and steps == [8] * 6 + [4]


def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    first = look(trials=5, storage=tmp_path / "x.db")
    again = look(trials=9, storage=tmp_path / "x.db")
    assert [t.settings for t in again.trials[:5]] == [t.settings for t in first.trials]
    assert len(again) == 9 and len({one.settings["lr"] for one in again.trials}) == 9
    calls: list[Any] = []
    assert len(look(calls.append, trials=9, storage=tmp_path / "x.db")) == 9 and not calls


def test_a_storage_holds_several_searches_by_name(tmp_path: Path) -> None:
    look(trials=2, storage=tmp_path / "x.db")
    assert len(look(trials=3, storage=tmp_path / "x.db", name="other")) == 3


def test_a_search_whose_process_was_killed_goes_on(tmp_path: Path) -> None:
    code = f"""
import os
from tenfold.trials.search import search
def die(trial):
    return trial["x"] if trial.number < 2 else os.kill(os.getpid(), 9)
search(die, {{"x": (0.0, 1.0)}}, storage={str(tmp_path / "x.db")!r}, quiet=True)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    found = look(lambda trial: trial["x"], {"x": (0.0, 1.0)}, trials=4, storage=tmp_path / "x.db")
    assert [one.number for one in found.trials] == [0, 1, 3, 4]


def test_another_search_is_not_mixed_in(tmp_path: Path) -> None:
    look(trials=1, storage=tmp_path / "x.db")
    with pytest.raises(SettingError, match=r"'search' with another ranges \(what differs: lr\)"):
        look(ranges={**RANGES, "lr": (1e-5, 1.0, "log")}, storage=tmp_path / "x.db")
    with pytest.raises(
        SettingError, match="has a search 'search' with another meaning of a better"
    ):
        look(lower=False, storage=tmp_path / "x.db")


@pytest.mark.parametrize("place", ["missing/x.db", "text.db"])
def test_a_storage_that_cannot_be_used_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at " * 20)
    with pytest.raises(FileError, match=r"cannot be used as a storage \(.*give the name of an SQL"):
        look(storage=tmp_path / place)


def test_a_trial_that_diverges_counts_and_the_search_goes_on() -> None:
    def diverge(trial: Any) -> float:
        if trial.number == 1:
            raise TrainingError("the loss became nan")
        return math.inf if trial.number == 2 else 1.0

    found = look(diverge, trials=4)
    assert [one.state for one in found.trials] == ["finished", "failed", "failed", "finished"]
    assert [one.why for one in found.trials[1:3]] == ["the loss became nan", "the score was inf"]
    assert found.summary.startswith("4 trials (2 failed); best valid_loss 1.0000 with ")


def test_when_nothing_has_finished_there_is_no_best() -> None:
    found = look(lambda trial: math.nan, trials=2)
    assert repr(found) == "2 trials (2 failed); none has finished"
    with pytest.raises(
        StateError, match=r"none of 2 trials has finished, .*the last failed: the sco"
    ):
        _ = found.best


@pytest.mark.parametrize("words", ["stopped", "interrupted"])
def test_stopping_a_fit_ends_the_search_with_what_there_is(tmp_path: Path, words: str) -> None:
    def cut(trial: Any) -> Any:
        learn = make_learner(model=make_net())
        stop = At("after_step", lambda run: run.stop(words), step=2)
        extra = [stop] if trial.number == 2 else []
        learn.fit(1, 0.1, callbacks=[*trial.callbacks, *extra])
        return learn

    storage = tmp_path / "x.db"
    assert len(look(cut, trials=5, storage=storage)) == 2
    assert [one.number for one in look(cut, trials=5, storage=storage).trials] == [0, 1, 3, 4, 5]


def test_an_error_of_the_objective_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        look(lambda trial: 1 / 0)


def test_it_tells_how_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[Search] = []
    look(lambda trial: trial["x"], {"x": (0.0, 1.0)}, trials=2, quiet=False, watch=seen.append)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("trial 1 of 2: valid_loss 0.") and lines[0].endswith("best so far")
    assert [len(one) for one in seen] == [0, 1, 1, 2]  # as each begins, and as it ends
    assert [one.running is not None for one in seen] == [True, False] * 2


def test_every_epoch_is_told_with_its_curve_and_the_watcher_can_end_it() -> None:
    seen: list[Search] = []
    found = look(train, {"lr": (1e-3, 1e-1)}, trials=3, watch=lambda one: bool(seen.append(one)))
    assert len(found) == 1 and found.running is None
    curves = [one.running.curve for one in seen if one.running]
    assert [len(curve) for curve in curves] == [0, 1, 2, 3]
    (trial,) = found.trials
    assert trial.curve == curves[-1] and trial.curve[-1] == trial.score and trial.epochs == 3


def test_optuna_says_nothing_and_is_as_loud_as_before_afterwards(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = optuna.logging.get_verbosity()
    look(trials=1)
    assert optuna.logging.get_verbosity() == before and capsys.readouterr() == ("", "")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(
        MissingPackageError, match=r"needs optuna .* `pip install tenfold\[search\]`"
    ):
        look()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": 0}, "trials=0 was given; allowed is 1 and above"),
        ({"objective": 3}, "objective=3 was given; allowed is a function of a trial"),
        ({"ranges": {}}, "ranges={} was given; allowed is a dict of settings"),
        (
            {"objective": lambda trial: "good"},
            "the objective returned 'good'; allowed is a learner",
        ),
        (
            {"objective": lambda trial: trial["rate"]},
            "the setting 'rate' was asked for; this search",
        ),
        (
            {"objective": train, "column": "acuracy"},
            "'acuracy' was given; there are .*did you mean",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        look(**settings)


def test_a_trial_is_a_mapping_of_its_settings() -> None:
    study = optuna.create_study()
    trial = Trial(study.ask(), {"lr": 0.1}, column="valid_loss", prune=True)
    assert dict(trial) == {"lr": 0.1} and len(trial) == 1 and repr(trial) == "Trial(0, {'lr': 0.1})"


def test_a_stopped_learner_ends_the_search_also_when_its_callbacks_were_left_out() -> None:
    def cut(trial: Any) -> Any:
        learn = make_learner(model=make_net())
        learn.fit(1, 0.1, callbacks=[At("after_step", lambda run: run.stop(), step=2)])
        return learn

    assert len(look(cut)) == 0


def test_a_stopped_pass_and_what_follows_from_a_stop_end_the_search() -> None:
    def stopped_pass(trial: Any) -> Any:
        raise StoppedError("stopped after batch 1 of 2")

    def follows(trial: Any) -> Any:
        learn = make_learner(model=make_net())
        stop = At("after_step", lambda run: run.stop(), step=2)
        learn.fit(1, 0.1, callbacks=[*trial.callbacks, stop])
        return learn.history.column("valid_loss")[-1]

    assert len(look(stopped_pass)) == 0 and len(look(follows)) == 0
