"""What the value of a line adds to the page of a panel: plain values, and pictures as PNG."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tenfold.interpret.before_after import BeforeAfter
from tenfold.interpret.confusion import Cell, Confusion
from tenfold.interpret.described import cell_view
from tenfold.interpret.hard_words import HardWords
from tenfold.interpret.items import has_pictures, item_words
from tenfold.interpret.label_confusion import CELLS, LabelCell, LabelConfusion
from tenfold.interpret.mask_prediction import MaskPrediction
from tenfold.interpret.picture_losses import PictureLosses
from tenfold.interpret.sheet import Sheet
from tenfold.interpret.top_losses import TopLosses
from tenfold.learner import Learner
from tenfold.live.widgets.piece import Facts, Piece, png, view
from tenfold.live.widgets.restored import restored, strip
from tenfold.live.widgets.views import VIEWS, sheet_pieces
from tenfold.live.wire import plain
from tenfold.text import counted, listed

__all__ = [
    "NOTHING", "Piece", "compared", "live_pieces", "pieces", "predicted", "prediction_facts",
]  # fmt: skip

# items of one cell of a confusion matrix: more would be too small to judge
MOST_SHOWN = 16

NOTHING: Mapping[str, Any] = dict.fromkeys(
    ("confusion", "cell", "labels", "tune_thresholds", "top", "residuals", "factors", "written",
     "scores", "prediction", "exported", "sheet", "summary", "landscape", "sharpness",
     "before_after", "iou", "heat", "activations", "calibration", "embeddings",
     "compare_optimizers", "optimizers", "widths", "decays")
)  # fmt: skip
"""What the trait `results` holds before a line was run."""


def pieces(name: str, line: str, value: Any, *, learner: Learner) -> list[Piece]:
    """What the magic `name` adds to the page; `value` is its result. Draws: not for callbacks."""
    make = MAKERS.get(name)
    return [] if make is None or value is None else make(line, value, learner)


def batch_pieces(line: str, shown: Any, learner: Learner) -> list[Piece]:
    """A batch as it was drawn, or as a table of words."""
    epoch = re.search(r"--epoch[ =]+(\d+)", line)
    facts = {"epoch": int(epoch[1]) if epoch else 0, "labels": [], "columns": 0, "table": []}
    if not hasattr(shown, "axes"):
        facts |= {"words": shown.caption, "table": shown.rows}
        return [Piece("data", "batch", plain(facts), b"")]
    labels = [axes.get_title() for axes in shown.axes if axes.images]
    columns = shown.axes[0].get_gridspec().ncols
    # labels that are lists themselves are told apart by semicolons
    named = "; ".join(labels) if any(", " in label for label in labels) else listed(labels)
    words = f"{counted(len(labels), 'training picture')}: {named}"
    facts |= {"labels": labels, "columns": columns, "words": words}
    return [Piece("data", "batch", plain(facts), png(shown))]


def confusion_pieces(
    line: str, found: Confusion | LabelConfusion | Cell | LabelCell, learner: Learner
) -> list[Piece]:
    """A matrix, or the items of one of its cells; of several labels a row each, of `cells`."""
    if isinstance(found, Cell | LabelCell):
        return [cell_piece(found)]
    if isinstance(found, LabelConfusion):
        rows = zip(*map(found.counts, CELLS), strict=True)
        facts = {"classes": found.labels, "matrix": list(map(list, rows)), "cells": list(CELLS)}
        facts["words"] = found.summary
    else:
        classes = [str(name) for name in found.classes]
        facts = {"classes": classes, "matrix": found.matrix.tolist(), "cells": [], "words": ""}
    # the items of a cell belong to the matrix that was there before
    return [Piece("results", "confusion", plain(facts)), Piece("results", "cell", None, b"")]


def cell_piece(cell: Cell | LabelCell) -> Piece:
    """One cell with its surest items, as pictures or in words."""
    over = f"; the {MOST_SHOWN} surest are shown" if len(cell) > MOST_SHOWN else ""
    table = cell_view(cell, MOST_SHOWN)
    actual, predicted = cell.place
    facts = {
        "actual": actual,
        "predicted": predicted,
        "count": len(cell),
        "words": f"{cell}{over}",
        "table": table.rows if table else [],
    }
    drawn = len(cell) and has_pictures(cell.data)
    return Piece("results", "cell", plain(facts), png(cell.plot(MOST_SHOWN)) if drawn else b"")


def top_pieces(
    line: str, found: TopLosses | HardWords | PictureLosses, learner: Learner
) -> list[Piece]:
    """The items with the largest losses, and what is known of each in words."""
    if isinstance(found, PictureLosses):
        unnamed = {"label": "", "predicted": "", "probability": None}
        seen = [
            {"words": [str(one.index), f"{one.psnr:.2f}"], "loss": one.loss, **unnamed}
            for one in found.items
        ]
        told = {"words": found.words, "heads": ["item", "PSNR (dB)"], "items": seen}
        return [Piece("results", "top", plain(told), png(found.plot()))]
    if isinstance(found, HardWords):
        read = [{"words": [one.before], **_item(one)} for one in found.items]
        facts = {"words": found.summary, "heads": ["before"], "items": read}
        return [Piece("results", "top", plain(facts), b"")]
    held = item_words(found.data, [item.index for item in found.items])
    items = [
        {"words": list(row), **_item(item)}
        for item, *row in zip(found.items, *held.values(), strict=True)
    ]
    words = f"the {counted(len(found), 'validation item')} with the largest loss"
    picture = png(found.plot()) if has_pictures(found.data) and len(found) else b""
    told = {"words": words, "heads": list(held), "items": items}
    return [Piece("results", "top", plain(told), picture)]


def _item(item: Any) -> Facts:
    return {
        "label": item.actual,
        "predicted": item.predicted,
        "loss": item.loss,
        "probability": item.probability,
    }


def live_pieces(shown: Any, learner: Learner) -> list[Piece]:
    """What a callback shows while a run trains."""
    return sheet_pieces("", shown, learner) if isinstance(shown, Sheet) else []


def scores_pieces(line: str, found: Any, learner: Learner) -> list[Piece]:
    """The metrics of TTA beside those of plain predictions, which takes one more pass."""
    if not learner.metrics:
        return []
    ways = {"plain": learner.score(*learner.predictions()), "with TTA": learner.score(*found)}
    names = list(ways["plain"])
    values = [[row[name] for name in names] for row in ways.values()]
    facts = {"ways": list(ways), "names": names, "values": values}
    return [Piece("results", "scores", plain(facts))]


def before_after_pieces(line: str, found: BeforeAfter, learner: Learner) -> list[Piece]:
    """A validation picture before and after."""
    return compared(found)


def compared(found: BeforeAfter) -> list[Piece]:
    """A picture before, after and as it should be: a strip of them, and how near they are."""
    tables = {"nearness to the target": found.table} if found.table else {}
    told = {
        "pictures": len(found.pictures),
        "width": found.after.shape[-1],
        **view(str(found), f"{found.name}: {listed(found.pictures)}", tables),
    }
    return [Piece("results", "before_after", plain(told), strip(found))]


def predicted(name: str, item: Any, found: Any, learner: Learner) -> list[Piece]:
    """What a model says about a picture that a person gave, or makes of it."""
    if learner.task.name == "picture":
        return compared(restored(item, found, encoder=learner.data.encoder, name=name))
    return [prediction_piece(name, found)]


def predict_pieces(line: str, found: Any, learner: Learner) -> list[Piece]:
    """What the model says about the text or the row of a line."""
    name = re.sub(r"^%predict\s+| --learner \S+$", "", line)
    return [prediction_piece(name.strip("'\""), found)]


def prediction_piece(name: str, found: Any) -> Piece:
    """What the model says about an item; where it says it of pixels, as a picture."""
    picture = png(found.plot()) if isinstance(found, MaskPrediction) else b""
    return Piece("results", "prediction", prediction_facts(name, found), picture)


def export_pieces(line: str, path: Path, learner: Learner) -> list[Piece]:
    """Where the predictor was written."""
    return [Piece("results", "exported", plain(str(path)))]


MAKERS: dict[str, Callable[[str, Any, Learner], list[Piece]]] = {
    "show_batch": batch_pieces,
    "confusion": confusion_pieces,
    "top_losses": top_pieces,
    "before_after": before_after_pieces,
    "tta": scores_pieces,
    "predict": predict_pieces,
    "export": export_pieces,
    **VIEWS,
}


def prediction_facts(name: str, found: Any) -> Facts:
    """What a model says about an item, from the `Prediction` of it.

    >>> from tenfold.predictor import Prediction
    >>> prediction_facts("a.jpg", Prediction(["cat", "dog"], {}))["label"]
    'cat and dog'
    """
    if isinstance(found, MaskPrediction):
        return {"name": name, "label": str(found), "probabilities": []}
    label = found.label
    if isinstance(label, list):
        label = listed(label) or "no label"
    words = f"{label:.4g}" if isinstance(label, float) else str(label)
    return plain({"name": name, "label": words, "probabilities": list(found.probabilities.items())})
