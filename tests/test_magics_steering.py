from __future__ import annotations

import threading
from typing import Any

import pytest
from factories import At
from magics_world import make_learner, refusal

from tenfold.live.jobs import jobs
from tenfold.magics.settings import SYNCHRONOUS, Tenfold

LONG = 20.0


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner()
    yield shell
    jobs.stop()
    for job in jobs.all:
        assert job.wait(LONG)
        job.reported = True


@pytest.fixture
def held(shell: Any) -> Any:
    """A job that trains in the background and has paused itself after two steps."""
    there = threading.Event()
    learner = shell.user_ns["learn"]
    learner.callbacks.append(At("after_step", lambda run: (run.pause(), there.set()), step=2))
    assert shell.run_cell("job = %fit 50 --lr 0.1 --background").success
    assert there.wait(LONG)
    return shell.user_ns["job"]


def run(shell: Any, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert shell.run_cell(line).success
    return capsys.readouterr().out


def test_a_background_job_is_listed_steered_and_waited_for(
    shell: Any, held: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    learner = shell.user_ns["learn"]
    listed = run(shell, "%jobs", capsys)
    assert f"{held.number}" in listed and "learn    %fit 50 --lr 0.1 --background" in listed
    assert "training (epoch 1 of 50)" in run(shell, "%status", capsys)
    said = run(shell, "%rate --group 1 3e-3\n%rate 0.2\n%resume", capsys)
    assert "the rate is 0.003 in group 1 from the next batch on" in said and "goes on" in said
    said = run(shell, "%wait", capsys)
    assert held.state == "finished" and learner.run.changes == [(2, 0.003, 1), (2, 0.2, None)]
    assert "finished" in run(shell, "%status", capsys)


def test_stop_waits_until_the_loop_has_stopped(
    shell: Any, held: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(shell, "%stop", capsys)
    assert held.state == "stopped" and "stopped at step 2 of 100" in said
    assert run(shell, "%fit 1;", capsys) == ""


def test_pause_holds_a_job_until_resume(shell: Any, held: Any) -> None:
    held.resume()
    assert shell.run_cell("%pause").success
    control = held.control
    assert control is None or not control.wait(0)
    assert shell.run_cell("%resume\n%wait").success and held.state == "finished"


def test_nothing_to_steer_is_said_in_one_line(shell: Any) -> None:
    for line in ("%pause", "%resume", "%stop", "%rate 0.1"):
        name = line.split()[0]
        assert refusal(shell, line) == f"{name}: no job runs; %jobs lists those that have ended"
    assert "job 99999 was asked for; there is" in refusal(shell, "%wait --job 99999")


def test_a_job_that_has_ended_is_not_steered(shell: Any) -> None:
    assert shell.run_cell("job = %fit 1 --background\n%wait").success
    number = shell.user_ns["job"].number
    said = refusal(shell, f"%pause --job {number}")
    assert said == f"%pause: job {number} has finished; %jobs lists those that go on"


def test_status_without_any_job_says_how_to_start_one(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_all", [])
    assert "no jobs yet; %fit 3 --background starts one" in refusal(shell, "%status")
    assert shell.run_cell("%jobs").success


def test_wait_raises_the_error_once_and_by_number_always(shell: Any) -> None:
    def fail(run: Any) -> None:
        raise ValueError("no more")

    shell.user_ns["learn"].callbacks.append(At("after_epoch", fail))
    assert shell.run_cell("job = %fit 2 --background").success
    number = shell.user_ns["job"].number
    for line, error in (("%wait", True), ("%wait", False), (f"%wait --job {number}", True)):
        result = shell.run_cell(line)
        assert isinstance(result.error_in_exec, ValueError) is error


def test_a_background_job_that_fails_says_so_in_its_cell(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(run: Any) -> None:
        raise ValueError("no more")

    shell.user_ns["learn"].callbacks.append(At("after_epoch", fail))
    assert shell.run_cell("job = %fit 2 --background\njob.wait(20)").success
    assert "%fit 2 --background failed: no more; %wait shows where" in capsys.readouterr().err


def test_wait_gives_the_value_that_was_asked_for(shell: Any) -> None:
    assert shell.run_cell("job = %fit 1 --background\nrun = %wait").success
    assert shell.user_ns["run"].state == "finished"
    assert shell.run_cell("%fit 1 --background\nrun = %wait").success
    assert shell.user_ns["run"] is None


def test_a_second_learner_waits_for_its_turn(
    shell: Any, held: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["other"] = make_learner()
    said = run(shell, "second = %fit 1 --learner other --background", capsys)
    second = shell.user_ns["second"]
    assert f"job {second.number} waits for 1 job; %jobs lists them" in said
    assert second.state == "waiting" and "waiting" in run(shell, "%jobs", capsys)
    held.resume()
    assert shell.run_cell("%wait").success and second.state == "finished"


def test_what_would_change_a_busy_learner_is_refused_in_one_line(shell: Any, held: Any) -> None:
    lines = ("%fit 1", "%lr_find", "%freeze", "%unfreeze", "%freeze_to 1", "%precompute off")
    for line in lines:
        said = refusal(shell, line)
        assert "busy with job" in said and "wait for it with %wait, or end it with %stop" in said


def test_the_environment_and_config_make_it_synchronous(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell.run_cell("%config Tenfold.synchronous = True").success
    assert shell.run_cell("run = %fit 1 --background").success
    assert shell.user_ns["run"].state == "finished"
    monkeypatch.setenv(SYNCHRONOUS, "1")
    assert Tenfold().synchronous
    monkeypatch.setenv(SYNCHRONOUS, "0")
    assert not Tenfold().synchronous


def test_changes_are_read_from_the_line(shell: Any) -> None:
    assert shell.run_cell("run = %fit 3 --lr 0.1 --changes 1:0.2,2:1:3e-3 --stop-at 4").success
    run = shell.user_ns["run"]
    assert run.changes == [(1, 0.2, None), (2, 0.003, 1)] and run.step == 4
    shell.user_ns["mine"] = [(0, 0.5, None)]
    assert shell.run_cell("run = %fit_one_cycle 1 --changes mine").success
    assert shell.user_ns["run"].changes == [(0, 0.5, None)]
    said = refusal(shell, "%fit 1 --changes 3")
    assert said.startswith("%fit: --changes: '3' was given; allowed is STEP:RATE or STEP:GROUP:RAT")
