"""An array that grows at its end, at a cost that does not depend on its length."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Grown"]

BLOCK = 8192


class Grown:
    """Numbers in blocks: (length,), or (length, width) when a `width` is given.

    One thread may append while others read: what they see is the array of a moment ago.

    >>> numbers = Grown(np.float32)
    >>> numbers.append([1, 2, 3])
    >>> numbers.last(2).tolist(), len(numbers)
    ([2.0, 3.0], 3)
    """

    def __init__(self, dtype: Any, *, width: int | None = None) -> None:
        self.dtype, self.width = np.dtype(dtype), width
        self._blocks: list[np.ndarray] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, values: Any) -> None:
        """Add values at the end."""
        values = np.asarray(values, self.dtype)
        while len(values):
            block, used = self._room(len(values))
            taken = values[: len(block) - used]
            block[used : used + len(taken)] = taken
            self._length += len(taken)  # last: nobody reads beyond it
            values = values[len(taken) :]

    def last(self, count: int | None = None) -> np.ndarray:
        """A copy of the last `count` values, of all without a count."""
        length = self._length
        start = 0 if count is None else max(length - count, 0)
        first = start // BLOCK
        empty = np.zeros(self._shape(0), self.dtype)
        joined = np.concatenate([empty, *self._blocks[first : -(-length // BLOCK)]])
        return joined[start - first * BLOCK : length - first * BLOCK]

    def _room(self, wanted: int) -> tuple[np.ndarray, int]:
        """The block to write to, with room for one value at least, and how much of it is used."""
        used = self._length % BLOCK
        if not used:
            self._blocks.append(np.empty(self._shape(min(max(wanted, 64), BLOCK)), self.dtype))
        elif used == len(self._blocks[-1]):
            # a block starts small and doubles: most histories are short
            larger = np.empty(self._shape(min(2 * max(used, wanted), BLOCK)), self.dtype)
            larger[:used] = self._blocks[-1]
            self._blocks[-1] = larger
        return self._blocks[-1], used

    def _shape(self, length: int) -> tuple[int, ...]:
        return (length,) if self.width is None else (length, self.width)
