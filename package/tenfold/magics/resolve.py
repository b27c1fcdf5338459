"""From the words of a line to values: numbers, rates, and the names of the user's variables.

Nothing is evaluated: a word is a value, a name, `$name` or `{name}`; an expression is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from tenfold.learner import Learner
from tenfold.magics.parser import MagicError
from tenfold.text import did_you_mean, listed, nearest
from tenfold.train.schedule import SCHEDULES, Schedule

__all__ = ["KINDS", "find_learner", "learners", "looks_like_data", "read_value", "users_names"]

Names = Mapping[str, Any]
MARKED = re.compile(r"\$(\w+)|\$?\{\s*([^{}]*?)\s*\}")


def users_names(names: Names) -> dict[str, Any]:
    """The variables a person made: no history and nothing hidden."""
    return {name: value for name, value in names.items() if not name.startswith("_")}


def learners(names: Names) -> dict[str, Learner]:
    """Every learner by the first of its names."""
    found: dict[int, tuple[str, Learner]] = {}
    for name, value in users_names(names).items():
        if isinstance(value, Learner):
            found.setdefault(id(value), (name, value))
    return dict(found.values())


def looks_like_data(value: object) -> bool:
    """Whether a learner can train on it, as far as one can see; learners and classes do not."""
    sets = hasattr(value, "train") and hasattr(value, "valid")
    return sets and not isinstance(value, type)


def find_learner(names: Names, wanted: str | None) -> Learner:
    """The learner named, else the only one; raises MagicError when that is not clear."""
    if wanted is not None:
        value = _named(names, wanted.lstrip("$").strip("{}"))
        if not isinstance(value, Learner):
            raise MagicError(
                f"--learner {wanted} is of type {type(value).__name__}; give the name of a Learner"
                f"{_there(names)}"
            )
        return value
    found = learners(names)
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise MagicError(
            "there is no learner yet; make one first, as learn = vision_learner(data, 'resnet34')"
        )
    raise MagicError(
        f"there are {len(found)} learners, {listed(found)}; say which, as --learner "
        f"{list(found)[-1]}"
    )


def _there(names: Names) -> str:
    found = learners(names)
    return f"; there is {listed(found)}" if found else ""


def read_value(names: Names, word: str, *, kind: str) -> Any:
    """The value that a word stands for, read as `kind`, one of `KINDS`."""
    return KINDS[kind](names, word)


def _named(names: Names, name: str) -> Any:
    if not name.isidentifier():
        raise MagicError(
            f"{name!r} is an expression; a line takes a value or the name of a variable: set one "
            f"first, as value = {name}, and write value here"
        )
    if name not in names:
        meant = nearest(name, users_names(names))
        hint = f"; did you mean {meant}?" if meant else "; set it in a cell before this one"
        raise MagicError(f"there is no variable {name}{hint}")
    return names[name]


def _marked(names: Names, word: str) -> tuple[bool, Any]:
    """Whether a word is `$name` or `{name}`, and the value of that variable."""
    found = MARKED.fullmatch(word)
    if found:
        return True, _named(names, found[1] or found[2])
    if "{" in word or word.startswith("$"):
        _named(names, word)  # refuses it: neither is part of a name
    return False, word


def _read(names: Names, word: str, *, convert: Callable[[str], Any], what: str) -> Any:
    """A literal by `convert`, else the variable of that name."""
    marked, value = _marked(names, word)
    if marked:
        return value
    try:
        return convert(word)
    except ValueError:
        if word.isidentifier() and word in names:
            return names[word]
        if not word.isidentifier():
            raise MagicError(
                f"{word!r} was given; allowed is {what} or the name of a variable; a calculation "
                "goes in a variable of its own first"
            ) from None
        hint = did_you_mean(word, users_names(names), quoted=False)
        raise MagicError(
            f"{word!r} was given; allowed is {what} or the name of a variable{hint}"
        ) from None


def _count(names: Names, word: str) -> int:
    value = _read(names, word, convert=int, what="a whole number")
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise MagicError(f"{word} is {_short(value)}; allowed is a whole number")
    return int(value.__index__())


def _number(names: Names, word: str) -> float:
    value = _read(names, word, convert=float, what="a number")
    try:
        number = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise MagicError(f"{word} is {_short(value)}; allowed is a number")
    return number


def _rate(names: Names, word: str) -> Any:
    """A number, a spread `first:last`, one for each group, or a variable that holds any of them."""
    if MARKED.fullmatch(word) is None:
        if ":" in word:
            ends = [_number(names, part) for part in word.split(":")]
            return slice(*ends) if len(ends) == 2 else word
        if "," in word:
            return [_number(names, part) for part in word.split(",") if part]
    return _read(names, word, convert=float, what="a rate, as 1e-2 or 1e-5:1e-3 or 1e-4,1e-3,1e-2,")


def _schedule(names: Names, word: str) -> Any:
    marked, value = _marked(names, word)
    if not marked and word in SCHEDULES:
        return word
    value = value if marked else names.get(word, word)
    if isinstance(value, Schedule) or (isinstance(value, str) and value in SCHEDULES):
        return value
    hint = did_you_mean(word, SCHEDULES, quoted=False)
    raise MagicError(
        f"the schedule {word!r} was given; allowed is {listed(SCHEDULES)}, or the name of a "
        f"variable that holds a Schedule{hint}"
    )


def _data(names: Names, word: str) -> Any:
    marked, value = _marked(names, word)
    return value if marked else _named(names, word)


def _item(names: Names, word: str) -> Any:
    """Something to predict: a variable where there is one of that name, else a path."""
    marked, value = _marked(names, word)
    return value if marked else names.get(word, word)


def _path(names: Names, word: str) -> Any:
    return _marked(names, word)[1]


def _changes(names: Names, word: str) -> Any:
    """Rates by step, `step:rate` or `step:group:rate`, or a variable that holds such a list."""
    if MARKED.fullmatch(word) or (word.isidentifier() and word in names):
        return _read(names, word, convert=float, what="a list of changes")
    return [_change(names, part) for part in word.split(",") if part]


def _change(names: Names, part: str) -> tuple[int, float, int | None]:
    parts = part.split(":")
    if len(parts) not in (2, 3):
        raise MagicError(
            f"{part!r} was given; allowed is STEP:RATE or STEP:GROUP:RATE; write it as in "
            "40:3e-3,90:2:1e-4"
        )
    group = _count(names, parts[1]) if len(parts) == 3 else None
    return _count(names, parts[0]), _number(names, parts[-1]), group


def _short(value: object) -> str:
    words = repr(value)
    return words if len(words) < 40 else f"a {type(value).__name__}"


KINDS: dict[str, Callable[[Names, str], Any]] = {
    "count": _count,
    "number": _number,
    "rate": _rate,
    "schedule": _schedule,
    "changes": _changes,
    "data": _data,
    "item": _item,
    "path": _path,
    "word": lambda names, word: word,
    "line": lambda names, word: word,
    "class": lambda names, word: word,
    "layer": lambda names, word: word,
    "learner": lambda names, word: word,
}
"""How the word of an argument is read, by the kind that the argument was declared with."""
