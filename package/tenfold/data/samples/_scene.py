"""Whole pictures: one plant, or a tray of several, on soil, in some light, through some lens.

The pure drawing layer: numbers in, numpy arrays out, every random number from the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, sin

import numpy as np
from PIL import Image, ImageFilter

from tenfold.data.samples._noise import window
from tenfold.data.samples._plants import SPECIES, TINT_SPREAD, TINTS
from tenfold.data.samples._render import Canvas, Colour, Light, Paint, Pose, draw_leaf
from tenfold.data.samples._soil import GROUNDS, lay_soil, linear, scatter
from tenfold.data.samples._types import Box, Bytes, Leaf, Photo, Plane

Random = np.random.Generator
Seed = int | Sequence[int]
NAMES = tuple(SPECIES)
NOBODY = 255


def draw_photo(species: int, seed: Seed, size: int = 96) -> Photo:
    """One plant of a species (its place in NAMES) on soil, size x size pixels.

    The same seed gives the same scene at every size, and the same bytes at one size.
    """
    rng = np.random.default_rng(seed)
    canvas, light = _ground(rng, size)
    radius = rng.uniform(0.48, 0.64)
    middle = 0.5 + rng.uniform(-0.05, 0.05, 2)
    _plant(canvas, rng, light, species=species, owner=0, place=(*middle, radius))
    return _finish(canvas, rng, light, size, [species])


def draw_tray(species: Sequence[int], seed: Seed, size: int = 96) -> Photo:
    """Several plants, one for each entry of species, side by side on one soil."""
    rng = np.random.default_rng(seed)
    canvas, light = _ground(rng, size)
    across = int(np.ceil(np.sqrt(max(len(species), 2))))
    cells = rng.permutation(across * across)[: len(species)]
    for owner, (kind, cell) in enumerate(zip(species, cells, strict=True)):
        x = (cell % across + 0.5 + rng.uniform(-0.12, 0.12)) / across
        y = (cell // across + 0.5 + rng.uniform(-0.12, 0.12)) / across
        radius = rng.uniform(0.36, 0.5) / across
        _plant(canvas, rng, light, species=kind, owner=owner, place=(x, y, radius))
    return _finish(canvas, rng, light, size, list(species))


def _ground(rng: Random, size: int) -> tuple[Canvas, Light]:
    side = size * 2 if size < 80 else size * 3 // 2 if size < 192 else size
    canvas = Canvas(np.empty((3, side, side), np.float32), np.full((side, side), NOBODY, np.uint8))
    light = _light(rng)
    kind = GROUNDS[int(rng.integers(len(GROUNDS)))]
    lay_soil(canvas, rng, light, kind=kind)
    scatter(canvas, rng, light, kind=kind)
    return canvas, light


def _light(rng: Random) -> Light:
    turn, rise = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.15)
    sunny = rng.uniform(0.3, 0.88)
    warm = rng.normal(0.02, 0.06)
    sun = np.array([1 + warm, 1.0, 1 - 1.4 * warm], np.float32) * sunny
    sky = np.array([0.95 - 0.6 * warm, 1.0, 1.08 + warm], np.float32) * (1 - sunny)
    tint = np.array([1 + rng.normal(0, 0.05), 1.0, 1 + rng.normal(0, 0.07)], np.float32)
    return Light(
        cos(turn) * cos(rise), sin(turn) * cos(rise), sin(rise), sun * tint, sky * tint,
        reach=min(1.6, 1.1 / np.tan(rise)), soft=0.25 + 1.6 * (1 - sunny),
    )  # fmt: skip


def _hue(hue: float, strength: float, value: float) -> Colour:
    """Hue in turns, as in HSV, to linear light."""
    wheel = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return linear(*(value * (1 - strength * (1 - wheel))))


def _paint(rng: Random, species: int) -> Paint:
    hue, strength, value = np.array(TINTS[NAMES[species]]) + rng.uniform(-1, 1, 3) * TINT_SPREAD
    base = _hue(hue, strength, value)
    young = _hue(hue - 0.035, strength * 0.95, min(value * 1.22, 0.85))
    old = _hue(hue - 0.05, strength * 0.8, value * 0.85)
    purple = linear(0.42, 0.16, 0.26)
    vein = _hue(hue - 0.02, strength * 0.6, min(value * 1.26, 0.9))
    if rng.random() < 0.2:
        vein = 0.5 * vein + 0.5 * purple
    flush = rng.beta(0.5, 1.5)
    stalk = (1 - flush) * _hue(hue - 0.04, strength * 0.75, value * 1.12) + flush * purple
    if rng.random() < 0.2:
        base = base + rng.uniform(0.05, 0.3) * (purple - base)
    rim_strength = rng.uniform(0.2, 0.8) if rng.random() < 0.35 else 0.0
    rim = purple if rng.random() < 0.5 else young
    return Paint(base, young, old, vein, stalk.astype(np.float32), rim,
                 rng.uniform(0.05, 0.35), rng.uniform(0, 0.5), rim_strength)  # fmt: skip


def _plant(
    canvas: Canvas, rng: Random, light: Light, *, species: int, owner: int,
    place: tuple[float, float, float],
) -> None:  # fmt: skip
    """Draw one plant; place is its middle and its radius in parts of the picture's side."""
    age = float(rng.beta(1.8, 1.5))
    leaves = SPECIES[NAMES[species]](rng, age)
    pose = _pose(rng, leaves, side=canvas.side, place=place, grown=0.9 + 0.1 * age)
    paint = _paint(rng, species)
    for leaf in leaves:
        draw_leaf(canvas, leaf, paint, pose=pose, light=light, owner=owner)


