from __future__ import annotations

import threading

import pytest
from factories import At, make_learner, same, tensors

from tenfold.errors import SettingError
from tenfold.techniques.replay import Replay
from tenfold.train.schedule import Cosine

LONG = 20.0


def test_what_was_done_by_hand_comes_out_the_same_bit_for_bit() -> None:
    by_hand, again = make_learner(), make_learner()
    acts = [
        At("after_step", lambda run: run.set_rate(0.3), step=2),
        At("after_step", lambda run: run.set_rate(0.01, group=1), step=6),
        At("after_step", lambda run: run.stop(), step=11),
    ]
    run = by_hand.fit(4, 0.1, schedule=Cosine(), callbacks=acts)
    assert run.changes == [(2, 0.3, None), (6, 0.01, 1)] and run.step == 11
    other = again.fit(4, 0.1, schedule=Cosine(), changes=run.changes, stop_at=run.step)
    assert same(tensors(by_hand.model), tensors(again.model))
    assert other.changes == run.changes and other.state == run.state == "stopped"
    assert by_hand.history.rates.tolist() == again.history.rates.tolist()
    by_hand.fit(1, 0.1)
    again.fit(1, 0.1)
    assert same(tensors(by_hand.model), tensors(again.model))


def test_a_change_from_another_thread_while_paused_is_repeated_exactly() -> None:
    by_hand, again, paused = make_learner(), make_learner(), threading.Event()
    pause = At("after_step", lambda run: (run.pause(), paused.set()), step=3)
    arguments = {"callbacks": [pause]}
    thread = threading.Thread(target=by_hand.fit, args=(2, 0.1), kwargs=arguments, daemon=True)
    thread.start()
    assert paused.wait(LONG)
    run = by_hand.run
    run.set_rate(0.02)
    run.resume()
    assert run.wait(LONG)
    again.fit(2, 0.1, changes=run.changes)
    assert same(tensors(by_hand.model), tensors(again.model))


def test_a_change_before_the_first_step_and_a_stop_at_the_end() -> None:
    learner = make_learner()
    run = learner.fit(1, 0.1, changes=[(0, 0.5, None)], stop_at=4)
    assert learner.history.rates[0, 0] == 0.5 and run.step == 4


def test_steps_that_cannot_be_are_refused() -> None:
    with pytest.raises(SettingError, match="a rate at step -1 was given; allowed is 0 and above"):
        make_learner().fit(1, changes=[(-1, 0.1, None)])
    with pytest.raises(SettingError, match="stop_at=0 was given; allowed is 1 and above"):
        make_learner().fit(1, stop_at=0)


def test_a_replay_of_nothing_changes_nothing() -> None:
    plain, replayed = make_learner(), make_learner()
    plain.fit(1, 0.1)
    replayed.fit(1, 0.1, callbacks=[Replay()])
    assert same(tensors(plain.model), tensors(replayed.model))
