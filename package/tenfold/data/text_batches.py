"""A text classifier's batches: texts of about one length together, padded behind."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from tenfold.data.batches import check_batch_size, mixed
from tenfold.data.ragged import Ragged
from tenfold.data.tokens import PADDING
from tenfold.errors import DataError

__all__ = ["TextBatches", "padded"]

# shuffled texts are sorted by length inside of pools of so many batches: chance stays, padding goes
_POOL = 50


class TextBatches:
    """Pairs (words, targets): words (texts, longest of the batch) int64, padded with `xxpad`.

    Shuffled, texts of about one length come together, the batches come in an order of chance, and
    the one with the longest text comes first: if memory is short, that is known at once. Not
    shuffled, texts come in their order. What a pass gives is a function of `seed`, `epoch` and the
    number of the batch alone. Without `targets` each pair is (words, None).

    Like `Batches`, a shuffled pass never ends on a single text, which batch norm cannot use.

    >>> batches = TextBatches(Ragged.of([[2, 9], [2, 8, 7]]), torch.tensor([0, 1]), batch_size=2)
    >>> next(iter(batches))[0].tolist()
    [[2, 9, 1], [2, 8, 7]]
    """

    def __init__(
        self,
        texts: Ragged,
        targets: Tensor | None = None,
        *,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> None:
        check_batch_size(batch_size)
        if not len(texts):
            raise DataError("there is no text; at least one is needed; check where they come from")
        if targets is not None and len(targets) != len(texts):
            raise DataError(
                f"{len(texts):,} texts came with {len(targets):,} targets; each text needs one "
                "target; check how they were put together"
            )
        self.device = torch.empty(0, device=device or "cpu").device
        self.texts = texts
        self.targets = None if targets is None else targets.to(self.device)
        self.batch_size, self.shuffle, self.seed, self.epoch = batch_size, shuffle, seed, 0

    @property
    def items(self) -> int:
        """The number of texts."""
        return len(self.texts)

    def __len__(self) -> int:
        whole, rest = divmod(self.items, self.batch_size)
        return whole + (rest > 0) - self._ends_alone()

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor | None]]:
        return self.starting_at(0)

    def __repr__(self) -> str:
        order = "shuffled" if self.shuffle else "in order"
        return (
            f"TextBatches: {self.items:,} texts in {len(self):,} batches of {self.batch_size}, "
            f"{order}"
        )

    def starting_at(self, batch: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        """The pass of this epoch from batch number `batch` on; those before it cost nothing."""
        for rows in self._plan()[batch:]:
            words = padded(self.texts.take(rows)).to(self.device)
            chosen = torch.from_numpy(rows).to(self.device)
            yield words, None if self.targets is None else self.targets[chosen]

    def at_epoch(self, epoch: int) -> TextBatches:
        """The same texts as they are in another epoch."""
        other = copy.copy(self)
        other.epoch = epoch
        return other

    def _ends_alone(self) -> bool:
        return self.shuffle and self.items > self.batch_size > 1 == self.items % self.batch_size

    def _plan(self) -> list[np.ndarray]:
        """The numbers of the texts of every batch."""
        if not self.shuffle:
            return self._cut(np.arange(self.items))
        rng = np.random.default_rng(mixed(self.seed, self.epoch))
        order, lengths = rng.permutation(self.items), self.texts.lengths
        size = _POOL * self.batch_size
        pools = [order[begin : begin + size] for begin in range(0, self.items, size)]
        batches = self._cut(np.concatenate([_longest_first(pool, lengths) for pool in pools]))
        first = int(np.argmax([lengths[rows].max() for rows in batches]))
        rest = [batches[number] for number in rng.permutation(len(batches)) if number != first]
        return [batches[first], *rest]

    def _cut(self, order: np.ndarray) -> list[np.ndarray]:
        ends = np.arange(self.batch_size, self.items, self.batch_size)
        return np.split(order, ends[:-1] if self._ends_alone() else ends)


def _longest_first(rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    return rows[np.argsort(-lengths[rows], kind="stable")]


def padded(texts: Ragged) -> Tensor:
    """Rows of one length, int64 (texts, the longest), filled up behind with `xxpad`.

    >>> padded(Ragged.of([[2, 5], [2]])).tolist()
    [[2, 5], [2, 1]]
    """
    lengths = texts.lengths
    words = np.full((len(texts), int(lengths.max())), PADDING, np.int64)
    words[np.arange(words.shape[1]) < lengths[:, None]] = texts.flat
    return torch.from_numpy(words)
