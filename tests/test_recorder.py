from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import make_learner, make_pairs, make_run
from pages import Desk

from tenfold.errors import TrainingError
from tenfold.live.recorder import cell_of, error_line, repeat_line, restarts
from tenfold.train.events import Callback
from tenfold.train.schedule import OneCycle, sgdr


def test_a_tensor_in_a_row_becomes_a_number() -> None:
    assert [cell_of(one) for one in (torch.tensor(0.5), True, None, [1], "x" * 200)] == [
        0.5,
        1,
        None,
        "[1]",
        "x" * 100,
    ]
    assert len(error_line(TrainingError("x" * 1000))) == 301


RESTARTS = [
    (sgdr(3, cycle_len=1, cycle_mult=2).factors(70).tolist(), [10, 30]),
    (sgdr(3, cycle_len=1, cycle_mult=1).factors(3).tolist(), []),
    (OneCycle(rise=0.25, divide=25).factors(4).tolist(), []),
    ([1.0, 1.0], []),
    ([0.1, 1.0, 0.4, 0.9, 0.8], [3]),
]


@pytest.mark.parametrize(("factors", "expected"), RESTARTS)
def test_restarts_are_where_the_rate_jumps_up_again(
    factors: list[float], expected: list[int]
) -> None:
    slow = [
        step
        for step in range(2, len(factors))
        if factors[step - 1] < factors[step - 2] and factors[step] > 2 * factors[step - 1]
    ]
    assert restarts(factors) == expected == slow


LINES = [
    ("%fit 2 --lr 0.1", "%fit 2 --lr 0.1"),
    ("%fit 2 --lr 0.1 --background", "%fit 2 --lr 0.1"),
    ("%fit_sgdr 2 --background --lr 0.1;", "%fit_sgdr 2 --lr 0.1"),
    ("%fit_one_cycle 2 --changes 3:0.5 --stop-at=7  # slowly", "%fit_one_cycle 2"),
    ("%fine_tune 2", ""),
    ("%fitting 2", ""),
    ("", ""),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_the_line_that_repeats_is_that_of_the_fit(line: str, expected: str) -> None:
    assert repeat_line(line, make_run()) == expected


def test_the_pace_is_that_of_training_without_pauses_and_validation() -> None:
    told: list[float] = []

    class Clock(Callback):
        def before_batch(self, run: Any) -> None:
            desk.now += 0.5 if run.epoch == 0 else 0.25

        def after_step(self, run: Any) -> None:
            run.tick()
            told.append(desk.monitor.records()[0].facts["items_per_second"])
            if run.step == 2:
                run.pause()

        def on_tick(self, run: Any) -> None:
            if run.state == "paused":
                desk.now += 50
                run.resume()

        def before_validate(self, run: Any) -> None:
            desk.now += 100

    with Desk() as desk:
        pairs = make_pairs(4, rest=3), make_pairs(1)
        make_learner(pairs, callbacks=[Clock()]).fit(2, 0.1)
    assert told == [16] * 5 + [32] * 5
