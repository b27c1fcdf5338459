"""Fields of noise, made once in a process and then cut into windows: soil, moss, blotches."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image

from tenfold.data.samples._types import Plane

SIDE = 768


def _unit(field: np.ndarray) -> Plane:
    low, high = np.percentile(field, [1, 99])
    return np.clip((field - low) / (high - low), 0, 1).astype(np.float32)


@cache
def cloud(power: float, seed: int = 0) -> Plane:
    """A tileable field in [0, 1] whose amplitude falls with frequency to the given power."""
    rng = np.random.default_rng([771, seed])
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = np.inf
    wave = np.fft.rfft2(rng.standard_normal((SIDE, SIDE)))
    return _unit(np.fft.irfft2(wave * frequency**-power, s=(SIDE, SIDE)))


@cache
def crumbs(seed: int = 0, grains: int = 8000) -> tuple[Plane, Plane]:
    """Rounded grains of all sizes, heaped: (height in pixels of the field, tone of the grain)."""
    rng = np.random.default_rng([772, seed])
    height = 2 * cloud(1.0, seed).copy()
    tone = cloud(0.6, seed + 1).copy()
    radii = np.clip(rng.pareto(2.3, grains) * 2.2 + 1.6, 1.6, 15)
    for radius in radii:
        reach = int(radius) + 1
        x, y = rng.integers(reach, SIDE - reach, 2)
        stretch, turn = rng.uniform(0.65, 1.0), rng.uniform(0, np.pi)
        grid = np.arange(-reach, reach + 1, dtype=np.float32)
        along = grid[None] * np.cos(turn) + grid[:, None] * np.sin(turn)
        across = (grid[:, None] * np.cos(turn) - grid[None] * np.sin(turn)) / stretch
        dome = np.sqrt(np.clip(radius**2 - along**2 - across**2, 0, None)) * rng.uniform(0.6, 1.0)
        window = np.s_[y - reach : y + reach + 1, x - reach : x + reach + 1]
        lump = dome + rng.uniform(-0.2, 0.8) * radius * 0.4
        inside = (dome > 0) & (lump > height[window])
        height[window][inside] = lump[inside]
        tone[window][inside] = rng.uniform(0, 1)
    height, tone = _crumple(height, seed), _crumple(tone, seed)
    return height + 2.2 * cloud(0.75, seed + 7), tone


def _crumple(field: Plane, seed: int) -> Plane:
    """Move every point a little, so that round grains get broken outlines."""
    along, down = ((14 * (cloud(1.1, seed + part) - 0.5)).astype(int) for part in (8, 9))
    steps = np.arange(SIDE)
    return field[(steps[:, None] + along) % SIDE, (steps + down) % SIDE]


@cache
def _picture(name: str, which: float, seed: int) -> Image.Image:
    if name == "cloud":
        return Image.fromarray(cloud(which, seed))
    return Image.fromarray(crumbs(seed)[name == "tones"])


def window(
    name: str, which: float, seed: int, *, place: tuple[float, float, float], turn: int, side: int
) -> Plane:
    """Cut a square from a field and bring it to side x side.

    name is "cloud" (which is its power), "heights" or "tones" of the crumbs; place is (left, top,
    width), each from 0 to 1 of the field; turn from 0 to 7 is one of the eight ways to lay it.
    """
    left, top, width = place
    left, top = left * (1 - width) * SIDE, top * (1 - width) * SIDE
    box = (left, top, left + width * SIDE, top + width * SIDE)
    field = _picture(name, which, seed)
    small = field.resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=1.2)
    plane = np.asarray(small)
    plane = np.rot90(plane, turn % 4)
    return plane[:, ::-1] if turn >= 4 else plane
