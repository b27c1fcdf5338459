"""Words with marks back to text: capitals, repeats, and no space before a comma."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["spelled_out"]

_NO_SPACE_BEFORE = {*".,;:!?)]}%…’'", "\n"}
_NO_SPACE_AFTER = {*"([{$#", "\n"}
_SILENT = {"xxbos", "xxeos", "xxpad"}


def spelled_out(words: Sequence[str]) -> str:
    """The text of some words of a vocabulary.

    >>> spelled_out("xxbos xxmaj so , i xxup say : no xxrep 3 !".split())
    'So, I SAY: no!!!'
    """
    text, quoted, last = "", False, ""
    for word in _unmarked(words):
        closing = word == '"' and quoted
        glued = not text or closing or word[0] in _NO_SPACE_BEFORE or last in _NO_SPACE_AFTER
        glued = glued or (last == '"' and quoted) or "-" in (word, last) or last == "/" == word
        text += word if glued else f" {word}"
        quoted = quoted != (word == '"')
        last = word
    return text


def _unmarked(words: Sequence[str]) -> Iterator[str]:
    """Words as they are written, each repeat and capital put back."""
    rest = iter(words)
    mark = ""
    for word in rest:
        if word in ("xxmaj", "xxup"):
            mark = word
        elif word in ("xxrep", "xxwrep"):
            yield from _repeated(word, next(rest, ""), next(rest, ""))
        elif word not in _SILENT:
            yield _capital(word, mark)
            mark = ""


def _repeated(mark: str, count: str, word: str) -> list[str]:
    times = int(count) if count.isdecimal() else 3  # the count itself may be an unknown word
    times = min(times, 1000)  # a network may write any number
    if not word:
        return []
    return [word * times] if mark == "xxrep" else [word] * times


def _capital(word: str, mark: str) -> str:
    if word == "i":
        return "I"
    if word.startswith("xx"):
        return word
    if mark == "xxup":
        return word.upper()
    return word[:1].upper() + word[1:] if mark else word
