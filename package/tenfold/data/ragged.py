"""Many rows of numbers of different lengths, one behind the other in one array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Ragged"]


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of int32: row i is `flat[starts[i] : starts[i + 1]]`.

    >>> rows = Ragged.of([[1, 2, 3], [4]])
    >>> len(rows), rows[0].tolist(), rows.take(np.array([1, 0])).flat.tolist()
    (2, [1, 2, 3], [4, 1, 2, 3])
    """

    flat: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[Iterable[int] | np.ndarray]) -> Ragged:
        """Rows put one behind the other."""
        arrays = [np.asarray(row, np.int32) for row in rows]
        flat = np.concatenate(arrays) if arrays else np.zeros(0, np.int32)
        return cls(flat, _starts(np.array([len(row) for row in arrays], np.int64)))

    @property
    def lengths(self) -> np.ndarray:
        """The length of each row."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> np.ndarray:
        return self.flat[self.starts[row] : self.starts[row + 1]]

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[row] for row in range(len(self)))

    def take(self, rows: np.ndarray) -> Ragged:
        """These rows, in this order."""
        return self.slices(self.starts[rows], self.lengths[rows])

    def slices(self, begins: np.ndarray, lengths: np.ndarray) -> Ragged:
        """The pieces of `flat` that begin there and are so long, as rows."""
        starts = _starts(lengths)
        places = np.repeat(begins - starts[:-1], lengths) + np.arange(starts[-1])
        return Ragged(self.flat[places], starts)

    def mapped(self, table: Ragged) -> Ragged:
        """Every number replaced by the row of `table` that it names.

        >>> Ragged.of([[0, 1], [1]]).mapped(Ragged.of([[7], [8, 9]])).flat.tolist()
        [7, 8, 9, 8, 9]
        """
        widths = table.lengths[self.flat]
        ends = np.concatenate([[0], np.cumsum(widths)])
        return Ragged(table.take(self.flat).flat, ends[self.starts])

    def tails(self, most: int) -> Ragged:
        """Rows cut to `most` numbers: the first one and the last ones.

        >>> Ragged.of([[1, 2, 3, 4], [5]]).tails(3).flat.tolist()
        [1, 3, 4, 5]
        """
        kept = np.minimum(self.lengths, most)
        cut = self.slices(self.starts[1:] - kept, kept)
        cut.flat[cut.starts[:-1]] = self.flat[self.starts[:-1]]
        return cut

    def turned(self) -> Ragged:
        """Rows read backwards, but for their first number, which stays first.

        >>> Ragged.of([[1, 2, 3], [4, 5]]).turned().flat.tolist()
        [1, 3, 2, 4, 5]
        """
        lengths = self.lengths
        inside = np.arange(len(self.flat)) - np.repeat(self.starts[:-1], lengths)
        long = np.repeat(lengths, lengths)
        places = np.repeat(self.starts[:-1], lengths) + (long - inside) % long
        return Ragged(self.flat[places], self.starts)


def _starts(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
