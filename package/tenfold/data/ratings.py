"""Who gave what how many stars, ready to train on: `RatingsData`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.batches import Batches
from tenfold.data.pairs import Ids, PairEncoder
from tenfold.data.table_view import TableView
from tenfold.device import default_device
from tenfold.text import counted
from tenfold.train.task import number

if TYPE_CHECKING:
    from pandas import Series

    from tenfold.data.rating_frames import RatingTable

__all__ = ["RatingsData"]

# the model's range reaches this part of the scale beyond its ends, where a sigmoid never arrives
_MARGIN = 0.1


class RatingsData:
    """Ratings of items by users, as batches of pairs on the device.

    Make one with `from_frame`. Batches are int64 (N, 2), the rows of user and item, with float32
    ratings (N,). Who and what training has not seen has row 0: a new user or item is predicted
    from what is known of the other. `users` and `items` are what training has seen; `scale` is
    the lowest and the highest rating; `mean` is that of training.

    `train` and `valid` are `Batches`; there is no `test`. Raises DataError for ratings that cannot
    be used, SettingError for an argument out of range.

    >>> frame = {"user": [1, 1, 2, 2], "item": ["Alien", "Heat"] * 2, "rating": [5, 3, 4, 1]}
    >>> data = RatingsData.from_frame(frame, valid=0.25, batch_size=3)
    >>> pairs, ratings = next(iter(data.train))
    >>> pairs.shape, ratings.shape
    (torch.Size([3, 2]), torch.Size([3]))
    """

    classes = None
    test = None

    def __init__(
        self,
        table: RatingTable,
        *,
        fields: tuple[Any, Any, Any],
        batch_size: int = 512,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> None:
        trains = ~table.validates
        self.users = _seen(table.users[trains], fields[0])
        self.items = _seen(table.items[trains], fields[1])
        self.scale, self.titles = table.scale, table.titles
        self.mean = float(table.ratings[trains].mean(dtype=np.float64))
        self._fields, self.target = fields, fields[2]
        rows = np.stack([_rows(self.users, table.users), _rows(self.items, table.items)], 1)
        pairs, ratings = torch.from_numpy(rows), torch.from_numpy(table.ratings)
        on = device or default_device()

        def batches(chosen: np.ndarray) -> Batches:
            own = torch.from_numpy(np.flatnonzero(chosen))
            return Batches(pairs[own], ratings[own], batch_size=batch_size, seed=seed, device=on)

        self.train, self.valid = batches(trains).shuffled(), batches(table.validates)
        low, high = self.scale
        margin = _MARGIN * (high - low)
        self.task = number(low - margin, high + margin)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        user: str = "user",
        item: str = "item",
        rating: str = "rating",
        titles: Any = None,
        valid: float | str = 0.1,
        scale: tuple[float, float] | None = None,
        duplicates: str = "error",
        batch_size: int = 512,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> RatingsData:
        """Ratings in a table, one in each row: a DataFrame, or a dict of lists.

        Users and items are words or whole numbers. `titles` are words to show for the items: a
        column, or a dict or Series by item. `valid` is a share of the ratings, chosen by `seed`,
        or the name of a column that is True for the rows that validate. `scale` is the lowest
        and the highest rating there can be; without it, those that there are. `duplicates` says
        what to do when a user rated an item twice: "error", or keep the "last" or the "mean".
        """
        from tenfold.data.rating_frames import read_ratings  # loads pandas

        table = read_ratings(
            frame, user=user, item=item, rating=rating, titles=titles, valid=valid, scale=scale,
            duplicates=duplicates, seed=seed,
        )  # fmt: skip
        fields = (user, item, rating)
        return cls(table, fields=fields, batch_size=batch_size, seed=seed, device=device)

    @property
    def encoder(self) -> PairEncoder:
        """What turns a pair of yours into what the model takes."""
        return PairEncoder(self.users, self.items)

    def counts(self, kind: str = "items") -> Tensor:
        """How many training ratings each of the "items", or of the "users", has."""
        ids, column = (self.items, 1) if kind == "items" else (self.users, 0)
        rows = self.train.inputs[:, column].cpu()
        return torch.bincount(rows, minlength=len(ids) + 1)[1:]

    def title(self, item: Any) -> str:
        """The words for an item: its title where it has one."""
        return self.titles.get(item, str(item))

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> TableView:
        """`n` training ratings as a table; another `epoch`, others."""
        pairs, ratings = self.train.at_epoch(epoch).take(n)
        assert ratings is not None
        rows = [list(map(str, self._fields))]
        for (user, item), rating in zip(pairs.tolist(), ratings.tolist(), strict=True):
            rows.append([self._user(user), self._item(item), f"{rating:g}"])
        return TableView(rows, caption=counted(len(ratings), "training rating"))

    def item_words(self, items: Sequence[int]) -> dict[str, list[str]]:
        """Some validation ratings: who rated what; "new" for what training has not seen."""
        pairs = self.valid.inputs[torch.as_tensor(items, dtype=torch.int64)].tolist()
        user, item, _ = map(str, self._fields)
        return {
            user: [self._user(row) for row, _ in pairs],
            item: [self._item(row) for _, row in pairs],
        }

    def _user(self, row: int) -> str:
        return str(self.users.values[row - 1]) if row else "new"

    def _item(self, row: int) -> str:
        return self.title(self.items.values[row - 1]) if row else "new"

    def __repr__(self) -> str:
        unseen = int((self.valid.inputs == 0).any(1).sum())
        new = f", {unseen:,} of them with a new user or item" if unseen else ""
        low, high = self.scale
        return (
            f"RatingsData: {self.train.items:,} training, {self.valid.items:,} validation ratings"
            f"{new}\n{counted(len(self.users), 'user')}, {counted(len(self.items), 'item')}, "
            f"from {low:g} to {high:g}, on average {self.mean:.2f}"
        )


def _seen(column: Series, field: Any) -> Ids:
    return Ids(field, tuple(np.sort(column.unique()).tolist()))


def _rows(ids: Ids, column: Series) -> np.ndarray:
    import pandas as pd

    return pd.Index(list(ids.values)).get_indexer(column).astype(np.int64) + 1
