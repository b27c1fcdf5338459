from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import At, make_learner
from panel_world import LONG, World, picture, picture_world
from test_wire import make, spoiled

from tenfold.errors import SettingError
from tenfold.live.jobs import Job, current, jobs
from tenfold.live.widgets.panel import Panel


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with made.desk:
        yield made
    made.panel.close()
    made.end_jobs()


# ---- what a page sees ------------------------------------------------------------------------


def test_a_panel_tells_its_learner_and_what_froze_since(world: World) -> None:
    assert world.panel.learner["name"] == "learn" and world.panel.learner["option"] == ""
    assert world.panel.data["words"].startswith("PlainData: 4 training batches")
    world.learn.freeze_to(2)
    world.panel.refresh()
    (told,) = world.updates("learner")
    assert [group["frozen"] for group in told["groups"]] == [True, True, False]
    world.panel.refresh()
    assert len(world.updates("learner")) == 1


def test_with_several_learners_every_line_names_its_own() -> None:
    panel = Panel(make_learner(), name="mine", several=True, run_lines=lambda lines, panel: None)
    assert panel.learner["option"] == " --learner mine" and panel.name == "mine"
    assert repr(panel) == "Tenfold panel of mine"
    panel.close()


def test_the_bundle_of_a_panel_is_the_same_each_time(world: World) -> None:
    data, _ = world.panel.bundle()
    assert data.pop("text/plain") == "Tenfold panel of learn"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == world.panel.model_id
    assert len(data) == 1


def test_runs_reach_the_page_and_their_end_is_worth_a_look_at_the_learner(world: World) -> None:
    world.learn.freeze_to(1)
    world.learn.fit(2, 0.1)
    world.answers()
    assert world.page.run["state"] == "finished" and world.page.run["points"].shape[1] == 8
    assert world.panel.learner["groups"][0]["frozen"]
    count = len(world.sent)
    world.hear(make("renew", fresh=True))
    assert world.answers() == [("a1", True, "")] and world.page.run["state"] == "finished"
    assert len(world.sent) == count + 2


def test_runs_of_another_learner_are_not_shown(world: World) -> None:
    make_learner().fit(1, 0.1)
    world.answers()
    assert world.page.runs == {} and world.panel.last_run() is None


def test_new_data_is_told_and_the_old_batch_let_go(tmp_path: Path) -> None:
    world = picture_world(tmp_path)
    world.panel.took("show_batch", "%show_batch 2", world.learn.data.show_batch(2))
    assert world.panel.data["batch"]["labels"] and world.panel.batch_png
    (both,) = [data for _, data in world.sent if data.get("buffer_paths") == [["batch_png"]]]
    assert both["state"]["data"]["batch"]  # in one message, so that they agree on the page
    world.learn.set_data(world.learn.data.resized(24))
    world.panel.refresh()
    assert world.panel.data["batch"] is None and world.panel.batch_png == b""
    assert "24x24" in world.panel.data["words"]
    world.panel.close()


def test_results_are_put_beside_each_other(tmp_path: Path) -> None:
    world = picture_world(tmp_path)
    found = world.learn.confusion()
    world.panel.took("confusion", "%confusion --actual cat", found.cell("cat", "cat"))
    world.panel.took("top_losses", "%top_losses 1", world.learn.top_losses(1))
    assert world.panel.results["cell"]["actual"] == "cat" and world.panel.top_png
    world.panel.took("confusion", "%confusion", found)
    assert world.panel.results["cell"] is None and world.panel.cell_png == b""
    assert world.panel.results["confusion"]["classes"] == ["cat", "dog"]
    assert world.panel.results["top"]["items"] and world.panel.results["scores"] is None
    world.panel.close()
    world.panel.took("confusion", "%confusion", found)


# ---- what a page asks for --------------------------------------------------------------------


def test_a_page_steers_a_run(world: World) -> None:
    paused = threading.Event()
    world.learn.callbacks.append(At("after_step", lambda run: (run.pause(), paused.set())))
    job = jobs.submit(lambda: world.learn.fit(100, 0.1), lines=["%fit 100"], learner=world.learn)
    assert paused.wait(LONG)
    world.hear(make("rate", run=1, lr=0.02, group=2))
    world.hear(make("stop", run=1))
    assert job.wait(LONG) and job.state == "stopped"
    world.hear(make("resume", run=1))
    said = [words for _, _, words in world.answers()]
    assert said[0] == "run 1 has the rate 0.02 from its next batch on; later peaks scale with it"
    assert said[1] == "run 1 stops after this batch" and "run 1 has ended" in said[2]
    assert world.panel.notice == said[2] and [ok for _, ok, _ in world.answers()][2] is False
    assert world.learn.run.changes[0][1:] == (0.02, 2)


