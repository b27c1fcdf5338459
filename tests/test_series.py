from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from tenfold.live.series import BUCKETS, Series
from tenfold.train.history import History


def chunks(length: int, *, seed: int, most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Random losses and the rates of two groups, in chunks of random size; some are empty."""
    draw = np.random.default_rng(seed)
    losses, rates = draw.normal(size=length), draw.random((length, 2))
    begin = 0
    while begin < length:
        end = begin + int(draw.integers(0, most + 1))
        yield losses[begin:end], rates[begin:end]
        begin = end


def slowly(losses: list[float], rates: list[list[float]]) -> list[list[float]]:
    """The same points from all steps at once: first, buckets, what is left over, last."""
    stride = 1
    while len(losses) - 2 >= stride * BUCKETS:
        stride *= 2
    ends = [0, *range(1, max(len(losses) - 1, 1), stride), len(losses) - 1]
    points = []
    for begin, end in zip(ends, [*ends[1:], len(losses)]):
        part = losses[begin:end]
        if part:
            points.append([end, sum(part) / len(part), min(part), max(part), *rates[end - 1]])
    return points


LENGTHS = [1, 2, 3, 100, 2048, 2049, 2050, 2051, 4096, 4097, 4098, 4099, 5000, 8193, 8194, 20_001]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("most", [1, 7, 3000])
def test_the_points_equal_those_of_a_slow_loop_over_all_steps(length: int, most: int) -> None:
    series, losses, rates = Series(groups=2), [], []
    for new, table in chunks(length, seed=length, most=most):
        series.append(new, table)
        losses += new.tolist()
        rates += table.tolist()
    expected = np.array(slowly(losses, rates))
    read = series.read(0).T
    assert read.shape == expected.shape and len(read) <= BUCKETS + 2
    assert read == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert np.array_equal(read[[0, -1], 1], np.float32([losses[0], losses[-1]]))
    assert series.steps == length and series.stride == 2**series.generation


def test_a_reader_that_keeps_what_is_settled_has_the_same_points() -> None:
    series, kept, generation, since = Series(groups=2), np.zeros((6, 0), np.float32), 0, 0
    for number, (losses, rates) in enumerate(chunks(10_000, seed=3, most=40)):
        series.append(losses, rates)
        if number % 3:
            continue
        if series.generation != generation:
            generation, since = series.generation, 0
        kept = np.concatenate([kept[:, :since], series.read(since)], axis=1)
        since = series.settled
        assert np.array_equal(kept, series.read(0))
    assert generation == 3


def test_an_empty_series_has_no_points() -> None:
    series = Series(groups=3)
    series.append(np.zeros(0), np.zeros((0, 3)))
    assert series.read(0).shape == (7, 0) and series.settled == series.steps == 0


def test_losses_that_are_no_numbers_and_too_large_ones_do_no_harm() -> None:
    series = Series(groups=1)
    losses = np.full(3 * BUCKETS, 1.0)
    losses[[10, 11, 500]] = np.inf, -np.inf, np.nan
    losses[-1] = 1e300
    series.append(losses, np.ones((len(losses), 1)))
    read = series.read(0)
    assert read.dtype == np.dtype("<f4") and read.flags.c_contiguous
    assert np.isnan(read[1]).sum() == 2 and read[1, -1] == np.inf


def test_a_million_steps_with_their_history_stay_small_and_are_read_at_once() -> None:
    tracemalloc.start()
    try:
        series, history, bases = Series(groups=3), History(), [1e-5, 1e-4, 1e-3]
        factors = np.linspace(0, 1, 400)
        for _ in range(2500):
            history.add_steps(factors, factors, bases=bases)
            series.append(history.tail(400), history.tail_rates(400))
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    begin = time.perf_counter()
    points = series.read(0)
    assert time.perf_counter() - begin < 0.02
    assert used < 20e6 and series.steps == history.steps == 1_000_000
    assert points.shape[1] <= BUCKETS + 2 and points.nbytes < 60_000
