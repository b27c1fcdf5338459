"""What a setting may be: a range of numbers, or a choice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.errors import SettingError
from tenfold.text import listed

__all__ = ["Choice", "Range", "read_range", "read_ranges"]

_FORMS = "(1e-4, 1e-1, 'log'), (0.0, 0.5), (1, 8) or ['relu', 'gelu']"


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both allowed; with `log` each power of ten is as likely.

    >>> Range(1, 8, whole=True)
    1 to 8
    >>> Range(1e-4, 1e-1, log=True).place(1e-3)
    -3.0
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        rises = -math.inf < self.low < self.high < math.inf
        if not rises or (self.log and self.low <= 0):
            above = " above 0" if self.log else ""
            raise SettingError(
                f"the range {self.low:g} to {self.high:g} was given; allowed are two rising "
                f"numbers{above}; for a single value leave the setting out"
            )

    def __repr__(self) -> str:
        return f"{self.low:g} to {self.high:g}{', by powers of ten' * self.log}"

    def suggest(self, trial: Any, name: str) -> float | int:
        """A value out of an optuna trial."""
        suggest = trial.suggest_int if self.whole else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)

    def place(self, value: Any) -> float:
        """Where a value lies on an axis: its logarithm with `log`."""
        return math.log10(value) if self.log else float(value)

    def grid(self, points: int) -> list[Any]:
        """Values from end to end at equal distances of their places."""
        places = np.linspace(self.place(self.low), self.place(self.high), points)
        values = [float(10**place) if self.log else float(place) for place in places]
        if not self.whole:
            return values
        return list(
            dict.fromkeys(min(max(round(v), int(self.low)), int(self.high)) for v in values)
        )

    def state(self) -> list[Any]:
        """As JSON."""
        return ["range", self.low, self.high, self.log, self.whole]


@dataclass(frozen=True)
class Choice:
    """One of some words, numbers or truths.

    >>> Choice(("relu", "gelu")).place("gelu")
    1.0
    """

    values: tuple[str | float | bool | None, ...]

    def __post_init__(self) -> None:
        plain = all(isinstance(one, str | int | float | bool | None) for one in self.values)
        if len(set(map(repr, self.values))) < 2 or not plain:
            raise SettingError(
                f"the choice {list(self.values)!r} was given; allowed are two and more different "
                "words, numbers, True, False or None; let a word stand for anything else"
            )

    def __repr__(self) -> str:
        return " or ".join(map(str, self.values))

    def suggest(self, trial: Any, name: str) -> Any:
        """A value out of an optuna trial."""
        return trial.suggest_categorical(name, self.values)

    def place(self, value: Any) -> float:
        """Where a value lies on an axis: its number in the list."""
        return float(self.values.index(value))

    def grid(self, points: int) -> list[Any]:
        """Every value."""
        return list(self.values)

    def state(self) -> list[Any]:
        """As JSON."""
        return ["choice", *self.values]


def read_ranges(ranges: Mapping[str, Any]) -> dict[str, Range | Choice]:
    """Every setting with its range, from any of the forms a person writes."""
    if not isinstance(ranges, Mapping) or not ranges:
        raise SettingError(
            f"ranges={ranges!r} was given; allowed is a dict of settings, as {{'lr': (1e-4, 1e-1, "
            "'log')}"
        )
    return {str(name): read_range(given, name=str(name)) for name, given in ranges.items()}


def read_range(given: Any, *, name: str) -> Range | Choice:
    """One range: (low, high), (low, high, "log"), a list of choices, or the same as a line's word.

    Two whole numbers are a range of whole numbers.

    >>> read_range("1e-4:1e-1:log", name="lr"), read_range("relu,gelu", name="activation")
    (0.0001 to 0.1, by powers of ten, relu or gelu)
    """
    if isinstance(given, Range | Choice):
        return given
    if isinstance(given, str):
        given = _from_word(given)
    if isinstance(given, list):
        return Choice(tuple(given))
    if isinstance(given, tuple) and len(given) in (2, 3) and given[2:] in ((), ("log",)):
        low, high = given[:2]
        if all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high)):
            whole = isinstance(low, int) and isinstance(high, int)
            return Range(low, high, log=len(given) == 3, whole=whole)
    raise SettingError(f"{name}={given!r} was given; allowed is a range, as {_FORMS}")


def _from_word(word: str) -> Any:
    """`low:high`, `low:high:log` or `one,another` as a tuple or a list; else the word itself."""
    if ":" in word:
        ends = word.split(":")
        return tuple(_number(end) for end in ends)
    return [_number(one) for one in word.split(",")] if "," in word else word


def _number(word: str) -> Any:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return {"True": True, "False": False, "None": None}.get(word, word)


def words_of(settings: Mapping[str, Any], names: Sequence[str] | None = None) -> str:
    """Settings as a phrase.

    >>> words_of({"lr": 0.00123456, "layers": 2})
    'lr 0.00123 and layers 2'
    """
    chosen = settings if names is None else {name: settings[name] for name in names}
    return listed(
        (f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}")
        for name, value in chosen.items()
    )
