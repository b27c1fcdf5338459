"""Light, and how a leaf is laid on a picture: relief, veins, shine and a soft cast shadow."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, sin, sqrt
from typing import NamedTuple

import numpy as np

from tenfold.data.samples._noise import SIDE, cloud
from tenfold.data.samples._types import Bytes, Leaf, Plane, Surface

Colour = np.ndarray  # three numbers, linear light
Matrix = tuple[float, float, float, float]
Window = tuple[slice, slice]


@dataclass(slots=True)
class Light:
    """A sun at (x, y, z), a sky, and how far and how softly shadows fall."""

    x: float
    y: float
    z: float
    sun: Colour
    sky: Colour
    reach: float
    soft: float

    @property
    def shade(self) -> Colour:
        """What is left of each colour where the sun does not come."""
        return self.sky / (self.sky + self.sun)

    def relief(self, height: Plane, tilt_x: float = 0.0, tilt_y: float = 0.0) -> Plane:
        """How much sun a surface of this height (in pixels) gets; 1 is flat ground."""
        slope = np.empty_like(height)
        slope[:, 1:] = height[:, 1:] - height[:, :-1]
        slope[:, :1] = slope[:, 1:2]
        slope *= -self.x / self.z
        down = np.empty_like(height)
        down[1:] = height[1:] - height[:-1]
        down[:1] = down[1:2]
        down *= self.y / self.z
        slope -= down
        slope += 1 - (tilt_x * self.x + tilt_y * self.y) / self.z
        return np.clip(slope, 0.12, 1.9, out=slope)


@dataclass(slots=True)
class Paint:
    """The colours of one plant or stone, in linear light."""

    base: Colour
    young: Colour
    old: Colour
    vein: Colour
    stalk: Colour
    rim: Colour
    blotch: float = 0.15
    gloss: float = 0.2
    rim_strength: float = 0.0


@dataclass(slots=True)
class Canvas:
    """The picture while it is drawn: rgb [3, side, side] linear, owner [side, side]."""

    rgb: Plane
    owner: Bytes

    @property
    def side(self) -> int:
        return self.owner.shape[0]


class Pose(NamedTuple):
    """How a plant stands: its place and size in pixels, its view matrix, where height leads."""

    x: float
    y: float
    scale: float
    view: tuple[tuple[float, float], tuple[float, float]]
    rise: tuple[float, float]


class _Patch(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    def shifted(self, dx: int, dy: int, side: int) -> tuple[Window, Window]:
        """The part of the canvas this patch covers when moved, and the patch's own part."""
        x0, y0 = max(self.left + dx, 0), max(self.top + dy, 0)
        x1, y1 = min(self.right + dx, side), min(self.bottom + dy, side)
        x1, y1 = max(x1, x0), max(y1, y0)
        inner_x, inner_y = x0 - dx - self.left, y0 - dy - self.top
        own = np.s_[inner_y : inner_y + y1 - y0, inner_x : inner_x + x1 - x0]
        return np.s_[y0:y1, x0:x1], own


def _place(leaf: Leaf, pose: Pose) -> tuple[tuple[float, float], Matrix]:
    """The leaf's base on the canvas and the matrix from leaf units to pixels, row by row."""
    (a, b), (c, d) = pose.view
    cosine, sine = cos(leaf.angle), sin(leaf.angle)
    along, across = leaf.length * leaf.pitch * pose.scale, leaf.length * pose.scale
    matrix = (
        along * (a * cosine + b * sine), across * (b * cosine - a * sine),
        along * (c * cosine + d * sine), across * (d * cosine - c * sine),
    )  # fmt: skip
    lift = leaf.height * pose.scale
    x = pose.x + (a * leaf.x + b * leaf.y) * pose.scale + pose.rise[0] * lift
    y = pose.y + (c * leaf.x + d * leaf.y) * pose.scale + pose.rise[1] * lift
    return (x, y), matrix


def _patch(
    leaf: Leaf, base: tuple[float, float], matrix: Matrix, pad: int, side: int
) -> _Patch | None:
    u0, u1, v0, v1 = leaf.shape.bounds
    bow = leaf.bend * max(u1, -u0) ** 2
    v0, v1 = v0 + min(bow, 0.0), v1 + max(bow, 0.0)
    a, b, c, d = matrix
    xs = [base[0] + a * u + b * v for u in (u0, u1) for v in (v0, v1)]
    ys = [base[1] + c * u + d * v for u in (u0, u1) for v in (v0, v1)]
    left, top = max(int(min(xs)) - 3, -pad), max(int(min(ys)) - 3, -pad)
    right, bottom = min(int(max(xs)) + 3, side + pad), min(int(max(ys)) + 3, side + pad)
    return _Patch(left, top, right, bottom) if right - left > 2 and bottom - top > 2 else None


