"""A frame of ratings, read and checked: who, what, how good, and which rows validate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from tenfold.data.split import check_share
from tenfold.data.table_frames import as_frame
from tenfold.errors import DataError, SettingError
from tenfold.text import counted, did_you_mean, listed

__all__ = ["RatingTable", "read_ratings"]

DUPLICATES = ("error", "last", "mean")
_SHOWN = 5


@dataclass(frozen=True)
class RatingTable:
    """Ratings one below the other: `users` and `items` are words or whole numbers.

    `ratings` is float32, `validates` bool; `scale` is the lowest and the highest rating that is
    possible. `titles` has the words for each item that has some.
    """

    users: pd.Series
    items: pd.Series
    ratings: np.ndarray
    validates: np.ndarray
    scale: tuple[float, float]
    titles: Mapping[Any, str]


def read_ratings(
    frame: Any,
    *,
    user: Any,
    item: Any,
    rating: Any,
    titles: Any,
    valid: float | str,
    scale: tuple[float, float] | None,
    duplicates: str,
    seed: int,
) -> RatingTable:
    """The columns of `frame`, a DataFrame or a dict of lists, after every check."""
    table = as_frame(frame)
    words = titles if isinstance(titles, str) else None
    by_column = valid if isinstance(valid, str) else None
    named = [name for name in (user, item, rating, words, by_column) if name is not None]
    _check_parts(user=user, item=item, rating=rating, titles=words, valid=by_column)
    table = _columns(table, named)
    given = _ratings(table[rating], rating)
    limits = _scale(given, scale, rating)
    users, items = _ids(table[user], user), _ids(table[item], item)
    named_as = _titles(titles if words is None else dict(zip(items, table[words])))
    checked = RatingTable(users, items, given, _marked(table, by_column), limits, named_as)
    merged = _without_duplicates(checked, duplicates)
    if by_column is None:
        return _divided(merged, valid, seed=seed)
    if merged.validates.all() or not merged.validates.any():
        raise DataError(
            f"column {by_column!r} is {bool(merged.validates[0])} in every row; some rows must "
            "train and some validate; True marks those that validate"
        )
    return merged


def _check_parts(**parts: Any) -> None:
    """Each column is used for one thing."""
    used: dict[Any, str] = {}
    for part, name in parts.items():
        if name is not None and name in used:
            raise SettingError(
                f"column {name!r} was given as {used[name]} and as {part}; allowed is one use; "
                f"choose another column for {part}"
            )
        used[name] = part


def _columns(table: pd.DataFrame, names: list[Any]) -> pd.DataFrame:
    """The columns that are needed, each there once and without holes."""
    for name in names:
        there = list(table.columns).count(name)
        if there == 1:
            continue
        known = list(map(str, table.columns))
        what = "no column" if not there else f"{there} columns"
        raise DataError(
            f"the frame has {what} {name!r}; needed is one; there are {listed(known)}; name them "
            f"with user=, item= and rating={did_you_mean(str(name), known) if not there else ''}"
        )
    if len(table) < 2:
        raise DataError(f"the frame has {counted(len(table), 'row')}; at least 2 are needed")
    for name in names:
        holes = np.flatnonzero(table[name].isna().to_numpy())
        if len(holes):
            raise DataError(
                f"column {name!r} is empty in {counted(len(holes), 'row')} of {len(table):,} (row "
                f"{listed(holes, most=_SHOWN)}); drop these rows, as frame.dropna()"
            )
    return table[names]


def _ids(column: pd.Series, name: Any) -> pd.Series:
    """Words, or whole numbers; pandas may hold these as floats."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    kind = pd.api.types.infer_dtype(column, skipna=False)
    if kind == "string":
        return column.astype(object)
    if kind == "integer" or (kind == "floating" and (column % 1 == 0).all()):
        return column.astype("int64")
    strange = {"floating": "fractions", "mixed-integer": "both words and numbers"}
    raise DataError(
        f"column {name!r} holds {strange.get(kind, f'{kind} values')}; allowed are words or whole "
        f"numbers, and not both: 1 and '1' would be two; make them words, as frame[{name!r}]."
        "astype(str)"
    )


