"""Small tables as text and as HTML: words in a first column, numbers after it."""

from __future__ import annotations

from tenfold.text import escape

__all__ = ["html_table", "text_table"]

Rows = list[list[str]]


def text_table(rows: Rows) -> str:
    """Rows of words, the header first, in columns.

    >>> print(text_table([["", "cat"], ["weight", "4"]]))
            cat
    weight    4
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )
    return "\n".join(lines)


def html_table(rows: Rows, *, caption: str) -> str:
    """Rows of words, the header first, as a table that a screen reader can walk.

    >>> html_table([["", "cat"], ["weight", "4"]], caption="a<b")[:32]
    '<table><caption>a&lt;b</caption>'
    """
    head, *body = ([escape(word) for word in row] for row in rows)
    names = "".join(f'<th scope="col">{word}</th>' for word in head)
    lines = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{word}</td>" for word in rest)}</tr>'
        for first, *rest in body
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{names}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )
