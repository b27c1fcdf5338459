from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from factories import At, make_learner
from pages import Desk, Page

from tenfold.live.monitor import Monitor
from tenfold.live.publisher import CALM_PERIOD, PATIENCE, PERIOD, YOUNG

LONG = 30.0


def ticking(action: Any) -> At:
    """Lets a run tick after every step and calls `action` then."""
    often = At("after_step", None, step=0)
    often.after_step = lambda run: (run.tick(), action(run), None)[2]  # type: ignore[method-assign]
    return often


def test_the_first_snapshot_comes_at_once_and_then_nothing_until_there_is_something() -> None:
    desk = Desk()
    assert desk.send(after=0) is None
    assert [message["kind"] for message in desk.page.messages] == ["snapshot"]
    assert desk.send() is None and len(desk.page.messages) == 1


def test_a_view_gets_at_most_one_message_in_a_period() -> None:
    times: list[float] = []
    with Desk() as desk:
        desk.send(after=0)
        send = desk.page.take
        desk.view.send = lambda *message: (times.append(desk.now), send(*message))[1]
        learn = make_learner(callbacks=[ticking(lambda run: desk.send(after=0.03))])
        learn.fit(10, 0.1)
        desk.send(after=0)
    assert desk.page.run["state"] == "finished" and desk.page.run["step"] == 40
    # 40 steps of 0.03 s are 1.2 s; the end of the run comes at once
    assert len(times) == 3 and np.diff(times[:-1]).min() >= PERIOD - 1e-9


def test_a_run_that_has_gone_on_for_a_while_is_told_of_less_often() -> None:
    times: list[float] = []

    def age(run: Any) -> None:
        run.started -= YOUNG
        desk.send(after=0.03)

    with Desk() as desk:
        desk.send(after=0)
        desk.view.send = lambda *message: times.append(desk.now)
        make_learner(callbacks=[ticking(age)]).fit(25, 0.1)
        desk.send(after=0)
    # 100 steps of 0.03 s are 3 s: with the other period there would be eight
    assert len(times) in (3, 4) and np.diff(times[:-1]).min() >= CALM_PERIOD - 1e-9


def test_what_is_not_due_yet_is_waited_for() -> None:
    waits: list[float | None] = []
    with Desk() as desk:
        desk.send(after=0)
        learn = make_learner(callbacks=[ticking(lambda run: waits.append(desk.send(after=0.1)))])
        learn.fit(1, 0.1)
    assert waits == [pytest.approx(0.3), pytest.approx(0.2), pytest.approx(0.1), PATIENCE]


def test_the_end_of_a_run_is_sent_at_once() -> None:
    with Desk() as desk:
        learn = make_learner(callbacks=[ticking(lambda run: desk.send())])
        learn.fit(1, 0.1)
        assert desk.page.run["state"] == "running"
        desk.send(after=0)
        assert desk.page.run["state"] == "finished"


def test_a_view_that_is_not_renewed_is_dropped_and_comes_back_with_everything() -> None:
    with Desk() as desk:
        learn = make_learner()
        learn.fit(1, 0.1)
        desk.send(after=PATIENCE + 1)
        assert desk.page.messages == []
        desk.view.renew()
        desk.send(after=PATIENCE - 1)
        assert [message["kind"] for message in desk.page.messages] == ["snapshot"]
        desk.view.renew()
        learn.fit(1, 0.1)
        desk.send(after=PATIENCE - 1)
        assert [message["kind"] for message in desk.page.messages] == ["snapshot", "delta"]


def test_a_page_may_ask_for_everything_once_more() -> None:
    with Desk() as desk:
        make_learner().fit(1, 0.1)
        desk.send()
        runs = dict(desk.page.runs)
        desk.view.renew(fresh=True)
        assert desk.send(after=0) == pytest.approx(PERIOD)
        desk.send()
    assert [message["kind"] for message in desk.page.messages] == ["snapshot", "snapshot"]
    points = [run.pop("points").tolist() for run in (runs[1], desk.page.runs[1])]
    assert runs == desk.page.runs and points[0] == points[1]


