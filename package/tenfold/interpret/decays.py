"""Complexity against the sum of squared weights: noisy points, fitted with more and more decay.

Without weight decay a flexible function runs through every point, noise and all, with large
weights; with too much it is flat. Hoerl & Kennard 1970, "Ridge regression: biased estimation for
nonorthogonal problems", Technometrics 12(1); as weight decay Krogh & Hertz 1991, NeurIPS 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.figures import COLOURS, GREY, quiet, showable
from tenfold.moving import Moving, frames
from tenfold.tables import Tabled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DECAYS", "DecayFit", "DecayFits", "bumps", "compare_decays", "trained"]

DECAYS = (0.0, *(float(f"{10 ** (power / 2):.2g}") for power in range(-12, 3)))
BUMPS, PLACES, VALID = 30, 201, 400
STEPS = 2_000


def curve(x: Tensor) -> Tensor:
    """What is to be found behind the noise, over 0 to 1."""
    return torch.sin(2 * math.pi * x) + x


@dataclass(frozen=True, eq=False)
class DecayFit:
    """A fit with one decay: the curve (places,), its squared weights, errors as mean squares."""

    decay: float
    outputs: np.ndarray
    squared_weights: float
    train_error: float
    valid_error: float


@dataclass(frozen=True, eq=False, repr=False)
class DecayFits(Tabled):
    """The same points fitted with weight decay from none to much."""

    places: np.ndarray
    actual: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    fits: tuple[DecayFit, ...]

    @property
    def best(self) -> DecayFit:
        """The fit with the lowest validation error."""
        return min(self.fits, key=lambda one: one.valid_error)

    @property
    def words(self) -> str:
        """What the pictures show, for who cannot see them."""
        first, best, last = self.fits[0], self.best, self.fits[-1]
        return (
            f"{len(self.inputs)} noisy points fitted with weight decay from {first.decay:g} to "
            f"{last.decay:g}; the sum of squared weights falls from {first.squared_weights:.3g} to "
            f"{last.squared_weights:.3g}, and the validation error from {first.valid_error:.3g} to "
            f"{best.valid_error:.3g} at a decay of {best.decay:g}, then it rises to "
            f"{last.valid_error:.3g}"
        )

    @property
    def table(self) -> list[list[str]]:
        """Squared weights and errors by decay, a header first."""
        rows = [
            [f"{one.decay:g}", *[f"{value:.3g}" for value in _numbers(one)]] for one in self.fits
        ]
        return [["decay", "squared weights", "training error", "validation error"], *rows]

    def plot(self) -> Figure:
        """The first fit, the best and the last; squared weights over decay; errors over both."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 5.4), layout="constrained", facecolor="none")
        grid = figure.add_gridspec(2, 6)
        for at, fit in enumerate((self.fits[0], self.best, self.fits[-1])):
            axes = figure.add_subplot(grid[0, 2 * at : 2 * at + 2])
            self._points(axes).set_data(self.places, fit.outputs)
            axes.set_title(_title(fit), fontsize=10, color=GREY)
        self._weights(figure.add_subplot(grid[1, :3]))
        self._errors(figure.add_subplot(grid[1, 3:]))
        return showable(figure)

    def moving(self) -> Moving:
        """The fit and its place on both curves while the decay grows."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9, 4), layout="constrained", facecolor="none")
        grid = figure.add_gridspec(2, 2, width_ratios=(1.4, 1))
        parts = (grid[:, 0], grid[0, 1], grid[1, 1])
        left, weights, errors = (figure.add_subplot(at) for at in parts)
        line = self._points(left)
        left.set_title(" ", fontsize=10)
        self._weights(weights)
        self._errors(errors)
        dot: dict[str, Any] = {"color": COLOURS[0], "markersize": 10}
        marks = [axes.plot([], [], "o", **dot)[0] for axes in (weights, errors)]

        def put(at: int) -> None:
            fit = self.fits[at]
            line.set_data(self.places, fit.outputs)
            left.set_title(_title(fit), fontsize=10, color=GREY)
            marks[0].set_data([self._shown(fit)], [fit.squared_weights])
            marks[1].set_data([fit.squared_weights], [fit.valid_error])

        shown = frames(figure, [line, left.title, *marks], steps=range(len(self.fits)), put=put)
        return Moving(self.plot(), shown, words=self.words)

    def _points(self, axes: Axes) -> Any:
        axes.plot(self.places, self.actual, color=GREY, linewidth=4, alpha=0.5)
        axes.plot(self.inputs, self.targets, "o", color=COLOURS[1], markersize=5)
        line = axes.plot([], [], color=COLOURS[0], linewidth=2)[0]
        low, high = float(self.targets.min()), float(self.targets.max())
        axes.set(xlim=(0, 1), ylim=(low - 0.4 * (high - low), high + 0.4 * (high - low)))
        quiet(axes)
        return line

    def _weights(self, axes: Axes) -> None:
        decays = [self._shown(one) for one in self.fits]
        axes.plot(decays, [one.squared_weights for one in self.fits], ".-", color=COLOURS[2])
        none = "; none at the left end" if self.fits[0].decay == 0 else ""
        axes.set(xlabel=f"weight decay{none}", ylabel="Σw²")
        _logarithmic(axes)

    def _errors(self, axes: Axes) -> None:
        weights = [one.squared_weights for one in self.fits]
        for name, column, colour in (("training", 1, 3), ("validation", 2, 0)):
            values = [_numbers(one)[column] for one in self.fits]
            axes.plot(weights, values, ".-", color=COLOURS[colour], label=name)
        axes.legend(frameon=False, labelcolor=GREY)
        _logarithmic(axes)
        # a fit through every point has next to no training error, far below all that matters
        valid = [one.valid_error for one in self.fits]
        axes.set(xlabel="sum of squared weights, Σw²", ylabel="mean squared error")
        axes.set_ylim(self.best.valid_error / 30, 1.5 * max(valid))

    def _shown(self, fit: DecayFit) -> float:
        """Where a decay stands on a logarithmic axis, which has no place for none."""
        least = min((one.decay for one in self.fits if one.decay), default=1.0)
        return fit.decay or least / 3

    @property
    def summary(self) -> str:
        """What was compared."""
        return (
            f"{len(self.inputs)} noisy points; the validation error is lowest at a decay of "
            f"{self.best.decay:g}"
        )


def _numbers(fit: DecayFit) -> tuple[float, float, float]:
    return fit.squared_weights, fit.train_error, fit.valid_error


def _title(fit: DecayFit) -> str:
    return f"decay {fit.decay:g}, Σw² {fit.squared_weights:.2g}"


def _logarithmic(axes: Axes) -> None:
    axes.set(xscale="log", yscale="log")
    axes.grid(color=GREY, alpha=0.2, linewidth=0.5)
    quiet(axes)
    axes.tick_params(which="minor", colors=GREY)


def compare_decays(
    decays: Sequence[float] = DECAYS,
    *,
    points: int = 15,
    noise: float = 0.4,
    seed: int = 0,
) -> DecayFits:
    """Fit noisy points of a curve with each of `decays`, and see what it does to new points.

    The model is a linear layer on thirty bumps, so it can run through every point. It is trained
    by L-BFGS, from nothing, on half the mean squared error plus decay / 2 times the sum of squared
    weights; the bias is not decayed. `points` are drawn from a curve with `noise`, a standard
    deviation, by `seed`; random numbers of others are left alone. The value draws by `plot()`,
    moves by `moving()`, and prints a table. Raises SettingError for what is out of range.

    >>> found = compare_decays([0, 1e-3, 10])
    >>> found.best.decay
    0.001
    """
    _check(decays, points, noise)
    generator = torch.Generator().manual_seed(seed)
    inputs, targets = _drawn(points, noise, generator)
    new_inputs, new_targets = _drawn(VALID, noise, generator)
    places = torch.linspace(0, 1, PLACES, dtype=torch.float64)
    fits = []
    for decay in sorted(map(float, set(decays))):
        layer = trained(bumps(inputs), targets, decay=decay)
        error = _error_of(layer)
        fits.append(
            DecayFit(
                decay,
                layer(bumps(places)).detach()[:, 0].numpy(),
                float(layer.weight.detach().square().sum()),
                error(inputs, targets),
                error(new_inputs, new_targets),
            )
        )
    return DecayFits(
        places=places.numpy(),
        actual=curve(places).numpy(),
        inputs=inputs.numpy(),
        targets=targets.numpy(),
        fits=tuple(fits),
    )


def bumps(inputs: Tensor) -> Tensor:
    """Thirty bell curves side by side over 0 to 1: (N,) becomes (N, 30)."""
    middles = torch.linspace(0, 1, BUMPS, dtype=torch.float64)
    return torch.exp(-(((inputs[:, None] - middles) * BUMPS / 1.5) ** 2) / 2)


@torch.enable_grad()
def trained(inputs: Tensor, targets: Tensor, *, decay: float) -> nn.Linear:
    """A linear layer (features to 1) trained from zeros with this L2 decay of its weight."""
    layer = nn.utils.skip_init(nn.Linear, inputs.shape[1], 1, dtype=torch.float64)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.LBFGS(
        layer.parameters(),
        max_iter=STEPS,
        tolerance_grad=1e-10,
        tolerance_change=1e-14,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        error = (layer(inputs)[:, 0] - targets).square().mean() / 2
        whole = error + decay / 2 * layer.weight.square().sum()
        whole.backward()
        return whole

    optimizer.step(loss)
    return layer


def _error_of(layer: nn.Linear) -> Callable[[Tensor, Tensor], float]:
    """The mean squared error of a fit on points."""

    @torch.no_grad()
    def error(inputs: Tensor, targets: Tensor) -> float:
        return float((layer(bumps(inputs))[:, 0] - targets).square().mean())

    return error


def _drawn(points: int, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    inputs = torch.rand(points, generator=generator, dtype=torch.float64).sort().values
    apart = torch.randn(points, generator=generator, dtype=torch.float64)
    return inputs, curve(inputs) + noise * apart


def _check(decays: Sequence[float], points: int, noise: float) -> None:
    if not len(decays) or not all(0 <= one < math.inf for one in decays):
        raise SettingError(
            f"decays={list(decays)} was given; allowed are numbers of 0 and above; try "
            "[0, 1e-4, 1e-2, 1]"
        )
    if isinstance(points, bool) or not isinstance(points, int) or not 3 <= points <= 1000:
        raise SettingError(f"points={points!r} was given; allowed is 3 to 1,000; try 15")
    if isinstance(noise, bool) or not 0 <= noise < math.inf:
        raise SettingError(f"noise={noise} was given; allowed is 0 and above; try 0.4")
