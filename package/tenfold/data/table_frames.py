"""Tables as they are given: a DataFrame or a dict of lists, checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.errors import DataError, SettingError
from tenfold.text import counted, did_you_mean, listed

__all__ = ["as_frame", "check_names", "check_titles", "forced_kinds"]


def as_frame(frame: Any) -> Any:
    """A DataFrame, or the one that a dict of lists makes; DataError for anything else."""
    import pandas

    if isinstance(frame, dict):
        try:
            return pandas.DataFrame(frame)
        except ValueError as error:
            raise DataError(
                f"a dict was given that makes no table ({str(error)[:100]}); allowed are lists of "
                "the same length, one for each column"
            ) from error
    if not isinstance(frame, pandas.DataFrame):
        raise DataError(
            f"a {type(frame).__name__} was given as a table; allowed is a DataFrame or a dict of "
            "lists; read a file with pandas.read_csv"
        )
    return frame


def check_titles(frame: Any, *, rows: int) -> None:
    """Refuse a frame of fewer `rows`, and columns whose names are shared or are no names."""
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError(
            f"the frame has more than one column {listed(map(repr, dict.fromkeys(twice)))}; every "
            "column needs a name of its own; rename them, or keep the first: "
            "frame.loc[:, ~frame.columns.duplicated()]"
        )
    if len(frame) < rows:
        raise DataError(
            f"the frame has {counted(len(frame), 'row')}; at least {rows} are needed; check how it "
            "was made"
        )
    strange = [name for name in frame.columns if not isinstance(name, str | int)]
    if strange:
        raise DataError(
            f"a column is called {strange[0]!r}; allowed are words and whole numbers; rename it: "
            "frame.columns = [...]"
        )


def check_names(frame: Any, names: Sequence[Any]) -> None:
    """Refuse names that are no column of the frame."""
    for name in names:
        if not isinstance(name, str | int):
            raise SettingError(f"{name!r} was given; allowed is the name of one column; name it")
        if name not in frame.columns:
            hint = did_you_mean(str(name), map(str, frame.columns))
            raise DataError(
                f"the frame has no column {name!r}; it has {listed(frame.columns)}{hint}"
            )


def forced_kinds(frame: Any, ignore: Sequence[Any], **named: Sequence[Any]) -> dict[Any, str]:
    """The kinds that the user gave, by column; `ignore` is only checked."""
    words = {"categorical": "category", "continuous": "number", "dates": "date"}
    forced: dict[Any, str] = {}
    for kind, names in {"ignore": ignore, **named}.items():
        if isinstance(names, str):
            raise SettingError(
                f"{kind}={names!r} was given; allowed is a list of columns; try {kind}=[{names!r}]"
            )
        check_names(frame, names)
        for name in names if kind in words else ():
            if name in forced:
                raise SettingError(
                    f"column {name!r} was given as {forced[name]} and as {words[kind]}; allowed "
                    "is one kind; name it once"
                )
            forced[name] = words[kind]
    return forced
