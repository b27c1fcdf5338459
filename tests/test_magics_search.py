"""%search: what it reads, what it shows, and how it is stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from factories import At, make_learner, make_net
from magics_world import make_shell, refusal
from search_world import bowl, make_search, train

from tenfold.live.jobs import jobs
from tenfold.magics.searching import SearchReport
from tenfold.trials.result import Search


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    shell = make_shell(tmp_path)
    shell.user_ns.update(bowl=bowl, train=train)
    return shell


def run(shell: Any, line: str) -> None:
    shell.run_cell(line).raise_error()


LINE = "%search bowl lr=1e-4:1.0:log act=relu,gelu --trials 4"


def test_it_tells_of_each_trial_and_shows_what_was_found(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, LINE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("trial 1 of 4: valid_loss ")
    assert lines[4].startswith("4 trials; best valid_loss ") and len(lines) == 10
    run(shell, f"found = {LINE};")
    assert isinstance(shell.user_ns["found"], Search) and capsys.readouterr().out == ""


def test_its_options_are_those_of_the_search(shell: Any, tmp_path: Path) -> None:
    place = tmp_path / "x.db"
    line = (
        f"found = %search train lr=1e-3:1e-1:log --column accuracy --storage {place} --no-pruning"
    )
    run(shell, f"{line} --trials 2 --seed 3 --name other;")
    run(shell, f"{line} --trials 3 --name other;")
    found = shell.user_ns["found"]
    assert len(found) == 3 and found.column == "accuracy" and not found.lower
    assert repr(found.ranges["lr"]) == "0.001 to 0.1, by powers of ten"


def test_in_the_background_it_is_a_job_that_can_be_stopped(shell: Any) -> None:
    begun, go = threading.Event(), threading.Event()

    def wait(run: Any) -> None:
        begun.set()
        go.wait(10)

    def slow(trial: Any) -> Any:
        learn = make_learner(model=make_net())
        at = [At("after_step", wait)] if trial.number == 1 else []
        learn.fit(1, trial["lr"], callbacks=[*trial.callbacks, *at])
        return learn

    shell.user_ns["slow"] = slow
    run(shell, "job = %search slow lr=1e-3:1e-1:log --trials 50 --background")
    job = shell.user_ns["job"]
    assert begun.wait(10)
    job.stop()
    go.set()
    assert job.wait(10) and job.state == "stopped" and len(job.value()) == 1
    assert not jobs.unfinished()


def test_a_notebook_gets_one_output_that_is_drawn_anew() -> None:
    drawn: list[tuple[str, str, bool]] = []
    report = SearchReport(14, publish=lambda bundle, id, update: drawn.append(
        (bundle["text/html"], id, update)))  # fmt: skip
    report(make_search(13))
    report(make_search(14))
    report(make_search(13), ended=True)
    assert [update for *_, update in drawn] == [False, True, True] and drawn[0][1] == drawn[1][1]
    assert drawn[0][0].startswith("<p>13 of 14 trials; %stop ends the search</p><table>")
    assert drawn[1][0].startswith("<table><caption>14 trials; best valid_loss")
    assert drawn[2][0].startswith("<table><caption>13 trials; best valid_loss")


def test_mistakes_are_one_line(shell: Any) -> None:
    assert "'lr' was given; allowed is SETTING=RANGE" in refusal(shell, "%search bowl lr")
    assert "there is no variable bowls; did you mean bowl?" in refusal(
        shell, "%search bowls lr=1:2"
    )
    assert "lr='fast' was given; allowed is a range" in refusal(shell, "%search bowl lr=fast")
    assert "setting=range is missing" in refusal(shell, "%search bowl")
    shell.user_ns["number"] = 3
    assert "objective=3 was given; allowed is a function" in refusal(shell, "%search number lr=1:2")


def test_help_has_an_example(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%search --help")
    assert "%search train lr=1e-4:1e-1:log dropout=0.0:0.5" in capsys.readouterr().out
