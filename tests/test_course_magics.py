"""%check, %hint, %solution and %guess, as a student types them."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from course_world import write_source
from magics_world import make_learner, make_shell, refusal

from tenfold.course.build import build_course
from tenfold.course.progress import PROGRESS
from tenfold.live.jobs import jobs
from tenfold.magics.course import Said


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    build_course(write_source(tmp_path / "lessons").parent, tmp_path / "notebooks")
    monkeypatch.chdir(tmp_path / "notebooks")
    return make_shell(tmp_path)


def said(shell: Any, line: str) -> Any:
    assert shell.run_cell(f"answer = {line}").success
    return shell.user_ns["answer"]


def progress() -> Any:
    return json.loads(Path(PROGRESS).read_text("utf-8"))


def test_the_four_verdicts_and_none_is_an_error(shell: Any) -> None:
    seen = []
    for cell in (
        "1",
        "def half(x): return x",
        "def half(x): return x / None",
        "def half(x): return x / 2",
    ):
        assert shell.run_cell(cell).success
        seen.append(said(shell, "%check 3.1").kind)
    assert seen == ["not attempted", "wrong", "raised", "right"]


def test_a_bare_line_shows_the_verdict_and_its_colour(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run_cell("half = lambda x: x / 2\n%check 3.1").success
    assert capsys.readouterr().out.strip().endswith("3.1 right: Half of anything is right.")
    assert shell.run_cell("%check 3.1;").success
    assert capsys.readouterr().out == ""


def test_an_error_shows_the_line_of_the_students_cell(shell: Any) -> None:
    shell.run_cell("def half(x):\n    y = x\n    return y + undefined")
    verdict = said(shell, "%check 3.1")
    assert verdict.words.endswith("at your line 3: return y + undefined")
    assert verdict.words.startswith("NameError: name 'undefined' is not defined")


def test_what_an_answer_displays_stays_off_the_page(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("def half(x):\n    display('a picture')\n    return x / 2")
    capsys.readouterr()
    assert shell.run_cell("%check 3.1").success
    assert "a picture" not in capsys.readouterr().out


def test_attempts_are_recorded_and_what_was_not_touched_is_not(shell: Any) -> None:
    said(shell, "%check 3.1")
    assert not Path(PROGRESS).exists()
    shell.run_cell("half = lambda x: x")
    said(shell, "%check 3.1")
    assert progress()["exercises"]["3.1"]["attempts"] == 1
    assert progress()["exercises"]["3.1"]["verdict"] == "wrong"


def test_a_job_that_runs_is_not_disturbed(shell: Any) -> None:
    shell.run_cell("half = lambda x: x / 2")
    go_on = threading.Event()
    job = jobs.submit(lambda: go_on.wait(60), lines=["%fit 1"], learner=make_learner(), name="l")
    line = refusal(shell, "%check 3.1")
    go_on.set()
    assert job.wait(60)
    assert "a job is not finished, and a check would disturb its random numbers; wait" in line
    assert said(shell, "%check 3.1").kind == "right"


def test_hints_come_one_by_one(shell: Any) -> None:
    assert said(shell, "%hint 3.1") == "Hint 1 of 2: Divide."
    assert said(shell, "%hint 3.1") == "Hint 2 of 2: By two."
    last = "Hint 2 of 2: By two.\nThat was the last; %solution 3.1 shows a solution."
    assert said(shell, "%hint 3.1") == last
    assert progress()["exercises"]["3.1"]["hints"] == 2


def test_the_solution_waits_for_an_attempt_or_now(shell: Any) -> None:
    line = refusal(shell, "%solution 3.1")
    assert line.startswith("%solution: no attempt at 3.1 has been checked yet; try it and run")
    assert said(shell, "%solution 3.1 --now") == "def half(x):\n    return x / 2"
    shell.run_cell("half = lambda x: x\n%check 3.1")
    assert said(shell, "%solution 3.1").startswith("def half(x)")
    assert progress()["exercises"]["3.1"]["solution"] is True


def test_an_unknown_exercise_is_one_line(shell: Any) -> None:
    assert refusal(shell, "%check 3.7").startswith("%check: there is no exercise '3.7'; there is")
    assert "number is missing; write it as in %hint 3.1" in refusal(shell, "%hint")


def test_a_guess_is_recorded_and_compared_later(shell: Any) -> None:
    shell.user_ns["value"] = 0.66123
    assert said(shell, "%guess accuracy about 0.5") == "Your guess for accuracy: about 0.5."
    assert said(shell, "%guess accuracy --was {value}") == "You guessed about 0.5; it is 0.661."
    assert progress()["guesses"]["accuracy"]["was"] == "0.661"


@pytest.mark.parametrize(
    ("value", "words"), [(torch.tensor(0.25), "0.25"), (12, "12"), ("cosine", "cosine")]
)
def test_what_it_was_may_be_any_value(shell: Any, value: object, words: str) -> None:
    shell.user_ns["value"] = value
    no_guess = f"You made no guess; it is {words}. Guess before you run it next time: it pays."
    assert said(shell, "%guess it --was {value}") == no_guess
    assert said(shell, "%guess it --was {value}") == no_guess


def test_a_guess_without_a_value_says_how_to_write_it(shell: Any) -> None:
    line = refusal(shell, "%guess accuracy")
    assert line == "%guess: a value is missing; write it as in %guess accuracy 0.5"


def test_broken_progress_is_one_printed_line(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(PROGRESS).write_text("{")
    shell.run_cell("half = lambda x: x / 2\n%check 3.1")
    out = capsys.readouterr().out
    assert "tenfold_progress.json could not be read; it is now tenfold_progress.broken1.json" in out
    assert "3.1 right" in out


def test_what_is_said_is_escaped_on_the_page() -> None:
    page = Said("a < b", code="x & y")._repr_html_()
    assert "a &lt; b" in page and "<pre>x &amp; y</pre>" in page and 'role="status"' in page
    assert repr(Said("a < b", code="x & y")) == "a < b\n\nx & y"
