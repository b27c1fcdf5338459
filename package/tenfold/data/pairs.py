"""Pairs of user and item to the numbers of their rows: many at once, or one that is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from tenfold.errors import DataError
from tenfold.text import listed

__all__ = ["Ids", "PairEncoder"]

Id = str | int


@dataclass(frozen=True)
class Ids:
    """The users, or the items, that training has seen: each has a row, from 1; 0 is the unseen.

    `field` is the name of their column, `values` are all words or all whole numbers, rising.

    >>> films = Ids("film", ("Alien", "Heat"))
    >>> films.row("Heat"), films.row("Dune")
    (2, 0)
    """

    field: Any
    values: tuple[Id, ...]

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"Ids({self.field}, {len(self):,})"

    @cached_property
    def words(self) -> bool:
        """Whether they are words."""
        return isinstance(self.values[0], str)

    @cached_property
    def rows(self) -> dict[Any, int]:
        """The row of each."""
        return {value: row for row, value in enumerate(self.values, 1)}

    def row(self, value: Any) -> int:
        """The row of one, 0 for a new one or None; DataError for one of another type.

        7 and "7" are two users: taking one for the other would look like a new user.
        """
        try:
            found = self.rows.get(value)
        except TypeError:  # a list, say, which is no id
            found = None
        else:
            if found is not None or value is None or value != value:
                return found or 0
        number = hasattr(value, "__index__") or isinstance(value, float)
        if isinstance(value, str) != self.words or not (self.words or number):
            what = "words" if self.words else "whole numbers"
            raise DataError(
                f"{value!r:.60} was given for {self.field!r}; allowed are {what}, as "
                f"{self.values[0]!r}, or None for a new one; change its type"
            )
        return 0


@dataclass(frozen=True)
class PairEncoder:
    """Pairs (user, item), dicts and frames to row numbers, int64 (N, 2).

    >>> encoder = PairEncoder(Ids("user", (3, 8)), Ids("film", ("Alien", "Heat")))
    >>> encoder.encode([(8, "Alien"), {"user": None, "film": "Heat"}])
    tensor([[2, 1],
            [0, 2]])
    """

    users: Ids
    items: Ids
    kind: ClassVar[str] = "pairs"
    batch: ClassVar[int] = 65536

    def many(self, given: Any) -> bool:
        """A list or a frame has several pairs; a tuple, a dict or a row of a frame is one."""
        return isinstance(given, list) or hasattr(given, "columns")

    def encode(self, items: Any) -> Tensor:
        """A frame, or a list of pairs, as one batch."""
        if hasattr(items, "columns"):
            items = list(zip(*(self._column(items, ids) for ids in (self.users, self.items))))
        rows = [self._rows(item) for item in items]
        return torch.tensor(rows, dtype=torch.int64).view(-1, 2)

    def state(self) -> dict[str, Any]:
        """The users and the items."""
        return {"users": [self.users.field, list(self.users.values)],
                "items": [self.items.field, list(self.items.values)]}  # fmt: skip

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> PairEncoder:
        """From the users and the items."""
        return cls(*(_ids(*state[kind]) for kind in ("users", "items")))

    def _rows(self, item: Any) -> tuple[int, int]:
        if isinstance(item, tuple | list) and len(item) == 2:
            return self.users.row(item[0]), self.items.row(item[1])
        fields = self.users.field, self.items.field
        try:
            user, thing = (item[field] for field in fields)
        except (KeyError, TypeError, IndexError):
            raise DataError(
                f"{item!r:.60} was given; a pair is (user, item), or a dict with {fields[0]!r} and "
                f"{fields[1]!r}; several are a list of them, or a frame"
            ) from None
        return self.users.row(user), self.items.row(thing)

    def _column(self, frame: Any, ids: Ids) -> list[Any]:
        names: Sequence[Any] = list(frame.columns)
        if ids.field not in names:
            raise DataError(
                f"the frame has no column {ids.field!r}; it has {listed(names)}; name its columns "
                f"{self.users.field!r} and {self.items.field!r}"
            )
        return frame[ids.field].tolist()


def _ids(field: Any, values: list[Id]) -> Ids:
    if not values or {type(value) for value in values} not in ({str}, {int}):
        raise ValueError(f"the ids of {field!r} are not all words or all whole numbers")
    return Ids(field, tuple(values))
