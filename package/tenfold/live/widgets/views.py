"""Ways of looking that are words, a picture and tables: what each adds to the page of a panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tenfold.interpret.described import ends_view
from tenfold.interpret.factors import Factors
from tenfold.interpret.iou import Iou
from tenfold.interpret.labels import Labels
from tenfold.interpret.landscape import Landscape
from tenfold.interpret.layer_table import Summary
from tenfold.interpret.residuals import Residuals
from tenfold.interpret.sharpness import Sharpness
from tenfold.interpret.sheet import Sheet, Sheets
from tenfold.learner import Learner
from tenfold.live.widgets.ideas import IDEAS
from tenfold.live.widgets.inside import shown
from tenfold.live.widgets.piece import Piece, png, view
from tenfold.live.wire import plain
from tenfold.techniques.tune_thresholds import Thresholds

__all__ = ["VIEWS", "sheet_pieces"]


def labels_pieces(line: str, found: Labels, learner: Learner) -> list[Piece]:
    """Several labels one by one: curves and table."""
    facts = view(found.summary, "precision over recall of each label", {"each label": found.table})
    return [Piece("results", "labels", facts, png(found.plot()))]


def thresholds_pieces(line: str, found: Thresholds, learner: Learner) -> list[Piece]:
    """The thresholds of several labels, before and after; what was decided by the old ones goes."""
    words = "the threshold of each label, before and after"
    facts = view(found.summary, words, {words: found.table})
    old = [Piece("results", key, None) for key in ("confusion", "cell", "labels")]
    return [Piece("results", "tune_thresholds", facts, png(found.plot())), *old]


def residuals_pieces(line: str, found: Residuals, learner: Learner) -> list[Piece]:
    """Predictions against targets: the picture, and the error by target."""
    facts = view(found.summary, found.words, {f"the error by {found.name}": found.table})
    return [Piece("results", "residuals", facts, png(found.plot()))]


def iou_pieces(line: str, found: Iou, learner: Learner) -> list[Piece]:
    """Each class of the masks: bars and table."""
    words = "intersection over union of each class"
    facts = view(found.summary, words, {words: found.table})
    return [Piece("results", "iou", facts, png(found.plot()))]


def factors_pieces(line: str, found: Factors, learner: Learner) -> list[Piece]:
    """What is rated best and worst, and the map."""
    ends, spread = ends_view(found, **_counts(line)), found.map()
    facts = view(str(spread), str(spread), {ends.caption: ends.rows})
    return [Piece("results", "factors", facts, png(spread.plot()))]


def _counts(line: str) -> dict[str, int]:
    """How many of the best and worst a line asks for, and how often each must be rated."""
    n, least = re.search(r"%factors (\d+)", line), re.search(r"--least[ =]+(\d+)", line)
    given = {"n": n, "least": least}
    return {name: int(one[1]) for name, one in given.items() if one is not None}


def summary_pieces(line: str, found: Summary, learner: Learner) -> list[Piece]:
    """The layers of the model."""
    facts = view(found.words, "", {"every layer, in the order in which they run": found.table})
    return [Piece("results", "summary", facts)]


def landscape_pieces(line: str, found: Landscape, learner: Learner) -> list[Piece]:
    """The loss around the weights: the picture, and the losses along each direction."""
    picture = png(found.plot(surface="--surface" in line))
    facts = view(found.words, found.words, {"the loss by place": found.table})
    return [Piece("results", "landscape", facts, picture)]


def sharpness_pieces(line: str, found: Sharpness, learner: Learner) -> list[Piece]:
    """How much the loss rises around the weights."""
    return [Piece("results", "sharpness", view("", "", {found.caption: found.rows}))]


def inside_pieces(line: str, found: Any, learner: Learner) -> list[Piece]:
    """What a look inside the model found: heat maps, layers, calibration, a map of the items."""
    one = shown(found)
    facts = {**view(one.words, one.picture, one.tables), **plain(dict(one.more))}
    picture = png(found.plot()) if one.sheet is None else one.sheet
    return [Piece("results", one.key, facts, picture)]


def written_pieces(line: str, text: str, learner: Learner) -> list[Piece]:
    """What a language model wrote."""
    return [Piece("results", "written", view(text, "", {}))]


def sheet_pieces(line: str, found: Sheet | Sheets, learner: Learner) -> list[Piece]:
    """What a generator made; while it trains its callback shows it too."""
    return [Piece("results", "sheet", view(str(found), str(found), {}), found.png())]


VIEWS: dict[str, Callable[[str, Any, Learner], list[Piece]]] = {
    "labels": labels_pieces,
    "tune_thresholds": thresholds_pieces,
    "residuals": residuals_pieces,
    "factors": factors_pieces,
    "iou": iou_pieces,
    "summary": summary_pieces,
    "landscape": landscape_pieces,
    "sharpness": sharpness_pieces,
    "gradcam": inside_pieces,
    "occlusion": inside_pieces,
    "integrated_gradients": inside_pieces,
    "activations": inside_pieces,
    "calibration": inside_pieces,
    "embeddings": inside_pieces,
    "generate": written_pieces,
    "sheet": sheet_pieces,
    **IDEAS,
}
"""Their makers, by the magic that looks."""
