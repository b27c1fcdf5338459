"""The magics that look: at data, at what happened, at predictions."""

from __future__ import annotations

import textwrap
from typing import Any, NamedTuple

from torch import Tensor

from tenfold.figures import Picture
from tenfold.interpret.mask_prediction import MaskPrediction
from tenfold.learner import Learner
from tenfold.live.jobs import Job
from tenfold.live.widgets.payloads import fields_of
from tenfold.magics.call import BACKGROUND, Argument, Call, Magic, magic
from tenfold.magics.items import read_item, told
from tenfold.magics.parser import MagicError
from tenfold.magics.resolve import learners, looks_like_data, users_names
from tenfold.magics.restoring import show_restored
from tenfold.tables import html_table, text_table
from tenfold.text import counted, listed

__all__ = ["LOOKING", "Predictions", "Scoreboard"]


class Predictions(NamedTuple):
    """Predictions (items, outputs) and targets; shows as one line where a cell ends on it."""

    predictions: Tensor
    targets: Tensor

    def __repr__(self) -> str:
        shapes = (tuple(part.shape) for part in self)
        return "predictions {} and targets {}".format(*shapes)


class Scoreboard:
    """Scores of several ways to predict, as a table of text and HTML.

    >>> print(Scoreboard({"plain": {"accuracy": 0.5}}))
           accuracy
    plain    0.5000
    """

    def __init__(self, scores: dict[str, dict[str, float]]) -> None:
        names = list(next(iter(scores.values())))
        rows = [[way, *[f"{row[name]:.4f}" for name in names]] for way, row in scores.items()]
        self._table = [["", *names], *rows]

    def __repr__(self) -> str:
        return text_table(self._table)

    def _repr_html_(self) -> str:
        return html_table(self._table)


@magic(
    "tta",
    Argument("--n", "count", "augmented views of each picture; 4 without it, 7 of restoration"),
    Argument(
        "--beta", "number", "the weight of the plain picture, 0 to 1; 0.25 without it, or 0.125"
    ),
    Argument(
        "--corners",
        "flag",
        "use the four corner crops and their mirror images",
        {"action": "store_true"},
    ),
    Argument("--seed", "count", "of the random views; 0 without it"),
    BACKGROUND,
    example="preds, targets = %tta --n 4",
)
def tta(call: Call) -> Predictions | Job:
    """Predict several views of every validation picture and average; shows what it gains.

    The value is (predictions, targets).
    """
    settings = call.given("n", "beta", "corners", "seed")

    def look(learner: Learner) -> Predictions:
        found = Predictions(*learner.tta(**settings))
        if not learner.metrics:
            call.say(repr(found))
        elif not call.silent:
            plain = learner.score(*learner.predictions())
            call.show(Scoreboard({"plain": plain, "with TTA": learner.score(*found)}))
        return found

    return call.work(look, waits=True)


@magic(
    "predict",
    Argument(
        "items",
        "item",
        "paths of pictures, texts in quotes, one row or pair as COLUMN=VALUE ..., or variables "
        "that hold items",
        {"nargs": "+"},
    ),
    example="%predict photo.jpg",
)
def predict(call: Call) -> Any:
    """Predict a picture, a text, a row of a table, or a rating; or several of them.

    A model from picture to picture shows what it made beside what it got.

    In a row, columns that are not named are taken as not known: %predict Store=1 Promo=1.
    """
    items, learner, absent = call["items"], call.idle_learner, list[str]()
    words = [item for item in items if isinstance(item, str)]
    if words and fields_of(learner.data):
        item, absent = read_item(learner, items)
        items, words = [item], []
    reads = any(hasattr(learner.data, what) for what in ("size", "vocab"))
    if words and not reads:
        raise MagicError(
            f"there is no variable {words[0]}, and this model takes tensors, not pictures in "
            "files; put the item in a variable and give its name"
        )
    found = learner.predict(items[0] if len(items) == 1 else items)
    if not call.used:
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, MaskPrediction):
                call.show(Picture(one.plot(), words=str(one)))
    if learner.task.name == "picture" and not call.used:
        show_restored(call, items, found)
    elif not call.used:
        call.say(told(learner, found, absent))
    return found


