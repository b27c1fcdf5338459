"""Docstrings out of source files, without their code and with every name masked."""

from __future__ import annotations

import re

__all__ = ["NAME", "docstrings_in", "masked"]

NAME = "xxname"
"""What stands for a name: of a function, an argument, a package."""

# a string that opens the line after a colon, and nothing is imported or parsed: a second for all
_DOCSTRING = re.compile(r':[ \t]*\n[ \t]*[rR]?"""(.*?)"""', re.DOTALL)
_FEWEST, _MOST = 20, 250  # words
_NAMES_AT_MOST = 0.3

_DROPPED_LINE = re.compile(
    r"""\s*(?: >>> | \.\.\. | \.\.\s | [-=~^*+|]{3,} | [\w*, ]+\s:\s | [\w*, ]+\s?\([^)]*\)\s?: """
    r"""| :\w+[^:]*: | @ | [\w ]+: \s* $ )""",
    re.VERBOSE,
)
_OUTPUT = re.compile(r">>> .*?(?=\n\s*\n|\Z)", re.DOTALL)
_QUOTED = re.compile(r"(?::[\w:]+:)?`+[^`]*`+_*")
_CODE = re.compile(
    r"""\S*(?: [a-z][A-Z] | _\w | \w_ | \w\.\w | \(\) | [\[\]={}<>\\@] | \d\w*[a-zA-Z] | :: )\S*""",
    re.VERBOSE,
)
_GIVEN_AWAY = re.compile(
    r"\b(?:numpy|np|ndarrays?|pandas|pd|dataframes?|torch\w*|pytorch|matplotlib|mpl|pyplot|plt"
    r"|python\w*|cpython|stdlib|autograd|cuda|aten)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(rf"{NAME}(?:\W{{0,3}}{NAME})+")


def docstrings_in(source: str) -> list[str]:
    """The docstrings of a file that read as prose, names masked.

    >>> text = "Sum of the weights in `x`, " + "taken over all of the rows of it, " * 4
    >>> docstrings_in('def f(x):\\n    "' + '""' + text + '""' + '"')[0][:30]
    'Sum of the weights in xxname, '
    """
    found = (masked(text) for text in _DOCSTRING.findall(source))
    return [text for text in found if _is_prose(text)]


def masked(docstring: str) -> str:
    """A docstring as prose: no examples, no lists of arguments, no names.

    >>> masked("Sum `x` as numpy.sum does.\\n\\n    >>> f(x)\\n    3\\n\\n    It is new.")
    'Sum xxname as xxname does.\\nIt is new.'
    """
    lines = _OUTPUT.sub("", docstring).splitlines()
    kept = [line.strip() for line in lines if not _DROPPED_LINE.match(line)]
    paragraphs = re.split(r"\n{2,}", "\n".join(kept))
    prose = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())
    for pattern in (_QUOTED, _CODE, _GIVEN_AWAY, _SEVERAL):
        prose = pattern.sub(NAME, prose)
    return " ".join(prose.split(" ")[:_MOST]).replace("*", "").strip()


def _is_prose(text: str) -> bool:
    words = text.split()
    names = sum(NAME in word for word in words)
    return len(words) - names >= _FEWEST and names <= _NAMES_AT_MOST * len(words)
