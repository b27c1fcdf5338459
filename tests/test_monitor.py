from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest
from factories import At, make_learner, make_pairs, make_run
from pages import Desk, Page

from tenfold.learner import Learner
from tenfold.live.jobs import jobs
from tenfold.live.monitor import Monitor
from tenfold.live.wire import Command, WireError
from tenfold.techniques.keep_best import KeepBest

LONG = 30.0


def at_step(step: int, action: Any) -> At:
    return At("after_step", action, step=step)


def fit_as_job(learn: Learner, lines: list[str], **more: Any) -> Any:
    """A fit of two epochs by a job whose last line is said to be the one given."""
    job = jobs.submit(lambda: learn.fit(2, **more), lines=lines, learner=learn, name="mine")
    assert job.wait(LONG)
    return job


def test_a_whole_run_is_told_as_it_was() -> None:
    with Desk() as desk:
        learn = make_learner()
        run = learn.fit_sgdr(2, "0.1:0.3", cycle_len=2)
        desk.send()
    told, history = desk.page.run, learn.history
    assert (told["kind"], told["state"], told["owner"]) == ("fit", "finished", str(id(learn)))
    assert (told["step"], told["steps"], told["epoch"], told["epochs"]) == (16, 16, 4, 4)
    assert told["columns"] == ["epoch", "train_loss", "valid_loss", "accuracy", "seconds"]
    assert told["rows"] == history.rows and told["marks"] == [[8, "restart"]]
    assert told["loss"] == pytest.approx(history.losses.mean(), rel=1e-6)
    assert told["rates"] == [base * run.factors[-1] for base in run.base_rates]
    points = np.column_stack([range(1, 17), *[history.losses] * 3, history.rates]).T
    assert np.array_equal(told["points"], points.astype("<f4"))
    assert told["memory"] > 1e6 and told["memory_kind"] == "process" and told["memories"] == []
    assert told["seconds"] > 0 and told["seconds_left"] is None
    assert told["best"] == 1 + int(np.argmin(history.column("valid_loss")))


def test_a_later_run_counts_its_own_steps_rows_and_marks() -> None:
    with Desk() as desk:
        learn = make_learner()
        learn.fit(2, 0.1)
        learn.history.marks.append((8, "something before"))
        learn.fit(1, 0.2, callbacks=[at_step(3, lambda run: run.set_rate(0.5, group=2))])
        desk.send()
    assert sorted(desk.page.runs) == [1, 2]
    told = desk.page.run
    assert [row["epoch"] for row in told["rows"]] == [3] and told["epoch"] == 1
    assert told["marks"] == [[3, "rate 0.5 for group 2"]]
    assert told["points"][0].tolist() == [1, 2, 3, 4]
    assert told["points"][6].tolist() == pytest.approx([0.2, 0.2, 0.2, 0.5])


def test_deltas_add_up_to_the_snapshot() -> None:
    with Desk() as desk:
        begin = At("before_fit", lambda run: setattr(run, "next_tick", 0.0))
        often = at_step(0, lambda run: None)
        often.after_step = lambda run: (run.tick(), desk.send(), None)[2]  # type: ignore[method-assign]
        learn = make_learner(callbacks=[begin, often])
        learn.fit(3, 0.1)
        desk.send()
        other = Page()
        desk.monitor.listen(other.take)
        desk.send()
    kinds = [message["kind"] for message in desk.page.messages]
    assert kinds[0] == "snapshot" and set(kinds[1:]) == {"delta"} and len(kinds) > 12
    points, whole = desk.page.run.pop("points"), other.run.pop("points")
    assert np.array_equal(points, whole) and desk.page.runs == other.runs
    assert len(other.messages) == 1


def test_a_view_of_one_learner_hears_of_no_other() -> None:
    mine, other = make_learner(), make_learner()
    with Desk(owner=id(mine)) as desk:
        other.fit(1, 0.1)
        assert desk.send() is None and desk.page.runs == {}
        mine.fit(1, 0.1)
        desk.send()
    assert [run["owner"] for run in desk.page.runs.values()] == [str(id(mine))]


def test_a_finder_tells_its_suggestions_at_its_end() -> None:
    with Desk() as desk:
        curve = make_learner((make_pairs(20), None)).lr_find(steps=60)
        desk.send()
    told = desk.page.run
    assert told["kind"] == "lr_find" and told["suggestions"] == curve.suggestions != {}
    assert told["points"].shape[1] == len(curve.losses) and told["best"] is None


def test_a_pass_is_told_too() -> None:
    with Desk() as desk:
        make_learner().predictions()
        desk.send()
    told = desk.page.run
    assert (told["kind"], told["state"], told["step"], told["steps"]) == (
        "predictions",
        "finished",
        2,
        2,
    )
    assert told["points"] is None and told["rates"] == told["columns"] == told["rows"] == []


