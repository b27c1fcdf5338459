"""Optimizers compared where it counts: the same learner trained a little with each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.errors import StoppedError, TrainingError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.interpret.walks import COMPARED, check_names, check_rate
from tenfold.tables import Tabled
from tenfold.text import cell, counted, listed
from tenfold.train.events import Callback
from tenfold.train.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Lent", "OptimizerRun", "OptimizerRuns", "compare_runs"]

# of the old average that each new loss keeps: single batches only show noise
KEPT = 0.9


@dataclass(frozen=True, eq=False)
class OptimizerRun:
    """What one optimizer did: its rate, the loss of every step, the scores of its last epoch."""

    name: str
    lr: float | None
    losses: np.ndarray
    row: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    """Why it has no scores; empty where it has."""

    @property
    def smooth(self) -> np.ndarray:
        """The losses, averaged over the last ones; the average's start at 0 is taken out."""
        average, found = 0.0, []
        for step, loss in enumerate(self.losses.tolist(), start=1):
            average = KEPT * average + (1 - KEPT) * loss
            found.append(average / (1 - KEPT**step))
        return np.array(found)


@dataclass(frozen=True, eq=False, repr=False)
class OptimizerRuns(Tabled):
    """Runs from the same weights over the same batches, one for each optimizer."""

    runs: tuple[OptimizerRun, ...]
    epochs: int

    @property
    def words(self) -> str:
        """What the picture shows, for who cannot see it."""
        ends = [f"{one.name} {one.smooth[-1]:.3g}" for one in self.runs if len(one.losses)]
        return (
            f"the training loss over {counted(self.epochs, 'epoch')} from the same weights with "
            f"each optimizer, smoothed; at the end it is {listed(ends)}"
        )

    @property
    def table(self) -> list[list[str]]:
        """Rate and scores of each, a header first."""
        names = [name for name in self._columns if name not in ("epoch", "step")]
        rows = [
            [
                one.name,
                "–" if one.lr is None else f"{one.lr:.3g}",
                *[cell(name, one.row.get(name)) for name in names],
            ]
            for one in self.runs
        ]
        return [["", "rate", *names], *rows]

    @property
    def _columns(self) -> list[str]:
        return list(dict.fromkeys(name for one in self.runs for name in one.row))

    def plot(self) -> Figure:
        """The smoothed training loss of each over the steps."""
        figure, axes = new_figure(width=7, height=3.6)
        for one, colour in zip(self.runs, COLOURS):
            if not len(one.losses):
                continue
            axes.plot(np.arange(1, len(one.losses) + 1), one.smooth, color=colour, label=one.name)
        axes.grid(color=GREY, alpha=0.2, linewidth=0.5)
        axes.set(xlabel="step", ylabel="training loss, smoothed")
        axes.locator_params(axis="x", integer=True)
        axes.legend(frameon=False, labelcolor=GREY)
        return figure

    @property
    def summary(self) -> str:
        """What was compared, and what could not be trained."""
        words = f"{counted(self.epochs, 'epoch')} from the same weights with each optimizer"
        failed = [one for one in self.runs if one.why]
        if not failed:
            return words
        return f"{words}; without scores: {listed([one.name for one in failed])}: {failed[0].why}"


class Lent(Callback):
    """Makes the run of a copy that of its owner, so that it is seen, paused and stopped there."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def before_fit(self, run: Run) -> None:
        self._owner.run = run


def compare_runs(
    make: Callable[[Any], Any],
    names: Sequence[str] | None,
    *,
    epochs: int,
    lr: float | Mapping[str, float] | None,
) -> OptimizerRuns:
    """Train `make(optimizer)`, a learner each time alike, with each optimizer in turn.

    A rate that is not given is found by `lr_find`. An optimizer that cannot be trained, since its
    loss becomes no number or no rate is found, has no scores; raises TrainingError where none can.
    Once a run is stopped the rest is left out; raises StoppedError where none is done.
    """
    found: list[OptimizerRun] = []
    given = {name: check_rate(name, lr) for name in check_names(names)}
    for name, rate in given.items():
        learner, why = make(COMPARED[name]), ""
        try:
            rate = learner.lr_find().suggested if rate is None else rate
            stopped = learner.fit(epochs, rate).state == "stopped"
        except TrainingError as error:
            stopped, why = False, str(error)
        if stopped:
            break
        rows = learner.history.rows[-1:] or [{}]
        found.append(OptimizerRun(name, rate, learner.history.losses, rows[0], why))
    if not found:
        raise StoppedError("stopped before one optimizer was done, so there is nothing to compare")
    if not any(len(one.losses) for one in found):
        raise TrainingError(
            f"not one step was trained with {listed([one.name for one in found])}; "
            f"{found[0].why}; or give a rate, as lr=1e-3"
        )
    return OptimizerRuns(tuple(found), epochs)
