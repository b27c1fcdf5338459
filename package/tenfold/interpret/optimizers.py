"""Optimizers on one picture: their paths over a surface, their losses, the size of their steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tenfold.figures import COLOURS, GREY, quiet, showable
from tenfold.interpret.surfaces import Surface, find_surface
from tenfold.interpret.walks import Walk, walks
from tenfold.moving import Moving, frames
from tenfold.tables import Tabled
from tenfold.text import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["OptimizerWalks", "compare_optimizers"]

# lines that lie on each other are told apart by their dashes too
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
LEVELS, GRID, FRAMES = 18, 160, 40
# what is nearer to the minimum than this share of the first loss is drawn at it
FLOOR = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class OptimizerWalks(Tabled):
    """The walks of several optimizers over one surface, as a picture, in motion, as a table."""

    surface: Surface
    walks: tuple[Walk, ...]

    @property
    def steps(self) -> int:
        """How many steps each took."""
        return len(self.walks[0].losses) - 1

    @property
    def words(self) -> str:
        """What the picture shows, for who cannot see it."""
        ends = [f"{one.name} {one.losses[-1]:.3g}" for one in self.walks]
        return (
            f"paths of {listed([one.name for one in self.walks])} over {self.surface.words}, their "
            f"losses and the size of their steps; after {self.steps:,} steps the losses are "
            f"{listed(ends)}, and the lowest there is is {self.surface.lowest:g}"
        )

    @property
    def table(self) -> list[list[str]]:
        """Rate, loss at the end, first step near the minimum, longest step; a header first."""
        head = ["", "rate", "last loss", "steps to 1%", "longest step", "last step"]
        return [head, *[self._row(walk) for walk in self.walks]]

    def _row(self, walk: Walk) -> list[str]:
        arrival = walk.arrival(self.surface.lowest)
        numbers = [f"{one:.3g}" for one in (walk.sizes.max(), walk.sizes[-1])]
        came = "–" if arrival is None else f"{arrival:,}"
        return [walk.name, f"{walk.lr:g}", f"{walk.losses[-1]:.3g}", came, *numbers]

    def plot(self) -> Figure:
        """Paths over the surface's contours; beside them losses and step sizes over the steps."""
        figure, lines = _drawn(self)
        _put(self, lines, self.steps)
        return showable(figure)

    def moving(self) -> Moving:
        """The same, drawn step by step."""
        figure, lines = _drawn(self)
        stops = np.unique(np.geomspace(1, self.steps, FRAMES).astype(int)).tolist()
        moved = [line for several in lines for line in several]
        shown = frames(figure, moved, steps=stops, put=partial(_put, self, lines))
        return Moving(self.plot(), shown, words=self.words)

    @property
    def summary(self) -> str:
        """What was compared."""
        return f"{self.steps:,} steps on {self.surface.name}; steps to 1% of the way left"


def compare_optimizers(
    surface: str | Surface = "valley",
    names: Sequence[str] | None = None,
    *,
    steps: int = 150,
    lr: float | Mapping[str, float] | None = None,
) -> OptimizerWalks:
    """Let optimizers walk down one surface from one point, with torch's own code.

    `surface` is "valley", "rosenbrock", "beale", "saddle" or a `Surface`; `names` are of "sgd",
    "momentum", "nesterov", "rmsprop", "adam" and "adamw", all without it. `lr` is one rate for
    all, or a rate by name; without it each takes the best of thirteen between 1e-4 and 1. The
    value draws by `plot()`, moves by `moving()`, and prints a table. It draws no random numbers.
    Raises SettingError for a name, a number of steps or a rate that is not allowed.

    >>> compare_optimizers("valley", ["sgd"], steps=40, lr=0.5).table[1][:3]
    ['sgd', '0.5', '0.0132']
    """
    found = walks(surface, names, steps=steps, lr=lr)
    return OptimizerWalks(find_surface(surface), tuple(found))


