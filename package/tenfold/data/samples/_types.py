"""What the drawing layer hands around: leaves, boxes, finished pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

Plane = np.ndarray[Any, Any]  # float32 [height, width]
Bytes = np.ndarray[Any, Any]  # uint8


@dataclass(slots=True)
class Surface:
    """What a shape says about points of a leaf's own plane, all in units of the leaf's length."""

    inside: Plane  # distance to the outline, positive inside
    height: Plane
    vein: Plane | None = None  # 0 to 1
    mark: Plane | None = None  # a pale pattern, 0 to 1


class Shape(Protocol):
    """An outline with veins and relief, given in a plane where the leaf runs from 0 to 1 in u."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The frame of the outline: lowest and highest u, lowest and highest v."""
        ...

    def surface(self, u: Plane, v: Plane, pixel: float) -> Surface:
        """Evaluate at points; pixel is the size of a picture's pixel in leaf lengths."""
        ...


@dataclass(slots=True)
class Leaf:
    """One blade, stalk or stone, lying on the picture: lengths are in units of the plant."""

    x: float
    y: float
    angle: float
    length: float
    shape: Shape
    pitch: float = 1.0  # 1 lies flat, 0.5 is seen half from its edge
    bend: float = 0.0
    height: float = 0.1
    tone: float = 0.0  # -1 old and dull, 1 young and bright
    kind: str = "blade"


@dataclass(frozen=True)
class Box:
    """Where one plant is: pixel columns [left, right) and rows [top, bottom), and its species."""

    species: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Photo:
    """A drawn picture and the truth about it.

    image is uint8 [height, width, 3]; mask is uint8 [height, width], 0 for soil and species + 1
    for a plant; boxes has one entry for each plant that can be seen.
    """

    image: Bytes
    mask: Bytes
    boxes: tuple[Box, ...] = field(default=())
