"""The steps of one run in a bounded number of points: what the charts draw."""

from __future__ import annotations

import numpy as np

from tenfold.train.grown import Grown

__all__ = ["BUCKETS", "Series"]

BUCKETS = 2048
# rows of what is read, before one rate for each layer group
STEP, LOSS, LOW, HIGH, RATES = range(5)


class Series:
    """Loss and rates of a run of any length, in at most `BUCKETS` buckets of steps.

    A bucket holds its last step, the mean, lowest and highest loss, and the rates at that step.
    When all are full, each two become one: `stride` doubles and `generation` rises. The first
    and the last step of the run stay points of their own. Steps count from 1.

    >>> series = Series(groups=1)
    >>> series.append(np.array([3.0, 1.0, 2.0]), np.array([[0.1], [0.1], [0.2]]))
    >>> series.read(0)[:2].tolist()
    [[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]]
    """

    def __init__(self, *, groups: int) -> None:
        self.steps = 0
        self.stride = 1
        self.generation = 0
        self._width = RATES + groups
        self._full = Grown(np.float64, width=self._width)
        # no point or one each; the open bucket holds the sum of its losses
        self._first = self._open = self._last = np.zeros((0, self._width))
        self._opened = 0

    @property
    def settled(self) -> int:
        """How many points, from the first, stay as they are in this generation."""
        return len(self._first) + len(self._full)

    def append(self, losses: np.ndarray, rates: np.ndarray) -> None:
        """Add the losses (n,) and rates (n, groups) of the next steps."""
        points = np.empty((len(losses), self._width))
        points[:, STEP] = np.arange(self.steps + 1, self.steps + len(losses) + 1)
        points[:, LOSS:RATES] = np.asarray(losses, np.float64)[:, None]
        points[:, RATES:] = rates
        if not self.steps:
            self._first, points = points[:1].copy(), points[1:]
        self.steps += len(losses)
        # the newest step waits outside the buckets until there is a newer one
        waiting = np.concatenate([self._last, points])
        self._last = waiting[-1:].copy()
        self._fill(waiting[:-1])

    def read(self, start: int) -> np.ndarray:
        """The points from number `start` on, float32 (4 + groups, points).

        The rows are step, mean, lowest and highest loss, then the rate of each group.
        """
        unfinished = self._open.copy()
        unfinished[:, LOSS] /= max(self._opened, 1)
        points = [self._first, self._full.last(), unfinished, self._last]
        with np.errstate(over="ignore"):  # beyond float32 a loss is drawn as infinite
            return np.ascontiguousarray(np.concatenate(points)[start:].T, "<f4")

    def _fill(self, points: np.ndarray) -> None:
        """Put points into buckets: into the open one first, then into whole ones at once."""
        while len(points):
            room = self.stride - self._opened
            if self._opened or len(points) < room:
                taken, points = np.split(points, [room])
                self._open = joined(np.concatenate([self._open, taken]))[None]
                self._opened += len(taken)
                if self._opened == self.stride:
                    self._close(self._open)
                    self._open, self._opened = self._open[:0], 0
            else:
                count = min(len(points) // self.stride, BUCKETS - len(self._full))
                taken, points = np.split(points, [count * self.stride])
                self._close(joined(taken.reshape(count, self.stride, -1)))

    def _close(self, buckets: np.ndarray) -> None:
        """Keep buckets that are full, with the mean instead of the sum."""
        buckets[:, LOSS] /= self.stride
        self._full.append(buckets)
        if len(self._full) == BUCKETS:
            self._halve()

    def _halve(self) -> None:
        merged = joined(self._full.last().reshape(-1, 2, self._width))
        merged[:, LOSS] /= 2
        self._full = Grown(np.float64, width=self._width)
        self._full.append(merged)
        self.stride, self.generation = 2 * self.stride, self.generation + 1


def joined(points: np.ndarray) -> np.ndarray:
    """Points (..., n, columns) as one: the last step and rates, sum and ends of the losses."""
    one = points[..., -1, :].copy()
    with np.errstate(invalid="ignore"):  # infinities of both signs have no sum
        one[..., LOSS] = points[..., LOSS].sum(axis=-1)
    one[..., LOW], one[..., HIGH] = points[..., LOW].min(axis=-1), points[..., HIGH].max(axis=-1)
    return one
