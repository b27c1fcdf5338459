"""The botany: twelve species, each a function from a random generator and an age to leaves.

age runs from 0 (cotyledons and the first true leaves) to 1 (a young plant in full leaf).
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi

from tenfold.data.samples._growth import (
    GOLDEN,
    Random,
    compound,
    cotyledons,
    many,
    pairs,
    rosette,
    stalked,
    three,
)
from tenfold.data.samples._leaves import Blade, Feather, Palm
from tenfold.data.samples._types import Leaf


def chickweed(rng: Random, age: float) -> list[Leaf]:
    half = rng.uniform(0.27, 0.33)

    def make() -> Blade:
        return Blade(half, 0.4, 0.95, 0.62, veins=4, vein_strength=0.25, fold=0.2, wave=0.02,
                     phase=rng.uniform(0, 6), quilt=0.1)  # fmt: skip

    seed = Blade(0.2, 0.45, 0.6, 0.55, veins=0, fold=0.1)
    nodes = many(rng, age, 2, 4)
    leaves = cotyledons(rng, seed, length=0.6, stalk=0.35, angle=rng.uniform(0, 6), age=age)
    return leaves + pairs(rng, make, nodes=nodes, first=0.85, last=0.4, stalk=0.4, lean=0.16)


def cleavers(rng: Random, age: float) -> list[Leaf]:
    half = rng.uniform(0.075, 0.11)

    def make() -> Blade:
        return Blade(half, 0.68, 0.5, 0.85, veins=0, fold=0.5, phase=rng.uniform(0, 6))

    seed = Blade(0.33, 0.5, 0.95, 1.1, notch=0.1, veins=0, fold=0.15)
    leaves = cotyledons(rng, seed, length=0.42, stalk=0.3, angle=rng.uniform(0, 6), age=0.7 * age)
    whorl = int(rng.choice([5, 6, 6, 7, 8])) if age > 0.3 else int(rng.choice([4, 5, 6]))
    nodes = many(rng, age, 1, 3)
    return leaves + pairs(
        rng, make, nodes=nodes, first=0.95, last=0.42, stalk=0.0, whorl=whorl, lean=0.22,
        pitch=(0.75, 1.0), bend=0.1,
    )  # fmt: skip


def clover(rng: Random, age: float) -> list[Leaf]:
    half, chevron = rng.uniform(0.4, 0.47), rng.uniform(0.5, 1.2)

    def leaflet(side: float) -> Blade:
        return Blade(half, 0.62, 0.68, 1.15, notch=rng.uniform(0.05, 0.14), veins=9,
                     vein_strength=0.35, vein_lean=0.9, chevron=chevron, fold=0.3, quilt=0.15,
                     phase=rng.uniform(0, 1))  # fmt: skip

    count, angle = many(rng, age, 3, 8), rng.uniform(0, 6)
    leaves = cotyledons(
        rng, Blade(0.3, 0.5, 0.9, 1.1, veins=0), length=0.28, stalk=0.2, angle=angle, age=age
    )
    for index in range(count):
        part = index / max(count - 1, 1)
        leaves += three(
            rng, leaflet, angle=angle, stalk=rng.uniform(0.35, 0.95) * (1 - 0.5 * part),
            length=rng.uniform(0.36, 0.5), gap=rng.uniform(1.75, 2.1), height=0.1 + 0.1 * part,
            tone=part * 0.8 - 0.3, foot=0.01,
        )  # fmt: skip
        angle += GOLDEN + rng.normal(0, 0.2)
    return leaves


def strawberry(rng: Random, age: float) -> list[Leaf]:
    half, teeth = rng.uniform(0.36, 0.43), int(rng.integers(5, 7))

    def leaflet(side: float) -> Blade:
        return Blade(half, 0.58, 0.75, 1.0, teeth=teeth, depth=0.34, tooth="saw", lean=0.35,
                     veins=teeth, vein_lean=0.5, vein_strength=0.6, quilt=0.7, fold=0.3,
                     phase=rng.uniform(0, 1))  # fmt: skip

    count, angle = many(rng, age, 2, 4), rng.uniform(0, 6)
    leaves: list[Leaf] = []
    for index in range(count):
        part = index / max(count - 1, 1)
        leaves += three(
            rng, leaflet, angle=angle, stalk=rng.uniform(0.3, 0.6) * (1 - 0.5 * part),
            length=rng.uniform(0.56, 0.68) * (1 - 0.3 * part), gap=rng.uniform(1.2, 1.6),
            height=0.1 + 0.12 * part, tone=part * 0.8 - 0.3, foot=0.05,
        )  # fmt: skip
        angle += GOLDEN + rng.normal(0, 0.2)
    return leaves


def cranesbill(rng: Random, age: float) -> list[Leaf]:
    lobes, depth = int(rng.choice([5, 7, 7])), rng.uniform(0.3, 0.42)

    def make(part: float) -> Palm:
        spread = rng.uniform(2.25, 2.55)
        return Palm(lobes, spread, depth, spread / (lobes - 1) * 1.0, teeth=3, tooth_depth=0.1,
                    shrink=0.15, quilt=0.7, phase=rng.uniform(0, 6))  # fmt: skip

    angle = rng.uniform(0, 6)
    seed = Blade(0.42, 0.5, 1.1, 1.1, notch=0.06, veins=0)
    leaves = cotyledons(rng, seed, length=0.4, stalk=0.4, angle=angle, age=age)
    body = rosette(rng, make, leaves=many(rng, age, 3, 8), stalk=1.25, bend=0.03, thick=0.022,
                    pitch=(0.8, 1.0), smallest=0.5)  # fmt: skip
    for leaf in body:
        if leaf.kind == "blade":
            leaf.length *= 0.66
    return leaves + body


def nasturtium(rng: Random, age: float) -> list[Leaf]:
    ribs, pale = int(rng.integers(8, 10)), rng.uniform(0.4, 1.0)

    def make(part: float) -> Palm:
        return Palm(ribs, pi * (1 - 1 / ribs), rng.uniform(0.02, 0.06), 0.4, shrink=0.0,
                    peltate=True, wave=rng.uniform(0.0, 0.025), pale=pale, quilt=0.35,
                    phase=rng.uniform(0, 6))  # fmt: skip

    body = rosette(rng, make, leaves=many(rng, age, 2, 7), stalk=1.2, bend=0.02, thick=0.022,
                    pitch=(0.75, 1.0), smallest=0.45)  # fmt: skip
    for leaf in body:
        if leaf.kind == "blade":
            leaf.length *= rng.uniform(0.48, 0.6)
    return body


def dandelion(rng: Random, age: float) -> list[Leaf]:
    half, teeth, depth = rng.uniform(0.16, 0.21), int(rng.integers(4, 6)), rng.uniform(0.65, 0.82)

    def make(part: float) -> Blade:
        cut = depth * (1 - 0.3 * part)
        return Blade(half, 0.72, 0.55, 0.75, teeth=teeth, depth=cut, tooth="hook",
                     lean=-rng.uniform(0.5, 0.9), whole=0.12, veins=teeth, vein_lean=-0.3,
                     vein_strength=0.4, stalk=0.022, fold=0.3, phase=rng.uniform(0, 1),
                     quilt=0.5)  # fmt: skip

    seed = Blade(0.24, 0.6, 0.6, 0.95, veins=0)
    leaves = cotyledons(rng, seed, length=0.35, stalk=0.1, angle=rng.uniform(0, 6), age=age)
    return leaves + rosette(rng, make, leaves=many(rng, age, 4, 11), bend=0.15)


def plantain(rng: Random, age: float) -> list[Leaf]:
    half, lines = rng.uniform(0.1, 0.15), int(rng.choice([2, 3]))

    def make(part: float) -> Blade:
        return Blade(half, rng.uniform(0.5, 0.58), 0.42, 0.6, veins=0, parallel=lines,
                     vein_strength=0.7, stalk=0.03, fold=0.35, wave=0.03,
                     phase=rng.uniform(0, 6))  # fmt: skip

    seed = Blade(0.06, 0.5, 0.6, 0.6, veins=0)
    leaves = cotyledons(rng, seed, length=0.6, stalk=0.05, angle=rng.uniform(0, 6), age=age)
    return leaves + rosette(rng, make, leaves=many(rng, age, 4, 11), bend=0.18)


def maize(rng: Random, age: float) -> list[Leaf]:
    half, angle = rng.uniform(0.058, 0.085), rng.uniform(0, 2 * pi)
    count = many(rng, age, 3, 7)
    leaves = []
    for index in range(count):
        part = index / max(count - 1, 1)
        shape = Blade(half * rng.uniform(0.85, 1.15), rng.uniform(0.22, 0.34), 1.3, 0.66, veins=0,
                      parallel=3, vein_strength=0.35, fold=0.5, wave=0.03,
                      phase=rng.uniform(0, 6))  # fmt: skip
        leaves += stalked(
            rng, shape, angle=angle + rng.normal(0, 0.35), stalk=0.0,
            length=(0.75 if index == 0 else 1 - 0.45 * part**2), height=0.08 + 0.3 * part,
            pitch=(0.65, 1.0), bend=0.34, tone=part * 0.7 - 0.2,
        )  # fmt: skip
        angle += pi
    return leaves


def mayweed(rng: Random, age: float) -> list[Leaf]:
    half = rng.uniform(0.2, 0.28)

    def make(part: float) -> Feather:
        return Feather(half, int(rng.integers(6, 9)), 0.011, rng.uniform(0.5, 0.9),
                       rng.uniform(0, 1))  # fmt: skip

    seed = Blade(0.25, 0.5, 0.8, 0.9, veins=0)
    leaves = cotyledons(rng, seed, length=0.22, stalk=0.05, angle=rng.uniform(0, 6), age=age)
    return leaves + rosette(rng, make, leaves=many(rng, age, 4, 10), bend=0.12)


def nettle(rng: Random, age: float) -> list[Leaf]:
    half, teeth = rng.uniform(0.29, 0.36), int(rng.integers(6, 9))

    def make() -> Blade:
        return Blade(half, 0.36, 1.05, 0.55, teeth=teeth, depth=0.3, tooth="saw", lean=0.45,
                     veins=teeth, vein_lean=0.7, vein_strength=0.65, quilt=0.9, fold=0.25,
                     phase=rng.uniform(0, 1))  # fmt: skip

    seed = Blade(0.4, 0.5, 1.1, 1.2, notch=0.08, veins=0)
    leaves = cotyledons(rng, seed, length=0.4, stalk=0.3, angle=rng.uniform(0, 6), age=age)
    nodes = many(rng, age, 2, 4)
    return leaves + pairs(rng, make, nodes=nodes, first=0.85, last=0.35, stalk=0.3, lean=0.1)


def tomato(rng: Random, age: float) -> list[Leaf]:
    half, cut = rng.uniform(0.26, 0.34), rng.uniform(0.4, 0.55)

    def leaflet() -> Blade:
        return Blade(half, 0.4, 0.9, 0.6, teeth=3, depth=cut, tooth="round", lean=0.5, whole=0.2,
                     veins=5, vein_strength=0.6, quilt=0.8, fold=0.35,
                     phase=rng.uniform(0, 1))  # fmt: skip

    angle, count = rng.uniform(0, 6), many(rng, age, 3, 6)
    seed = Blade(0.13, 0.45, 0.7, 0.6, veins=0, fold=0.2)
    leaves = cotyledons(rng, seed, length=0.5, stalk=0.2, angle=angle + 1.5, age=0.8 * age)
    for index in range(count):
        part = index / max(count - 1, 1)
        length = (1 - 0.55 * part) * rng.uniform(0.85, 1.1)
        leaves += compound(rng, leaflet, angle=angle, length=length, part=part, age=age)
        angle += GOLDEN + rng.normal(0, 0.2)
    return leaves


SPECIES: dict[str, Callable[[Random, float], list[Leaf]]] = {
    "chickweed": chickweed,
    "cleavers": cleavers,
    "clover": clover,
    "cranesbill": cranesbill,
    "dandelion": dandelion,
    "maize": maize,
    "mayweed": mayweed,
    "nasturtium": nasturtium,
    "nettle": nettle,
    "plantain": plantain,
    "strawberry": strawberry,
    "tomato": tomato,
}

# Hue, strength and value of a species' green; the spread is wide enough that they overlap.
TINTS = {
    "chickweed": (0.255, 0.462, 0.638),
    "cleavers": (0.267, 0.47, 0.598),
    "clover": (0.279, 0.438, 0.594),
    "cranesbill": (0.259, 0.422, 0.614),
    "dandelion": (0.267, 0.478, 0.618),
    "maize": (0.251, 0.458, 0.638),
    "mayweed": (0.259, 0.458, 0.614),
    "nasturtium": (0.271, 0.422, 0.63),
    "nettle": (0.279, 0.47, 0.59),
    "plantain": (0.263, 0.446, 0.614),
    "strawberry": (0.275, 0.462, 0.614),
    "tomato": (0.267, 0.438, 0.586),
}
TINT_SPREAD = (0.06, 0.14, 0.12)
