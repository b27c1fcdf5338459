"""Small tables to look at: what the columns are, and rows as the network sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from tenfold.data.columns import Category, Number
from tenfold.data.rows import RowEncoder
from tenfold.tables import html_table, text_table
from tenfold.text import counted, listed

__all__ = ["TableView", "column_words", "columns_view", "rows_view"]

_MOST_COLUMNS = 24


@dataclass(frozen=True, repr=False)
class TableView:
    """Rows of words under a header: text in a terminal, a table in a notebook.

    With `words` the columns begin at the left, as prose does.

    >>> TableView([["size", "age"], ["S", "40"]], caption="one row")
    size  age
    S      40
    """

    rows: list[list[str]]
    caption: str
    words: bool = False

    def __len__(self) -> int:
        return len(self.rows) - 1

    def __repr__(self) -> str:
        return text_table(self.rows, words=self.words)

    def _repr_html_(self) -> str:
        return html_table(self.rows, caption=self.caption, words=self.words)


def columns_view(encoder: RowEncoder, left_out: Mapping[str, str]) -> TableView:
    """The kind of every column, what it holds, and what becomes of missing values."""
    rows = [["column", "kind", "values", "missing"]]
    for category in encoder.categories:
        shown = listed(category.values, most=4)
        known = "a category" if category.missing else "none in training"
        rows.append([category.name, "category", shown, known])
    for number in encoder.numbers:
        filled = (
            f"flagged, filled with {number.median:.6g}" if number.flagged else "none in training"
        )
        rows.append([number.name, "number", f"{number.mean:.6g} ± {number.std:.6g}", filled])
    rows += [[name, "left out", why, ""] for name, why in left_out.items()]
    return TableView(rows, caption=counted(len(rows) - 1, "column"))


def rows_view(
    encoder: RowEncoder, inputs: Tensor, titles: Sequence[str], *, target: str
) -> TableView:
    """Encoded rows in the units of their columns again, each after its target."""
    columns = column_words(encoder, inputs)
    rows = [[target, *columns], *map(list, zip(titles, *columns.values()))]
    rest = len(encoder.columns) - len(columns)
    more = f", {rest} more columns" if rest else ""
    return TableView(rows, caption=f"{counted(len(inputs), 'row')} as the network sees them{more}")


def column_words(encoder: RowEncoder, inputs: Tensor) -> dict[str, list[str]]:
    """The first columns of a batch as words; a number that was filled in stands in brackets."""
    values = iter(inputs.cpu().double().unbind(1))
    words = {one.name: _named(one, next(values)) for one in encoder.categories}
    words |= {one.name: _in_units(one, next(values)) for one in encoder.numbers}
    for one in encoder.flagged:
        pairs = zip(words[one.name], next(values).tolist(), strict=True)
        words[one.name] = [f"({word})" if absent else word for word, absent in pairs]
    return dict(list(words.items())[:_MOST_COLUMNS])


def _named(column: Category, numbers: Tensor) -> list[str]:
    names = column.words
    return [names[int(number)] for number in numbers.tolist()]


def _in_units(column: Number, scaled: Tensor) -> list[str]:
    values = (value * column.std + column.mean for value in scaled.tolist())
    # what float32 loses near 0 is no news
    return [f"{value if abs(value) > 1e-6 * column.std else 0:.6g}" for value in values]
