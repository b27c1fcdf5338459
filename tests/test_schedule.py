from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from tenfold.errors import SettingError
from tenfold.train.schedule import (
    Chained,
    Constant,
    Cosine,
    Exponential,
    FlatCosine,
    Linear,
    OneCycle,
    Schedule,
    SlantedTriangle,
    read_schedule,
    sgdr,
    sgdr_lengths,
    warm_up,
)

EXACT = {"rel": 1e-6, "abs": 1e-12}


def cosine(begin: float, end: float, share: float) -> float:
    return end + (begin - end) * (1 + math.cos(math.pi * share)) / 2


@pytest.mark.parametrize("steps", [2, 3, 10, 157])
@pytest.mark.parametrize(
    ("schedule", "form"),
    [
        (Constant(0.5), lambda t: 0.5),
        (Linear(0.2, 2.0), lambda t: 0.2 + 1.8 * t),
        (Exponential(1e-8, 1.0), lambda t: 1e-8 * 1e8**t),
        (Cosine(2.0, 0.1), lambda t: cosine(2.0, 0.1, t)),
    ],
)
def test_every_step_equals_the_closed_form(
    schedule: Schedule, form: Callable[[float], float], steps: int
) -> None:
    expected = [form(step / (steps - 1)) for step in range(steps)]
    assert schedule.factors(steps).tolist() == pytest.approx(expected, **EXACT)


CYCLES = list(product([1, 2, 3], [1, 2], [1, 2, 3], [1, 2, 7, 13]))


@pytest.mark.parametrize(("cycles", "cycle_len", "cycle_mult", "steps_per_epoch"), CYCLES)
def test_sgdr_equals_the_closed_form_and_restarts_on_the_step(
    cycles: int, cycle_len: int, cycle_mult: int, steps_per_epoch: int
) -> None:
    expected: list[float] = []
    for cycle in range(cycles):
        count = cycle_len * cycle_mult**cycle * steps_per_epoch
        expected += [cosine(1, 0.01, step / max(count - 1, 1)) for step in range(count)]
    schedule = sgdr(cycles, cycle_len=cycle_len, cycle_mult=cycle_mult, end=0.01)
    factors = schedule.factors(len(expected))
    assert factors.tolist() == pytest.approx(expected, **EXACT)
    starts = np.cumsum([0, *(length for length, _ in schedule.parts)])[:-1] * steps_per_epoch
    assert (factors[starts.astype(int)] == 1).all()


def slow_two_parts(steps: int, share: float, up: Callable, down: Callable) -> list[float]:
    """A rise that ends on the peak and a fall that goes on from it."""
    first = min(max(math.floor(share * steps + 0.5), 1), steps - 1)
    values = [up(step / max(first - 1, 1)) for step in range(first)]
    if first == 1 and up(0.0) != down(0.0):
        return values + [down(step / max(steps - 2, 1)) for step in range(steps - 1)]
    return values + [down(step / (steps - first)) for step in range(1, steps - first + 1)]


@pytest.mark.parametrize("steps", [2, 3, 4, 5, 16, 40, 101])
@pytest.mark.parametrize("rise", [0.1, 0.25, 0.3, 0.99])
def test_one_cycle_equals_the_closed_form(steps: int, rise: float) -> None:
    expected = slow_two_parts(
        steps, rise, lambda t: cosine(1 / 25, 1, t), lambda t: cosine(1, 1e-5, t)
    )
    momenta = slow_two_parts(
        steps, rise, lambda t: cosine(0.95, 0.85, t), lambda t: cosine(0.85, 0.95, t)
    )
    schedule = OneCycle(rise=rise)
    assert schedule.factors(steps).tolist() == pytest.approx(expected, **EXACT)
    assert schedule.momenta(steps).tolist() == pytest.approx(momenta, **EXACT)


@pytest.mark.parametrize("steps", [2, 7, 50, 96])
def test_flat_cosine_equals_the_closed_form(steps: int) -> None:
    expected = slow_two_parts(steps, 0.72, lambda t: 1.0, lambda t: cosine(1, 0, t))
    assert FlatCosine().factors(steps).tolist() == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize("steps", [4, 20, 50, 97])
def test_the_slanted_triangle_equals_the_closed_form(steps: int) -> None:
    low = 1 / 32
    expected = slow_two_parts(
        steps, 0.1, lambda t: low + (1 - low) * t, lambda t: 1 + (low - 1) * t
    )
    assert SlantedTriangle().factors(steps).tolist() == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize("steps", [10, 33])
def test_a_warm_up_rises_in_a_line_and_goes_on_with_the_schedule(steps: int) -> None:
    expected = slow_two_parts(steps, 0.2, lambda t: t, lambda t: cosine(1, 0, t))
    assert warm_up(Cosine(), share=0.2).factors(steps).tolist() == pytest.approx(expected, **EXACT)


ENDS = [
    (Linear(0.3, 0.7), 0.3, 0.7),
    (Exponential(1e-8, 3.0), 1e-8, 3.0),
    (Cosine(1.0, 1e-3), 1.0, 1e-3),
    (OneCycle(), 1 / 25, 1e-5),
    (OneCycle(rise=0.99), 1 / 25, 1e-5),
    (FlatCosine(end=0.1), 1.0, 0.1),
    (SlantedTriangle(), 1 / 32, 1 / 32),
    (sgdr(3, cycle_mult=2), 1.0, 0.0),
    (warm_up(Cosine(), start=0.1), 0.1, 0.0),
    (Chained(((1, Linear(0, 1)), (2, Constant()), (3, Exponential(1, 0.1)))), 0.0, 0.1),
]


