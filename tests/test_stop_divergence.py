from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from factories import make_learner, make_run

from tenfold.errors import SettingError
from tenfold.techniques.stop_divergence import StopDivergence
from tenfold.train.run import Run


def told(run: Run, watch: StopDivergence, losses: Sequence[float], *, at_once: int) -> int | None:
    """How many losses the watch had been told of when it stopped the run; None when it did not."""
    for start in range(0, len(losses), at_once):
        part = np.array(losses[start : start + at_once], np.float32)
        run.history.add_steps(part, np.ones(len(part)), bases=[0.1])
        watch.on_tick(run)
        if run.due():
            run.serve()
        if run.stopping:
            return start + len(part)
    return None


def slowly(losses: Sequence[float], factor: float) -> int | None:
    """The same by the weighted mean written out: the newest weighs 1, each older one 0.95 less."""
    lowest = math.inf
    for count in range(20, len(losses) + 1):
        weights = [0.95 ** (count - 1 - place) for place in range(count)]
        mean = sum(w * x for w, x in zip(weights, losses)) / sum(weights)
        lowest = min(lowest, mean)
        if mean > factor * lowest:
            return count
    return None


RISING = [1.0 - 0.01 * step for step in range(60)] + [0.4 * 1.1**step for step in range(60)]


@pytest.mark.parametrize("factor", [1.5, 4.0, 1e6])
def test_it_stops_at_the_step_that_the_formula_says(factor: float) -> None:
    run, watch = make_run(), StopDivergence(factor=factor)
    watch.before_fit(run)
    assert told(run, watch, RISING, at_once=1) == slowly(RISING, factor)


def test_the_losses_that_come_together_are_each_looked_at() -> None:
    run, watch = make_run(), StopDivergence()
    watch.before_fit(run)
    wanted = slowly(RISING, 4.0)
    found = told(run, watch, RISING, at_once=7)
    assert wanted is not None and found == 7 * math.ceil(wanted / 7)


def test_it_goes_on_from_its_state_as_if_nothing_had_been() -> None:
    run, watch = make_run(), StopDivergence()
    watch.before_fit(run)
    assert told(run, watch, RISING[:70], at_once=1) is None
    again, other = make_run(), StopDivergence()
    other.before_fit(again)
    other.load_state(watch.state(), again)
    found = told(again, other, RISING[70:], at_once=1)
    assert found is not None and found + 70 == slowly(RISING, 4.0)


def test_a_run_that_diverges_is_stopped_and_says_why() -> None:
    learn = make_learner(optimizer="sgd", callbacks=[StopDivergence(factor=1.1)])
    learn.fit(50, 5.0)
    assert learn.run is not None and learn.run.state == "stopped"
    assert "the loss runs away" in learn.run.message
    assert len(learn.history) < 50


def test_a_factor_that_would_stop_every_run_is_refused() -> None:
    with pytest.raises(SettingError, match=r"factor=1 was given; allowed is above 1; try 4"):
        StopDivergence(factor=1)
