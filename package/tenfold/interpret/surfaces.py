"""Landscapes in two dimensions on which optimizers are compared: each hard in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from tenfold.errors import SettingError
from tenfold.text import did_you_mean, listed

__all__ = ["SURFACES", "Surface", "find_surface"]

Point = tuple[float, float]
Range = tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """A function of (x, y), where the walk starts, where its minima are, and the part to draw.

    `height` maps two tensors of one shape to a third; `lowest` is its value at the minima.

    >>> find_surface("valley").start
    (-4.0, 1.0)
    """

    name: str
    words: str
    height: Callable[[Tensor, Tensor], Tensor] = field(repr=False)
    start: Point
    minima: tuple[Point, ...]
    lowest: float
    across: Range
    up: Range


def _valley(x: Tensor, y: Tensor) -> Tensor:
    return x**2 / 20 + y**2


def _rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _beale(x: Tensor, y: Tensor) -> Tensor:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _saddle(x: Tensor, y: Tensor) -> Tensor:
    return x**2 / 2 - y**2 / 2 + y**4 / 4


SURFACES: dict[str, Surface] = {
    one.name: one
    for one in (
        Surface(
            "valley",
            "a long valley: steep across, flat along",
            _valley,
            start=(-4.0, 1.0),
            minima=((0.0, 0.0),),
            lowest=0.0,
            across=(-4.6, 1.6),
            up=(-1.4, 1.4),
        ),
        Surface(
            "rosenbrock",
            "Rosenbrock's valley (1960): it bends, and its floor is nearly flat",
            _rosenbrock,
            start=(-1.2, 1.0),
            minima=((1.0, 1.0),),
            lowest=0.0,
            across=(-1.8, 1.6),
            up=(-0.6, 1.8),
        ),
        Surface(
            "beale",
            "Beale's function (1958): flat ground between steep walls",
            _beale,
            start=(1.0, 1.5),
            minima=((3.0, 0.5),),
            lowest=0.0,
            across=(-0.5, 4.0),
            up=(-1.0, 2.0),
        ),
        Surface(
            "saddle",
            "a saddle: the walk starts on its ridge, where almost nothing points down",
            _saddle,
            start=(1.5, 0.001),
            minima=((0.0, -1.0), (0.0, 1.0)),
            lowest=-0.25,
            across=(-1.2, 1.8),
            up=(-1.6, 1.6),
        ),
    )
}


def find_surface(surface: str | Surface) -> Surface:
    """A surface by its name, or one of your own as it is."""
    if isinstance(surface, Surface):
        return surface
    if surface not in SURFACES:
        hint = did_you_mean(str(surface), SURFACES)
        raise SettingError(
            f"the surface {surface!r} was given; known are {listed(SURFACES)}, or give a "
            f"Surface{hint}"
        )
    return SURFACES[surface]
