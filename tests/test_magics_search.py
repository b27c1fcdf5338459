"""%search: what it reads, what it shows, and how it is stopped."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from factories import At, make_learner, make_net
from magics_world import refusal, run
from search_world import bowl, make_search, train

from tenfold.live.jobs import current, jobs
from tenfold.magics.searching import SearchReport, pictures_of
from tenfold.trials.result import Search, Tried

RUNNING = Tried(99, {"lr": 0.1, "act": "relu", "idle": 0.5}, 0.5, "running", 1, curve=(0.5,))


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns.update(bowl=bowl, train=train)
    return shell


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


class Page:
    """What a report published: the bundles of each output, and which were drawn anew."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], str, bool]] = []

    def __call__(self, bundle: Any, id: str, update: bool) -> None:
        self.seen.append((bundle, id, update))


def test_a_notebook_gets_one_output_that_is_drawn_anew() -> None:
    page = Page()
    report = SearchReport(14, publish=page)
    assert report(make_search(13, running=RUNNING)) and report(make_search(14))
    report.end(make_search(14))
    htmls, texts = ([one[0][kind] for one in page.seen] for kind in ("text/html", "text/plain"))
    assert [update for *_, update in page.seen] == [False, True, True]
    assert len({id for _, id, _ in page.seen}) == 1
    assert "trial 14 of 14" in htmls[0] and "%stop ends the search" in htmls[0]
    assert "<caption>14 trials; best valid_loss" in htmls[1] and "%stop" not in htmls[1]
    assert texts[0].startswith("trial 14 of 14") and texts[1].startswith("14 trials; best")


def test_within_a_trial_it_is_drawn_at_most_twice_a_second() -> None:
    page = Page()
    report = SearchReport(14, publish=page)
    for _ in range(50):
        report(make_search(3, running=RUNNING))
    assert len(page.seen) < 10
    report(make_search(4, running=RUNNING))
    assert "trial 5 of 14" in page.seen[-1][0]["text/html"]


def test_the_bar_stops_the_job_and_says_where_it_is() -> None:
    report, began, asked = SearchReport(9, publish=Page()), threading.Event(), threading.Event()
    report.open_bar()
    bar = report._bar
    assert bar is not None

    def work() -> list[bool]:
        goes_on = [report(make_search(3, running=RUNNING))]
        began.set()
        assert asked.wait(10)
        return [*goes_on, report(make_search(4, running=RUNNING))]

    job = jobs.submit(work, lines=["%search"], learner=make_learner())
    assert began.wait(10) and "trial 4 of 9" in job.standing
    assert bar.search["done"] == 3 and bar.search["words"] == job.doing
    for message in ({"kind": "stop"}, {"v": 1, "kind": "renew", "id": "a", "fresh": True}):
        bar._receive(bar, message, None)
    assert not job.stopping
    bar._receive(bar, {"v": 1, "kind": "stop", "id": "stop", "run": 0}, [])
    asked.set()
    assert job.wait(10) and job.state == "stopped" and job.value() == [True, False]
    report.close()


def test_the_bar_goes_at_the_end() -> None:
    page = Page()
    report = SearchReport(9, publish=page)
    report.open_bar()
    bar, (bundle, id, update) = report._bar, page.seen[0]
    assert "application/vnd.jupyter.widget-view+json" in bundle and not update
    report.close()
    report.close()
    assert page.seen[1:] == [({"text/plain": ""}, id, True)]
    assert bar is not None and bar.closed


def test_an_objective_without_a_fit_is_stopped_between_two_trials(shell: Any) -> None:
    def tell(trial: Any) -> float:
        current().stop()
        return 1.0

    shell.user_ns["tell"] = tell
    run(shell, "job = %search tell lr=0.0:1.0 --trials 50 --background")
    job = shell.user_ns["job"]
    assert job.wait(10) and job.state == "stopped" and len(job.value()) == 1


def test_afterwards_the_trials_are_pictures_that_are_told_in_words() -> None:
    lines, importance, *dependences = pictures_of(make_search(20))
    assert lines.words == "20 trials as lines through lr and act and idle and valid_loss"
    assert importance.words.startswith("the settings explain ") and "spread" in importance.words
    assert [one.words.split(":")[0] for one in dependences] == [
        f"valid_loss by {name}" for name in make_search(20).importance().names[:2]
    ]
    data, metadata = lines._repr_mimebundle_()
    assert data["text/html"].startswith(f'<img alt="{lines.words}" width=') and not metadata
    assert len(list(pictures_of(make_search(11)))) == 1 and not list(pictures_of(make_search(1)))


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
