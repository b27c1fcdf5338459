"""Learning-rate schedules: frozen values that map progress in [0, 1] to a factor of the rate.

A schedule holds no counter. `factors(steps)` writes it out for a run: the first step is on the
first value and the last step on the last value, exactly. Pieces put together by `Chained` begin
and end on whole steps; where a piece starts on the value that the one before it ended on, the
shared value is used once.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tenfold.errors import SettingError
from tenfold.text import did_you_mean, listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "SCHEDULES",
    "Chained",
    "Constant",
    "Cosine",
    "Exponential",
    "FlatCosine",
    "Linear",
    "OneCycle",
    "Schedule",
    "SlantedTriangle",
    "read_schedule",
    "sgdr",
    "warm_up",
]


class Schedule(ABC):
    """A factor of the learning rate for every moment of a run."""

    @abstractmethod
    def at(self, progress: float) -> float:
        """The factor at `progress`, 0 at the first step and 1 at the last."""

    def factors(self, steps: int) -> np.ndarray:
        """The factor of every step, float64 of shape (steps,)."""
        last = max(steps - 1, 1)
        return np.array([self.at(step / last) for step in range(steps)], dtype=np.float64)

    def momenta(self, steps: int) -> np.ndarray | None:
        """The momentum of every step, or None when the schedule leaves it alone."""
        return None

    def plot(self, *, steps: int = 200) -> Figure:
        """Draw the factor over the run, before anything is trained."""
        from tenfold.figures import new_figure

        figure, axes = new_figure(width=5, height=2.2)
        axes.plot(np.linspace(0, 1, steps), self.factors(steps))
        axes.set(xlabel="progress", ylabel="factor of the rate", title=str(self))
        return figure


@dataclass(frozen=True)
class Constant(Schedule):
    """The same factor from the first step to the last."""

    factor: float = 1.0

    def at(self, progress: float) -> float:
        return self.factor


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line from `start` to `end`."""

    start: float = 1.0
    end: float = 0.0

    def at(self, progress: float) -> float:
        return self.start * (1 - progress) + self.end * progress


