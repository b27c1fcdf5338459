"""An error and an interrupt between every two lines of all that trains or predicts."""

from __future__ import annotations

import sys
from pathlib import Path


def measure(count: int, folder: Path, *, seed: int = 0) -> dict[str, object]:
    """Every line when `count` is 1, else every `count`th from line `seed` on; what went wrong."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from test_atomic import ACTS, WORK, faults, lines_of

    wrong: list[str] = []
    places: dict[str, int] = {}
    for name in WORK:
        for act, do in ACTS.items():
            found = faults(name, do, step=count, first=seed % count)
            places[f"{name}, {act}"] = lines_of(name, loop=act == "fail") // count
            wrong += [f"{name}, {act}: {one}" for one in found]
            print(f"{name}, {act}: {places[f'{name}, {act}']} places, {len(wrong)} wrong so far")
    return {"places": sum(places.values()), "of which": places, "wrong": wrong}
