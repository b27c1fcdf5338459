"""How plants grow: leaves on stalks, in pairs and whorls, in rosettes, made of leaflets.

A plant stands at (0, 0) and is seen from above; lengths are relative, the scene scales them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import numpy as np

from tenfold.data.samples._leaves import Blade, Stalk
from tenfold.data.samples._types import Leaf, Shape

Random = np.random.Generator
GOLDEN = 2.39996


def stem(
    start: tuple[float, float], end: tuple[float, float], thick: float, *, height: float = 0.05
) -> Leaf:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(float(np.hypot(dx, dy)), 1e-3)
    angle = float(np.arctan2(dy, dx))
    return Leaf(*start, angle, length, Stalk(thick / length), height=height, kind="stalk")


def stalked(
    rng: Random,
    shape: Shape,
    *,
    angle: float,
    stalk: float,
    length: float,
    at: tuple[float, float] = (0.0, 0.0),
    height: float = 0.1,
    pitch: tuple[float, float] = (0.75, 1.0),
    bend: float = 0.15,
    thick: float = 0.03,
    tone: float = 0.0,
) -> list[Leaf]:
    """A leaf on its stalk; the stalk is left out when it has no length."""
    end = (at[0] + stalk * cos(angle), at[1] + stalk * sin(angle))
    turn = rng.normal(0, 0.12) if stalk else 0.0
    blade = Leaf(
        *end,
        angle + turn,
        length * rng.uniform(0.92, 1.08),
        shape,
        pitch=rng.uniform(*pitch),
        bend=rng.normal(0, bend),
        height=height,
        tone=tone + rng.normal(0, 0.25),
    )
    return [stem(at, end, thick, height=height * 0.6), blade] if stalk else [blade]


def cotyledons(
    rng: Random, shape: Blade, *, length: float, stalk: float, angle: float, age: float
) -> list[Leaf]:
    """The pair of seed leaves; older plants have faded ones, or none."""
    if rng.random() < 1.4 * age - 0.5:
        return []
    leaves = []
    for turn in (0.0, pi):
        at = angle + turn + rng.normal(0, 0.15)
        leaves += stalked(
            rng, shape, angle=at, stalk=stalk, length=length, height=0.05, tone=-0.2 - 0.7 * age
        )
    return leaves


def pairs(
    rng: Random,
    make: Callable[[], Shape],
    *,
    nodes: int,
    first: float,
    last: float,
    stalk: float,
    whorl: int = 2,
    lean: float = 0.12,
    pitch: tuple[float, float] = (0.7, 1.0),
    bend: float = 0.12,
) -> list[Leaf]:
    """Leaves opposite or in whorls, each node turned against the last, the top ones smallest."""
    leaves: list[Leaf] = []
    angle, x, y = rng.uniform(0, 2 * pi), 0.0, 0.0
    heading = rng.uniform(0, 2 * pi)
    for node in range(nodes):
        part = node / max(nodes - 1, 1)
        length = first + (last - first) * part**1.2
        for leaf in range(whorl):
            at = angle + 2 * pi * leaf / whorl + rng.normal(0, 0.1)
            high = 0.08 + 0.1 * node
            leaves += stalked(
                rng, make(), at=(x, y), angle=at, stalk=stalk * length, length=length,
                height=high, pitch=pitch, bend=bend, tone=part * 0.8 - 0.2,
            )  # fmt: skip
        angle += pi / whorl + rng.normal(0, 0.08)
        step = lean * rng.uniform(0.4, 1.6)
        after = (x + step * cos(heading), y + step * sin(heading))
        if node < nodes - 1:
            leaves.append(stem((x, y), after, 0.035, height=0.1 + 0.1 * node))
        x, y = after
    return leaves


def rosette(
    rng: Random,
    make: Callable[[float], Shape],
    *,
    leaves: int,
    stalk: float = 0.0,
    pitch: tuple[float, float] = (0.7, 1.0),
    bend: float = 0.2,
    thick: float = 0.035,
    smallest: float = 0.35,
    start: float | None = None,
) -> list[Leaf]:
    """Leaves in a spiral by the golden angle; the middle ones are the youngest and smallest."""
    drawn: list[Leaf] = []
    angle = rng.uniform(0, 2 * pi) if start is None else start
    for index in range(leaves):
        part = index / max(leaves - 1, 1)
        length = 1 - (1 - smallest) * part**1.6
        if index < 2 and leaves > 4:
            length *= 0.75
        drawn += stalked(
            rng, make(part), angle=angle, stalk=stalk * length * rng.uniform(0.8, 1.2),
            length=length, height=0.06 + 0.16 * part, pitch=pitch, bend=bend, thick=thick,
            tone=part * 0.9 - 0.3,
        )  # fmt: skip
        angle += GOLDEN + rng.normal(0, 0.12)
    return drawn


def many(rng: Random, age: float, low: int, high: int) -> int:
    return round(low + (high - low) * age + rng.uniform(-0.4, 0.4))


def three(
    rng: Random, shape: Callable[[float], Blade], *, angle: float, stalk: float, length: float,
    gap: float, height: float, tone: float, foot: float,
) -> list[Leaf]:  # fmt: skip
    """Three leaflets at the end of one stalk; gap is the angle between neighbours."""
    x, y = stalk * cos(angle), stalk * sin(angle)
    leaves = [stem((0, 0), (x, y), 0.03, height=height * 0.6)]
    facing = angle + rng.normal(0, 0.35)
    pitch = rng.uniform(0.75, 1.0)
    for side in (-1, 1, 0):
        leaves += stalked(
            rng, shape(side), at=(x, y), angle=facing + side * gap + rng.normal(0, 0.08),
            stalk=foot if side == 0 else foot * 0.4, length=length, height=height,
            pitch=(pitch - 0.1, pitch), bend=0.05, thick=0.02, tone=tone,
        )  # fmt: skip
    return leaves


def compound(
    rng: Random, leaflet: Callable[[], Blade], *, angle: float, length: float, part: float,
    age: float,
) -> list[Leaf]:  # fmt: skip
    """A feathered leaf: pairs of leaflets along a rib and one at its end."""
    tip = 0.62 * length
    high = 0.1 + 0.15 * part
    leaves = [stem((0, 0), (tip * cos(angle), tip * sin(angle)), 0.035, height=high * 0.7)]
    rows = 1 if age < 0.25 or part > 0.8 else 2
    for pair in range(rows):
        along = tip * (0.42 + 0.4 * pair) if rows == 2 else tip * 0.6
        at = (along * cos(angle), along * sin(angle))
        for side in (-1, 1):
            leaves += stalked(
                rng, leaflet(), at=at, angle=angle + side * rng.uniform(0.95, 1.25),
                stalk=0.05 * length, length=length * rng.uniform(0.34, 0.48), height=high,
                thick=0.02, bend=0.1, tone=part * 0.6 - 0.2,
            )  # fmt: skip
    at = (tip * cos(angle), tip * sin(angle))
    return leaves + stalked(
        rng, leaflet(), at=at, angle=angle, stalk=0.0, length=0.46 * length, height=high,
        bend=0.1, tone=part * 0.6 - 0.2,
    )  # fmt: skip
