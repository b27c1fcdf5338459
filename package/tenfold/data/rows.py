"""Rows of a table to the numbers that a model takes: many at once, or one in microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from tenfold.data.columns import Category, Number
from tenfold.data.dates import date_part, read_date, read_dates
from tenfold.errors import DataError
from tenfold.text import did_you_mean, listed

__all__ = ["RowEncoder"]

# columns that are written together: 16 floats are one line of the processor's cache
_TOGETHER = 16


@dataclass(frozen=True)
class RowEncoder:
    """Rows (dicts, Series, frames) to float32 (N, inputs): categories, numbers, what was missing.

    The first `len(categories)` inputs are the numbers of categories, which floats hold exactly;
    then come the normalised numbers, then 0 or 1 for each number that can be missing. Columns
    that are not named are ignored. Raises DataError for a row without one of its columns.

    >>> encoder = RowEncoder((Category("size", ("S", "L")),), (Number("age", 30.0, 40.0, 10.0),))
    >>> encoder.encode([{"size": "L", "age": 50}])
    tensor([[2., 1.]])
    """

    categories: tuple[Category, ...] = ()
    numbers: tuple[Number, ...] = ()
    kind: ClassVar[str] = "rows"
    batch: ClassVar[int] = 4096

    def __repr__(self) -> str:
        return f"RowEncoder({len(self.categories)} categories, {len(self.numbers)} numbers)"

    @property
    def flagged(self) -> tuple[Number, ...]:
        """The numbers that have an input more, which says whether they were missing."""
        return tuple(number for number in self.numbers if number.flagged)

    @property
    def inputs(self) -> int:
        """How many numbers a row becomes."""
        return len(self.categories) + len(self.numbers) + len(self.flagged)

    @property
    def columns(self) -> list[Category | Number]:
        """The categories, then the numbers."""
        return [*self.categories, *self.numbers]

    @cached_property
    def fields(self) -> list[Any]:
        """The columns that a row must have."""
        return list(dict.fromkeys(column.field for column in self.columns))

    @cached_property
    def dates(self) -> list[Any]:
        """The columns that are dates."""
        return list(dict.fromkeys(column.field for column in self.columns if column.part))

    def many(self, given: Any) -> bool:
        """A frame or a list has several rows; a dict or a Series is one."""
        return isinstance(given, list | tuple) or hasattr(given, "columns")

    def encode(self, items: Any) -> Tensor:
        """A frame, or a list of dicts and Series, as one batch."""
        if hasattr(items, "columns"):
            return self.matrices(items, [None])[0]
        return torch.tensor([self._row(item) for item in items]).view(-1, self.inputs)

    def matrices(self, frame: Any, parts: Sequence[np.ndarray | None]) -> list[Tensor]:
        """The rows of `frame` that each part names (None: all), column by column.

        The frame is not copied: beside the results, a few columns are held at a time.
        """
        self._check(frame.columns)
        sizes = [len(frame) if rows is None else len(rows) for rows in parts]
        whole = [np.empty((size, self.inputs), dtype=np.float32) for size in sizes]
        block = np.empty((len(frame), min(_TOGETHER, self.inputs)), dtype=np.float32)
        begin = held = 0
        for values in self._columns(frame):
            block[:, held] = values
            held += 1
            if held == block.shape[1] or begin + held == self.inputs:
                for matrix, rows in zip(whole, parts, strict=True):
                    full = block[:, :held]
                    matrix[:, begin : begin + held] = full if rows is None else full[rows]
                begin, held = begin + held, 0
        return [torch.from_numpy(matrix) for matrix in whole]

    def state(self) -> dict[str, Any]:
        """The columns."""
        return {
            "categories": [column.state() for column in self.categories],
            "numbers": [column.state() for column in self.numbers],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> RowEncoder:
        """From the columns."""
        return cls(
            tuple(Category.from_state(column) for column in state["categories"]),
            tuple(Number.from_state(column) for column in state["numbers"]),
        )

    def _columns(self, frame: Any) -> Iterator[np.ndarray]:
        dates = {name: read_dates(frame[name], name=name) for name in self.dates}

        def read(column: Category | Number) -> Any:
            if column.part:
                return date_part(dates[column.field], column.part)
            return frame[column.field]

        for category in self.categories:
            yield category.encode(read(category))
        flags = []
        for number in self.numbers:
            scaled, absent = number.encode(read(number))
            if number.flagged:
                flags.append(absent)
            yield scaled
        yield from flags

    def _row(self, item: Any) -> list[float]:
        """One row in plain Python: for a few numbers that is quicker than any array."""
        values = self._values(item)
        row: list[float] = [one.number(values[one.field, one.part]) for one in self.categories]
        flags = []
        for number in self.numbers:
            scaled, absent = number.scaled(values[number.field, number.part])
            row.append(scaled)
            if number.flagged:
                flags.append(absent)
        return row + flags

    def _values(self, item: Any) -> dict[tuple[Any, str | None], Any]:
        """The value of each column by its field and part."""
        given = item if isinstance(item, dict) else _as_dict(item)
        try:
            values = {key: given[key[0]] for key in self._plain}
            if self.dates:
                dates = {name: read_date(given[name], name=name) for name in self.dates}
                for field, part in self._parts:
                    values[field, part] = date_part(dates[field], part)
        except KeyError:
            self._check(given)
            raise
        return values

    @cached_property
    def _plain(self) -> list[tuple[Any, str | None]]:
        return [(one.field, None) for one in self.columns if not one.part]

    @cached_property
    def _parts(self) -> list[tuple[Any, str]]:
        return [(one.field, one.part) for one in self.columns if one.part]

    def _check(self, names: Iterable[Any]) -> None:
        given = list(names)
        absent = [field for field in self.fields if field not in given]
        if absent:
            hint = did_you_mean(str(absent[0]), map(str, given))
            raise DataError(
                f"there is no column {listed(map(repr, absent))}; needed are "
                f"{listed(self.fields)}; give None where a value is not known{hint}"
            )


def _as_dict(item: Any) -> dict[Any, Any]:
    if hasattr(item, "to_dict"):
        return item.to_dict()
    if hasattr(item, "_asdict"):
        return item._asdict()
    raise DataError(
        f"{item!r:.60} was given as a row; allowed is a dict, a Series or a frame; give each value "
        "under the name of its column"
    )