@dataclass(frozen=True)
class Exponential(Schedule):
    """The same ratio at every step, from `start` to `end`; both above 0."""

    start: float = 1.0
    end: float = 0.01

    def __post_init__(self) -> None:
        _check("start", self.start, usual=1)
        _check("end", self.end, usual=0.01)

    def at(self, progress: float) -> float:
        # written as two powers so that both ends are exact
        return float(self.start ** (1 - progress) * self.end**progress)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from `start` to `end` (Loshchilov & Hutter 2017, arXiv:1608.03983).

    >>> Cosine().factors(3).round(6).tolist()
    [1.0, 0.5, 0.0]
    """

    start: float = 1.0
    end: float = 0.0

    def at(self, progress: float) -> float:
        share = (1 + math.cos(math.pi * progress)) / 2
        return self.start * share + self.end * (1 - share)


@dataclass(frozen=True)
class Chained(Schedule):
    """Schedules one after another; `parts` holds (length, schedule) with lengths in any unit.

    >>> Chained(((1, Constant()), (1, Cosine()))).factors(5).round(2).tolist()
    [1.0, 1.0, 1.0, 0.5, 0.0]
    """

    parts: tuple[tuple[float, Schedule], ...]

    def __post_init__(self) -> None:
        if not self.parts or not all(0 < length < math.inf for length, _ in self.parts):
            raise SettingError(
                f"the lengths {[length for length, _ in self.parts]} were given; a chain needs "
                "at least one part, and each length above 0"
            )

    def at(self, progress: float) -> float:
        total = sum(length for length, _ in self.parts)
        place, begin = progress * total, 0.0
        for length, part in self.parts[:-1]:
            if place < begin + length:
                return part.at((place - begin) / length)
            begin += length
        length, part = self.parts[-1]
        return part.at(min(1.0, (place - begin) / length))

    def counts(self, steps: int) -> list[int]:
        """How many of `steps` belong to each part; whole-numbered lengths divide exactly."""
        lengths = [Fraction(length).limit_denominator(10**6) for length, _ in self.parts]
        total, ends, reached = sum(lengths), [0], Fraction(0)
        for index, length in enumerate(lengths, 1):
            reached += length
            end = math.floor(reached * steps / total + Fraction(1, 2))
            if steps >= len(lengths):  # no part is rounded away: the last one ends the run
                end = min(max(end, ends[-1] + 1), steps - len(lengths) + index)
            ends.append(end)
        return [end - begin for begin, end in pairwise(ends)]

    def factors(self, steps: int) -> np.ndarray:
        return np.concatenate([values for _, _, values in self._spans(steps)])

    def momenta(self, steps: int) -> np.ndarray | None:
        pieces = [
            part.momenta(len(values) + shared) if len(values) else None
            for part, shared, values in self._spans(steps)
        ]
        known = [piece for piece in pieces if piece is not None]
        if not known:
            return None
        filled, latest = [], float(known[0][0])  # a part that says nothing keeps what was there
        for piece, (_, shared, values) in zip(pieces, self._spans(steps), strict=True):
            filled.append(np.full(len(values), latest) if piece is None else piece[shared:])
            latest = float(filled[-1][-1]) if len(values) else latest
        return np.concatenate(filled)

    def _spans(self, steps: int) -> Iterator[tuple[Schedule, int, np.ndarray]]:
        """Each part, whether its first value is the last of the one before, and its factors."""
        last = end = math.nan
        for count, (_, part) in zip(self.counts(steps), self.parts, strict=True):
            begin = part.at(0.0)
            # a part of one step stays on its first value and may not have reached its last
            shared = int(_close(last, begin) and _close(end, begin))
            values = part.factors(count + shared)[shared:]
            last, end = float(values[-1]) if len(values) else last, part.at(1.0)
            yield part, shared, values


class _Shape(Schedule):
    """A schedule that is a chain under a name of its own."""

    @abstractmethod
    def _chain(self) -> Chained: ...

    def at(self, progress: float) -> float:
        return self._chain().at(progress)

    def factors(self, steps: int) -> np.ndarray:
        return self._chain().factors(steps)


@dataclass(frozen=True)
class OneCycle(_Shape):
    """Cosine up, then cosine down to almost nothing, momentum mirrored (Smith 2018).

    The rate rises from 1/`divide` to 1 during `rise` of the run and falls to 1/`divide_end`;
    momentum goes from `momentum[0]` to `momentum[1]` and back. arXiv:1708.07120, 1803.09820.
    """

    rise: float = 0.25
    divide: float = 25.0
    divide_end: float = 1e5
    momentum: tuple[float, float] = (0.95, 0.85)

    def __post_init__(self) -> None:
        _check("rise", self.rise, below=1, usual=0.25)
        _check("divide", self.divide, usual=25)
        _check("divide_end", self.divide_end, usual=1e5)
        if not all(0 <= value < 1 for value in self.momentum):
            raise SettingError(
                f"momentum={self.momentum} was given; allowed is 0 to below 1; try (0.95, 0.85)"
            )

    def _chain(self) -> Chained:
        return self._over(1 / self.divide, 1.0, 1 / self.divide_end)

    def _over(self, low: float, peak: float, end: float) -> Chained:
        return Chained(((self.rise, Cosine(low, peak)), (1 - self.rise, Cosine(peak, end))))

    def momenta(self, steps: int) -> np.ndarray:
        high, low = self.momentum
        return self._over(high, low, high).factors(steps)


@dataclass(frozen=True)
class WrittenOut(Schedule):
    """A schedule read from a file: its factor of every step, and momentum if it had one."""

    words: str
    written: tuple[float, ...]
    moments: tuple[float, ...] | None = None

    def __str__(self) -> str:
        return self.words

    def at(self, progress: float) -> float:
        return self.written[round(progress * (len(self.written) - 1))]

    def factors(self, steps: int) -> np.ndarray:
        return np.array(self.written, dtype=np.float64)

    def momenta(self, steps: int) -> np.ndarray | None:
        return None if self.moments is None else np.array(self.moments, dtype=np.float64)


@dataclass(frozen=True)
class FlatCosine(_Shape):
    """The full rate for `flat` of the run, then a cosine down to `end`."""

    flat: float = 0.72
    end: float = 0.0

    def __post_init__(self) -> None:
        _check("flat", self.flat, below=1, usual=0.72)

    def _chain(self) -> Chained:
        return Chained(((self.flat, Constant()), (1 - self.flat, Cosine(1.0, self.end))))


@dataclass(frozen=True)
class SlantedTriangle(_Shape):
    """A short line up, a long line down (Howard & Ruder 2018, arXiv:1801.06146).

    The peak is at `cut` of the run; the ends are 1/`ratio` of it.
    """

    cut: float = 0.1
    ratio: float = 32.0

    def __post_init__(self) -> None:
        _check("cut", self.cut, below=1, usual=0.1)
        _check("ratio", self.ratio, usual=32)

    def _chain(self) -> Chained:
        low = 1 / self.ratio
        return Chained(((self.cut, Linear(low, 1.0)), (1 - self.cut, Linear(1.0, low))))


def _check(name: str, value: float, *, below: float = math.inf, usual: float) -> None:
    if not 0 < value < below:
        allowed = "above 0" if below == math.inf else f"above 0 and below {below:g}"
        raise SettingError(f"{name}={value} was given; allowed is {allowed}; try {usual:g}")


def _close(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=1e-12)


def sgdr_lengths(cycles: int, *, cycle_len: int = 1, cycle_mult: int = 1) -> list[int]:
    """The epochs of each cycle of SGD with restarts.

    >>> sgdr_lengths(3, cycle_len=1, cycle_mult=2)
    [1, 2, 4]
    """
    for name, value in (("cycles", cycles), ("cycle_len", cycle_len), ("cycle_mult", cycle_mult)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise SettingError(f"{name}={value!r} was given; allowed is a whole number from 1 up")
    return [cycle_len * cycle_mult**cycle for cycle in range(cycles)]


def sgdr(cycles: int, *, cycle_len: int = 1, cycle_mult: int = 1, end: float = 0.0) -> Chained:
    """Cosine annealing with warm restarts (Loshchilov & Hutter 2017, arXiv:1608.03983).

    Each cycle starts on the full rate and ends on `end` of it; cycle k lasts
    cycle_len * cycle_mult**k epochs.

    >>> sgdr(2, cycle_len=1, cycle_mult=2).factors(6).round(2).tolist()
    [1.0, 0.0, 1.0, 0.75, 0.25, 0.0]
    """
    lengths = sgdr_lengths(cycles, cycle_len=cycle_len, cycle_mult=cycle_mult)
    return Chained(tuple((length, Cosine(1.0, end)) for length in lengths))


def warm_up(schedule: Schedule, *, share: float = 0.1, start: float = 0.0) -> Chained:
    """`schedule` after a straight rise from `start` that takes `share` of the run.

    For large batches from the first step (Goyal et al. 2017, arXiv:1706.02677).
    """
    _check("share", share, below=1, usual=0.1)
    return Chained(((share, Linear(start, schedule.at(0.0))), (1 - share, schedule)))


SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "cosine": Cosine(),
    "one_cycle": OneCycle(),
    "flat_cosine": FlatCosine(),
    "slanted_triangle": SlantedTriangle(),
}
"""Schedules by name."""


def read_schedule(schedule: Schedule | str) -> Schedule:
    """A schedule, or one of `SCHEDULES` by name."""
    if isinstance(schedule, Schedule):
        return schedule
    if schedule not in SCHEDULES:
        hint = did_you_mean(str(schedule), SCHEDULES)
        raise SettingError(
            f"the schedule {schedule!r} was given; known are {listed(SCHEDULES)}{hint}; a "
            "Schedule of your own also works"
        )
    return SCHEDULES[schedule]
