"""Picture sets described by a table: a column of file names and a column of labels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import torch
from torch import Tensor

from tenfold.data.folders import unlabelled
from tenfold.data.sources import Source, Sources, divided
from tenfold.errors import DataError, MissingPackageError
from tenfold.text import counted, listed, nearest

__all__ = ["by_column", "read_labels", "read_table", "refuse_missing", "sources_from_frame"]


class Selectable(Protocol):
    """Items of which some can be taken by their numbers."""

    def rows(self, numbers: Tensor) -> Self:
        """Those items."""


Rows = TypeVar("Rows", bound=Selectable)


def sources_from_frame(
    frame: Any,
    *,
    images: str = "image",
    labels: str = "label",
    folder: str | os.PathLike[str] | None = None,
    suffix: str = "",
    label_separator: str | None = None,
    valid: float | str = 0.2,
    seed: int = 0,
    test: str | os.PathLike[str] | None = None,
) -> Sources:
    """Read two columns of `frame` (a DataFrame or a dict of lists) and split its rows."""
    root = Path(folder).expanduser() if folder is not None else Path()
    # the table first: a column that is not there explains more than files that are not
    names, words = _column(frame, images), _column(frame, labels)
    targets, classes = read_labels(words, labels, label_separator)
    files = _files(names, root, suffix, images)
    whole = Source(tuple(files), targets)
    if isinstance(valid, str):
        train, checks = by_column(whole, _column(frame, valid), valid)
    else:
        train, checks = divided(whole, valid, seed=seed)
    known = root if folder is not None else None
    return Sources(train, checks, unlabelled(root, test), classes, known).checked()


def read_table(path: str | os.PathLike[str]) -> Any:
    """A CSV file as a pandas DataFrame."""
    try:
        import pandas
    except ImportError:
        raise MissingPackageError(
            "from_csv needs pandas, which is not installed; run `pip install pandas`, or give "
            "from_frame a dict of lists"
        ) from None
    if not Path(path).expanduser().is_file():
        raise DataError(f"there is no file {path}; check the path of the table")
    return pandas.read_csv(path)


def _column(frame: Any, name: str) -> list[Any]:
    names = [str(column) for column in getattr(frame, "columns", frame)]
    if name not in names:
        close = nearest(name, names)
        hint = f"did you mean {close!r}? " if close else ""
        raise DataError(
            f"the frame has no column {name!r}; {hint}it has {listed(names)}; name the columns "
            "with images=, labels= and valid="
        )
    return list(frame[name])


def _files(names: list[Any], root: Path, suffix: str, column: str) -> list[Path]:
    refuse_missing(names, column, "give each row the name of a file")
    files = [root / f"{name}{suffix}" for name in names]
    absent = [str(file) for file in files if not file.is_file()]
    if absent:
        raise DataError(
            f"{counted(len(absent), 'file')} of column {column!r} cannot be found: "
            f"{listed(absent)}; check folder= and suffix="
        )
    return files


def read_labels(labels: list[Any], column: str, separator: str | None) -> tuple[Tensor, list[str]]:
    """Class numbers (N,), or with a separator 0 and 1 (N, classes), and the names of the classes.

    >>> read_labels(["cat", "dog", "cat"], "label", None)
    (tensor([0, 1, 0]), ['cat', 'dog'])
    """
    help_with = "fill them in or drop the rows" if separator is None else "use '' for no label"
    refuse_missing(labels, column, help_with)
    if separator is not None:
        return _many_targets([_parted(str(label), separator) for label in labels])
    values = [_whole(label, column) for label in labels]
    classes = sorted(set(values), key=lambda value: (isinstance(value, str), value))
    numbers = {value: number for number, value in enumerate(classes)}
    return torch.tensor([numbers[value] for value in values]), [str(name) for name in classes]


def _many_targets(labels: Sequence[list[str]]) -> tuple[Tensor, list[str]]:
    classes = sorted({name for names in labels for name in names})
    numbers = {name: number for number, name in enumerate(classes)}
    targets = torch.zeros(len(labels), len(classes))
    for row, names in enumerate(labels):
        targets[row, [numbers[name] for name in names]] = 1
    return targets, classes


def _parted(label: str, separator: str) -> list[str]:
    return [name.strip() for name in label.split(separator) if name.strip()]


def _whole(label: Any, column: str) -> int | str:
    """A class as the table has it: words, or a whole number, which pandas may hold as a float."""
    if isinstance(label, str):
        return label
    try:
        whole = int(label)
    except (TypeError, ValueError, OverflowError):  # a date, say, or infinity
        return str(label)
    if whole != label:
        raise DataError(
            f"column {column!r} holds {label}; classes are words or whole numbers; choose a "
            "column of classes, or put the numbers into groups"
        )
    return whole


def by_column(whole: Rows, chosen: list[Any], column: str) -> tuple[Rows, Rows]:
    """The rows that train and those that validate, as a column of True and False says."""
    refuse_missing(chosen, column, "write True for the rows that validate")
    if not set(chosen) <= {0, 1}:
        raise DataError(
            f"column {column!r} holds {listed(sorted(map(str, set(chosen))))}; allowed are True "
            "and False, or 1 and 0; True marks the rows that validate"
        )
    validates = torch.tensor([bool(value) for value in chosen])
    return whole.rows((~validates).nonzero().flatten()), whole.rows(validates.nonzero().flatten())


def refuse_missing(values: list[Any], column: str, help_with: str) -> None:
    """Refuse a column with holes; `help_with` is what to do about them."""
    rows = [row for row, value in enumerate(values) if _is_missing(value)]
    if rows:
        raise DataError(
            f"column {column!r} is empty in {counted(len(rows), 'row')} of {len(values):,} "
            f"(row {listed(rows)}); {help_with}"
        )


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas.NA, told apart without pandas: none of them equals itself."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA refuses to be true or false
        return True
