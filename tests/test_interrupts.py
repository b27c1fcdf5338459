from __future__ import annotations

import signal

import pytest
from factories import At, make_run

from tenfold.train.events import EVENTS
from tenfold.train.run import Run
from tenfold.train.trainer import fit

ANY_EVENT = [event for event in EVENTS if event != "on_tick"]


def press_interrupt(run: Run) -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("event", "step", "steps"),
    [
        ("before_fit", 0, 0),
        ("before_epoch", 0, 0),
        ("before_epoch", 4, 4),
        ("before_batch", 2, 3),
        ("after_step", 2, 2),
        ("after_step", 4, 4),
        ("before_validate", 4, 4),
        ("after_epoch", 4, 4),
    ],
)
def test_an_interrupt_ends_the_run_at_the_next_batch(event: str, step: int, steps: int) -> None:
    run = fit(make_run(callbacks=[At(event, press_interrupt, step=step)]))
    assert (run.state, run.message, run.step) == ("stopped", "interrupted", steps)
    assert run.history.steps == steps and len(run.history) == min(steps, 1)


def test_a_second_interrupt_raises() -> None:
    twice = At("before_batch", lambda run: (press_interrupt(run), press_interrupt(run)), step=1)
    run = make_run(callbacks=[twice])
    with pytest.raises(KeyboardInterrupt):
        fit(run)
    assert run.state == "failed"


def test_a_first_interrupt_does_not_raise_while_another_request_waits() -> None:
    both = At("before_batch", lambda run: (run.set_rate(0.2), press_interrupt(run)))
    assert fit(make_run(callbacks=[both])).message == "interrupted"


def test_an_interrupt_stops_a_run_where_interrupts_were_ignored() -> None:
    """As in a job that a shell started in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = fit(make_run(callbacks=[At("after_step", press_interrupt, step=2)]))
        assert run.state == "stopped" and run.step == 2
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
