"""The columns of a table as a network takes them: categories with numbers, normalised numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["Category", "Number", "is_missing", "numbers_of", "plain"]

Name = Any  # a word, or a whole number in a frame without names
_BEYOND = 3.4e38


@dataclass(frozen=True)
class Category:
    """A column of categories: each value has a number, the same for ever.

    Number 0 is for values that were not seen in training, or too seldom. Where training had
    missing values they are number 1. `part` names the part of a date that the column is.

    >>> size = Category("size", ("S", "M", "L"))
    >>> size.number("M"), size.number("XXL"), size.rows
    (2, 0, 4)
    """

    field: Name
    values: tuple[Any, ...]
    missing: bool = False
    part: str | None = None

    @property
    def name(self) -> str:
        """The column's name, with the part of the date."""
        return f"{self.field} {self.part}" if self.part else str(self.field)

    @property
    def rows(self) -> int:
        """How many different numbers there are: the rows of an embedding."""
        return 1 + self.missing + len(self.values)

    @cached_property
    def numbers(self) -> dict[Any, int]:
        """The number of each value."""
        return {value: place for place, value in enumerate(self.values, 1 + self.missing)}

    @property
    def words(self) -> list[str]:
        """What each number stands for, number 0 first."""
        return ["unseen", *["missing"] * self.missing, *map(str, self.values)]

    def number(self, value: Any) -> int:
        """The number of one value."""
        try:
            found = self.numbers.get(value)
        except TypeError as error:
            raise DataError(
                f"{value!r:.60} was given for {self.name!r}; allowed is one word or number; give "
                "a single row as a dict of values"
            ) from error
        if found is None:
            if is_missing(value):
                return int(self.missing)
            found = self.numbers.get(plain(value), 0)
        return found

    def encode(self, column: Any) -> np.ndarray:
        """The numbers of a whole column."""
        import pandas

        codes, values = pandas.factorize(column)
        table = np.array([*map(self.number, values.tolist()), int(self.missing)], dtype=np.float32)
        return table[codes]  # -1, which stands for missing, takes the last

    def state(self) -> list[Any]:
        """As JSON."""
        return [self.field, list(self.values), self.missing, self.part]

    @classmethod
    def from_state(cls, state: list[Any]) -> Category:
        """From JSON."""
        field, values, missing, part = state
        return cls(field, tuple(values), bool(missing), part)


@dataclass(frozen=True)
class Number:
    """A column of numbers: missing ones become the training median, then mean 0, deviation 1.

    Where training had missing values (`flagged`), one more input says whether it was missing.

    >>> Number("age", median=30.0, mean=40.0, std=10.0).scaled(55)
    (1.5, 0.0)
    """

    field: Name
    median: float
    mean: float
    std: float
    flagged: bool = False
    part: str | None = None

    @property
    def name(self) -> str:
        """The column's name, with the part of the date."""
        return f"{self.field} {self.part}" if self.part else str(self.field)

    def scaled(self, value: Any) -> tuple[float, float]:
        """One value as the network sees it, and 1 when it was missing."""
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            if not is_missing(value):
                raise DataError(
                    f"{value!r:.60} was given for {self.name!r}, which is a number; allowed is a "
                    "number, or None when it is not known"
                ) from error
            number = math.nan
        if number != number:
            return (self.median - self.mean) / self.std, 1.0
        if abs(number) > _BEYOND:
            raise DataError(
                f"{number} was given for {self.name!r}; allowed is a finite number, or None when "
                "it is not known"
            )
        return (number - self.mean) / self.std, 0.0

    def encode(self, column: Any) -> tuple[np.ndarray, np.ndarray]:
        """A whole column as the network sees it, and where it was missing."""
        values = numbers_of(column, name=self.name)
        absent = np.isnan(values)
        scaled = (values - self.mean) / self.std
        scaled[absent] = (self.median - self.mean) / self.std
        return scaled, absent

    def state(self) -> list[Any]:
        """As JSON."""
        return [self.field, self.median, self.mean, self.std, self.flagged, self.part]

    @classmethod
    def from_state(cls, state: list[Any]) -> Number:
        """From JSON."""
        field, median, mean, std, flagged, part = state
        return cls(field, float(median), float(mean), float(std), bool(flagged), part)


def is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas.NA, told apart without pandas: none of them equals itself."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # pandas.NA is neither; an array is both
        return type(value).__name__ == "NAType"


def plain(value: Any) -> Any:
    """A value as JSON can hold it: whole numbers as such, dates as words.

    >>> plain(np.float64(3.0)), plain("a")
    (3, 'a')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def numbers_of(column: Any, *, name: Name) -> np.ndarray:
    """A column as float64, missing values as NaN; words and infinities are refused.

    Not a copy where the column is float64 already: do not change it in place.
    """
    try:
        values = _floats(column)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"column {name!r} holds {_first_word(column)!r} among its numbers; allowed are numbers "
            f"and missing values; use pandas.to_numeric, or pass categorical=[{name!r}]"
        ) from error
    with np.errstate(invalid="ignore"):
        beyond = np.abs(values) > _BEYOND
    if beyond.any():
        rows = np.flatnonzero(beyond)
        raise DataError(
            f"column {name!r} holds infinity, or as good as that, in {counted(len(rows), 'row')} "
            f"(row {listed(rows, most=5)}); allowed are finite numbers and missing values; "
            "replace it, as frame.replace([inf, -inf], None)"
        )
    return values


def _floats(column: Any) -> np.ndarray:
    import pandas

    kind = getattr(column.dtype, "kind", "O")
    if kind == "m":
        return pandas.TimedeltaIndex(column).total_seconds().to_numpy() / 86400
    if kind == "M":
        raise TypeError("dates are not numbers")
    if isinstance(column.dtype, pandas.CategoricalDtype):
        column = column.astype(object)
    if hasattr(column, "to_numpy") and not isinstance(column, pandas.Index):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(column, dtype=np.float64)


def _first_word(column: Any) -> Any:
    for value in column:
        try:
            float(value)
        except (TypeError, ValueError):
            if not is_missing(value):
                return value
    return next(iter(column), None)