def _pose(
    rng: Random, leaves: Sequence[Leaf], *, side: int, place: tuple[float, float, float],
    grown: float,
) -> Pose:  # fmt: skip
    """Centre the plant's frame on its place, and look at it a little from one side."""
    x, y, radius = place
    middle_x, middle_y, half = _frame(leaves)
    scale = side * radius * grown / half
    turn, tilt = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.4)
    ax, ay = cos(turn), sin(turn)
    flat = 1 - cos(tilt)
    (a, b), (c, d) = view = (
        (1 - flat * ax * ax, -flat * ax * ay),
        (-flat * ax * ay, 1 - flat * ay * ay),
    )
    foot_x = x * side - scale * (a * middle_x + b * middle_y)
    foot_y = y * side - scale * (c * middle_x + d * middle_y)
    return Pose(foot_x, foot_y, scale, view, (sin(tilt) * ax, sin(tilt) * ay))


def _frame(leaves: Sequence[Leaf]) -> tuple[float, float, float]:
    """The middle of a plant's frame and half of its longer side, in the plant's own units."""
    xs, ys = [], []
    for leaf in leaves:
        u0, u1, v0, v1 = leaf.shape.bounds
        middle, cosine, sine = (u0 + u1) / 2, cos(leaf.angle), sin(leaf.angle)
        for u, v in ((u0, 0.0), (u1, 0.0), (middle, v0), (middle, v1)):
            xs.append(leaf.x + leaf.length * (u * cosine - v * sine))
            ys.append(leaf.y + leaf.length * (u * sine + v * cosine))
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top) / 2


def _finish(canvas: Canvas, rng: Random, light: Light, size: int, species: list[int]) -> Photo:
    """Through the lens: patches of shade, exposure, blur, grain; then the picture and its truth."""
    rgb = canvas.rgb
    if rng.random() < 0.2:
        rgb = rgb * _dapple(rng, light, canvas.side)
    rgb = _shrink(rgb, size)
    exposure = rng.uniform(0.8, 1.35) * (0.2 / max(float(rgb.mean()), 0.01)) ** 0.5
    rgb = np.sqrt(np.clip(rgb * exposure, 0, None))
    rgb = rgb / (1 + np.clip(rgb - 0.8, 0, None))
    contrast = rng.uniform(0.85, 1.15)
    rgb = (rgb - 0.45) * contrast + 0.45 + rng.normal(0, 0.02)
    image = _lens(rng, rgb.transpose(1, 2, 0), size)
    middles = ((np.arange(size) + 0.5) * canvas.side / size).astype(int)
    owner = canvas.owner[np.ix_(middles, middles)]
    return Photo(image, _classes(owner, species), _boxes(owner, species))


def _shrink(rgb: Plane, size: int) -> Plane:
    if rgb.shape[1] == size:
        return rgb
    planes = (Image.fromarray(plane).resize((size, size), Image.Resampling.BOX) for plane in rgb)
    return np.stack([np.asarray(plane) for plane in planes])


def _lens(rng: Random, rgb: Plane, size: int) -> Bytes:
    blur = float(np.clip(rng.normal(0.1, 0.3), 0.0, 0.6)) * size / 96
    noise = rng.uniform(0.004, 0.022)
    grain = rng.standard_normal((size, size, 3), np.float32)
    picture = Image.fromarray(np.clip(rgb * 255, 0, 255).astype(np.uint8))
    if blur > 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    return np.clip(np.asarray(picture) + grain * (255 * noise), 0, 255).astype(np.uint8)


def _dapple(rng: Random, light: Light, side: int) -> Plane:
    """The shade of something outside the picture, multiplied over everything."""
    place = (rng.random(), rng.random(), rng.uniform(0.12, 0.4))
    field = window("cloud", 1.9, 6, place=place, turn=int(rng.integers(8)), side=side)
    lit = np.clip((field - rng.uniform(0.3, 0.7)) * rng.uniform(4, 14) + 0.5, 0, 1)
    shade = light.shade[:, None, None]
    return (shade + (1 - shade) * lit).astype(np.float32)


def _classes(owner: Bytes, species: list[int]) -> Bytes:
    table = np.zeros(256, np.uint8)
    table[: len(species)] = np.array(species) + 1
    return table[owner]


def _boxes(owner: Bytes, species: list[int]) -> tuple[Box, ...]:
    boxes = []
    for index, kind in enumerate(species):
        rows, columns = np.nonzero(owner == index)
        if len(rows):
            left, top = int(columns.min()), int(rows.min())
            boxes.append(Box(kind, left, top, int(columns.max()) + 1, int(rows.max()) + 1))
    return tuple(boxes)
