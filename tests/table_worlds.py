"""Small tables for tests, with something to learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tenfold.data.tables import TabularData
from tenfold.learner import Learner
from tenfold.learners import tabular_learner


def make_frame(rows: int = 200, *, seed: int = 0) -> pd.DataFrame:
    """Two categories, a number with holes, a date; "dear" is a class and "price" a number."""
    random = np.random.default_rng(seed)
    size = random.choice(["S", "M", "L"], rows)
    age = random.normal(40, 10, rows).round(2)
    price = 10 + 5 * (size == "L") + age / 10 + random.normal(0, 0.1, rows)
    age[::10] = np.nan
    return pd.DataFrame(
        {
            "size": size,
            "doors": random.integers(2, 6, rows),
            "age": age,
            "sold": pd.date_range("2020-01-01", periods=rows).astype(str),
            "price": price,
            "dear": np.where(price > 15, "yes", "no"),
        }
    )


def make_table(target: str = "dear", *, rows: int = 200, **more: Any) -> TabularData:
    """That frame as data, without the other target."""
    settings = {"ignore": ["price" if target == "dear" else "dear"], "device": "cpu", **more}
    return TabularData.from_frame(make_frame(rows), target, **settings)


def make_tabular_learner(target: str = "dear", **more: Any) -> Learner:
    """A small quiet learner on it."""
    data = more.pop("data", None) or make_table(target)
    settings = {"layers": [16], "quiet": True, "device": "cpu", **more}
    learn = tabular_learner(data, **settings)
    learn.plan(threads=1)
    return learn
