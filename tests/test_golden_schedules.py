"""The panel draws a schedule before it runs: its TypeScript is held to these factors.

With TENFOLD_GOLDEN=write the file is written anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.train.schedule import SCHEDULES, Schedule, sgdr

FILE = Path(__file__).parent / "golden" / "schedules.json"
STEPS = (1, 2, 3, 5, 7, 16, 100, 321)
CYCLES = ((1, 1, 1), (3, 1, 2), (2, 3, 1), (4, 2, 3))


def cases() -> list[tuple[dict[str, Any], Schedule]]:
    """What the panel offers, as it would write it down, and the schedule that is meant."""
    named = [
        ({"schedule": name}, SCHEDULES[name])
        for name in ("constant", "cosine", "one_cycle", "flat_cosine")
    ]
    restarts = [
        (
            {"schedule": "sgdr", "cycles": count, "cycleLength": length, "cycleMultiplier": times},
            sgdr(count, cycle_len=length, cycle_mult=times),
        )
        for count, length, times in CYCLES
    ]
    return [*named, *restarts]


@pytest.fixture(scope="module")
def golden() -> list[dict[str, Any]]:
    if os.environ.get("TENFOLD_GOLDEN") == "write":
        made = [
            {**plan, "factors": schedule.factors(steps).tolist()}
            for plan, schedule in cases()
            for steps in STEPS
        ]
        FILE.write_text("[\n" + ",\n".join(map(json.dumps, made)) + "\n]\n", "utf-8")
    return json.loads(FILE.read_text("utf-8"))


def test_the_golden_factors_are_those_of_the_trainer(golden: list[dict[str, Any]]) -> None:
    wanted = [(plan, schedule.factors(steps)) for plan, schedule in cases() for steps in STEPS]
    assert len(golden) == len(wanted)
    for found, (plan, factors) in zip(golden, wanted):
        assert {name: found[name] for name in plan} == plan
        np.testing.assert_allclose(found["factors"], factors, rtol=1e-12, atol=1e-15)