def _ratings(column: pd.Series, name: Any) -> np.ndarray:
    try:
        values = column.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"column {name!r} holds what is no number ({error}); a rating is one; choose another "
            "column with rating=, or pandas.to_numeric it"
        ) from error
    infinite = np.flatnonzero(~np.isfinite(values))
    if len(infinite):
        raise DataError(
            f"column {name!r} is infinite in {counted(len(infinite), 'row')} (row "
            f"{listed(infinite, most=_SHOWN)}); a rating is a finite number; drop these rows"
        )
    return values.astype(np.float32)


def _scale(
    ratings: np.ndarray, scale: tuple[float, float] | None, name: Any
) -> tuple[float, float]:
    low, high = (float(ratings.min()), float(ratings.max())) if scale is None else _pair(scale)
    strange = np.flatnonzero((ratings < low) | (ratings > high))
    if len(strange):
        worst = [f"row {row}: {ratings[row]:g}" for row in strange[:_SHOWN]]
        raise DataError(
            f"{counted(len(strange), 'rating')} of column {name!r} lie outside scale={scale} "
            f"({listed(worst)}); drop these rows, or widen the scale"
        )
    if low == high:
        raise DataError(
            f"every rating of column {name!r} is {low:g}, so there is nothing to learn; choose "
            "another column with rating="
        )
    return low, high


def _pair(scale: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in scale)
    except (TypeError, ValueError):
        low = high = math.nan
    if not -math.inf < low < high < math.inf:
        raise SettingError(
            f"scale={scale!r} was given; allowed are the lowest and the highest rating, as (1, 5)"
        )
    return low, high


def _titles(titles: Any) -> Mapping[Any, str]:
    if titles is None:
        return {}
    if not hasattr(titles, "items"):
        raise SettingError(
            f"titles={titles!r:.40} was given; allowed is the name of a column, or a dict or "
            "Series of words by item"
        )
    return {item: str(words) for item, words in titles.items()}


def _marked(table: pd.DataFrame, column: str | None) -> np.ndarray:
    if column is None:
        return np.zeros(len(table), bool)
    values = table[column]
    if not values.isin([0, 1]).all():
        raise DataError(
            f"column {column!r} holds {listed(sorted(map(str, values.unique())), most=4)}; allowed "
            "are True and False, or 1 and 0; True marks the rows that validate"
        )
    return values.to_numpy(dtype=bool)


def _without_duplicates(table: RatingTable, duplicates: str) -> RatingTable:
    """Each pair of user and item once: twice, it could train and validate."""
    if duplicates not in DUPLICATES:
        raise SettingError(
            f"duplicates={duplicates!r} was given; allowed are {listed(DUPLICATES)}"
            f"{did_you_mean(str(duplicates), DUPLICATES)}"
        )
    pairs = pd.DataFrame({"user": table.users.to_numpy(), "item": table.items.to_numpy()})
    again = pairs.duplicated().to_numpy()
    if not again.any():
        return table
    if duplicates == "error":
        row = int(np.flatnonzero(again)[0])
        who, what = pairs.iloc[row]
        raise DataError(
            f"{counted(int(again.sum()), 'row')} rate what the same user has rated already (row "
            f"{row}: {who}, {what}); give duplicates='last' or 'mean' to keep one"
        )
    ratings = table.ratings
    if duplicates == "mean":
        pairs["rating"] = ratings
        ratings = pairs.groupby(["user", "item"])["rating"].transform("mean").to_numpy(np.float32)
    kept = ~pairs.duplicated(["user", "item"], keep="last").to_numpy()
    return RatingTable(
        table.users[kept], table.items[kept], ratings[kept], table.validates[kept],
        table.scale, table.titles,
    )  # fmt: skip


def _divided(table: RatingTable, share: Any, *, seed: int) -> RatingTable:
    """A share of the ratings validates, chosen by `seed`."""
    check_share(share)
    rows = len(table.ratings)
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(rows, generator=generator)[: min(max(round(rows * share), 1), rows - 1)]
    validates = np.zeros(rows, bool)
    validates[chosen.numpy()] = True
    return RatingTable(
        table.users, table.items, table.ratings, validates, table.scale, table.titles
    )
