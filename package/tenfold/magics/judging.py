"""The magics that judge: which classes are taken for which, and the items that are most wrong."""

from __future__ import annotations

from tenfold.figures import Picture
from tenfold.interpret.confusion import Cell, Confusion
from tenfold.interpret.items import has_pictures
from tenfold.interpret.top_losses import TopLosses
from tenfold.learner import Learner
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.text import counted, listed

__all__ = ["JUDGING"]

# pictures of one cell: more would be too small to judge
MOST = 16


@magic(
    "confusion",
    Argument("--actual", "word", "with --predicted: show the pictures of this class ..."),
    Argument("--predicted", "word", "... that were predicted as this one"),
    example="%confusion --actual cat --predicted dog",
)
def confusion(call: Call) -> Confusion | Cell:
    """Show which classes are taken for which, or the pictures of one such cell.

    The value is the Confusion; with --actual and --predicted it is that Cell.
    """
    chosen = call.given("actual", "predicted")
    if len(chosen) == 1:
        missing = "predicted" if "actual" in chosen else "actual"
        raise MagicError(
            f"--{missing} is missing; --actual and --predicted name a cell together; write it as "
            "in %confusion --actual cat --predicted dog"
        )

    def look(learner: Learner) -> Confusion | Cell:
        found = learner.confusion()
        return found.cell(**chosen) if chosen else found

    def show(found: Confusion | Cell) -> None:
        if isinstance(found, Cell):
            show_cell(call, found)
        elif not call.used:
            call.show(Picture(found.plot(), words=str(found)))
            call.say(mistakes(found))

    return call.work(look, then=show, waits=True)


def mistakes(found: Confusion) -> str:
    """The most frequent mistakes in words."""
    pairs = found.most_confused(5)
    return f"most confused: {listed(pairs)}" if pairs else "nothing is confused"


def show_cell(call: Call, cell: Cell) -> None:
    """Show the pictures of a cell, as far as it has any, and how many items are in it."""
    if call.used:
        return
    if len(cell) and has_pictures(cell.data):
        words = counted(min(len(cell), MOST), "validation picture")
        call.show(Picture(cell.plot(MOST), words=words))
    call.say(str(cell) + (f"; the {MOST} surest are shown" if len(cell) > MOST else ""))


@magic(
    "top_losses",
    Argument("n", "count", "how many items; 9 without it", {"nargs": "?"}),
    example="%top_losses 9",
)
def top_losses(call: Call) -> TopLosses:
    """Show the validation pictures with the largest loss: what they are and were taken for."""

    def show(found: TopLosses) -> None:
        if not call.used:
            pictures = has_pictures(found.data)
            call.show(Picture(found.plot(), words=str(found)) if pictures else found)

    settings = call.given("n")
    return call.work(lambda learner: learner.top_losses(**settings), then=show, waits=True)


JUDGING: tuple[Magic, ...] = (confusion, top_losses)
