"""Which columns the table of a run has, and which of them says what the best epoch is."""

from __future__ import annotations

from tenfold.techniques.keep_best import KeepBest
from tenfold.train.metrics import lower_is_better
from tenfold.train.run import Run

__all__ = ["best_column", "columns_of", "keeper_of"]


def columns_of(run: Run) -> list[str]:
    """The columns of the table of a run, known before its first epoch has ended."""
    names = run.scores.names if run.scores is not None else []
    checked = ["valid_loss", *names] if run.valid is not None else []
    return ["epoch", "train_loss", *checked, "seconds"]


def best_column(run: Run) -> tuple[str, bool]:
    """The column that says which epoch is best, and whether its lowest value does."""
    keeper = keeper_of(run)
    if keeper is not None:
        return keeper.column, keeper.lower
    column = "train_loss" if run.valid is None else "valid_loss"
    return column, lower_is_better(column)


def keeper_of(run: Run) -> KeepBest | None:
    """What puts the weights of the best epoch back at the end, if something does."""
    return next((one for one in run.callbacks if isinstance(one, KeepBest)), None)