Lines = list[tuple["Line2D", "Line2D", "Line2D", "Line2D"]]


def _drawn(found: OptimizerWalks) -> tuple[Figure, Lines]:
    """The figure with everything that does not move, and four empty lines for each walk."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.2), layout="constrained", facecolor="none")
    grid = figure.add_gridspec(2, 2, width_ratios=(1.45, 1))
    ground, losses, sizes = (figure.add_subplot(at) for at in (grid[:, 0], grid[0, 1], grid[1, 1]))
    _contours(ground, found.surface)
    for axes, name in ((losses, "loss above lowest"), (sizes, "size of the step")):
        axes.set(xlim=(0, found.steps), yscale="log", ylabel=name)
        axes.grid(color=GREY, alpha=0.2, linewidth=0.5)
    losses.tick_params(labelbottom=False)
    sizes.set_xlabel("step")
    every = [_above(found, walk) for walk in found.walks]
    losses.set_ylim(*_span(np.concatenate(every)))
    sizes.set_ylim(*_span(np.concatenate([walk.sizes for walk in found.walks])))
    lines = [_lines(at, walk, ground, losses, sizes) for at, walk in enumerate(found.walks)]
    for axes in (ground, losses, sizes):
        quiet(axes)
    names = [walk.name for walk in found.walks]
    figure.legend(
        [several[0] for several in lines], names, loc="outside upper left", ncols=len(names),
        frameon=False, labelcolor=GREY,
    )  # fmt: skip
    return figure, lines


def _lines(at: int, walk: Walk, *axes: Axes) -> tuple[Line2D, Line2D, Line2D, Line2D]:
    style: dict[str, Any] = {"color": COLOURS[at % 6], "linestyle": DASHES[at % 6], "linewidth": 2}
    path, loss, size = (one.plot([], [], **style)[0] for one in axes)
    head = axes[0].plot([], [], "o", color=COLOURS[at % 6], markeredgecolor="white")[0]
    return path, loss, size, head


def _put(found: OptimizerWalks, lines: Lines, step: int) -> None:
    """Draw every walk up to a step."""
    for walk, (path, loss, size, head) in zip(found.walks, lines, strict=True):
        x, y = walk.points[: step + 1].T
        path.set_data(x, y)
        head.set_data(x[-1:], y[-1:])
        loss.set_data(np.arange(step + 1), _above(found, walk)[: step + 1])
        size.set_data(np.arange(step), walk.sizes[:step])


def _above(found: OptimizerWalks, walk: Walk) -> np.ndarray:
    """The loss above the minimum, never so small that a logarithm would fall off the picture."""
    above = walk.losses - found.surface.lowest
    return np.maximum(above, FLOOR * above[0])


def _span(values: np.ndarray) -> tuple[float, float]:
    """The ends of a logarithmic axis for the values that are numbers."""
    good = values[np.isfinite(values) & (values > 0)]
    if not len(good):
        return 0.1, 1.0
    high = float(good.max())
    return max(float(good.min()), high * FLOOR) / 1.5, high * 1.5


def _contours(axes: Axes, surface: Surface) -> None:
    """The surface as contours, close together near the minimum too, and its minima as stars."""
    x = torch.linspace(*surface.across, GRID, dtype=torch.float64)
    y = torch.linspace(*surface.up, GRID, dtype=torch.float64)
    down, across = torch.meshgrid(y, x, indexing="ij")
    height = (surface.height(across, down) - surface.lowest).numpy()
    top = max(float(height.max()), 1e-9)
    levels = np.geomspace(top * 1e-4, top, LEVELS)
    axes.contour(x, y, height, levels=levels, colors=GREY, linewidths=0.6, alpha=0.6)
    for place in surface.minima:
        axes.plot(*place, "*", color=GREY, markersize=12)
    axes.set(xlim=surface.across, ylim=surface.up, xlabel="x", ylabel="y")
