"""The three ways to join categories and numbers, on Adult and California housing."""

from __future__ import annotations

from functools import partial

import torch

from tenfold.models.tabular import JOINS

from .harness import Table
from .tables_quality import adult, housing, our_score, scored


def measure(*, seeds: int = 5) -> list[Table]:
    """A table for each problem."""
    torch.set_num_threads(1)
    tables = []
    for problem in (adult(), housing()):
        table = scored(
            problem, {join: partial(our_score, join=join) for join in JOINS}, seeds=seeds
        )
        table.part = f"joins {problem.name}"
        table.title = f"Ways to join categories and numbers: {problem.title}"
        tables.append(table)
    return tables