def test_lines_run_in_the_worker_and_the_panel_says_so(world: World) -> None:
    seen: list[Any] = []
    gate = threading.Event()
    world.work = lambda panel: (seen.append(current()), gate.wait(LONG), panel.refresh())
    world.hear(make("lines", lines=["%freeze_to 1", "%fit 1"]))
    assert world.panel.busy == "%freeze_to 1; %fit 1" and world.lines == [world.lines[0]]
    assert world.panel.notice == "running %freeze_to 1; %fit 1"
    gate.set()
    world.end_jobs()
    assert world.panel.busy == "" and world.panel.notice == "%freeze_to 1; %fit 1 finished"
    assert seen == [jobs.all[-1]] and world.answers() == [("a1", True, "")]


def test_lines_that_fail_say_why(world: World) -> None:
    def fail(panel: Panel) -> None:
        raise SettingError("group 9 was given;\nallowed are 0 to 3")

    world.work = fail
    world.hear(make("lines", lines=["%freeze_to 9"]))
    world.end_jobs()
    assert world.panel.busy == "" and world.panel.notice == "group 9 was given; allowed are 0 to 3"


def test_lines_for_a_learner_at_work_are_refused(world: World) -> None:
    gate = threading.Event()
    world.work = lambda panel: gate.wait(LONG)
    world.hear(make("lines", lines=["%fit 1"]))
    world.hear(make("lines", lines=["%fit 2"]))
    gate.set()
    world.end_jobs()
    (_, first, _), (_, second, words) = world.answers()
    assert first and not second and "busy with job" in words


def test_a_dropped_picture_is_predicted(tmp_path: Path) -> None:
    world = picture_world(tmp_path)
    (tmp_path / "same.png").write_bytes(picture())
    wanted = world.learn.predict(tmp_path / "same.png")
    world.hear(make("predict", name="photo.png"), [memoryview(picture())])
    world.end_jobs()
    told = world.panel.results["prediction"]
    assert told["name"] == "photo.png" and told["label"] == wanted.label
    assert dict(told["probabilities"]) == pytest.approx(wanted.probabilities)
    world.hear(make("predict", name="broken.png"), [picture()[:50]])
    world.end_jobs()
    assert world.panel.notice.startswith("broken.png cannot be read as a picture")
    world.panel.close()


def test_a_picture_for_a_model_of_tensors_is_refused(world: World) -> None:
    world.hear(make("predict", name="photo.png"), [picture()])
    ((_, ok, words),) = world.answers()
    assert not ok and "this model takes tensors" in words


def test_what_is_no_command_is_answered_and_logged(world: World, caplog: Any) -> None:
    with caplog.at_level(logging.INFO, "tenfold"):
        world.hear(make("explode"))
        world.hear([1, 2])
        world.hear(make("predict", name="a"), [3])
    ((to, ok, words), (_, _, odd)) = world.answers()
    assert to == "a1" and not ok and "the kind is 'explode'" in words
    assert "cannot be read (TypeError)" in odd and "TypeError" in world.panel.notice
    assert len(caplog.records) == 1 and "explode" in caplog.text


def test_whatever_a_page_sends_changes_no_fit(world: World) -> None:
    plain, draw = make_learner(), random.Random(0)
    plain.fit(3, 0.1)

    def shout(run: Any) -> None:
        for _ in range(1000):
            message = spoiled(draw)
            if not isinstance(message, dict) or message.get("kind") != "close":
                world.hear(message, [b"x"] * draw.choice([0, 0, 1]))

    world.work = lambda panel: pytest.fail("a line was run")
    world.learn.callbacks += [At("after_step", shout, step=step) for step in range(12)]
    world.learn.fit(3, 0.1)
    assert world.learn.history.losses.tolist() == plain.history.losses.tolist()
    assert not world.panel.closed and not world.page.answers


def test_who_asks_after_the_end_of_a_job_is_told_at_once() -> None:
    job = jobs.submit(lambda: None, lines=["%fit 1"], learner=make_learner())
    assert job.wait(LONG)
    told: list[Job] = []
    job.when_ended(told.append)
    assert told == [job]
