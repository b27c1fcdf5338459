"""What a look inside a model adds to the page of a panel: words, tables, a map with pictures."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from tenfold.data.batches import Batches
from tenfold.interpret.activations import Activations
from tenfold.interpret.calibration import Calibration
from tenfold.interpret.embeddings import Embeddings
from tenfold.interpret.heat_maps import HeatMaps
from tenfold.interpret.items import has_pictures

__all__ = ["Shown", "shown"]

# points of a map with a picture each: more would be slow to draw and too near each other to meet
MOST_POINTS = 600
# the side of such a picture in dots
SIDE = 64


@dataclass(frozen=True)
class Shown:
    """What a page shows under `key`; without a `sheet` the picture is the found thing's `plot`."""

    key: str
    words: str
    picture: str
    tables: Mapping[str, list[list[str]]]
    more: Mapping[str, Any] = field(default_factory=dict)
    sheet: bytes | None = None


def shown(found: HeatMaps | Activations | Calibration | Embeddings) -> Shown:
    """What the page shows of any of them.

    >>> from tenfold.interpret.activations import LayerActivations
    >>> shown(Activations((LayerActivations("0", "ReLU", 0.4, 0.6, 8, 2),), 100)).key
    'activations'
    """
    if isinstance(found, HeatMaps):
        return Shown("heat", found.words, found.words, {found.way: found.table})
    if isinstance(found, Activations):
        tables = {"layers in the order in which they work": found.table}
        return Shown("activations", found.summary, found.words, tables)
    if isinstance(found, Calibration):
        return Shown("calibration", found.summary, found.words, {"reliability": found.table})
    return _map(found)


def _map(found: Embeddings) -> Shown:
    many = len(found)
    items = [place * many // min(many, MOST_POINTS) for place in range(min(many, MOST_POINTS))]
    low, high = found.places.amin(0), found.places.amax(0)
    places = (found.places - low) / (high - low).clamp(min=1e-12)
    points = [
        {
            "x": round(float(places[item, 0]), 4),
            "y": round(float(places[item, 1]), 4),
            "item": item,
            "actual": found.classes[int(found.actual[item])],
            "predicted": found.classes[int(found.predicted[item])],
        }
        for item in items
    ]
    drawn = has_pictures(found.data) and isinstance(found.data.valid, Batches)
    columns = math.ceil(math.sqrt(len(items)))
    more = {"points": points, "columns": columns if drawn else 0}
    sheet = _sheet(found.data.valid, items, columns) if drawn else b""
    tables = {"classes by their place": found.table}
    return Shown("embeddings", found.summary, found.words, tables, more, sheet)


def _sheet(valid: Batches, items: list[int], columns: int) -> bytes:
    """Small pictures of the items in rows of `columns`, as PNG."""
    from PIL import Image

    rows = -(-len(items) // columns)
    sheet = torch.zeros(3, rows * SIDE, columns * SIDE, dtype=torch.uint8)
    for place, item in enumerate(items):
        picture = valid.inputs[item : item + 1]
        picture = picture if valid.prepare is None else valid.prepare(picture)
        small = F.interpolate(picture.float(), (SIDE, SIDE), mode="area")[0].clamp(0, 1)
        top, left = (SIDE * one for one in divmod(place, columns))
        sheet[:, top : top + SIDE, left : left + SIDE] = (small * 255).round().byte().cpu()
    file = io.BytesIO()
    Image.fromarray(sheet.permute(1, 2, 0).numpy()).save(file, "PNG")
    return file.getvalue()
