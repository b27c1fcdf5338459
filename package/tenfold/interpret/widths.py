"""Universal approximation: one hidden layer fits any curve, if it is wide enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tenfold.errors import SettingError
from tenfold.figures import COLOURS, GREY, quiet, showable
from tenfold.interpret.hidden_layer import ACTIVATIONS, fitted
from tenfold.moving import Moving, frames
from tenfold.tables import Tabled
from tenfold.text import did_you_mean, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CURVES", "CurveFit", "CurveFits", "compare_widths"]

Curve = Callable[[np.ndarray], Any]

CURVES: dict[str, Curve] = {
    "waves": lambda x: np.sin(2 * math.pi * x) + 0.5 * np.sin(6 * math.pi * x),
    "corner": lambda x: 1 - 3 * np.abs(x - 0.4) + x,
    "steps": lambda x: np.floor(4 * x.clip(0, 0.999)) % 2 + x,
}
"""The curves that are fitted, over 0 to 1."""

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
WIDEST, POINTS = 256, 201
# of more only lines on lines could be seen
SHOWN, BUMPS = 5, 64


@dataclass(frozen=True, eq=False)
class CurveFit:
    """A net of one width: its output (points,) and the bumps (points, bumps) that add up to it."""

    width: int
    outputs: np.ndarray
    bumps: np.ndarray
    rmse: float
    largest: float


@dataclass(frozen=True, eq=False, repr=False)
class CurveFits(Tabled):
    """The same curve fitted with more and more units, as a filmstrip, in motion, as a table."""

    name: str
    activation: str
    inputs: np.ndarray
    wanted: np.ndarray
    fits: tuple[CurveFit, ...]

    @property
    def words(self) -> str:
        """What the pictures show, for who cannot see them."""
        first, last = self.fits[0], self.fits[-1]
        return (
            f"the curve {self.name!r} and one hidden layer of {self.activation} units fitted to "
            f"it, with the bumps it is made of; the root mean squared error falls from "
            f"{first.rmse:.3g} with {first.width} to {last.rmse:.3g} with {last.width} units"
        )

    @property
    def table(self) -> list[list[str]]:
        """The errors by width, a header first."""
        rows = [[f"{one.width}", f"{one.rmse:.3g}", f"{one.largest:.3g}"] for one in self.fits]
        return [["units", "rmse", "largest error"], *rows]

    def plot(self) -> Figure:
        """A filmstrip of some of the widths, and the error over the width."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 4.6), layout="constrained", facecolor="none")
        cells = figure.subplots(2, 3).flat
        chosen = np.linspace(0, len(self.fits) - 1, min(SHOWN, len(self.fits))).round().astype(int)
        for axes, at in zip(cells, chosen):
            lines = self._cell(axes)
            _put(lines, self.inputs, self.fits[at])
        self._errors(next(rest := iter(list(figure.axes)[len(chosen) :])))
        for axes in rest:
            axes.set_axis_off()
        return showable(figure)

    def moving(self) -> Moving:
        """The net growing, width by width."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 3.6), layout="constrained", facecolor="none")
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        lines = self._cell(left)
        self._errors(right)
        here = right.plot([], [], "o", color=COLOURS[0], markersize=10)[0]

        def put(at: int) -> None:
            _put(lines, self.inputs, self.fits[at])
            here.set_data([self.fits[at].width], [self.fits[at].rmse])

        steps = range(len(self.fits))
        shown = frames(figure, [*lines, left.title, here], steps=steps, put=put)
        return Moving(self.plot(), shown, words=self.words, seconds=0.45 * len(shown))

    def _cell(self, axes: Axes) -> list[Any]:
        """One picture: the curve, and empty lines for the bumps and for the net."""
        axes.plot(self.inputs, self.wanted, color=GREY, linewidth=4, alpha=0.5)
        most = max(one.bumps.shape[1] for one in self.fits)
        bumps = [
            axes.plot([], [], color=COLOURS[1], linewidth=0.8, alpha=0.6)[0]
            for _ in range(min(most, BUMPS))
        ]
        net = axes.plot([], [], color=COLOURS[0], linewidth=2)[0]
        space = 0.25 * float(np.ptp(self.wanted)) or 1.0
        low, high = min(0.0, self.wanted.min()), max(0.0, self.wanted.max())
        axes.set(xlim=(0, 1), ylim=(low - space, high + space))
        axes.set_title(" ", fontsize=10)
        quiet(axes)
        return [*bumps, net]

    def _errors(self, axes: Axes) -> None:
        widths = [one.width for one in self.fits]
        axes.plot(widths, [one.rmse for one in self.fits], ".-", color=COLOURS[0])
        axes.set(xscale="log", yscale="log", xlabel="units", ylabel="rmse")
        axes.set_xticks(widths[:: max(1, len(widths) // 5)], minor=False)
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.xaxis.set_minor_formatter("")
        axes.grid(color=GREY, alpha=0.2, linewidth=0.5)
        quiet(axes)
        axes.tick_params(which="minor", colors=GREY)

    @property
    def summary(self) -> str:
        """What was compared."""
        return f"the curve {self.name!r} by one hidden layer of {self.activation} units"


def _put(lines: Sequence[Any], inputs: np.ndarray, fit: CurveFit) -> None:
    *bumps, net = lines
    for at, line in enumerate(bumps):
        there = at < fit.bumps.shape[1]
        line.set_data(inputs if there else [], fit.bumps[:, at] if there else [])
    net.set_data(inputs, fit.outputs)
    units = "unit" if fit.width == 1 else "units"
    net.axes.set_title(f"{fit.width} {units}, rmse {fit.rmse:.2g}", fontsize=10, color=GREY)


def compare_widths(
    curve: str | Curve = "waves",
    widths: Sequence[int] = WIDTHS,
    *,
    activation: str = "relu",
    steps: int = 100,
) -> CurveFits:
    """Fit a curve over 0 to 1 with one hidden layer of each of `widths` units.

    `curve` is "waves", "corner", "steps" or a function of an array (points,); `activation` is
    "relu", "sigmoid" or "tanh"; `steps` of L-BFGS follow on a solved output layer. The value draws
    by `plot()`, moves by `moving()`, and prints a table. It draws no random numbers. Cybenko 1989.
    Raises SettingError for a curve, widths, an activation or steps that are not allowed.

    >>> found = compare_widths("corner", [1, 2])
    >>> found.fits[1].rmse < 0.001 < found.fits[0].rmse
    True
    """
    inputs = np.linspace(0, 1, POINTS)
    wanted = _values(curve, inputs)
    _check(widths, activation, steps)
    x, y = torch.from_numpy(inputs), torch.from_numpy(wanted)
    fits, net = [], None
    for width in sorted(set(widths)):
        net = fitted(x, y, width=width, activation=activation, steps=steps, narrower=net)
        outputs = net(x).detach().numpy()
        gaps = outputs - wanted
        rmse, largest = float(np.sqrt((gaps**2).mean())), float(np.abs(gaps).max())
        fits.append(CurveFit(width, outputs, net.bumps(x).numpy(), rmse, largest))
    name = curve if isinstance(curve, str) else getattr(curve, "__name__", "yours")
    return CurveFits(name, activation, inputs, wanted, tuple(fits))


def _values(curve: str | Curve, inputs: np.ndarray) -> np.ndarray:
    if isinstance(curve, str) and curve not in CURVES:
        raise SettingError(
            f"the curve {curve!r} was given; known are {listed(CURVES)}, or give a function of an "
            f"array{did_you_mean(curve, CURVES)}"
        )
    call = CURVES[curve] if isinstance(curve, str) else curve
    values = np.asarray(call(inputs), dtype=np.float64)
    if values.shape != inputs.shape:
        raise SettingError(
            f"the curve gives shape {values.shape} for {POINTS} places from 0 to 1; it needs a "
            "number for each; let it take an array and return one"
        )
    if not np.isfinite(values).all():
        where = float(inputs[~np.isfinite(values)][0])
        raise SettingError(
            f"the curve is no number at {where:g}; it needs one everywhere from 0 to 1; shift it"
        )
    return values


def _check(widths: Sequence[int], activation: str, steps: int) -> None:
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in widths)
    if not len(widths) or not whole or not all(1 <= one <= WIDEST for one in widths):
        raise SettingError(
            f"widths={list(widths)} was given; allowed are whole numbers from 1 to {WIDEST}; try "
            "[1, 2, 4, 8, 16, 32]"
        )
    if activation not in ACTIVATIONS:
        hint = did_you_mean(str(activation), ACTIVATIONS)
        raise SettingError(
            f"the activation {activation!r} was given; known are {listed(ACTIVATIONS)}{hint}"
        )
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= 10_000:
        raise SettingError(f"steps={steps!r} was given; allowed is 0 to 10,000; try 100")
