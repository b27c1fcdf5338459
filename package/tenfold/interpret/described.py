"""Small tables of what was found: the items of a cell, the best and the worst by bias."""

from __future__ import annotations

from tenfold.data.table_view import TableView
from tenfold.interpret.confusion import Cell
from tenfold.interpret.factors import Factors
from tenfold.interpret.items import item_words
from tenfold.interpret.label_confusion import LabelCell

__all__ = ["cell_view", "ends_view"]


def cell_view(cell: Cell | LabelCell, n: int) -> TableView | None:
    """The first `n` items of a cell, each with the probability of the class or label.

    None where the data has no words for its items, or the cell has none.

    >>> cell_view(Cell("cat", "dog", [4, 0], [0.9, 0.6]), 9) is None
    True
    """
    held = item_words(cell.data, cell.items[:n]) if len(cell) else {}
    if not held:
        return None
    shares = [f"{share:.1%}" for share in cell.probabilities[:n]]
    rows = zip(shares, *held.values(), strict=True)
    named = cell.label if isinstance(cell, LabelCell) else cell.predicted
    head = [f"probability of {named}", *held]
    return TableView([head, *map(list, rows)], caption=str(cell), words=True)


def ends_view(found: Factors, n: int = 10, *, least: int = 1) -> TableView:
    """The `n` largest and the `n` smallest biases side by side.

    >>> import torch
    >>> vectors, counts = torch.zeros(2, 2), torch.tensor([5, 5])
    >>> ends_view(Factors((1, 2), ("Alien", "Heat"), vectors, torch.tensor([0.5, -0.2]), counts), 1)
    best   bias    worst  bias
    Alien  +0.500  Heat   -0.200
    """
    best, worst = found.best(n, least=least), found.worst(n, least=least)
    rows = [
        [high, f"{up:+.3f}", low, f"{down:+.3f}"]
        for (high, up), (low, down) in zip(best.rows, worst.rows, strict=True)
    ]
    caption = "rated above and below what the tastes of those who rated explain"
    return TableView([["best", "bias", "worst", "bias"], *rows], caption=caption, words=True)
