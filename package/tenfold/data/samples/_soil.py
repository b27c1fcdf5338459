"""The ground: soil of several kinds, pebbles, moss, straw, and the plastic of a seed tray."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.data.samples._leaves import Blade, Stalk, Stone
from tenfold.data.samples._noise import SIDE, window
from tenfold.data.samples._render import Canvas, Colour, Light, Paint, Pose, draw_leaf
from tenfold.data.samples._types import Leaf, Plane

Random = np.random.Generator


def linear(*colour: float) -> Colour:
    """A colour as the eye names it (0 to 1) in linear light."""
    return np.square(np.array(colour, np.float32))


@dataclass(frozen=True)
class Ground:
    """One kind of soil: two colours it varies between, how coarse and how rough it is."""

    dark: tuple[float, float, float]
    pale: tuple[float, float, float]
    zoom: tuple[float, float]
    rough: float
    pebbles: int
    perlite: int


GROUNDS = (
    Ground((0.15, 0.12, 0.10), (0.38, 0.32, 0.27), (0.5, 0.9), 1.0, 2, 14),  # compost
    Ground((0.27, 0.21, 0.16), (0.53, 0.44, 0.35), (0.45, 0.85), 0.8, 6, 0),  # loam
    Ground((0.36, 0.24, 0.18), (0.62, 0.46, 0.36), (0.5, 0.9), 0.7, 5, 0),  # red clay
    Ground((0.46, 0.40, 0.32), (0.70, 0.63, 0.53), (0.75, 1.0), 0.5, 8, 0),  # sand
    Ground((0.32, 0.31, 0.29), (0.60, 0.58, 0.55), (0.28, 0.45), 1.1, 4, 0),  # gravel
    Ground((0.22, 0.21, 0.19), (0.48, 0.45, 0.41), (0.45, 0.85), 0.8, 5, 3),  # grey earth
)


def _near(rng: Random, colour: tuple[float, float, float], by: float) -> Colour:
    shift = rng.normal(0, by) + rng.normal(0, 0.3 * by, 3)
    return np.square(np.clip(np.array(colour) + shift, 0.05, 0.95)).astype(np.float32)


def _somewhere(rng: Random, low: float, high: float) -> dict[str, Any]:
    width = rng.uniform(low, high)
    return {"place": (rng.random(), rng.random(), width), "turn": int(rng.integers(8))}


def lay_soil(canvas: Canvas, rng: Random, light: Light, *, kind: Ground) -> None:
    """Fill the canvas with lit soil, moss included; stones and straw come by `scatter`."""
    side = canvas.side
    spot, which = _somewhere(rng, *kind.zoom), int(rng.integers(2))
    height = window("heights", 0, which, side=side, **spot)
    height = 0.75 * height * np.float32(side / (SIDE * spot["place"][2]) * kind.rough)
    tone = window("tones", 0, which, side=side, **spot)
    patchy = window("cloud", 1.6, 1, side=side, **_somewhere(rng, 0.2, 0.6))
    fine = window("cloud", 0.5, 2, side=side, **_somewhere(rng, 0.3, 0.6))
    mix = np.clip(0.25 * tone + 0.4 * patchy + 0.35 * fine - 0.1, 0, 1)
    dark, pale = _near(rng, kind.dark, 0.03), _near(rng, kind.pale, 0.06)
    albedo = dark[:, None, None] + (0.15 + 0.7 * mix) * (pale - dark)[:, None, None]
    deep = np.clip(0.55 + height / max(float(height.mean()) * 2.2, 1e-3), 0, 1.1)
    albedo = albedo * deep
    if rng.random() < 0.3:
        albedo, height = _moss(rng, albedo, height)
    relief = light.relief(height.astype(np.float32))
    lit = light.sky[:, None, None] * (0.35 + 0.65 * deep) + light.sun[:, None, None] * relief
    canvas.rgb[:] = albedo * lit


def _moss(rng: Random, albedo: Plane, height: Plane) -> tuple[Plane, Plane]:
    side = height.shape[0]
    spread = window("cloud", 1.9, 3, side=side, **_somewhere(rng, 0.25, 0.7))
    fluff = window("cloud", 0.35, 4, side=side, **_somewhere(rng, 0.35, 0.6))
    edge = rng.uniform(0.65, 1.0)
    cover = np.clip((spread + 0.35 * (fluff - 0.5) - edge) * 9, 0, 1)
    green = _near(rng, (0.32, 0.36, 0.19), 0.06)
    moss = green[:, None, None] * (0.35 + 1.3 * fluff)
    return albedo + cover * (moss - albedo), height + cover * fluff * np.float32(0.02 * side)


def _plain(colour: Colour, *, blotch: float = 0.3, gloss: float = 0.0) -> Paint:
    return Paint(colour, colour, colour, colour * 1.3, colour, colour, blotch, gloss)


def scatter(canvas: Canvas, rng: Random, light: Light, *, kind: Ground) -> None:
    """Throw pebbles, perlite, straw and a dead leaf or two on the soil."""
    pose = Pose(0.0, 0.0, float(canvas.side), ((1.0, 0.0), (0.0, 1.0)), (0.0, 0.0))
    things = [_pebble(rng) for _ in range(rng.poisson(kind.pebbles * rng.uniform(0.2, 1.3)))]
    things += [_perlite(rng) for _ in range(rng.poisson(kind.perlite * rng.uniform(0.0, 2.0)))]
    things += [_straw(rng) for _ in range(rng.poisson(1.6 * rng.uniform(0, 1.6)))]
    things += [_dead_leaf(rng) for _ in range(rng.poisson(0.35))]
    for leaf, paint in things:
        draw_leaf(canvas, leaf, paint, pose=pose, light=light, owner=-1)


def _stone(rng: Random, radius: float, flat: float) -> Leaf:
    x, y = rng.random(2)
    shape = Stone(flat, rng.uniform(0.03, 0.1), rng.uniform(0, 6), rng.uniform(0.4, 0.8))
    return Leaf(x, y, rng.uniform(0, 6), radius, shape, height=0.5 * radius, kind="stone")


def _pebble(rng: Random) -> tuple[Leaf, Paint]:
    radius = min(0.012 + rng.exponential(0.014), 0.09)
    grey = rng.uniform(0.3, 0.75)
    warm = rng.uniform(-0.015, 0.06)
    colour = _near(rng, (grey + warm, grey, grey - warm), 0.02)
    return _stone(rng, radius, rng.uniform(0.6, 1.0)), _plain(colour, gloss=rng.uniform(0, 0.3))


def _perlite(rng: Random) -> tuple[Leaf, Paint]:
    return _stone(rng, rng.uniform(0.006, 0.018), 0.8), _plain(_near(rng, (0.86, 0.85, 0.82), 0.03))


def _straw(rng: Random) -> tuple[Leaf, Paint]:
    length = rng.uniform(0.06, 0.4)
    x, y = rng.random(2)
    shape = Stalk(rng.uniform(0.002, 0.008) / length, 0.3)
    colour = _near(rng, (0.55, 0.43, 0.27) if rng.random() < 0.7 else (0.3, 0.22, 0.15), 0.06)
    leaf = Leaf(x, y, rng.uniform(0, 6.3), length, shape, bend=rng.normal(0, 0.2), height=0.012)
    return leaf, _plain(colour)


def _dead_leaf(rng: Random) -> tuple[Leaf, Paint]:
    x, y = rng.random(2)
    shape = Blade(rng.uniform(0.15, 0.35), rng.uniform(0.35, 0.6), wave=0.06, fold=0.5, quilt=1.0,
                  phase=rng.uniform(0, 6))  # fmt: skip
    leaf = Leaf(x, y, rng.uniform(0, 6.3), rng.uniform(0.1, 0.28), shape,
                pitch=rng.uniform(0.6, 1), bend=rng.normal(0, 0.3), height=0.02)  # fmt: skip
    return leaf, _plain(_near(rng, (0.48, 0.33, 0.19), 0.06), blotch=0.5)
