"""What `tenfold doctor` finds, and whether a version is one that is asked for."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass

__all__ = ["Finding", "fault", "fits", "note", "pip"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `mend` is the line that mends a fault, or betters a note."""

    state: str  # "ok", "note" or "FAULT"
    words: str
    mend: str = ""

    def __str__(self) -> str:
        return f"  {self.state:<6}{self.words}" + (f"\n        {self.mend}" if self.mend else "")


def fault(words: str, mend: str) -> Finding:
    """Something that will not work, with the line that mends it."""
    return Finding("FAULT", words, mend)


def note(words: str, mend: str = "") -> Finding:
    """Something that works without, and the line that gives it."""
    return Finding("note", words, mend)


def pip(*requirements: str, python: str = sys.executable) -> str:
    """The line that installs something into the environment of `python`."""
    return shlex.join([python, "-m", "pip", "install", *requirements])


def fits(version: str, wanted: str) -> bool:
    """Whether a version meets every condition of a requirement: >=, <=, >, <, ==, !=, with *.

    >>> fits("7.0.1", ">=6.30,!=7.0.*"), fits("2.15.0+cpu", ">=2.8")
    (False, True)
    """
    conditions = re.findall(r"(>=|<=|==|!=|~=|>|<)\s*([\w.*+!-]+)", wanted)
    return all(_meets(version, sign, other) for sign, other in conditions)


def _meets(version: str, sign: str, other: str) -> bool:
    mine, theirs = _numbers(version), _numbers(other)
    if sign in ("==", "!="):
        if other.endswith(".*"):
            same = (mine + (0,) * len(theirs))[: len(theirs)] == theirs
        else:
            same = _padded(mine, theirs) == _padded(theirs, mine)
        return same == (sign == "==")
    mine, theirs = _padded(mine, theirs), _padded(theirs, mine)
    if sign == "~=":
        last = len(_numbers(other)) - 1
        return mine >= theirs and mine[:last] == theirs[:last]
    return {">=": mine >= theirs, "<=": mine <= theirs, ">": mine > theirs, "<": mine < theirs}[
        sign
    ]


def _numbers(version: str) -> tuple[int, ...]:
    """The release: "2.8.0+cu126" and "2.8.0rc1" are (2, 8, 0)."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, found[1].split("."))) if found else ()


def _padded(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return one + (0,) * (len(other) - len(one))
