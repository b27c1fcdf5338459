"""The magics that judge: what is taken for what, the worst items, where numbers are off."""

from __future__ import annotations

from tenfold.figures import Picture
from tenfold.interpret.confusion import Cell, Confusion
from tenfold.interpret.described import cell_view, ends_view
from tenfold.interpret.factors import KINDS, Factors
from tenfold.interpret.hard_words import HardWords
from tenfold.interpret.items import has_pictures
from tenfold.interpret.picture_losses import PictureLosses
from tenfold.interpret.residuals import Residuals
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
    Argument("--actual", "class", "with --predicted: show the items of this class ..."),
    Argument("--predicted", "class", "... that were predicted as this one"),
    example="%confusion --actual cat --predicted dog",
)
def confusion(call: Call) -> Confusion | Cell:
    """Show which classes are taken for which, or the items of one such cell.

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
    """Show the items of a cell as far as they can be shown, and how many are in it."""
    if call.used:
        return
    over = f"; the {MOST} surest are shown" if len(cell) > MOST else ""
    if len(cell) and has_pictures(cell.data):
        words = counted(min(len(cell), MOST), "validation picture")
        call.show(Picture(cell.plot(MOST), words=words))
    elif table := cell_view(cell, MOST):
        call.show(table)
    call.say(f"{cell}{over}")


@magic(
    "top_losses",
    Argument("n", "count", "how many items; 9 without it", {"nargs": "?"}),
    example="%top_losses 9",
)
def top_losses(call: Call) -> TopLosses | HardWords | PictureLosses:
    """Show the validation items with the largest loss: what they are and were taken for.

    Pictures as pictures, texts and rows in words; of a language model, words in their context.
    """

    def show(found: TopLosses | HardWords | PictureLosses) -> None:
        if call.used:
            return
        if isinstance(found, PictureLosses):
            call.show(Picture(found.plot(), words=found.words))
            call.show(found)
        elif isinstance(found, TopLosses) and has_pictures(found.data):
            call.show(Picture(found.plot(), words=str(found)))
        else:
            call.show(found)

    settings = call.given("n")
    return call.work(lambda learner: learner.top_losses(**settings), then=show, waits=True)


@magic("residuals", example="%residuals")
def residuals(call: Call) -> Residuals:
    """Show predictions against targets that are numbers, and how far off they are where."""

    def show(found: Residuals) -> None:
        if not call.used:
            call.show(Picture(found.plot(), words=found.words))
            call.show(found)

    return call.work(lambda learner: learner.residuals(), then=show, waits=True)


@magic(
    "factors",
    Argument("n", "count", "how many of the best and of the worst; 10 without it", {"nargs": "?"}),
    Argument("--of", "word", "items, which is so without it, or users", {"choices": KINDS}),
    Argument("--least", "count", "leave out those with fewer ratings in training; 1 without it"),
    example="%factors 10 --least 20",
)
def factors(call: Call) -> Factors:
    """Show what a model of ratings has learned: the best and the worst by bias, and a map."""
    settings = call.given("n", "least")

    def look(learner: Learner) -> Factors:
        found = learner.factors(**call.given("of"))
        found.best(**settings)  # refuses what the line got wrong, also where nothing is shown
        return found

    def show(found: Factors) -> None:
        if not call.used:
            call.show(ends_view(found, **settings))
            spread = found.map()
            call.show(Picture(spread.plot(), words=str(spread)))

    return call.work(look, then=show, waits=True)


JUDGING: tuple[Magic, ...] = (confusion, top_losses, residuals, factors)
