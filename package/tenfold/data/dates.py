"""Dates in tables: read, and expanded into the parts that a network can use."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["PARTS", "date_part", "looks_like_dates", "read_date", "read_dates"]

# The name of each part, what pandas calls it on one date and on many, and whether it is a
# category. Numbers go on where the training dates end; categories repeat.
PARTS: dict[str, tuple[str, bool]] = {
    "year": ("year", False),
    "month": ("month", True),
    "day": ("day", False),
    "weekday": ("day_of_week", True),
    "day of year": ("day_of_year", False),
    "hour": ("hour", True),
    "month start": ("is_month_start", True),
    "month end": ("is_month_end", True),
    "elapsed days": ("to_julian_date", False),
}
_1970 = 2440587.5  # as a Julian date, from which elapsed days are counted
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?$")


def looks_like_dates(words: Any) -> bool:
    """Whether words begin with dates as 2015-07-31: the first of them decide.

    >>> looks_like_dates(["2015-07-31", "2015-08-01"]), looks_like_dates(["may", "june"])
    (True, False)
    """
    first = [word for word in list(words[:200]) if isinstance(word, str)]
    return bool(first) and sum(bool(_ISO.match(word)) for word in first) > len(first) / 2


def read_dates(column: Any, *, name: Any) -> Any:
    """A column as a pandas DatetimeIndex without time zone; a date that does not parse is refused.

    Missing dates stay missing.
    """
    import pandas

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a format that is guessed: what fails is refused
        dates = pandas.DatetimeIndex(pandas.to_datetime(column, errors="coerce"))
    wrong = np.flatnonzero(np.asarray(dates.isna()) & ~np.asarray(pandas.isna(column)))
    if len(wrong):
        words = listed((repr(column.iloc[row]) for row in wrong), most=3)
        raise DataError(
            f"column {name!r} has {counted(len(wrong), 'date')} that cannot be read: {words} "
            f"(row {listed(wrong, most=5)}); allowed are dates as 2015-07-31, or none; correct "
            f"them, or pass categorical=[{name!r}]"
        )
    return dates.tz_localize(None)


def read_date(value: Any, *, name: Any) -> Any:
    """One date as a pandas Timestamp without time zone, or NaT."""
    import pandas

    try:
        return pandas.Timestamp(value).tz_localize(None)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{value!r} was given for {name!r}, which is a date; allowed are dates as 2015-07-31, "
            "a Timestamp, or None"
        ) from error


def date_part(dates: Any, part: str) -> Any:
    """One of `PARTS`, of a Timestamp or of a DatetimeIndex.

    >>> import pandas
    >>> date_part(pandas.Timestamp("2015-07-31"), "month")
    7
    """
    found = getattr(dates, PARTS[part][0], float("nan"))  # a missing date has no Julian day
    return found() - _1970 if callable(found) else found
