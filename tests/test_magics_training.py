from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from magics_world import make_learner, pairs, refusal, run

from tenfold.magics.training import about
from tenfold.techniques.lr_find import RateCurve
from tenfold.train.schedule import FlatCosine


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner()
    return shell


@pytest.mark.parametrize(
    ("line", "epochs"),
    [
        ("%fit 2", 2),
        ("%fit 1 --lr 1e-2 --schedule cosine --clip 1.0", 1),
        ("%fit_sgdr 3 --lr 1e-2 --cycle-len 1 --cycle-mult 2", 7),
        ("%fit_one_cycle 2 --lr 1e-4:1e-2 --rise 0.3 --divide 10", 2),
        ("%fine_tune 2 --lr 1e-2 --freeze-epochs 1", 3),
    ],
)
def test_a_training_magic_trains_as_its_line_says(shell: Any, line: str, epochs: int) -> None:
    assert run(shell, line) is None
    assert len(shell.user_ns["learn"].history) == epochs


@pytest.mark.parametrize(
    ("magic", "call"),
    [
        ("%fit 2 --lr 1e-3:1e-2 --schedule one_cycle", "fit(2, '1e-3:1e-2', schedule='one_cycle')"),
        ("%fit_sgdr 2 --lr 1e-2 --cycle-mult 2", "fit_sgdr(2, 1e-2, cycle_mult=2)"),
        ("%fit_one_cycle 2 --lr 1e-3,1e-2", "fit_one_cycle(2, [1e-3, 1e-2])"),
        ("%fine_tune 1", "fine_tune(1)"),
    ],
)
def test_a_magic_does_what_the_method_of_its_name_does(shell: Any, magic: str, call: str) -> None:
    other = copy.deepcopy(shell.user_ns["learn"])
    run(shell, magic)
    eval(f"other.{call}", {"other": other})
    assert np.array_equal(shell.user_ns["learn"].history.losses, other.history.losses)
    assert np.array_equal(shell.user_ns["learn"].history.rates, other.history.rates)


def test_the_value_is_the_run_where_it_is_used_and_nothing_where_it_is_not(shell: Any) -> None:
    run(shell, "run = %fit 1")
    assert shell.user_ns["run"] is shell.user_ns["learn"].run
    assert run(shell, "%fit 1") is None and run(shell, "%fit 1;") is None
    run(shell, "again = %fit 1;")
    assert shell.user_ns["again"].state == "finished"


def test_a_magic_in_a_function_sees_its_variables(shell: Any) -> None:
    run(shell, "def go(speed):\n    run = %fit 1 --lr $speed\n    return run\nrun = go(0.25)")
    assert shell.user_ns["run"].base_rates == [0.25, 0.25]


def test_a_schedule_of_ones_own_is_named(shell: Any) -> None:
    shell.user_ns["mine"] = FlatCosine(flat=0.5)
    run(shell, "run = %fit 1 --schedule mine")
    assert shell.user_ns["run"].schedule == FlatCosine(flat=0.5)


def test_snapshots_are_kept_when_asked_for(shell: Any) -> None:
    run(shell, "%fit_sgdr 2 --snapshots")
    assert len(shell.user_ns["learn"].snapshots) == 2


def test_lr_find_shows_its_suggestions_and_leaves_the_learner_alone(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = shell.user_ns["learn"]
    before = learn.model[1].weight.detach().clone()
    run(shell, "curve = %lr_find --start 1e-6 --end 1 --steps 20")
    assert isinstance(shell.user_ns["curve"], RateCurve)
    assert "20 learning rates tried" in capsys.readouterr().out
    assert learn.model[1].weight.equal(before) and len(learn.history) == 0


def test_a_semicolon_keeps_lr_find_quiet(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("%lr_find --steps 10;", "%lr_find;", "curve = %lr_find;"):
        assert run(shell, line) is None
    assert capsys.readouterr().out == ""
    assert isinstance(shell.user_ns["curve"], RateCurve)


def test_a_rate_curve_says_when_it_suggests_nothing() -> None:
    rates = np.geomspace(1e-5, 1, 40)
    assert "40 learning rates tried; the loss never fell clearly" in about(
        RateCurve(rates, np.ones(40))
    )
    assert "3 learning rates tried: too few" in about(RateCurve(rates[:3], np.ones(3)))


def test_freezing_says_what_trains(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    weights = shell.user_ns["learn"].model
    run(shell, "%freeze")
    assert capsys.readouterr().out == "training 1 of 2 layer groups: 10 of 22 weights\n"
    assert not weights[1].weight.requires_grad
    run(shell, "%unfreeze")
    assert capsys.readouterr().out == "training 2 of 2 layer groups: 22 of 22 weights\n"
    run(shell, "%freeze_to -1;")
    assert capsys.readouterr().out == "" and not weights[1].weight.requires_grad


def test_a_group_that_is_not_there_is_refused(shell: Any) -> None:
    assert "this model has 2 layer groups" in refusal(shell, "%freeze_to 5")


@pytest.mark.parametrize("name", ["larger", "$larger"])
def test_set_data_takes_the_name_of_a_variable(shell: Any, name: str) -> None:
    shell.user_ns["larger"] = (pairs(2), pairs(2))
    run(shell, f"%set_data {name}")
    assert shell.user_ns["learn"].data.train is shell.user_ns["larger"][0]


def test_set_data_refuses_what_is_no_data(shell: Any) -> None:
    shell.user_ns["x"] = 3
    assert "int was given as data" in refusal(shell, "%set_data x")


def test_plan_shows_and_keeps_what_was_set(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "plan = %plan --precision float32 --threads 1 --channels-last off")
    assert capsys.readouterr().out.startswith("float32, contiguous, 1 thread")
    assert shell.user_ns["plan"].threads == 1
    assert "leave the other options out" in refusal(shell, "%plan --auto --threads 1")


def test_the_learner_named_is_the_one_that_trains(shell: Any) -> None:
    shell.user_ns["other"] = make_learner()
    run(shell, "%fit 1 --learner other")
    assert len(shell.user_ns["other"].history) == 1 and len(shell.user_ns["learn"].history) == 0
    assert "say which, as --learner other" in refusal(shell, "%fit 1")


def test_a_run_with_checkpoints_is_taken_up_by_its_magic(shell: Any, tmp_path: Path) -> None:
    whole = copy.deepcopy(shell.user_ns["learn"])
    again = copy.deepcopy(whole)
    whole.fit(3, 1e-2)
    run(shell, f'job = %fit 3 --lr 1e-2 --checkpoint "{tmp_path / "my runs"}" --background')
    shell.user_ns["job"].wait(20)
    shell.user_ns["learn"] = again
    assert run(shell, f'run = %resume_run "{tmp_path / "my runs"}"\nrun').state == "finished"
    assert np.array_equal(again.history.losses, whole.history.losses)
    assert "there is no checkpoint in" in refusal(shell, "%resume_run elsewhere")
