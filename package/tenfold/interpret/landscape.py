"""The loss around the weights of a model, along one line, over a plane, or to another solution.

Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", https://arxiv.org/abs/1712.09913;
the line between two solutions is Goodfellow et al. 2015, https://arxiv.org/abs/1412.6544.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import SettingError, StoppedError
from tenfold.interpret.ground import Ground
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.control import Pass
from tenfold.train.interrupts import Interrupts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KINDS", "Landscape", "Settings", "order", "survey"]

KINDS = ("line", "plane", "between")
# how far the line between two solutions goes beyond them
BEYOND = 0.5
# rows of a table that a person still reads
MOST_ROWS = 9


@dataclass(frozen=True)
class Settings:
    """What a landscape is asked for; refuses what is out of range.

    `kind` is "line" (several random directions, one curve each), "plane" (two random directions)
    or "between" (the line to another solution). `points` is their number along a direction, odd,
    so that the weights themselves are one of them.
    """

    kind: str = "plane"
    points: int = 15
    radius: float = 1.0
    directions: int = 3
    items: int = 256
    of: str = "train"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SettingError(f"dimensions={self.kind!r} was given; allowed are 1 and 2")
        check_radius(self.radius)
        for name, least in (("points", 3), ("directions", 1), ("items", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise SettingError(f"{name}={value!r} was given; allowed is {least} and above")
        if not self.points % 2:
            raise SettingError(
                f"points={self.points} was given; allowed are odd numbers, so that the weights "
                f"themselves are in the middle; try {self.points + 1}"
            )
        if self.of not in ("train", "valid"):
            raise SettingError(f"of={self.of!r} was given; allowed are 'train' and 'valid'")

    @property
    def along(self) -> np.ndarray:
        """The places along a direction, in lengths of it."""
        if self.kind != "between":
            return np.linspace(-self.radius, self.radius, self.points)
        places = np.linspace(-BEYOND, 1 + BEYOND, self.points)
        return np.union1d(places.round(12), [0.0, 1.0])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the losses."""
        rows = {"plane": self.points, "line": self.directions, "between": 1}[self.kind]
        return rows, len(self.along)


@dataclass(eq=False, repr=False)
class Landscape:
    """The loss at every point that was measured, in `losses`; others are not a number.

    A row of `losses` is one direction of a line; of a plane it is one place along the second
    direction. `along` holds the places. A landscape that was interrupted is kept by its learner,
    and the same call goes on with it.
    """

    settings: Settings
    losses: np.ndarray
    key: str = ""
    """What tells one survey from another: weights, sample, settings and directions."""

    @property
    def along(self) -> np.ndarray:
        """The places along a direction, in lengths of it; 0 are the weights themselves."""
        return self.settings.along

    @property
    def measured(self) -> int:
        """How many points have a loss."""
        return int((~np.isnan(self.losses)).sum())

    @property
    def whole(self) -> bool:
        """Whether every point was measured."""
        return self.measured == self.losses.size

    @property
    def loss(self) -> float:
        """The loss at the weights themselves."""
        at = int(np.abs(self.along).argmin())
        return float(self.losses[at if self.settings.kind == "plane" else 0, at])

    @property
    def barrier(self) -> float:
        """Of a line between two solutions: the highest loss on it above the straight line."""
        inside = (self.along >= 0) & (self.along <= 1)
        heights, share = self.losses[0, inside], self.along[inside]
        return float((heights - (1 - share) * heights[0] - share * heights[-1]).max())

    def rise(self, radius: float | None = None) -> float:
        """The median loss at a distance of about `radius` from the weights, less that at them.

        About means within half a step between two points; without `radius` at its half.
        """
        wanted = self.settings.radius / 2 if radius is None else radius
        check_radius(wanted)
        far = self._distances()
        step = float(self.along[1] - self.along[0])
        near = (np.abs(far - wanted) <= 0.501 * step) & ~np.isnan(self.losses)
        if self.settings.kind == "between" or not near.any():
            raise SettingError(
                f"radius={wanted:g} was given; nothing was measured there: this landscape "
                + ("is a line to another solution; see its barrier"
                   if self.settings.kind == "between"
                   else f"goes to {self.settings.radius:g} and has {self.measured:,} points")
            )  # fmt: skip
        return float(np.median(self.losses[near]) - self.loss)

    def _distances(self) -> np.ndarray:
        across = np.abs(self.along)[None, :]
        if self.settings.kind == "plane":
            return np.hypot(across, across.T)
        return np.broadcast_to(across, self.losses.shape)

    @property
    def words(self) -> str:
        """What it shows, in a sentence."""
        if not self.whole:
            return (
                f"{self.measured:,} of {counted(self.losses.size, 'point')} of the landscape are "
                "measured; the same call goes on"
            )
        if self.settings.kind == "between":
            at = float(self.losses[0, self.along == 1][0])
            told = f"a barrier of {self.barrier:.4f}" if self.barrier > 0 else "no barrier"
            return (
                f"the loss on the line between two solutions: {self.loss:.4f} at the first, "
                f"{at:.4f} at the second, {told} between them"
            )
        far, size = self.settings.radius, counted(self.settings.directions, "random direction")
        over = "over a plane" if self.settings.kind == "plane" else f"along {size}"
        return (
            f"the loss {over} around the weights: {self.loss:.4f} at them, {self.rise():.4f} more "
            f"at a distance of {far / 2:g} lengths of the filters, {self.losses.max():.4g} at the "
            f"highest within {far:g}"
        )

    @property
    def table(self) -> list[list[str]]:
        """The losses along each direction; of a plane along its two axes."""
        shown = self._chosen(np.arange(len(self.along)))
        rows = self.losses
        heads = [f"direction {number + 1}" for number in range(len(rows))]
        if self.settings.kind == "plane":
            middle = len(self.along) // 2
            heads = ["along the first", "along the second"]
            rows = np.stack([self.losses[middle], self.losses[:, middle]])
        if self.settings.kind == "between":
            heads = ["loss"]
        table = [["place", *heads]]
        for at in shown:
            table.append([f"{self.along[at]:+.2f}", *[_number(row[at]) for row in rows]])
        return table

    def _chosen(self, places: np.ndarray) -> list[int]:
        step = math.ceil((len(places) - 1) / (MOST_ROWS - 1))
        middle = len(places) // 2
        return [int(at) for at in places if (at - middle) % step == 0]

    def __repr__(self) -> str:
        return f"{self.words}\n{text_table(self.table)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.words)

    def plot(self, *, surface: bool = False) -> Figure:
        """The curves, or the contours of a plane; `surface` draws that as a mountain."""
        # by its name: matplotlib is loaded when something is drawn
        from tenfold.interpret.landscape_picture import drawn

        return drawn(self, surface=surface)