def _local(
    patch: _Patch, base: tuple[float, float], matrix: Matrix, bend: float
) -> tuple[Plane, Plane]:
    a, b, c, d = matrix
    scale = 1 / (a * d - b * c)
    x = np.arange(patch.left, patch.right, dtype=np.float32) + np.float32(0.5 - base[0])
    y = np.arange(patch.top, patch.bottom, dtype=np.float32) + np.float32(0.5 - base[1])
    u = np.add.outer(y * np.float32(-b * scale), x * np.float32(d * scale))
    v = np.add.outer(y * np.float32(a * scale), x * np.float32(-c * scale))
    if bend:
        v -= np.float32(bend) * u * u
    return u, v


def draw_leaf(
    canvas: Canvas, leaf: Leaf, paint: Paint, *, pose: Pose, light: Light, owner: int
) -> None:
    """Lay one leaf on the canvas: first its shadow on what is there, then itself."""
    lift = leaf.height * pose.scale * light.reach
    dx, dy = round(-light.x * lift), round(-light.y * lift)
    base, matrix = _place(leaf, pose)
    patch = _patch(leaf, base, matrix, max(abs(dx), abs(dy)) + 2, canvas.side)
    if patch is None:
        return
    u, v = _local(patch, base, matrix, leaf.bend)
    pixel = 1 / max(leaf.length * pose.scale, 2.0)
    surface = leaf.shape.surface(u, v, pixel)
    distance = surface.inside / pixel
    soft = 1.5 + light.soft * leaf.height * pose.scale
    _shadow(canvas, patch, np.clip(distance / soft + 0.5, 0, 1), (dx, dy), light)
    alpha = np.clip(distance + 0.5, 0, 1)
    there, own = patch.shifted(0, 0, canvas.side)
    colour = _colour(leaf, surface, paint, light=light, matrix=matrix, pixel=pixel, patch=patch)
    below = canvas.rgb[(slice(None), *there)]
    below += alpha[own] * (colour[(slice(None), *own)] - below)
    if owner >= 0:
        canvas.owner[there][alpha[own] > 0.5] = owner


def _shadow(
    canvas: Canvas, patch: _Patch, cover: Plane, shift: tuple[int, int], light: Light
) -> None:
    there, own = patch.shifted(*shift, canvas.side)
    dark = cover[own]
    for channel, left in enumerate(light.shade):
        canvas.rgb[channel][there] *= 1 - dark * np.float32(0.9 * (1 - left))


def _colour(
    leaf: Leaf, surface: Surface, paint: Paint, *, light: Light, matrix: Matrix, pixel: float,
    patch: _Patch,
) -> Plane:  # fmt: skip
    base = _base_colour(leaf, paint)
    height = surface.height / pixel
    lean = sqrt(1 / leaf.pitch**2 - 1) if leaf.pitch < 1 else 0.0
    lean *= 0.55 / hypot(matrix[0], matrix[2])
    relief = light.relief(height, lean * matrix[0], lean * matrix[2])
    grain = _grain(leaf, patch, paint.blotch) if paint.blotch else np.float32(1)
    rim = np.clip(1 - surface.inside / 0.05, 0, 1) if paint.rim_strength else None
    shine = paint.gloss * np.clip(relief - 1.15, 0, 0.5) ** 2 * 8 if paint.gloss else None
    colour = np.empty((3, *relief.shape), np.float32)
    for channel in range(3):
        plane = base[channel] * grain
        if surface.vein is not None and leaf.kind == "blade":
            plane = plane + surface.vein * (0.6 * (paint.vein[channel] - base[channel]))
        if surface.mark is not None:
            plane = plane + surface.mark * (0.35 * (paint.vein[channel] - base[channel]) + 0.05)
        if rim is not None:
            plane = plane + rim * (paint.rim_strength * (paint.rim[channel] - base[channel]))
        plane = plane * (light.sky[channel] + light.sun[channel] * relief)
        colour[channel] = plane if shine is None else plane + light.sun[channel] * shine
    return colour


def _base_colour(leaf: Leaf, paint: Paint) -> Colour:
    if leaf.kind == "stalk":
        return paint.stalk
    other = paint.young if leaf.tone > 0 else paint.old
    return (paint.base + min(abs(leaf.tone), 1.0) * (other - paint.base)).astype(np.float32)


def _grain(leaf: Leaf, patch: _Patch, strength: float) -> Plane:
    high, wide = patch.bottom - patch.top, patch.right - patch.left
    if high > SIDE or wide > SIDE:
        return np.ones((high, wide), np.float32)
    field = cloud(1.1, 5)
    top = int(abs(leaf.x * 977 + leaf.angle * 131) * 10) % (SIDE - high + 1)
    left = int(abs(leaf.y * 977 + leaf.length * 577) * 10) % (SIDE - wide + 1)
    return 1 + np.float32(2 * strength) * (field[top : top + high, left : left + wide] - 0.5)
