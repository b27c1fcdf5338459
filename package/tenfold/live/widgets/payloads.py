"""What a learner and its results say to the page of a panel: plain values, and pictures as PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from tenfold.data.decode import Unreadable, decoded
from tenfold.errors import DataError
from tenfold.interpret.confusion import Cell, Confusion
from tenfold.interpret.items import has_pictures
from tenfold.interpret.top_losses import TopLosses
from tenfold.learner import Learner
from tenfold.live.wire import plain
from tenfold.techniques.precompute import OnFeatures, can_precompute
from tenfold.text import counted, listed
from tenfold.train.optim import layer_groups, parameters_of
from tenfold.train.passes import length_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL import Image

__all__ = ["Piece", "data_facts", "learner_facts", "opened", "pieces", "prediction_facts"]

# two dots for each dot of a page, and no side longer than this
DOTS_PER_INCH, LONGEST_SIDE = 200, 1800
# pictures of one cell of a confusion matrix: more would be too small to judge
MOST_PICTURES = 16
MOST_BAD, LONGEST = 100, 300
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
MOST_PIXELS = 60_000_000

Facts = dict[str, Any]


class Piece(NamedTuple):
    """What a line adds to what the page shows: `facts` under `key` of a trait, and its picture."""

    trait: str
    key: str
    facts: Any
    png: bytes | None = None


# ---- the learner and its data ----------------------------------------------------------------


def learner_facts(learner: Learner, *, name: str, option: str) -> Facts:
    """What the panel must know of a learner to write lines for it; nothing is computed for it."""
    data, model = learner.data, learner.model
    possible = can_precompute(data, model) and not getattr(data, "augment_asked", False)
    classes = getattr(data, "classes", None)
    return {
        "name": name,
        "option": option,
        "steps_per_epoch": length_of(data.train) or getattr(learner.run, "steps_per_epoch", 0),
        "groups": group_facts(learner),
        "precompute": {"on": learner.precompute, "possible": possible},
        "precision": precision_of(learner),
        "classes": None if classes is None else [plain(str(one)) for one in classes],
        "pictures": has_pictures(data),
        "metrics": [metric_name(one) for one in learner.metrics],
        "owner": str(id(learner)),
    }


def group_facts(learner: Learner) -> list[Facts]:
    """The layer groups: what they are called, how many weights they have, whether they train."""
    groups = [list(parameters_of(modules)) for modules in layer_groups(learner.model)]
    return [
        {
            "name": name,
            "parameters": sum(weight.numel() for weight in weights),
            "frozen": not any(weight.requires_grad for weight in weights),
        }
        for name, weights in zip(group_names(len(groups)), groups)
    ]


def group_names(groups: int) -> list[str]:
    """What the layer groups are called, from the input to the head.

    >>> group_names(1), group_names(2), group_names(3)
    (['model'], ['body', 'head'], ['body 1', 'body 2', 'head'])
    """
    if groups < 3:
        return [["model"], ["body", "head"]][groups - 1]
    return [*(f"body {number}" for number in range(1, groups)), "head"]


def precision_of(learner: Learner) -> str:
    """The precision of the next run as far as it is known: asking for a plan would time one."""
    planner, model = learner._planner, OnFeatures if learner.precompute else type(learner.model)
    known = [plan.precision for key, plan in planner._plans.items() if key[0] is model]
    return str(planner._chosen.get("precision") or (known or ["float32"])[-1])


def metric_name(given: Any) -> str:
    """The column of a metric."""
    return (
        given
        if isinstance(given, str)
        else getattr(given, "__name__", type(given).__name__).lower()
    )


def data_facts(data: Any) -> Facts:
    """What the panel shows of data before a batch is drawn."""
    counts = data.class_counts() if hasattr(data, "class_counts") else None
    bad = [Path(file) for file in getattr(data, "bad_files", ())][:MOST_BAD]
    return plain(
        {
            "counts": counts,
            "bad": [{"file": "/".join(file.parts[-2:]), "why": why_bad(file)} for file in bad],
            "words": data_words(data),
            "batch": None,
        }
    )


def data_words(data: Any) -> str:
    """Data in one line."""
    if has_pictures(data):
        return "; ".join(line.strip() for line in repr(data).splitlines())[:LONGEST]
    sizes = {"training": length_of(data.train), "validation": length_of(data.valid)}
    batches = [f"{counted(size, f'{name} batch')}" for name, size in sizes.items() if size]
    return f"{type(data).__name__}: {listed(batches) or 'batches without a number'}"


def why_bad(file: Path) -> str:
    """Why a picture could not be read, in a word or two."""
    try:
        decoded(torch.from_numpy(np.fromfile(file, dtype=np.uint8)))
    except Unreadable as reason:
        return str(reason)
    except OSError:
        return "cannot be opened"
    return "can be read by now"


# ---- results of lines ------------------------------------------------------------------------


def pieces(name: str, line: str, value: Any, *, learner: Learner) -> list[Piece]:
    """What the magic `name` adds to the page; `value` is its result. Draws: not for callbacks."""
    make = MAKERS.get(name)
    return [] if make is None or value is None else make(line, value, learner)


def batch_pieces(line: str, figure: Figure, learner: Learner) -> list[Piece]:
    """A batch as it was drawn; a table is no picture, and only shows in the notebook."""
    if not hasattr(figure, "axes"):
        return []
    epoch = re.search(r"--epoch[ =]+(\d+)", line)
    labels = [axes.get_title() for axes in figure.axes if axes.images]
    words = f"{counted(len(labels), 'training picture')}: {listed(labels)}"
    facts = {
        "epoch": int(epoch[1]) if epoch else 0,
        "labels": labels,
        "columns": figure.axes[0].get_gridspec().ncols,  # type: ignore[union-attr]
        "words": words,
    }
    return [Piece("data", "batch", plain(facts), png(figure))]


def confusion_pieces(line: str, found: Confusion | Cell, learner: Learner) -> list[Piece]:
    """A matrix, or the pictures of one of its cells."""
    if isinstance(found, Cell):
        return [cell_piece(found)]
    classes = [str(name) for name in found.classes]
    facts = {"classes": plain(classes), "matrix": found.matrix.tolist()}
    # the pictures of a cell belong to the matrix that was there before
    return [Piece("results", "confusion", facts), Piece("results", "cell", None, b"")]


def cell_piece(cell: Cell) -> Piece:
    """One cell with the pictures of its surest items."""
    over = f"; the {MOST_PICTURES} surest are shown" if len(cell) > MOST_PICTURES else ""
    facts = {
        "actual": cell.actual,
        "predicted": cell.predicted,
        "count": len(cell),
        "words": f"{cell}{over}",
    }
    drawn = len(cell) and has_pictures(cell.data)
    return Piece("results", "cell", plain(facts), png(cell.plot(MOST_PICTURES)) if drawn else b"")


def top_pieces(line: str, found: TopLosses, learner: Learner) -> list[Piece]:
    """The items with the largest losses."""
    items = [
        {
            "label": item.actual,
            "predicted": item.predicted,
            "loss": item.loss,
            "probability": item.probability,
        }
        for item in found.items
    ]
    words = f"the {counted(len(found), 'validation item')} with the largest loss"
    picture = png(found.plot()) if has_pictures(found.data) and len(found) else b""
    return [Piece("results", "top", plain({"words": words, "items": items}), picture)]


def scores_pieces(line: str, found: Any, learner: Learner) -> list[Piece]:
    """The metrics of TTA beside those of plain predictions, which takes one more pass."""
    if not learner.metrics:
        return []
    ways = {"plain": learner.score(*learner.predictions()), "with TTA": learner.score(*found)}
    names = list(ways["plain"])
    values = [[row[name] for name in names] for row in ways.values()]
    facts = {"ways": list(ways), "names": names, "values": values}
    return [Piece("results", "scores", plain(facts))]


def export_pieces(line: str, path: Path, learner: Learner) -> list[Piece]:
    """Where the predictor was written."""
    return [Piece("results", "exported", plain(str(path)))]


MAKERS: dict[str, Callable[[str, Any, Learner], list[Piece]]] = {
    "show_batch": batch_pieces,
    "confusion": confusion_pieces,
    "top_losses": top_pieces,
    "tta": scores_pieces,
    "export": export_pieces,
}


def prediction_facts(name: str, found: Any) -> Facts:
    """What a model says about a file, from the `Prediction` of it.

    >>> from tenfold.predictor import Prediction
    >>> prediction_facts("a.jpg", Prediction(["cat", "dog"], {}))["label"]
    'cat and dog'
    """
    label = found.label
    if isinstance(label, list):
        label = listed(label) or "no label"
    words = f"{label:.4g}" if isinstance(label, float) else str(label)
    return plain({"name": name, "label": words, "probabilities": list(found.probabilities.items())})


# ---- pictures --------------------------------------------------------------------------------


def png(figure: Figure) -> bytes:
    """A figure as PNG on a transparent ground, sharp on every screen."""
    longest = max(map(float, figure.get_size_inches()))
    file = io.BytesIO()
    figure.savefig(
        file, format="png", dpi=min(DOTS_PER_INCH, LONGEST_SIDE / longest), transparent=True
    )
    return file.getvalue()


def opened(file: bytes, *, name: str) -> Image.Image:
    """A picture that came from a page, decoded; raises DataError for whatever else it is."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(file), formats=FORMATS) as image:
            width, height = image.size
            if width * height <= MOST_PIXELS:
                image.verify()
        if width * height <= MOST_PIXELS:
            image = Image.open(io.BytesIO(file), formats=FORMATS)  # verify used the first one up
            image.load()
            return image
    except Exception as error:  # Pillow's readers raise whatever a damaged file leads them to
        raise DataError(
            f"{name} cannot be read as a picture; drop a whole {listed(FORMATS)} file"
        ) from error
    raise DataError(
        f"{name} has {width:,} x {height:,} pixels; at most {MOST_PIXELS:,} are read; make it "
        "smaller"
    )
