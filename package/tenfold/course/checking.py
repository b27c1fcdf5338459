"""One check of one exercise: what it says, and how everything else is left as it was."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import linecache
import sys
import traceback
import warnings
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, is_dataclass
from typing import Any

import torch
from torch import nn

from tenfold.course.attempt import not_attempted, parts
from tenfold.course.lesson import Exercise
from tenfold.course.limit import TimeUp, time_limit
from tenfold.learner import Learner
from tenfold.train.events import Callback
from tenfold.train.state import kept_modes, kept_random

__all__ = ["LIMIT_SECONDS", "VERDICTS", "Verdict", "Wrong", "run_check"]

LIMIT_SECONDS = 10.0
VERDICTS = ("right", "wrong", "not attempted", "raised")


class Wrong(Exception):
    """What a check raises: what was seen, and why it is not enough."""


@dataclass(frozen=True)
class Verdict:
    """The answer of a check; `kind` is one of VERDICTS, `printed` what the code wrote."""

    number: str
    kind: str
    words: str
    printed: str = ""

    def __str__(self) -> str:
        kind = "your code raised" if self.kind == "raised" else self.kind
        text = f"{self.number} {kind}" + (f": {self.words}" if self.words else "")
        if self.printed and self.kind in ("wrong", "raised"):
            text += f"\nYour code printed:\n{self.printed}"
        return text


def run_check(
    exercise: Exercise,
    names: MutableMapping[str, Any],
    *,
    seed: int = 0,
    limit: float = LIMIT_SECONDS,
) -> Verdict:
    """Check the answer that stands in `names`, a notebook's own variables.

    The check gets copies of the values it asks for, where they can be copied; functions and
    classes come as they are. It draws its random inputs from `seed` on, may take `limit`
    seconds, and leaves no trace: not in the variables, the random numbers, the modes of torch
    and of the warnings, pyplot's figures, or the page.
    """
    check = _function(exercise)
    wanted = list(inspect.signature(check).parameters)
    if reason := not_attempted(exercise, wanted, names):
        return Verdict(exercise.number, "not attempted", reason)
    if reason := _judges_itself(wanted, names):
        return Verdict(exercise.number, "wrong", reason)
    output = io.StringIO()
    with _as_it_was(names), kept_random(seed), _quiet(output):
        kind, words = _answer(check, wanted, names, limit=limit)
    return Verdict(exercise.number, kind, words, _first_lines(output.getvalue()))


def _answer(
    check: Any, wanted: list[str], names: MutableMapping[str, Any], *, limit: float
) -> tuple[str, str]:
    try:
        values = _copied({name: names[name] for name in wanted})
        with time_limit(limit):
            sentence = check(**values)
    except Wrong as wrong:
        return "wrong", str(wrong)
    except TimeUp:
        return "raised", f"it did not end within {limit:g} seconds; is there a loop without end?"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: no way out of a check
        return "raised", _told(error, names)
    return "right", sentence if isinstance(sentence, str) else ""


def _function(exercise: Exercise) -> Any:
    """The check as a function, in a namespace of its own."""
    file = f"<check {exercise.number}>"
    linecache.cache[file] = (len(exercise.check), None, exercise.check.splitlines(True), file)
    namespace: dict[str, Any] = {"Wrong": Wrong, "__name__": f"check_{exercise.number}"}
    exec(compile(exercise.check, file, "exec"), namespace)
    return namespace["check"]


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    """Copies, together so that what they share stays shared; what has no copy comes as it is."""
    # the data of a learner may fill the memory: training does not change them
    data = [value.data for value in values.values() if isinstance(value, Learner)]
    memo: dict[int, Any] = {id(one): one for one in data}
    copies = {}
    for name, value in values.items():
        try:
            copies[name] = copy.deepcopy(value, memo)
        except Exception:  # a lock, a file, a tensor inside a graph, …
            copies[name] = value.clone() if isinstance(value, torch.Tensor) else value
    return copies


def _judges_itself(wanted: list[str], names: MutableMapping[str, Any]) -> str:
    """A reason to refuse objects of the notebook's own classes that decide what they equal."""
    for name in wanted:
        for kind in map(type, parts(names[name])):
            own = [one for one in kind.__mro__ if one.__module__ == names.get("__name__")]
            if any("__eq__" in vars(one) and not is_dataclass(one) for one in own):
                return (
                    f"{name} has an object of your class {kind.__name__}, which decides itself "
                    "what it equals; give the plain value"
                )
    return ""


def _told(error: BaseException, names: MutableMapping[str, Any]) -> str:
    """The error and the student's own line; without one, that the check could not use the value."""
    told = "".join(traceback.format_exception_only(error)).strip()
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        if frame.f_globals is names:
            code = linecache.getline(frame.f_code.co_filename, line).strip()
            return f"{told}, at your line {line}: {code}" if code else f"{told}, at line {line}"
    return f"{told}, when the check used your answer: is it of the kind that was asked for?"


def _first_lines(printed: str, most: int = 10) -> str:
    lines = printed.strip().splitlines()
    more = [f"… and {len(lines) - most} more lines"] if len(lines) > most else []
    return "\n".join(lines[:most] + more)


@contextlib.contextmanager
def _as_it_was(names: MutableMapping[str, Any]) -> Iterator[None]:
    """Put back what a student's function may change around it."""
    before, dtype = dict(names), torch.get_default_dtype()
    # a run inside a check is nobody's news
    observers, reporter = list(Learner.observers), Learner.reporter
    Learner.observers.clear()
    Learner.reporter = Callback()
    try:
        with kept_modes(nn.Identity()), warnings.catch_warnings(), _figures_kept():
            yield
    finally:
        Learner.observers[:], Learner.reporter = observers, reporter
        torch.set_default_dtype(dtype)
        for name in names.keys() - before.keys():
            del names[name]
        for name, value in before.items():
            if name not in names or names[name] is not value:
                names[name] = value


@contextlib.contextmanager
def _figures_kept() -> Iterator[None]:
    """Close the figures that pyplot opens inside, and put its settings back."""
    before, matplotlib = _figures(), sys.modules.get("matplotlib")
    with matplotlib.rc_context() if matplotlib else contextlib.nullcontext():
        yield
    for number in _figures() - before:
        sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


@contextlib.contextmanager
def _quiet(output: io.StringIO) -> Iterator[None]:
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield
