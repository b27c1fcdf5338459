"""What a learner and its data say to the page of a panel, and what a page sends: plain values."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tenfold.data.decode import Unreadable, decoded
from tenfold.errors import DataError
from tenfold.interpret.items import has_pictures
from tenfold.learner import Learner
from tenfold.live.recorder import groups_of
from tenfold.live.wire import plain
from tenfold.techniques.precompute import OnFeatures, can_precompute
from tenfold.text import counted, listed
from tenfold.train.optim import layer_groups, parameters_of
from tenfold.train.passes import length_of

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["asks", "data_facts", "fields_of", "learner_facts", "opened"]

MOST_BAD, LONGEST = 100, 300
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
MOST_PIXELS = 60_000_000

Facts = dict[str, Any]


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
        "asks": asks(data),
        "fields": fields_of(data),
        "shows": shows(learner),
        "metrics": [metric_name(one) for one in learner.metrics],
        "owner": str(id(learner)),
    }


def asks(data: Any) -> str:
    """What a person may give to predict: a picture, a text, a row, or nothing that has words."""
    if has_pictures(data):
        return "picture"
    if fields_of(data):
        return "row"
    return "text" if hasattr(data, "vocab") and data.classes is not None else ""


def fields_of(data: Any) -> list[str]:
    """The columns of which a line can make an item, as in Store=1; none for other items."""
    encoder: Any = getattr(data, "encoder", None)
    kind = getattr(encoder, "kind", "")
    if kind == "rows":
        return [str(field) for field in encoder.fields]
    return [str(encoder.users.field), str(encoder.items.field)] if kind == "pairs" else []


def shows(learner: Learner) -> list[str]:
    """Which ways of looking fit this learner, by their magics."""
    data, task = learner.data, learner.task.name
    fits = {
        "confusion": task in {"single label", "multi label"},
        "labels": task == "multi label",
        "tune_thresholds": task == "multi label",
        "iou": task == "pixel labels",
        "residuals": task == "number",
        "factors": asks(data) == "row" and hasattr(learner.model, "rows_of"),
        "gradcam": has_pictures(data) and task in ("single label", "multi label", "number"),
        "activations": has_pictures(data),
        "embeddings": has_pictures(data) and task == "single label",
        "calibration": task == "single label",
        "generate": task == "next word",
        "before_after": task == "picture" and hasattr(data, "pairs"),
        "sheet": task == "generation",
        "top_losses": task != "generation",
        "tta": task != "generation"
        and (asks(data) == "picture" or not hasattr(data, "item_words")),
        "summary": True,
        "landscape": task != "generation",
        "sharpness": task != "generation",
        "compare_optimizers": task != "generation",
        "optimizers": True,
        "widths": True,
        "decays": True,
    }
    return [name for name, fit in fits.items() if fit]


def group_facts(learner: Learner) -> list[Facts]:
    """The layer groups: what they are called, how many weights they have, whether they train."""
    groups = [list(parameters_of(modules)) for modules in layer_groups(learner.model)]
    return [
        {
            "name": name,
            "parameters": sum(weight.numel() for weight in weights),
            "frozen": not any(weight.requires_grad for weight in weights),
        }
        for name, weights in zip(groups_of(learner.model, len(groups)), groups)
    ]


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
    counts = class_counts(data)
    bad = [Path(file) for file in getattr(data, "bad_files", ())][:MOST_BAD]
    return plain(
        {
            "counts": counts,
            "bad": [{"file": "/".join(file.parts[-2:]), "why": why_bad(file)} for file in bad],
            "words": data_words(data),
            "batch": None,
        }
    )


def class_counts(data: Any) -> dict[str, int] | None:
    """How many training items each class has; None where an item has not one class."""
    if hasattr(data, "class_counts"):
        return data.class_counts()
    classes, targets = getattr(data, "classes", None), getattr(data.train, "targets", None)
    if not classes or targets is None or targets.ndim != 1 or targets.is_floating_point():
        return None
    counts = torch.bincount(targets, minlength=len(classes)).tolist()
    return dict(zip(map(str, classes), counts, strict=True))


def data_words(data: Any) -> str:
    """Data in one line."""
    if has_pictures(data) or hasattr(data, "item_words"):
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


# ---- pictures of a page ----------------------------------------------------------------------


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
