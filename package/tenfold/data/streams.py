"""A language model's batches: every text behind the other, cut into rows that are read on."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from tenfold.data.batches import check_batch_size, mixed
from tenfold.data.ragged import Ragged
from tenfold.errors import DataError, SettingError

__all__ = ["Streams"]

Batch = tuple[tuple[Tensor, bool], Tensor]


class Streams:
    """Pairs ((words, first), next words): a window of `length` words of `batch_size` streams.

    All texts are put one behind the other, in an order of chance where `shuffle` says so, and
    the whole is cut into as many streams of one length as a batch has rows. A batch is the next
    window of each: words (rows, length) int64, and for every one of them the word that follows,
    (rows * length,), so that a model may carry its state from batch to batch. `first` is True for
    the first batch of a pass: there the state begins anew.

    What a pass gives is a function of `seed`, `epoch` and the number of the batch alone. Short
    data gets fewer rows than asked for, so that each is at least one window long.

    Raises DataError for texts without two words, SettingError for a size below 1.

    >>> batches = Streams(Ragged.of([range(9)]), batch_size=2, length=3)
    >>> (words, first), following = next(iter(batches))
    >>> words.tolist(), first, following.view(2, 3).tolist()
    ([[0, 1, 2], [4, 5, 6]], True, [[1, 2, 3], [5, 6, 7]])
    """

    def __init__(
        self,
        texts: Ragged,
        *,
        batch_size: int = 64,
        length: int = 72,
        shuffle: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> None:
        check_batch_size(batch_size)
        if isinstance(length, bool) or not isinstance(length, int) or length < 1:
            raise SettingError(
                f"length={length!r} was given; allowed is a whole number from 1; try 72"
            )
        if len(texts.flat) < 2:
            raise DataError(
                f"the texts have {len(texts.flat)} words; a language model needs two at least, "
                "one to read and one to predict; give more text"
            )
        self.texts, self.batch_size, self.length = texts, batch_size, length
        self.shuffle, self.seed, self.epoch = shuffle, seed, 0
        self.device = torch.empty(0, device=device or "cpu").device

    @property
    def items(self) -> int:
        """The number of words that a pass predicts."""
        return self._rows * self._steps

    @property
    def _rows(self) -> int:
        return min(self.batch_size, max(1, (len(self.texts.flat) - 1) // self.length))

    @property
    def _steps(self) -> int:
        return (len(self.texts.flat) - 1) // self._rows

    def __len__(self) -> int:
        return -(-self._steps // self.length)

    def __iter__(self) -> Iterator[Batch]:
        return self.starting_at(0)

    def __repr__(self) -> str:
        order = "shuffled" if self.shuffle else "in order"
        return (
            f"Streams: {len(self.texts.flat):,} words in {len(self):,} batches of {self._rows} x "
            f"{self.length}, texts {order}"
        )

    def starting_at(self, batch: int) -> Iterator[Batch]:
        """The pass of this epoch from batch number `batch` on."""
        words, following = self._streams()
        for number in range(batch, len(self)):
            window = slice(number * self.length, (number + 1) * self.length)
            yield (words[:, window], number == 0), following[:, window].flatten()

    def at_epoch(self, epoch: int) -> Streams:
        """The same texts as they are in another epoch."""
        other = copy.copy(self)
        other.epoch = epoch
        return other

    def _streams(self) -> tuple[Tensor, Tensor]:
        """The words of every stream (rows, steps), and those one further on."""
        whole = torch.from_numpy(self._order().flat).to(self.device, torch.int64)
        size = self._rows * self._steps
        return whole[:size].view(self._rows, -1), whole[1 : size + 1].view(self._rows, -1)

    def _order(self) -> Ragged:
        if not self.shuffle:
            return self.texts
        rng = np.random.default_rng(mixed(self.seed, self.epoch))
        return self.texts.take(rng.permutation(len(self.texts)))
