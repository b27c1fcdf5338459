"""Small tables as text and as HTML: words in a first column, numbers or words after it."""

from __future__ import annotations

from tenfold.text import escape

__all__ = ["Tabled", "html_table", "text_table"]

Rows = list[list[str]]


def text_table(rows: Rows, *, words: bool = False) -> str:
    """Rows, the header first, in columns: numbers to the right, or with `words` all to the left.

    >>> print(text_table([["", "cat"], ["weight", "4"]]))
            cat
    weight    4
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rest = str.ljust if words else str.rjust
    lines = ("  ".join([row[0].ljust(widths[0]), *map(rest, row[1:], widths[1:])]) for row in rows)
    return "\n".join(map(str.rstrip, lines))


def html_table(rows: Rows, *, caption: str = "", words: bool = False) -> str:
    """Rows of words, the header first, as a table that a screen reader can walk.

    With `words` the columns begin at the left, as those of `text_table` do.

    >>> html_table([["", "cat"], ["weight", "4"]], caption="a<b")[:32]
    '<table><caption>a&lt;b</caption>'
    """
    head, *body = ([escape(word) for word in row] for row in rows)
    # a notebook sets every cell to the right
    left = ' style="text-align:left"' if words else ""
    names = "".join(f'<th scope="col"{left}>{word}</th>' for word in head)
    lines = "".join(
        f'<tr><th scope="row"{left}>{first}</th>'
        f"{''.join(f'<td{left}>{word}</td>' for word in rest)}</tr>"
        for first, *rest in body
    )
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{above}<thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


class Tabled:
    """What shows itself as its `table` under its `summary`, in a terminal and on a page."""

    @property
    def summary(self) -> str:
        """What the table says, on one line."""
        return ""

    @property
    def table(self) -> list[list[str]]:
        """The rows, the header first."""
        return []

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary)
