"""The magics that judge: what is taken for what, the worst items, where numbers are off."""

from __future__ import annotations

from tenfold.figures import Picture
from tenfold.interpret.confusion import Cell, Confusion, check_single_label
from tenfold.interpret.described import cell_view, ends_view
from tenfold.interpret.factors import KINDS, Factors
from tenfold.interpret.hard_words import HardWords
from tenfold.interpret.items import has_pictures
from tenfold.interpret.label_confusion import CELLS, LabelCell, LabelConfusion
from tenfold.interpret.picture_losses import PictureLosses
from tenfold.interpret.residuals import Residuals
from tenfold.interpret.top_losses import TopLosses
from tenfold.learner import Learner
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.magics.parser import MagicError
from tenfold.magics.several import missed
from tenfold.text import counted, listed

__all__ = ["JUDGING"]

AnyCell = Cell | LabelCell

# pictures of one cell: more would be too small to judge
MOST = 16


@magic(
    "confusion",
    Argument("--actual", "class", "with --predicted: show the items of this class ..."),
    Argument("--predicted", "class", "... that were predicted as this one"),
    Argument("--label", "class", "with --cell, of several labels: show of this one ..."),
    Argument("--cell", "word", "... the hits, misses or false-alarms", {"choices": [*CELLS]}),
    example="%confusion --actual cat --predicted dog",
)
def confusion(call: Call) -> Confusion | LabelConfusion | AnyCell:
    """Show which classes are taken for which, or the items of one such cell.

    Of several labels: what each hits, misses, and sees where it is not. The value is the
    Confusion or LabelConfusion, or with two options the cell that they name.
    """
    chosen = pair_of(call, "actual", "predicted") or pair_of(call, "label", "cell")

    def look(learner: Learner) -> Confusion | LabelConfusion | AnyCell:
        if chosen:
            check_cell(learner, chosen)
        found = learner.confusion()
        return found.cell(**chosen) if chosen else found

    def show(found: Confusion | LabelConfusion | AnyCell) -> None:
        if isinstance(found, Cell | LabelCell):
            show_cell(call, found)
        elif not call.used:
            call.show(Picture(found.plot(), words=str(found)))
            call.say(mistakes(found) if isinstance(found, Confusion) else missed(found))

    return call.work(look, then=show, waits=True)


def pair_of(call: Call, first: str, second: str) -> dict[str, str]:
    """Two options that name a cell together; neither, or MagicError for one alone."""
    chosen = call.given(first, second)
    if len(chosen) == 1:
        missing = second if first in chosen else first
        example = "--actual cat --predicted dog" if first == "actual" else "--label cat --cell hits"
        raise MagicError(
            f"--{missing} is missing; --{first} and --{second} name a cell together; write it as "
            f"in %confusion {example}"
        )
    return chosen


def check_cell(learner: Learner, chosen: dict[str, str]) -> None:
    """Refuse the cell of one label for a task of several, and the other way round."""
    several = learner.task.name == "multi label"
    if not several:
        check_single_label(learner.task)
    if several != ("label" in chosen):
        own, other = ("--label and --cell", "--actual and --predicted")[:: 1 if several else -1]
        raise MagicError(
            f"{other} were given with {learner.task.name}, whose cells have other names; use {own}"
        )


def mistakes(found: Confusion) -> str:
    """The most frequent mistakes in words."""
    pairs = found.most_confused(5)
    return f"most confused: {listed(pairs)}" if pairs else "nothing is confused"


def show_cell(call: Call, cell: AnyCell) -> None:
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
    Argument(
        "--heat",
        "flag",
        "beside each picture, where the model saw what it predicted",
        {"action": "store_true"},
    ),
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

    settings = call.given("n", "heat")
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