def test_an_error_is_one_line_and_nothing_of_the_run_stays_alive() -> None:
    def fail(run: Any) -> None:
        raise ValueError("two\nlines")

    with Desk() as desk:
        learn = make_learner(callbacks=[at_step(2, fail)])
        with pytest.raises(ValueError):
            learn.fit(1, 0.1)
        desk.send()
        assert desk.page.run["state"] == "failed"
        assert desk.page.run["error"] == "ValueError: two lines"
        watched = weakref.ref(learn.run)
        del learn
        gc.collect()
        assert watched() is None and desk.monitor.control(1) is None
        assert desk.monitor.control(99) is None


def test_an_interrupt_is_a_message_and_no_error() -> None:
    def interrupt(run: Any) -> None:
        raise KeyboardInterrupt

    with Desk() as desk:
        with pytest.raises(KeyboardInterrupt):
            make_learner(callbacks=[at_step(2, interrupt)]).fit(1, 0.1)
        desk.send()
    assert (desk.page.run["message"], desk.page.run["error"]) == ("interrupted", "")


def test_a_run_that_another_callback_refuses_to_begin_is_left_out() -> None:
    def refuse(run: Any) -> None:
        raise ValueError("not now")

    with Desk() as desk:
        with pytest.raises(ValueError):
            make_learner(callbacks=[At("before_fit", refuse)]).fit(1, 0.1)
        desk.send()
    assert desk.page.runs == {}


def test_the_best_epoch_is_that_of_the_keeper_where_there_is_one() -> None:
    with Desk() as desk:
        learn = make_learner(callbacks=[KeepBest("accuracy")])
        learn.fit(4, 0.05)
        desk.send()
    told = desk.page.run
    assert told["best"] == 1 + int(np.argmax(learn.history.column("accuracy")))


def test_the_last_fifty_runs_are_kept_and_passes_go_first() -> None:
    with Desk() as desk:
        learn = make_learner()
        learn.fit(1, 0.1)
        for _ in range(55):
            learn.predictions()
        numbers = [record.number for record in desk.monitor.records()]
    assert numbers == [1, *range(8, 57)]


def test_the_line_repeats_the_changes_and_the_stop_bit_for_bit() -> None:
    def steer(run: Any) -> None:
        if run.step == 2:
            run.set_rate(1 / 3)
        elif run.step == 5:
            run.set_rate(0.05, group=2)
        elif run.step == 6:
            run.stop()

    with Desk() as desk:
        learn = make_learner(callbacks=[at_step(step, steer) for step in (2, 5, 6)])
        job = fit_as_job(learn, ["%freeze_to 1", "%fit 2 --lr 0.1 --background"], lr=0.1)
        desk.send()
    told, changes = desk.page.run, [(2, 1 / 3, None), (5, 0.05, 2)]
    line = f"%fit 2 --lr 0.1 --changes 2:{1 / 3!r},5:2:0.05 --stop-at 6"
    assert told["repeat"] == f"%freeze_to 1\n{line}"
    assert (told["line"], told["learner"]) == (job.line, "mine")
    again = make_learner()
    again.fit(2, 0.1, changes=changes, stop_at=6)
    assert np.array_equal(again.history.losses, learn.history.losses)


def test_a_page_steers_a_run_in_another_thread() -> None:
    begun = threading.Event()
    with Desk() as desk:
        learn = make_learner(callbacks=[At("after_step", lambda run: (run.pause(), begun.set()))])
        job = jobs.submit(lambda: learn.fit(1000, 0.1), lines=["%fit 1000"], learner=learn)
        assert begun.wait(LONG)
        desk.monitor.steer(Command("rate", "a1", run=1, lr=0.02, group=1))
        with pytest.raises(WireError, match="group 9 was given; this run has groups 0 to 2"):
            desk.monitor.steer(Command("rate", "a2", run=1, lr=0.02, group=9))
        desk.monitor.steer(Command("resume", "a3", run=1))
        desk.monitor.steer(Command("pause", "a4", run=1))
        desk.monitor.steer(Command("stop", "a5", run=1))
        assert job.wait(LONG) and job.state == "stopped"
        with pytest.raises(WireError, match="run 1 has ended; there is nothing to stop"):
            desk.monitor.steer(Command("stop", "a6", run=1))
        desk.send()
    assert [1, "rate 0.02 for group 1"] in desk.page.run["marks"]
    assert desk.page.run["state"] == "stopped" and "--stop-at" in desk.page.run["repeat"]


def test_a_pass_has_no_rate_to_change() -> None:
    with Desk() as desk:
        command = Command("rate", "a1", run=1, lr=0.1)
        with pytest.raises(WireError, match="run 1 does not train"):
            make_learner()._passing("tta", 3, lambda control: desk.monitor.steer(command))


def test_watching_twice_is_watching_once_and_can_be_ended() -> None:
    before, watching = list(Learner.observers), Monitor()
    watching.watch()
    watching.watch()
    assert len(Learner.observers) == len(before) + 1
    watching.unwatch()
    watching.unwatch()
    assert Learner.observers == before


def test_ticks_alone_are_what_a_recorder_sees() -> None:
    events = make_run(callbacks=[Monitor()._recorder]).events
    seen = {name for name, handlers in events.items() if handlers}
    assert seen == {"before_fit", "on_tick", "before_validate", "after_epoch", "after_fit"}
