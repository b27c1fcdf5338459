"""Whether an exercise has been attempted at all."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenfold.course.lesson import Exercise

__all__ = ["not_attempted", "parts"]


def not_attempted(exercise: Exercise, wanted: Iterable[str], names: Mapping[str, Any]) -> str:
    """Why an exercise counts as not attempted; empty when it was.

    A name is missing, its value is or holds `...`, or a function is still the starter's.
    """
    for name in wanted:
        if name not in names:
            return f"there is no {name} yet: run the cell above, and fill in what it asks for"
        if any(part is ... for part in parts(names[name])):
            return f"{name} is still ... : put your answer in its place, and run the cell"
        if _is_starter(exercise.starter, names[name], names.get("__name__")):
            return f"{name} is still as it was given: write your answer, and run the cell"
    return ""


def parts(value: object) -> Iterator[object]:
    """A value and, where it is a list, a tuple or a dictionary, everything in it."""
    yield value
    if isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from parts(one)


def _is_starter(starter: str, value: Any, notebook: object) -> bool:
    """Whether a function, or every function of a class of the notebook, is as the starter's.

    An object counts as its class.
    """
    given = [_content(code) for code in _codes(compile(starter, "starter", "exec"))]
    if isinstance(value, types.FunctionType):
        own = [value]
    else:
        kind = value if isinstance(value, type) else type(value)
        members = vars(kind).values() if kind.__module__ == notebook else ()
        own = [one for one in members if isinstance(one, types.FunctionType)]
    codes = [inspect.unwrap(one).__code__ for one in own]  # below decorators
    return bool(codes) and all(_content(code) in given for code in codes)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def _content(code: types.CodeType) -> tuple[Any, ...]:
    """What a piece of code does, whatever file and line it stands on."""
    constants = [
        _content(one) if isinstance(one, types.CodeType) else (type(one), one)
        for one in code.co_consts
    ]
    return (code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars)
