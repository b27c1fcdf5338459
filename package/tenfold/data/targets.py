"""What a table is to predict: a column of classes, or of numbers, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.columns import numbers_of
from tenfold.data.kinds import column_kind, seen_values
from tenfold.errors import DataError
from tenfold.text import counted, listed
from tenfold.train.task import Task, number, single_label

__all__ = ["Target", "read_target"]


@dataclass(frozen=True)
class Target:
    """A target column: class numbers (N,) with the `classes`, or float32 numbers (N,)."""

    name: Any
    values: Tensor
    classes: list[str] | None = None
    log: bool = False

    def task(self, train: np.ndarray) -> Task:
        """The task, with the mean and deviation of the training rows for numbers."""
        if self.classes is not None:
            return single_label(len(self.classes))
        known = self.values[torch.from_numpy(train)].double()
        known = known.log() if self.log else known
        std = float(known.std(correction=0))
        return number(log=self.log, mean=float(known.mean()), std=std or 1.0)

    def part(self, rows: np.ndarray) -> Tensor:
        """The targets of some rows."""
        return self.values[torch.from_numpy(rows)]


def read_target(column: Any, *, name: Any, classes: bool | None, log: bool) -> Target:
    """Read a target column; `classes` says which it is, None means look."""
    absent = np.flatnonzero(np.asarray(column.isna()))
    if len(absent):
        raise DataError(
            f"the target {name!r} is empty in {counted(len(absent), 'row')} "
            f"(row {listed(absent, most=5)}); every row needs one; drop them: "
            f"frame.dropna(subset=[{name!r}])"
        )
    if classes is None:
        classes = not log and column_kind(column, name=name) == "category"
    return _classes(column, name) if classes else _numbers(column, name, log)


def _classes(column: Any, name: Any) -> Target:
    import pandas

    found = list(seen_values(column, np.arange(len(column)), name=name).counts)
    if len(found) < 2:
        raise DataError(
            f"the target {name!r} has one class only ({listed(found)}); at least two are needed; "
            "check the rows that were chosen"
        )
    numbers = pandas.Index(found).get_indexer(pandas.Index(column.to_numpy()))
    return Target(name, torch.from_numpy(numbers.astype(np.int64)), [str(one) for one in found])


def _numbers(column: Any, name: Any, log: bool) -> Target:
    values = numbers_of(column, name=name)
    if values.min() == values.max():
        raise DataError(
            f"the target {name!r} is {values[0]:g} in every row, so there is nothing to learn; "
            "choose another column, or check the rows that were chosen"
        )
    low = np.flatnonzero(values <= 0)
    if log and len(low):
        raise DataError(
            f"log=True was given, and the target {name!r} is 0 or less in "
            f"{counted(len(low), 'row')} (row {listed(low, most=5)}); a logarithm needs numbers "
            "above 0; leave those rows out, or use log=False"
        )
    return Target(name, torch.from_numpy(values.astype(np.float32)), log=log)