def _number(loss: float) -> str:
    return "–" if np.isnan(loss) else f"{loss:.4f}"


def survey(
    found: Landscape, ground: Ground, directions: Sequence[Any], control: Pass | None = None
) -> Landscape:
    """Measure the points that have no loss yet, coarsely first, so that each moment has a picture.

    `directions` are those of the plane or of the curves. When `control` is stopped, what was
    measured by then stays in `found`; raises StoppedError where that is nothing.
    """
    control = control or Pass("landscape", found.losses.size * len(ground.batches))
    plane = found.settings.kind == "plane"
    points = order(found.losses.shape, both=plane)
    left = [point for point in points if np.isnan(found.losses[point])]
    with Interrupts(lambda: control.stop("interrupted")):
        for row, column in left:
            x, y = float(found.along[column]), float(found.along[row]) if plane else 0.0
            steps = [(x, directions[0]), (y, directions[1])] if plane else [(x, directions[row])]
            try:
                found.losses[row, column] = ground.loss(*steps, control=control)
            except StoppedError:
                if not found.measured:
                    raise
                break
    return found


def order(shape: tuple[int, int], *, both: bool) -> list[tuple[int, int]]:
    """Every point of a grid: the middle, then ever finer grids; `both` if rows are places too.

    >>> order((1, 5), both=False)
    [(0, 2), (0, 0), (0, 4), (0, 1), (0, 3)]
    """
    rows, columns = shape

    def level(point: tuple[int, int]) -> int:
        away = [point[1] - columns // 2] + ([point[0] - rows // 2] if both else [])
        return max(_fineness(distance) for distance in away)

    points = [(row, column) for row in range(rows) for column in range(columns)]
    return sorted(points, key=level)


def _fineness(distance: int) -> int:
    """0 in the middle, and the larger the fewer twos the distance from it holds."""
    return 64 - (distance & -distance).bit_length() if distance else 0


def check_radius(radius: float) -> None:
    """Refuse a distance that is none."""
    if isinstance(radius, bool) or not isinstance(radius, int | float) or not 0 < radius < 100:
        raise SettingError(
            f"radius={radius!r} was given; allowed is above 0, in lengths of the filters; try 1"
        )
