"""The learning-rate range test: train a few steps at rising rates and read the curve.

Smith 2017, "Cyclical learning rates for training neural networks", arXiv:1506.01186.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenfold.errors import SettingError, TrainingError
from tenfold.train.events import Callback
from tenfold.train.history import smoothed
from tenfold.train.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["RULES", "RateCurve", "Watch", "check_range"]

# a curve that falls by less than this share of its start says nothing about the rate
DROP_NEEDED = 0.03


@dataclass(frozen=True)
class RateCurve:
    """Losses at rising learning rates, and what they suggest.

    `rates` and `losses` have shape (steps,); `smooth` is what the rules look at.
    """

    rates: np.ndarray
    losses: np.ndarray

    @property
    def smooth(self) -> np.ndarray:
        """The losses, smoothed."""
        return smoothed(self.losses, weight=0.9)

    @property
    def suggestions(self) -> dict[str, float]:
        """The rate that each rule suggests; empty for a flat or rising curve."""
        rates, losses = self._trimmed()
        if len(losses) < 5 or losses[0] - losses.min() < DROP_NEEDED * abs(losses[0]):
            return {}
        return {name: float(f"{rule(rates, losses):.3g}") for name, rule in RULES.items()}

    @property
    def suggested(self) -> float:
        """The rate to start with: the `valley` rule."""
        found = self.suggestions
        good = self.smooth[np.isfinite(self.smooth)]
        if not len(good):
            raise TrainingError(
                f"none of {len(self.losses)} losses is a number, so there is no rate to suggest; "
                "check the data, or start lower with start="
            )
        if not found:
            raise TrainingError(
                f"the loss went from {good[0]:.3g} to {good.min():.3g} at best: "
                "a flat or rising curve suggests no rate; check labels and model, or give a "
                "wider range with start= and end="
            )
        return found["valley"]

    def _trimmed(self) -> tuple[np.ndarray, np.ndarray]:
        """Without the unsettled first tenth and the explosion at the end."""
        keep = np.isfinite(self.smooth)
        rates, losses = self.rates[keep], self.smooth[keep]
        begin, end = len(losses) // 10, max(len(losses) - 5, 0)
        return rates[begin:end], losses[begin:end]

    def __str__(self) -> str:
        words = ", ".join(f"{name} {rate:.2e}" for name, rate in self.suggestions.items())
        return f"RateCurve({len(self.rates)} rates: {words or 'flat or rising, no suggestion'})"

    __repr__ = __str__

    def plot(self) -> Figure:
        """Loss over rate, the suggestions marked."""
        from tenfold.figures import COLOURS, new_figure

        figure, axes = new_figure(width=6, height=3)
        axes.plot(self.rates, self.losses, color="#80808060", linewidth=1)
        axes.plot(self.rates, self.smooth, linewidth=1.8)
        smooth = self.smooth
        for (name, rate), colour in zip(self.suggestions.items(), COLOURS[1:], strict=False):
            height = np.interp(math.log(rate), np.log(self.rates), smooth)
            axes.plot(rate, height, "o", color=colour, label=f"{name} {rate:.1e}")
        good = smooth[np.isfinite(smooth)]
        axes.set(xscale="log", xlabel="learning rate", ylabel="loss")
        if len(good):
            axes.set_ylim(good.min() * 0.9, max(good[0], good.min()) * 1.5)
        if self.suggestions:
            axes.legend(frameon=False, labelcolor="#808080")
        return figure


def valley(rates: np.ndarray, losses: np.ndarray) -> float:
    """Halfway into the longest falling subsequence of the losses."""
    lengths = np.ones(len(losses), int)
    parents = np.full(len(losses), -1)
    for index in range(1, len(losses)):
        lower = np.flatnonzero(losses[:index] > losses[index])
        if len(lower):
            best = lower[np.argmax(lengths[lower])]
            lengths[index], parents[index] = lengths[best] + 1, best
    path = [int(np.argmax(lengths))]
    while parents[path[-1]] >= 0:
        path.append(int(parents[path[-1]]))
    return float(rates[path[len(path) // 2]])


def slide(rates: np.ndarray, losses: np.ndarray) -> float:
    """From the right, the first place where the loss still falls steadily over a window."""
    window = max(2, len(losses) // 7)
    slopes = np.gradient(losses, np.log(rates))
    needed = slopes.min() / 2
    for end in range(len(losses) - 1, window - 1, -1):
        if slopes[end - window : end].mean() <= needed:
            return float(rates[end - window])
    return steep(rates, losses)


def steep(rates: np.ndarray, losses: np.ndarray) -> float:
    """Where the loss falls most steeply over the logarithm of the rate."""
    return float(rates[int(np.argmin(np.gradient(losses, np.log(rates))))])


def minimum(rates: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate with the lowest loss."""
    return float(rates[int(np.argmin(losses))] / 10)


RULES = {"valley": valley, "slide": slide, "steep": steep, "minimum": minimum}


class Watch(Callback):
    """Stops a finder run when its loss is `stop_at` times the best so far, or no number."""

    def __init__(self, *, stop_at: float) -> None:
        self._stop_at = stop_at
        self.losses: list[float] = []

    def after_step(self, run: Run) -> None:
        assert run.loss is not None
        # waits for the device at each step: a finder is a measurement of a hundred steps
        self.losses.append(float(run.loss))
        smooth = smoothed(np.array(self.losses), weight=0.9)
        settled = len(self.losses) > max(5, run.total_steps // 10)
        if not math.isfinite(self.losses[-1]) or (
            settled and smooth[-1] > self._stop_at * np.nanmin(smooth)
        ):
            run.stop("the loss exploded")


def check_range(start: float, end: float, steps: int) -> None:
    """Refuse a range that cannot be walked."""
    if not 0 < start < end < math.inf:
        raise SettingError(
            f"the range {start:g} to {end:g} was given; allowed is 0 < start < end; try 1e-7 to 10"
        )
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 10:
        raise SettingError(f"steps={steps!r} was given; allowed is 10 and above; try 100")