@pytest.mark.parametrize("steps", [14, 70, 1001])
@pytest.mark.parametrize(("schedule", "first", "last"), ENDS)
def test_the_first_and_last_steps_are_on_the_stated_values_exactly(
    schedule: Schedule, first: float, last: float, steps: int
) -> None:
    factors = schedule.factors(steps)
    assert len(factors) == steps
    assert factors[0] == first
    assert factors[-1] == pytest.approx(last, rel=1e-15, abs=0)
    assert schedule.at(0.0) == pytest.approx(first)
    assert schedule.at(1.0) == pytest.approx(last)


@pytest.mark.parametrize(("schedule", "first", "last"), ENDS)
def test_a_schedule_is_a_value_that_prints_compares_and_draws(
    schedule: Schedule, first: float, last: float
) -> None:
    assert schedule == eval(str(schedule))
    assert hash(schedule) == hash(eval(str(schedule)))
    line = schedule.plot(steps=60).axes[0].lines[0]
    assert line.get_ydata().tolist() == schedule.factors(60).tolist()


@pytest.mark.parametrize("steps", [0, 1, 2, 5, 6, 100])
def test_a_chain_gives_every_step_to_one_part(steps: int) -> None:
    chain = Chained(((0.5, Constant()), (1, Cosine()), (0.25, Linear())))
    counts = chain.counts(steps)
    assert sum(counts) == steps == len(chain.factors(steps))
    assert min(counts) >= (steps >= 3)


def test_only_one_cycle_moves_the_momentum() -> None:
    assert Cosine().momenta(5) is None
    assert OneCycle(momentum=(0.9, 0.8)).momenta(9)[[0, 1, -1]].tolist() == [0.9, 0.8, 0.9]


def test_the_cycles_of_sgdr_grow_by_the_factor() -> None:
    assert sgdr_lengths(4, cycle_len=2, cycle_mult=3) == [2, 6, 18, 54]
    assert sgdr_lengths(3) == [1, 1, 1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sgdr(0), "cycles=0 was given; allowed is a whole number from 1 up"),
        (lambda: sgdr(1, cycle_len=0.5), "cycle_len=0.5 was given"),
        (lambda: sgdr(1, cycle_mult=True), "cycle_mult=True was given"),
        (lambda: Exponential(0, 1), "start=0 was given; allowed is above 0; try 1"),
        (lambda: Exponential(math.nan, 1), "start=nan was given; allowed is above 0"),
        (lambda: Chained(()), "a chain needs at least one part"),
        (lambda: Chained(((0, Cosine()),)), r"the lengths \[0\] were given; a chain needs"),
        (lambda: Chained(((math.nan, Cosine()),)), r"the lengths \[nan\] were given"),
        (lambda: Chained(((math.inf, Cosine()),)), r"the lengths \[inf\] were given"),
        (lambda: OneCycle(rise=1), "rise=1 was given; allowed is .*0.* 1; try 0.25"),
        (lambda: OneCycle(divide=0), "divide=0 was given; allowed is above 0; try 25"),
        (
            lambda: OneCycle(divide_end=-1),
            "divide_end=-1 was given.* above 0; try 100000",
        ),
        (lambda: OneCycle(momentum=(0.9, 1.0)), r"momentum=\(0.9, 1.0\) was given; allowed is"),
        (lambda: FlatCosine(flat=0), "flat=0 was given; allowed is .*0.* 1; try 0.72"),
        (lambda: SlantedTriangle(cut=2), "cut=2 was given; allowed is .*0.* 1; try 0.1"),
        (lambda: SlantedTriangle(ratio=0), "ratio=0 was given; allowed is above 0; try 32"),
        (lambda: warm_up(Cosine(), share=0), "share=0 was given; allowed is .*0.* 1; try 0.1"),
    ],
)
def test_a_schedule_that_cannot_be_walked_is_refused(
    make: Callable[[], Schedule], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        make()


def test_a_schedule_is_read_by_name_or_taken_as_it_is() -> None:
    assert read_schedule("one_cycle") == OneCycle()
    assert read_schedule(Linear()) == Linear()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("cosin", "the schedule 'cosin' was given; known are constant, .*did you mean 'cosine'?"),
        (Cosine, "known are constant, cosine, .* a Schedule of your own also works"),
    ],
)
def test_an_unknown_schedule_is_refused_with_the_nearest(given: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        read_schedule(given)


def test_a_warm_up_keeps_the_momentum_of_what_it_warms() -> None:
    momenta = warm_up(OneCycle(), share=0.25).momenta(40)
    assert momenta is not None and len(momenta) == 40
    assert (momenta[:10] == 0.95).all() and momenta[-1] == pytest.approx(0.95)
    assert momenta.min() == pytest.approx(0.85)


def test_a_chain_of_parts_without_momentum_has_none() -> None:
    assert sgdr(3, cycle_mult=2).momenta(70) is None
