"""Do again what a person did to a run on the way: its rates and its stop, at the same steps."""

from __future__ import annotations

from collections.abc import Iterable

from tenfold.errors import SettingError
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["Change", "Replay", "check_changes"]

Change = tuple[int, float, int | None]
"""A rate that was set: (steps done before it, rate, layer group or None for all of them)."""


class Replay(Callback):
    """Sets the rates of `changes` at their steps, and stops after `stop_at` steps.

    A request that is left after step k is served before step k + 1, as one from another thread
    that was served there, so the weights come out the same bit for bit.
    """

    def __init__(self, changes: Iterable[Change] = (), *, stop_at: int | None = None) -> None:
        self._changes, self._stop_at = list(changes), stop_at

    def before_fit(self, run: Run) -> None:
        self._ask(run)

    def after_step(self, run: Run) -> None:
        self._ask(run)

    def _ask(self, run: Run) -> None:
        for step, rate, group in self._changes:
            # a run that goes on may have made this change before it was killed
            if step == run.step and (step, rate, group) not in run.changes:
                run.set_rate(rate, group=group)
        if run.step == self._stop_at:
            run.stop()


def check_changes(changes: Iterable[Change], *, stop_at: int | None) -> None:
    """Refuse steps that cannot be."""
    for step, *_ in changes:
        if step < 0:
            raise SettingError(
                f"a rate at step {step} was given; allowed is 0 and above; try changes=[(40, "
                "3e-3, None)]"
            )
    if stop_at is not None and stop_at < 1:
        raise SettingError(f"stop_at={stop_at} was given; allowed is 1 and above; try 100")
