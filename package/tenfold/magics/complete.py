"""Completion inside the lines of our magics, driven by their own parsers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from tenfold.learner import Learner
from tenfold.magics.call import Magic
from tenfold.magics.launching import LAUNCHABLE
from tenfold.magics.parser import MagicParser
from tenfold.magics.resolve import learners, looks_like_data, users_names
from tenfold.train.schedule import SCHEDULES, Schedule

__all__ = ["IDENTIFIER", "make_matcher"]

IDENTIFIER = "tenfold.magics"
# %fit 3 --cy, and preds, targets = %tta --
LINE = re.compile(r"^\s*(?:[\w\s,.\[\]()*'\"]+=\s*)?%(\w+)\s(.*)$")
INSIDE = re.compile(r"(?:.*\s)?%(\w+)\s(.*)$")
# what comes before a word to complete: a space, the = of --lr=, the parts of a spread, $ and {
BEFORE = re.compile(r"[\s=:,${\"']")

Names = Mapping[str, Any]


def make_matcher(
    magics: Mapping[str, Magic], names: Callable[[], Names]
) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """A matcher for `shell.Completer.custom_matchers`."""

    @context_matcher(identifier=IDENTIFIER, priority=50)
    def match(context: CompletionContext) -> SimpleMatcherResult:
        found = LINE.match(context.text_until_cursor)
        if found is None or found[1] not in magics:
            return {"completions": []}
        name, line = innermost(found[1], found[2], magics)
        fragment = BEFORE.split(line)[-1]
        quote = line[: len(line) - len(fragment)][-1:]
        options = complete(magics[name].parser(), line, names())
        if quote in {"'", '"'}:
            options = [(within(text, quote), kind) for text, kind in options]
        completions = [
            SimpleCompletion(text, type=kind) for text, kind in options if text.startswith(fragment)
        ]
        return {
            "completions": completions,
            "matched_fragment": fragment,
            "suppress": bool(completions),
            "ordered": True,
        }

    return match


def innermost(name: str, line: str, magics: Mapping[str, Magic]) -> tuple[str, str]:
    """The magic whose words stand at the end of a line, and these: %launch has another inside."""
    found = INSIDE.match(line)
    known = found is not None and found[1] in magics
    return (found[1], found[2]) if found is not None and known else (name, line)


def complete(parser: MagicParser, line: str, names: Names) -> list[tuple[str, str]]:
    """What may stand where `line` ends: pairs of text and its kind.

    >>> parser = MagicParser("fit", description="", example="")
    >>> complete(parser, "--h", {})
    [('--help', 'option')]
    """
    *before, word = re.split(r"\s+", line.lstrip())
    options = parser.options()
    sign = "=" in word and word.split("=")[0] in options
    asked = word.split("=")[0] if sign else before[-1] if before else ""
    if asked in options and options[asked].nargs != 0:
        told = _OF_LEARNER.get(parser.kinds[options[asked].dest])
        if told is not None:
            return told(_learner(before, names))
        return _values(parser, options[asked], names)
    left = [(name, "option") for name in options if name not in before]
    if word.startswith("-"):
        return left
    place = _next_position(parser, before)
    values = _values(parser, place, names) if place is not None else []
    return values if place is not None or word else left


def within(text: str, quote: str) -> str:
    """What completes a word behind a quote that is open.

    >>> within("'two words'", '"'), within("cat", "'")
    ('two words"', "cat'")
    """
    return text.strip("'\"") + quote


def _learner(words: list[str], names: Names) -> Learner | None:
    """The learner that the line names, else the only one."""
    there = learners(names)
    named = [after for word, after in pairwise(words) if word == "--learner"]
    chosen = [there[name] for name in named if name in there] or list(there.values())
    return chosen[0] if len(chosen) == 1 else None


def _classes(learner: Learner | None) -> list[tuple[str, str]]:
    """The classes of a learner, in quotes where a line needs them."""
    classes = None if learner is None else getattr(learner.data, "classes", None)
    plain = re.compile(r"[\w./\\-]+")
    found = [str(name) for name in classes or ()]
    return [(one if plain.fullmatch(one) else f"'{one}'", "value") for one in found]


def _layers(learner: Learner | None) -> list[tuple[str, str]]:
    """The layers of a learner's model by their names."""
    found = [] if learner is None else learner.model.named_modules()
    return [(name, "value") for name, _ in found if name]


_OF_LEARNER: dict[str, Callable[[Learner | None], list[tuple[str, str]]]] = {
    "class": _classes,
    "layer": _layers,
}


def _next_position(parser: MagicParser, words: Iterable[str]) -> argparse.Action | None:
    """The argument without a dash that comes next after `words`."""
    places, options, skip = parser.positions(), parser.options(), False
    for word in words:
        if skip:
            skip = False
        elif word in options:
            skip = options[word].nargs != 0
        elif not word.startswith("--") and places and places[0].nargs != "+":
            places = places[1:]
    return places[0] if places else None


def _values(parser: MagicParser, action: argparse.Action, names: Names) -> list[tuple[str, str]]:
    if action.choices:
        return [(str(choice), "value") for choice in action.choices]
    kind = parser.kinds[action.dest]
    fixed = [(name, "value") for name in SCHEDULES] if kind == "schedule" else []
    if kind == "line":
        return [(name, "magic") for name in LAUNCHABLE]
    if kind == "learner":
        return [(name, "instance") for name in learners(names)]
    fits = _FITS.get(kind, lambda value: False)
    return fixed + [(name, "instance") for name, value in users_names(names).items() if fits(value)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_rate(value: object) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(_is_number(one) for one in value)
    return isinstance(value, float | slice)


_FITS: dict[str, Callable[[Any], bool]] = {
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _is_number,
    "rate": _is_rate,
    "schedule": lambda value: isinstance(value, Schedule),
    "data": looks_like_data,
}