def test_a_view_that_raises_is_dropped_and_the_others_go_on() -> None:
    def broken(message: Any, buffers: Any) -> None:
        raise OSError("the page is gone")

    with Desk() as desk:
        bad = desk.monitor.listen(broken)
        desk.send(after=0)
        make_learner().fit(1, 0.1)
        desk.send()
        assert desk.monitor.publisher._views == [desk.view] and len(desk.page.messages) == 2
        bad.close()


def test_a_closed_view_hears_nothing_more_and_cannot_be_renewed() -> None:
    with Desk() as desk:
        desk.view.close()
        desk.view.renew(fresh=True)
        make_learner().fit(1, 0.1)
        assert desk.send() is None and desk.page.messages == []


def test_answers_come_one_in_a_period_and_the_oldest_of_too_many_are_left_out() -> None:
    desk = Desk()
    desk.send(after=0)
    for number in range(2000):
        desk.view.answer(f"a{number}", ok=False, words="why")
    waits = [desk.send() for _ in range(9)]
    assert [one["to"] for one in desk.page.answers] == [f"a{n}" for n in range(1992, 2000)]
    assert desk.page.answers[0] == {
        "v": 1,
        "kind": "answer",
        "id": 2,
        "to": "a1992",
        "ok": False,
        "words": "why",
    }
    assert waits == [PERIOD] * 7 + [None, None]


def test_a_long_run_sends_only_what_is_new() -> None:
    with Desk() as desk:
        learn = make_learner(callbacks=[ticking(lambda run: desk.send() if run.step > 1 else 0)])
        learn.fit(25, 0.1)
        desk.send()
    sizes = [len(buffer) for buffers in desk.page.buffers for buffer in buffers]
    # four numbers and three rates for each point, and the last point once more
    assert max(sizes[1:]) <= 2 * 7 * 4 and desk.page.run["points"].shape == (7, 100)


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_a_thread_sends_while_a_run_goes_on_and_is_gone_afterwards() -> None:
    monitor, page, begun = Monitor(), Page(), threading.Event()
    monitor.watch()
    try:
        view = monitor.listen(page.take)
        page.wait_for(lambda page: page.messages)
        learn = make_learner(callbacks=[At("after_step", lambda run: (run.pause(), begun.set()))])
        thread = threading.Thread(target=learn.fit, args=(2, 0.1), daemon=True)
        thread.start()
        assert begun.wait(LONG)
        page.wait_for(lambda page: page.runs and page.run["state"] == "paused")
        assert "tenfold-monitor" in names()
        learn.run.resume()
        page.wait_for(lambda page: page.run["state"] == "finished")
        thread.join(LONG)
    finally:
        monitor.unwatch()
    for one in [one for one in threading.enumerate() if one.name == "tenfold-monitor"]:
        one.join(LONG)
    assert "tenfold-monitor" not in names() and page.run["marks"][1] == [1, "resumed"]
    assert len(page.messages) <= 4
    view.close()


def test_no_thread_is_started_while_nobody_listens() -> None:
    monitor, seen = Monitor(), []
    monitor.watch()
    try:
        make_learner(callbacks=[ticking(lambda run: seen.extend(names()))]).fit(1, 0.1)
    finally:
        monitor.unwatch()
    assert seen and "tenfold-monitor" not in seen


def test_hundred_runs_in_a_row_leave_no_thread_and_one_view() -> None:
    monitor, page = Monitor(), Page()
    monitor.watch()
    try:
        view = monitor.listen(page.take)
        learn = make_learner()
        for _ in range(100):
            learn.fit(1, 0.1)
        page.wait_for(lambda page: page.runs and 100 in page.runs)
        page.wait_for(lambda page: page.runs[100]["state"] == "finished")
    finally:
        monitor.unwatch()
    view.close()
    for one in [one for one in threading.enumerate() if one.name == "tenfold-monitor"]:
        one.join(LONG)
    assert "tenfold-monitor" not in names() and len(monitor.records()) == 50
