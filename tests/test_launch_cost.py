"""The cost model of a launch against a ring that is played message by message."""

from __future__ import annotations

import pytest

from tenfold.errors import SettingError
from tenfold.parallel.cost import speed_up


def played(ranks: int, *, weights: int, bandwidth: float, latency: float) -> float:
    """Seconds of a ring all-reduce: each rank passes on one chunk at a time, all at once."""
    # what each rank holds of each chunk: the ranks whose numbers are in it
    held = [[{rank} for _ in range(ranks)] for rank in range(ranks)]
    seconds = 0.0
    for turn in range(2 * (ranks - 1)):
        sent = [(rank, (rank - turn) % ranks) for rank in range(ranks)]
        passed = [(rank, chunk, set(held[rank][chunk])) for rank, chunk in sent]
        for rank, chunk, numbers in passed:
            held[(rank + 1) % ranks][chunk] |= numbers
        seconds += latency + 4 * weights / ranks / bandwidth
    assert all(len(chunk) == ranks for own in held for chunk in own)  # everybody has the sum
    return seconds


@pytest.mark.parametrize("ranks", [1, 2, 3, 8])
def test_the_sum_takes_as_long_as_its_messages(ranks: int) -> None:
    link = {"weights": 1_000_000, "bandwidth": 1e9, "latency": 1e-4}
    found = speed_up(ranks, seconds=0.2, **link)
    assert found == pytest.approx(0.2 / (0.2 / ranks + played(ranks, **link)))


def test_what_is_hidden_costs_nothing_and_never_more_than_there_is() -> None:
    more = {"seconds": 0.1, "weights": 25_000_000, "bandwidth": 1e10}
    assert speed_up(8, **more) < speed_up(8, hidden=0.5, **more) <= 8
    assert speed_up(4, seconds=1.0, weights=1000, bandwidth=1e12, hidden=1.0) == 4
    assert speed_up(1, **more) == 1


def test_more_ranks_than_the_network_bears_gain_nothing() -> None:
    slow = {"seconds": 0.01, "weights": 25_000_000, "bandwidth": 1e9, "latency": 1e-4}
    assert speed_up(64, **slow) < speed_up(1, **slow)


@pytest.mark.parametrize("wrong", [{"ranks": 0}, {"seconds": 0.0}, {"hidden": 1.5}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    given = {"ranks": 2, "seconds": 0.1, "weights": 1, "bandwidth": 1e9, **wrong}
    with pytest.raises(SettingError, match="ranks from 1, a latency from 0 and a share from 0 to"):
        speed_up(given.pop("ranks"), **given)  # type: ignore[arg-type]
