"""A sheet every few steps while a GAN trains, and one of every epoch to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.errors import SettingError, StateError
from tenfold.interpret.sheet import Sheet, Sheets, check_model, make_sheet
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["LiveSheet", "sheets_of"]

# pictures of the sheet that is shown, and of those that are kept of every epoch
SHOWN, KEPT = 64, 10
# of pictures made of pictures three each are shown
SHOWN_PAIRS, KEPT_PAIRS = 8, 3


class LiveSheet(Callback):
    """Shows a sheet of the same seed every `every` steps, and keeps a few pictures by epoch.

    The panel shows `run.shown`; `sheets` has those that are kept. Raises SettingError for a
    number that is none.

    >>> live = LiveSheet(every=50, seed=1)
    """

    def __init__(self, *, every: int = 100, seed: int = 0) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise SettingError(f"every={every!r} was given; allowed is 1 step and above; try 100")
        self.every, self.seed = every, seed
        self.sheets: list[Sheet] = []

    def before_fit(self, run: Run) -> None:
        if not run.history.rows:
            self.sheets = []
        self._show(run)

    def after_step(self, run: Run) -> None:
        if run.step % self.every == 0:
            self._show(run)

    def after_epoch(self, run: Run) -> None:
        self._show(run)
        kept = KEPT if run.model.latent is not None else KEPT_PAIRS
        self.sheets.append(self._made(run, kept))

    def state(self) -> dict[str, Any]:
        return {"sheets": [vars(one) for one in self.sheets]}

    def load_state(self, state: dict[str, Any], run: Run) -> None:
        self.sheets = [Sheet(**one) for one in state["sheets"]]

    def _show(self, run: Run) -> None:
        run.shown = self._made(run, SHOWN if run.model.latent is not None else SHOWN_PAIRS)

    def _made(self, run: Run, n: int) -> Sheet:
        where = {"epoch": len(run.history), "step": run.first_step + run.step}
        return make_sheet(run.model, run.valid, n=n, seed=self.seed, **where)


def sheets_of(model: Any, callbacks: Sequence[Callback]) -> Sheets:
    """The sheets of every epoch that a learner's callbacks have kept; StateError without one."""
    check_model(model)
    kept = [sheet for one in callbacks if isinstance(one, LiveSheet) for sheet in one.sheets]
    if not kept:
        raise StateError("there is no sheet of an epoch yet; train first, as learn.fit(1, 2e-4)")
    return Sheets(kept)