@magic(
    "generate",
    Argument("prompt", "word", "the words to begin with, in quotes"),
    Argument("--words", "count", "how many more; 40 without it"),
    Argument("--temperature", "number", "below 1 the likely, above 1 it dares more; 0.75"),
    Argument("--seed", "count", "of what is drawn; 0 without it"),
    example="%generate 'the film was' --words 60",
)
def generate(call: Call) -> str:
    """Let a language model write on after some words of yours."""
    settings = call.given("words", "temperature", "seed")

    def show(text: str) -> None:
        if not call.used:
            call.say(textwrap.fill(text, 88))

    prompt = call["prompt"]
    return call.work(lambda learner: learner.generate(prompt, **settings), then=show, waits=True)


@magic(
    "show_batch",
    Argument("n", "count", "how many pictures, texts or rows; 9 without it", {"nargs": "?"}),
    Argument("--data", "data", "a variable that holds data; that of the learner without it"),
    Argument("--epoch", "count", "show them as in this epoch, from 0; 0 without it"),
    example="%show_batch 16",
)
def show_batch(call: Call) -> Any:
    """Show training pictures, texts, or rows of a table, as the network sees them."""
    if call["n"] is not None and call["n"] < 1:
        raise MagicError(f"n={call['n']} was given; allowed is 1 and above; try 9")
    data = call["data"] if call["data"] is not None else data_around(call)
    if not hasattr(data, "show_batch"):
        raise MagicError(
            f"this data is {type(data).__name__}, which has nothing to show; an ImageData, a "
            "TextData, a TabularData or a RatingsData has"
        )
    figure = data.show_batch(**call.given("n", "epoch"))
    if not hasattr(figure, "axes"):  # a table shows itself
        if not call.used:
            call.show(figure)
        return figure
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    words = f"{counted(len(titles), 'training picture')}: {listed(titles)}"
    return drawn(call, figure, words=words)


def data_around(call: Call) -> Any:
    """The data of the learner; where there is no learner yet, the only data."""
    if call["learner"] is None and not learners(call.names):
        found = {
            id(value): value for value in users_names(call.names).values() if looks_like_data(value)
        }
        if len(found) == 1:
            return next(iter(found.values()))
    return call.learner.data


@magic("plot_lr", example="%plot_lr")
def plot_lr(call: Call) -> Any:
    """Draw the learning rate of every step so far."""
    history = trained(call.learner).history
    low, high = history.rates.min(), history.rates.max()
    words = f"the learning rate over {counted(history.steps, 'step')}, from {low:.3g} to {high:.3g}"
    return drawn(call, history.plot_lr(), words=words)


@magic("plot_loss", example="%plot_loss")
def plot_loss(call: Call) -> Any:
    """Draw the training loss of every step and the validation loss of every epoch."""
    history = trained(call.learner).history
    words = f"the training loss over {counted(history.steps, 'step')}"
    checked = [row for row in history.rows if row.get("valid_loss") is not None]
    if checked:
        words += f", and the validation loss, at last {checked[-1]['valid_loss']:.4f}"
    return drawn(call, history.plot(), words=words)


def trained(learner: Learner) -> Learner:
    """The learner, if there is something to draw."""
    if not learner.history.steps:
        raise MagicError("nothing has been trained yet; train first, as %fit 1 --lr 1e-3")
    return learner


def drawn(call: Call, figure: Any, *, words: str) -> Any:
    """Show a figure with its words, or give it to who asked for it."""
    if not call.used:
        call.show(Picture(figure, words=words))
    return figure


LOOKING: tuple[Magic, ...] = (tta, predict, generate, show_batch, plot_lr, plot_loss)
