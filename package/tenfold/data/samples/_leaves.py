"""Outlines, veins and relief of leaves, each as a formula over the leaf's own plane."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tenfold.data.samples._types import Plane, Surface

_STEPS = 1024


def _tooth_tables() -> dict[str, Plane]:
    t = np.linspace(0, 1, 256, dtype=np.float32)
    tables = {
        "saw": np.where(t < 0.8, 1 - t / 0.8, (t - 0.8) / 0.2),
        "round": 1 - np.sqrt(np.abs(np.sin(np.pi * t))),
        "lobe": np.abs(2 * t - 1) ** 0.8,
        "hook": np.where(t < 0.72, np.abs(1 - t / 0.72) ** 0.7, (t - 0.72) / 0.28),
    }
    return {name: table.astype(np.float32) for name, table in tables.items()}


_TEETH = _tooth_tables()


def _line(distance: Plane, half: Plane | float) -> Plane:
    return np.clip(1 - np.abs(distance) / half, 0, 1)


def _look_up(table: Plane, at: Plane) -> Plane:
    return table[np.clip(at * (len(table) - 1), 0, len(table) - 1).astype(np.int32)]


@dataclass(eq=False)
class Blade:
    """A leaf along a midrib; half is its half width and widest the place of it, in lengths.

    Teeth and lobes are cut from the outline; lean > 0 makes them point to the tip, lean < 0 back
    to the base. whole is the part at the tip that stays uncut.
    """

    half: float = 0.25
    widest: float = 0.45
    blunt_base: float = 0.7
    blunt_tip: float = 0.7
    notch: float = 0.0
    teeth: int = 0
    depth: float = 0.0
    tooth: str = "saw"
    lean: float = 0.5
    whole: float = 0.0
    wave: float = 0.0
    veins: int = 6
    vein_lean: float = 0.8
    vein_strength: float = 0.7
    parallel: int = 0
    fold: float = 0.25
    quilt: float = 0.3
    chevron: float = 0.0
    stalk: float = 0.0  # half width that the base never falls below, for a winged stalk
    phase: float = 0.0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return (-0.04, 1.04, -self.half * 1.1 - 0.02, self.half * 1.1 + 0.02)

    @cached_property
    def _width(self) -> Plane:
        t = np.linspace(0, 1, _STEPS, dtype=np.float32)
        rise = np.sin(np.pi / 2 * np.clip(t / self.widest, 0, 1)) ** (1 / self.blunt_base - 0.4)
        left = np.clip((1 - t) / (1 - self.widest), 0, 1)
        fall = np.sin(np.pi / 2 * left) ** (1 / self.blunt_tip - 0.4)
        width = self.half * np.where(t < self.widest, rise, fall)
        wobble = np.sin(13 * t + self.phase) + np.sin(29 * t + 2.3 * self.phase)
        width = width * (1 + self.wave * wobble)
        return np.maximum(width, self.stalk * (t < 0.8)).astype(np.float32)

    def _half_width(self, u: Plane, side: Plane, right: Plane) -> Plane:
        width = _look_up(self._width, u + self.notch * np.clip(1 - side / (0.8 * self.half), 0, 1))
        if not self.teeth:
            return width
        turn = self.teeth * (u - self.lean * side) + self.phase + 0.37 * right
        cut = _look_up(_TEETH[self.tooth], turn - np.floor(turn))
        if self.whole:
            cut = cut * np.clip((1 - u - self.whole) * 6, 0, 1)
        depth = self.depth * width
        return width - cut * depth

    def surface(self, u: Plane, v: Plane, pixel: float) -> Surface:
        side, right = np.abs(v), (v > 0)
        width = self._half_width(u, side, right)
        inside = np.minimum(width - side, np.minimum(u + 0.012, 1.0 - u))
        across = side / np.maximum(width, 1e-3)
        thin = max(0.7 * pixel, 0.007)
        narrowing = 0.14 * self.half * (1 - 0.75 * np.clip(u, 0, 1))
        midrib = _line(v, np.maximum(narrowing, thin))
        vein = midrib if not self.parallel else self._parallel(across, midrib, pixel)
        if self.veins:
            turn = self.veins * (u - self.vein_lean * side) + self.phase + 0.5 * right
            wave = turn - np.floor(turn) - 0.5
            line = _line(wave, self.veins * max(0.8 * pixel, 0.011)) * (1.1 - across)
            vein = np.maximum(midrib, self.vein_strength * line)
        height = self.fold * side - 0.35 * side * across - 0.06 * self.quilt * vein
        if self.veins:
            height -= 0.06 * self.quilt * (wave * wave) / self.veins * 6
        mark = None
        if self.chevron:
            mark = self.chevron * _line(u - 0.55 + 0.75 * side, 0.12) * (side < 0.85 * width)
        return Surface(inside, height, vein, mark)

    def _parallel(self, across: Plane, midrib: Plane, pixel: float) -> Plane:
        turn = self.parallel * across
        line = _line(turn - np.round(turn), self.parallel * max(pixel, 0.012) / (2 * self.half))
        return np.maximum(midrib, self.vein_strength * line * (across < 0.95) * (across > 0.1))


@dataclass(eq=False)
class Palm:
    """A leaf around the point where its stalk joins, with lobes like the fingers of a hand.

    spread is the angle of the outermost lobe; a peltate leaf is a whole shield, without a gap.
    """

    lobes: int = 5
    spread: float = 2.2
    depth: float = 0.5
    finger: float = 0.35
    teeth: int = 0
    tooth_depth: float = 0.1
    shrink: float = 0.2
    pale: float = 0.0
    peltate: bool = False
    wave: float = 0.0
    quilt: float = 0.4
    phase: float = 0.0

    bounds = (-1.05, 1.05, -1.05, 1.05)

    @cached_property
    def _tables(self) -> tuple[Plane, Plane, Plane]:
        angle = np.linspace(-np.pi, np.pi, _STEPS, dtype=np.float32)
        centres = np.linspace(-self.spread, self.spread, self.lobes)
        reach = 1 - self.shrink * (np.abs(centres) / np.pi) ** 1.5
        off = angle[:, None] - centres
        fingers = reach * (1 - np.clip(np.abs(off) / self.finger, 0, 1.35) ** 2.4 * self.depth)
        which = np.argmax(fingers, axis=1)
        radius = fingers[np.arange(_STEPS), which]
        offset = off[np.arange(_STEPS), which]
        if self.teeth:
            turn = (offset / self.finger * 0.5 + 0.5) * self.teeth
            radius = radius - self.tooth_depth * np.abs(2 * (turn % 1) - 1) ** 1.3
        radius = radius * (1 + self.wave * np.sin(5 * angle + self.phase))
        radius += self.wave * np.sin(11 * angle + 2 * self.phase)
        gap = np.clip((np.pi - np.abs(angle)) / max(np.pi - self.spread, 1e-3) - 0.15, 0, 1)
        if not self.peltate:
            radius = radius * np.sqrt(gap)
        slope = np.gradient(radius, angle) / np.maximum(radius, 0.05)
        steep = 1 / np.sqrt(1 + np.clip(slope, -4, 4) ** 2)
        return radius.astype(np.float32), offset.astype(np.float32), steep.astype(np.float32)

    def surface(self, u: Plane, v: Plane, pixel: float) -> Surface:
        radius, offset, steep = self._tables
        far = np.hypot(u, v)
        at = ((np.arctan2(v, u) / (2 * np.pi) + 0.5) * (_STEPS - 1)).astype(np.int32)
        edge, off = radius[at], offset[at]
        inside = (edge - far) * steep[at]
        rib = far * off
        thin = max(0.8 * pixel, 0.012)
        vein = _line(rib, np.maximum(0.04 * (1 - far), thin)) * np.clip(1.3 - far, 0, 1)
        side = np.abs(rib)
        turn = 7 * (far * np.cos(off) - 0.9 * side)
        fork = _line(turn - np.floor(turn) - 0.5, 7 * thin) * np.clip(edge - far, 0, 0.5)
        vein = np.maximum(vein, fork)
        height = self.quilt * (0.5 * side - 0.05 * vein) + 0.12 * far * far
        mark = self.pale * _line(far, 0.16) if self.pale else None
        return Surface(inside, height, vein, mark)


@dataclass(eq=False)
class Feather:
    """A leaf cut into threads: a rib with side threads that fork again."""

    half: float = 0.3
    threads: int = 8
    thick: float = 0.014
    lean: float = 0.9
    phase: float = 0.0

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return (-0.03, 1.03, -self.half - 0.03, self.half + 0.03)

    def surface(self, u: Plane, v: Plane, pixel: float) -> Surface:
        side, right = np.abs(v), (v > 0)
        turn = self.threads * (u - self.lean * side) + self.phase + 0.3 * right
        number = np.floor(turn)
        turn -= number
        reach = self.half * np.sqrt(np.clip(u * 1.6 + 0.05, 0, 1)) * np.clip(2.2 * (1.02 - u), 0, 1)
        reach = reach * (0.85 + 0.15 * np.sin(2.4 * number + self.phase))
        near = np.abs(turn - 0.5) / (self.threads * np.sqrt(1 + self.lean**2))
        for part, start, end in ((0.36, 0.5, 1.0), (0.7, 0.5, 0.98), (0.55, 0.12, 0.5)):
            slant = side - part * self.half + (0.02 if start < 0.5 else -0.02) * (turn - 0.5) * 4
            fork = np.where((turn > start) & (turn < end), np.abs(slant), 1.0)
            near = np.minimum(near, fork)
        thick = max(self.thick, 0.85 * pixel)
        inside = np.minimum(thick - near, reach - side)
        rib = np.minimum(thick * 1.5 - side, np.minimum(u + 0.01, 0.97 - u))
        inside = np.maximum(inside, rib)
        return Surface(inside, np.clip(inside, 0, thick) * 0.8)


@dataclass(eq=False)
class Stalk:
    """A stem or stalk: a round bar from 0 to 1; half is its half thickness in lengths."""

    half: float = 0.02
    taper: float = 0.2

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        return (-0.02, 1.02, -self.half - 0.01, self.half + 0.01)

    def surface(self, u: Plane, v: Plane, pixel: float) -> Surface:
        half = np.maximum(self.half * (1 - self.taper * u), 0.6 * pixel)
        inside = np.minimum(half - np.abs(v), np.minimum(u, 1 - u) + self.half)
        return Surface(inside, np.clip(half - v * v / half, 0, None) * 0.45)


@dataclass(eq=False)
class Stone:
    """A pebble, grain or clod: a rounded lump with an uneven outline."""

    flat: float = 0.8
    rough: float = 0.08
    phase: float = 0.0
    dome: float = 0.6

    bounds = (-1.2, 1.2, -1.2, 1.2)

    def surface(self, u: Plane, v: Plane, pixel: float) -> Surface:
        v = v / self.flat
        turn = np.arctan2(v, u)
        far = np.hypot(u, v)
        edge = 1 + self.rough * (np.sin(3 * turn + self.phase) + np.sin(5 * turn + 2 * self.phase))
        height = self.dome * np.sqrt(np.clip(1.05 - (far / edge) ** 2, 0, None))
        return Surface((edge - far) * self.flat, height)
