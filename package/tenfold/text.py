"""Words for messages and tables: counts, lists, durations, cells, the nearest spelling."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from html import escape

__all__ = ["cell", "counted", "did_you_mean", "duration", "escape", "listed", "nearest"]


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice spelled most like `word`, or None when nothing is close.

    >>> nearest("cosin", ["cosine", "one_cycle"])
    'cosine'
    """
    close = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.5)
    return close[0] if close else None


def did_you_mean(word: str, choices: Iterable[str], *, quoted: bool = True) -> str:
    """The end of a message about a misspelt word: the nearest choice, or nothing.

    >>> did_you_mean("cosin", ["cosine", "one_cycle"])
    "; did you mean 'cosine'?"
    """
    close = nearest(word, choices)
    return f"; did you mean {repr(close) if quoted else close}?" if close else ""


def listed(items: Iterable[object], *, most: int = 10) -> str:
    """Items as one phrase, cut after `most`.

    >>> listed("abcd", most=2)
    'a, b and 2 more'
    """
    words = [str(item) for item in items]
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it belongs.

    >>> counted(1, "picture"), counted(1200, "picture")
    ('1 picture', '1,200 pictures')
    """
    plural = noun + ("es" if noun.endswith(("s", "sh", "tch", "x")) else "s")
    if noun.endswith("y") and noun[-2:-1] not in {*"aeiou"}:
        plural = noun[:-1] + "ies"
    return f"{number:,} {noun if number == 1 else plural}"


def duration(seconds: float) -> str:
    """Seconds as minutes:seconds, with hours when there are some; below one second in tenths.

    >>> duration(65), duration(3700), duration(0.41)
    ('1:05', '1:01:40', '0.4 s')
    """
    if 0 < seconds < 0.95:
        return f"{seconds:.1f} s" if seconds >= 0.05 else "< 0.1 s"
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def cell(column: str, value: object) -> str:
    """A value in a table of epochs: durations as such, other floats with four decimals.

    >>> cell("seconds", 65.0), cell("accuracy", 0.5), cell("valid_loss", None)
    ('1:05', '0.5000', '–')
    """
    if value is None:
        return "–"
    if column == "seconds" and isinstance(value, float):
        return duration(value)
    return f"{value:.4f}" if isinstance(value, float) else str(value)
