from __future__ import annotations

import os
import time

import pytest
from factories import make_run

from tenfold.live.crowding import Crowding, others_of, used
from tenfold.train.plan import Plan

CORES = os.cpu_count() or 1


def said(capsys: pytest.CaptureFixture[str], *, others: float, threads: int, after: float) -> str:
    """What is printed when others took so many cores for so many seconds."""
    readings = [(0.0, 50.0, 5.0), (after, 50.0 + (others + 1) * after, 5.0 + after)]
    crowding, run = Crowding(lambda: readings[0]), make_run()
    run.plan = Plan(threads=threads)
    crowding.before_fit(run)
    readings.pop(0)
    for _ in range(3):
        crowding.on_tick(run)
    return capsys.readouterr().out


def test_it_says_once_that_others_are_busy(capsys: pytest.CaptureFixture[str]) -> None:
    words = said(capsys, others=1.0, threads=CORES + 1, after=5.0)
    assert words.count("other programs use 1.0 of") == 1 and "%plan --threads 1" in words


def test_it_says_nothing_where_one_thread_would_not_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not said(capsys, others=1.0, threads=1, after=5.0)
    assert not said(capsys, others=0.3, threads=max(CORES, 2), after=5.0)
    assert not said(capsys, others=1.0, threads=CORES + 1, after=2.0)


def test_the_readings_are_of_this_machine() -> None:
    before, end = used(), time.perf_counter() + 0.2
    while time.perf_counter() < end:
        pass
    after = used()
    assert after[0] - before[0] >= 0.2 and after[2] - before[2] > 0.1
    assert 0 <= others_of(before, after) <= CORES
