from __future__ import annotations

import threading
from typing import Any

import pytest
from factories import make_learner, make_pairs

from tenfold.errors import DataError, StoppedError
from tenfold.train.control import Control, Pass
from tenfold.train.events import Callback
from tenfold.train.passes import length_of, predict_batches
from tenfold.train.plan import Plan

LONG = 20.0


class Diary(Callback):
    """What an observer is told, and the state at that moment."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int]] = []

    def before_fit(self, run: Any) -> None:
        self.told.append(("begins", run.state, run.step))

    def on_tick(self, run: Any) -> None:
        self.told.append(("ticks", run.state, run.step))

    def after_fit(self, run: Any) -> None:
        self.told.append(("ends", run.state, run.step))


def go(control: Pass, batches: int = 2) -> list[Any]:
    learner = make_learner()
    data = make_pairs(batches)
    found: list[Any] = []
    with control.going():
        settings: dict[str, Any] = {"plan": Plan(threads=1), "control": control}
        predict_batches(learner.model, data, use=lambda *pair: found.append(pair), **settings)
    return found


def test_a_control_alone_has_no_length() -> None:
    with pytest.raises(NotImplementedError):
        _ = Control().total_steps


def test_a_pass_counts_its_batches_and_tells_its_observers() -> None:
    diary = Diary()
    control = Pass("predictions", 2, observers=[diary], owner=7)
    assert len(go(control)) == 2 and control.owner == 7
    assert (control.step, control.state, control.ended) == (2, "finished", True)
    assert diary.told[0] == ("begins", "running", 0) and diary.told[-1] == ("ends", "finished", 2)
    assert repr(control) == "Pass(predictions, finished, batch 2 of 2)"
    assert control.wait(0)


def test_a_pass_that_is_stopped_has_no_result() -> None:
    diary = Diary()
    control = Pass("tta", 4, observers=[diary])
    control.stop()
    with pytest.raises(StoppedError, match=r"stopped after batch 1 of 4.*nothing was changed"):
        go(control)
    assert (control.state, diary.told[-1]) == ("stopped", ("ends", "stopped", 1))


def test_a_pass_that_fails_says_so() -> None:
    control = Pass("tta", 4)
    with pytest.raises(ZeroDivisionError), control.going():
        _ = 1 / 0
    assert control.state == "failed" and isinstance(control.error, ZeroDivisionError)


def test_a_paused_pass_waits_and_goes_on() -> None:
    paused = threading.Event()

    class Wait(Diary):
        def on_tick(self, run: Any) -> None:
            super().on_tick(run)
            if run.state == "paused":
                paused.set()

    diary = Wait()
    control = Pass("predictions", 2, observers=[diary])
    control.pause()
    thread = threading.Thread(target=go, args=(control,), daemon=True)
    thread.start()
    assert paused.wait(LONG) and ("ticks", "paused", 1) in diary.told
    assert control.standing == "predicting (batch 1 of 2)" and not control.wait(0)
    control.resume()
    assert control.wait(LONG) and control.state == "finished"


def test_the_length_of_data_that_does_not_say_is_nothing() -> None:
    assert length_of(make_pairs(3)) == 3 and length_of(iter(())) == 0


def test_a_pass_of_a_learner_is_its_run_while_it_lasts() -> None:
    learner, seen = make_learner(), []

    class See(Callback):
        def before_fit(self, run: Any) -> None:
            seen.append((learner.run is run, run.kind, run.total_steps))

    learner.observers.append(see := See())
    try:
        learner.predictions()
        run = learner.fit(1, 0.1)
        learner.lr_find(steps=10)
    finally:
        learner.observers.remove(see)
    assert seen == [(True, "predictions", 2), (True, "fit", 4), (True, "lr_find", 10)]
    assert learner.run is run


def test_a_set_that_is_not_there_is_refused() -> None:
    learner = make_learner((make_pairs(), None))
    with pytest.raises(DataError, match="no validation set"):
        learner.predictions()
