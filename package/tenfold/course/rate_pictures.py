"""Pictures of learning rates: the finder's curve, a sweep, what each rate did to its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from tenfold.figures import COLOURS, GREY, Picture, new_figure

__all__ = ["layer_groups", "rate_curves", "sweep"]


def rate_curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    marks: Mapping[str, float] | None = None,
    label: str = "loss",
) -> Picture:
    """Each name's (rates, values) over a logarithmic axis; `marks` are rates with a name.

    Lines may end early, as a finder does when the loss explodes; what lies far above the first
    values is cut off at the top.

    >>> rate_curves({"a net": ([1e-3, 1e-2, 1e-1], [2.5, 1.0, 9.0])}, marks={"steep": 1e-2})
    loss over the learning rate: a net from 2.5 down to 1 at 0.01; marked: steep 0.01
    """
    figure, axes = new_figure(width=6, height=3)
    for name, (rates, values) in lines.items():
        axes.plot(rates, values, linewidth=1.8, label=name)
    for place, (name, rate) in enumerate((marks or {}).items(), len(lines)):
        colour = COLOURS[place % len(COLOURS)]
        axes.axvline(rate, color=colour, linestyle="--", linewidth=1.2, label=f"{name} {rate:.2g}")
    _cut(axes, [values for _, values in lines.values()])
    axes.set(xscale="log", xlabel="learning rate", ylabel=label)
    axes.legend(frameon=False, labelcolor=GREY)
    told = [f"{name} {_fall(*line)}" for name, line in lines.items()]
    marked = ", ".join(f"{name} {rate:.2g}" for name, rate in (marks or {}).items())
    words = f"{label} over the learning rate: {'; '.join(told)}"
    return Picture(figure, words=f"{words}; marked: {marked}" if marked else words)


def _cut(axes: Any, values: Sequence[Sequence[float]]) -> None:
    """Leave room for one and a half times the highest first value, not for the explosion."""
    low = min(min(one) for one in values)
    high = max(one[0] for one in values)
    axes.set_ylim(low - 0.05 * (high - low), high + 0.5 * (high - low) + 1e-6)


def _fall(rates: Sequence[float], values: Sequence[float]) -> str:
    place = min(range(len(values)), key=lambda one: values[one])
    return f"from {values[0]:.3g} down to {values[place]:.3g} at {rates[place]:.2g}"


def sweep(
    runs: Mapping[float, Sequence[float]], *, label: str, marks: Mapping[str, float] | None = None
) -> Picture:
    """A dot for every run at its learning rate, a line through the means; `marks` are rates.

    >>> sweep({1e-3: [0.2, 0.3], 1e-2: [0.5, 0.7]}, label="accuracy", marks={"valley": 2e-3})
    accuracy by learning rate, a dot a run: 0.001 mean 0.25, 0.01 mean 0.6; marked: valley 0.002
    """
    figure, axes = new_figure(width=6, height=3)
    for rate, values in runs.items():
        axes.scatter([rate] * len(values), list(values), s=16, alpha=0.6, color=COLOURS[0])
    means = {rate: fmean(values) for rate, values in sorted(runs.items())}
    axes.plot(list(means), list(means.values()), linewidth=1.8, color=COLOURS[0])
    for place, (name, rate) in enumerate((marks or {}).items(), 1):
        colour = COLOURS[place % len(COLOURS)]
        axes.axvline(rate, color=colour, linestyle="--", linewidth=1.2, label=f"{name} {rate:.2g}")
    axes.set(xscale="log", xlabel="learning rate", ylabel=label)
    if marks:
        axes.legend(
            frameon=False, labelcolor=GREY, loc="lower left", bbox_to_anchor=(0, 1), ncols=2
        )
    told = ", ".join(f"{rate:.2g} mean {mean:.3g}" for rate, mean in means.items())
    marked = ", ".join(f"{name} {rate:.2g}" for name, rate in (marks or {}).items())
    words = f"{label} by learning rate, a dot a run: {told}"
    return Picture(figure, words=f"{words}; marked: {marked}" if marked else words)


def layer_groups(names: Sequence[str], runs: Mapping[str, Sequence[float]], label: str) -> Picture:
    """The layer groups in their order, input on the left, and a bar for each run in each group.

    `runs` has a number for each group under each name: how far its weights moved, or its rate.
    The axis is logarithmic, so that a tenth is as visible as ten times; 0 leaves no bar.

    >>> layer_groups(["early", "head"], {"one rate": [0.5, 0.5]}, "moved")
    moved, by layer group: one rate early 0.5, head 0.5
    """
    figure, axes = new_figure(width=6, height=2.8)
    width = 0.8 / len(runs)
    for place, (name, values) in enumerate(runs.items()):
        shift = width * (place - (len(runs) - 1) / 2)
        axes.bar([one + shift for one in range(len(names))], values, 0.9 * width, label=name)
    least = min((value for values in runs.values() for value in values if value > 0), default=1)
    axes.set(yscale="log", ylabel=label)
    axes.set_ylim(bottom=least / 3)
    axes.set_xticks(range(len(names)), list(names))
    axes.legend(frameon=False, labelcolor=GREY, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    told = (
        f"{name} {', '.join(f'{g} {v:.2g}' for g, v in zip(names, values, strict=True))}"
        for name, values in runs.items()
    )
    return Picture(figure, words=f"{label}, by layer group: {'; '.join(told)}")
