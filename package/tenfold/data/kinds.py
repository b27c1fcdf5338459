"""What each column of a table is: found by looking, or said by the user; and fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tenfold.data.columns import Category, Name, Number, is_missing, numbers_of, plain
from tenfold.data.dates import PARTS, date_part, looks_like_dates, read_dates
from tenfold.data.rows import RowEncoder
from tenfold.errors import DataError
from tenfold.text import listed

__all__ = ["FEW", "Finder", "column_kind", "seen_values"]

FEW = 20
"""Whole numbers with at most so many different values are taken for categories."""
_MIXED = {"mixed", "mixed-integer", "decimal", "complex", "bytes", "period", "interval", "time"}


@dataclass
class Finder:
    """Finds the kind of each column, fits it to the training rows, and says what it left out.

    `forced` holds the kind of columns that the user named: "category", "number" or "date".
    Values seen less than `min_count` times in training share a category's row for the unseen.
    """

    frame: Any
    train: np.ndarray
    forced: dict[Name, str] = field(default_factory=dict)
    min_count: int = 2
    categories: list[Category] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def find(self, names: list[Name]) -> RowEncoder:
        """Fit every column of `names`."""
        for name in names:
            column = self.frame[name]
            kind = self.forced.get(name) or column_kind(column, name=name)
            if kind == "date":
                self._add_date(read_dates(column, name=name), name)
            elif kind == "category":
                self._add_category(column, name)
            else:
                self._add_number(column, name)
        if not self.categories and not self.numbers:
            reasons = [f"{name}: {why}" for name, why in self.left_out.items()]
            raise DataError(
                "no column is left to learn from: "
                + ("; ".join(reasons) or "there is none beside the target")
            )
        return RowEncoder(tuple(self.categories), tuple(self.numbers))

    def _add_date(self, dates: Any, name: Name) -> None:
        for part, (_, category) in PARTS.items():
            values = date_part(dates, part)
            add: Callable[..., None] = self._add_category if category else self._add_number
            add(values, name, part)

    def _add_category(self, column: Any, name: Name, part: str | None = None) -> None:
        seen = seen_values(column, self.train, name=name)
        kept = [value for value, count in seen.counts.items() if count >= self.min_count]
        # where every value is rare, as in a table of ten rows, they all stay
        found = Category(name, tuple(kept or seen.counts), seen.missing, part)
        if len(seen.counts) + seen.missing < 2:
            self._leave(found, "one value only")
        elif name not in self.forced and seen.looks_like_names():
            self._leave(found, seen.why_names())
        else:
            self.categories.append(found)

    def _add_number(self, column: Any, name: Name, part: str | None = None) -> None:
        values = numbers_of(column, name=name)[self.train]
        absent = np.isnan(values)
        missing = bool(absent.any())
        known = values[~absent] if missing else values
        low, high = (known.min(), known.max()) if len(known) else (0.0, 0.0)
        if low == high and not (missing and len(known)):
            self._leave(Number(name, 0, 0, 1, part=part), "one value only")
            return
        median = float(np.median(known))
        if missing:
            values[absent] = median  # a copy, made by the choice of rows
        mean, std = float(values.mean()), float(values.std())
        self.numbers.append(Number(name, median, mean, std or 1.0, missing, part))

    def _leave(self, column: Category | Number, why: str) -> None:
        # parts of a date that never change, as the hour of a day, are no news
        if not column.part:
            self.left_out[column.name] = why


def column_kind(column: Any, *, name: Name) -> str:
    """What a column holds: "category", "number" or "date".

    >>> from pandas import Series
    >>> column_kind(Series(["a", "b"]), name="x"), column_kind(Series([0.5]), name="x")
    ('category', 'number')
    """
    from pandas import CategoricalDtype

    kind = getattr(column.dtype, "kind", "O")
    if kind == "M":
        return "date"
    if kind == "m":
        return "number"
    if kind == "b" or isinstance(column.dtype, CategoricalDtype):
        return "category"
    if kind in "iuf":
        return "category" if _few_whole_numbers(column) else "number"
    return _kind_of_objects(column, name)


def _few_whole_numbers(column: Any) -> bool:
    first = column.iloc[:1000].dropna()
    if not len(first) or first.nunique() > FEW or (first % 1 != 0).any():
        return False  # decided by the first rows: most columns of numbers end here
    known = column.dropna()
    return known.nunique() <= FEW and not (known % 1 != 0).any()


def _kind_of_objects(column: Any, name: Name) -> str:
    from pandas.api.types import infer_dtype

    found = infer_dtype(column, skipna=True)
    if found in _MIXED or found.startswith(("complex", "unknown")):
        raise DataError(_mixed(column, name))
    if found in {"datetime", "datetime64", "date"}:
        return "date"
    if found in {"integer", "floating", "mixed-integer-float"}:
        return "category" if _few_whole_numbers(column.astype(float)) else "number"
    known = column.dropna()
    return "date" if found == "string" and looks_like_dates(known.iloc[:200]) else "category"


def _mixed(column: Any, name: Name) -> str:
    examples: dict[str, Any] = {}
    for value in column:
        if not is_missing(value):
            examples.setdefault(type(value).__name__, value)
    shown = " and ".join(f"{kind} ({value!r:.30})" for kind, value in list(examples.items())[:3])
    return (
        f"column {name!r} holds {shown}; allowed is one kind of value, words or numbers or dates; "
        f"make it words, frame[{name!r}] = frame[{name!r}].astype(str), or numbers with "
        "pandas.to_numeric"
    )


@dataclass(frozen=True)
class Seen:
    """The values of a column in training, in their order, with how often each was there."""

    counts: dict[Any, int]
    missing: bool

    def looks_like_names(self) -> bool:
        """Whether most rows have a value of their own, as names and keys of other tables."""
        rows = sum(self.counts.values())
        return len(self.counts) > FEW and len(self.counts) > rows / 2

    def why_names(self) -> str:
        """What to say of a column that looks like names; it may be numbers with a stray word."""
        import pandas

        own = "nearly every row has a value of its own"
        if not all(isinstance(value, str) for value in self.counts):
            return own
        read = pandas.to_numeric(pandas.Series(list(self.counts), dtype=object), errors="coerce")
        if read.notna().sum() <= len(read) / 2:
            return own
        strange = [value for value, absent in zip(self.counts, read.isna()) if absent]
        among = f", with {listed(map(repr, strange), most=3)} among them" if strange else ""
        return f"words that are numbers{among}; use pandas.to_numeric(..., errors='coerce')"


def seen_values(column: Any, train: np.ndarray, *, name: Name) -> Seen:
    """The values of a column of categories in its training rows; ordered, else sorted."""
    import pandas

    try:
        codes, values = pandas.factorize(column)
    except TypeError as error:  # lists and dicts
        raise DataError(_mixed(column, name)) from error
    codes = codes[train]
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    found = {
        plain(value): int(count)
        for value, count in zip(values.tolist(), counts, strict=True)
        if count
    }
    dtype = getattr(column, "dtype", None)
    if isinstance(dtype, pandas.CategoricalDtype):
        order = {plain(value): place for place, value in enumerate(dtype.categories.tolist())}
        found = dict(sorted(found.items(), key=lambda item: order[item[0]]))
    kinds = {type(value) for value in found}
    if kinds == {int, float}:
        kinds = {float}
    if len(kinds) > 1 or not kinds <= {str, int, float, bool}:
        raise DataError(_mixed(pandas.Series(list(found), dtype=object), name))
    ordered = isinstance(dtype, pandas.CategoricalDtype)
    return Seen(found if ordered else dict(sorted(found.items())), bool((codes < 0).any()))
