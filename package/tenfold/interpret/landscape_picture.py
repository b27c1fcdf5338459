"""Landscapes as pictures: curves, contours, a mountain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.figures import COLOURS, GREY, new_figure, showable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tenfold.interpret.landscape import Landscape

__all__ = ["contours", "curves", "drawn"]

LEVELS = 14
INK = "#202020"
# losses are shown by their logarithm where they differ by more than this factor
WIDE = 10.0


def drawn(found: Landscape, *, surface: bool = False) -> Figure:
    """The whole picture of a landscape."""
    if found.settings.kind != "plane":
        figure, axes = new_figure(width=6, height=3.5)
        curves(axes, found)
        return figure
    if surface:
        return _mountain(found)
    figure, axes = new_figure(width=5.6, height=4.6)
    filled = contours(axes, found)
    if filled is not None:
        bar = figure.colorbar(filled, ax=axes, shrink=0.85, format="%.3g")
        bar.set_ticks(filled.levels[::3])
        bar.minorticks_off()
        bar.set_label("loss", color=GREY)
        bar.ax.tick_params(colors=GREY)
        bar.outline.set_visible(False)
    return figure


def curves(axes: Axes, found: Landscape) -> None:
    """The loss along each direction; the weights, or both solutions, are marked."""
    between = found.settings.kind == "between"
    for number, losses in enumerate(found.losses):
        known = np.isfinite(losses)
        name = "" if between else f"direction {number + 1}"
        axes.plot(found.along[known], losses[known], marker=".", markersize=4, label=name)
    for place in (0, 1) if between else (0,):
        axes.axvline(place, color=GREY, linewidth=0.8, linestyle=":")
    known = found.losses[np.isfinite(found.losses)]
    if known.size and known.min() > 0 and known.max() > 5 * WIDE * known.min():
        axes.set_yscale("log")
    axes.set_ylabel("loss")
    if between:
        axes.set_xlabel("the first solution is at 0, the second at 1")
        return
    axes.set_xlabel("distance from the weights, in lengths of the filters")
    if len(found.losses) > 1:
        axes.legend(frameon=False, labelcolor=GREY)


def contours(axes: Axes, found: Landscape, *, levels: Any = None) -> Any:
    """The loss over the plane; `levels` lets several pictures share theirs."""
    x, y, losses = _points(found)
    axes.set_aspect("equal")
    axes.locator_params(nbins=5)
    axes.set_xlabel("first direction, in lengths of the filters")
    axes.set_ylabel("second direction")
    axes.plot(0, 0, marker="+", color=COLOURS[5], markersize=12, zorder=3)
    if len(x) < 9:  # too few for an area
        axes.scatter(x, y, c=losses, s=12)
        return None
    extend = "neither" if levels is None else "both"
    levels = levels_of(losses) if levels is None else levels
    told: dict[str, Any] = {"levels": levels, "norm": _norm(levels), "extend": extend}
    filled = axes.tricontourf(x, y, losses, cmap="viridis_r", **told)
    lines = axes.tricontour(x, y, losses, levels=levels, colors="white", linewidths=0.5)
    # low losses are bright, so that white words on them could not be read
    inks = [INK if number < LEVELS // 2 else "white" for number in range(0, len(levels), 3)]
    axes.clabel(lines, levels[::3], fontsize=8, fmt="%.3g", colors=inks)
    return filled


def levels_of(losses: np.ndarray) -> np.ndarray:
    """Where the contour lines lie: evenly, or by the logarithm where the losses differ widely."""
    low, high = float(losses.min()) * 0.999, float(losses.max()) * 1.001
    if low > 0 and high > WIDE * low:
        return np.geomspace(low, high, LEVELS)
    return np.linspace(low, max(high, low + 1e-6), LEVELS)


def _norm(levels: np.ndarray) -> Any:
    from matplotlib.colors import LogNorm, Normalize

    wide = levels[0] > 0 and levels[-1] > WIDE * levels[0]
    return (LogNorm if wide else Normalize)(levels[0], levels[-1])


def _points(found: Landscape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The measured points whose loss is a number: across, upwards, and the losses."""
    x, y = np.meshgrid(found.along, found.along)
    known = np.isfinite(found.losses)
    return x[known], y[known], found.losses[known]


def _mountain(found: Landscape) -> Figure:
    """The plane as a surface; its height is the logarithm where the losses differ widely."""
    from matplotlib.figure import Figure

    x, y, losses = _points(found)
    wide = losses.min() > 0 and losses.max() > WIDE * losses.min()
    figure = Figure(figsize=(6, 4.8), layout="constrained", facecolor="none")
    axes: Any = figure.add_subplot(projection="3d", computed_zorder=False)
    axes.set_facecolor("none")
    height = np.log10(losses) if wide else losses
    axes.plot_trisurf(x, y, height, cmap="viridis_r", linewidth=0.1, antialiased=True)
    for axis, words in ((axes.xaxis, "first"), (axes.yaxis, "second"), (axes.zaxis, "")):
        axis.set_label_text(f"{words} direction" if words else "")
        axis.label.set_color(GREY)
        axis.set_pane_color((0.5, 0.5, 0.5, 0.06))
        axis.set_tick_params(colors=GREY)
    axes.set_zlabel("loss, power of ten" if wide else "loss", color=GREY)
    return showable(figure)
