"""What a script prints while it trains: the table of epochs, one line as each ends."""

from __future__ import annotations

from tenfold.text import cell
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["TextReport"]


class TextReport(Callback):
    """Prints a row for every epoch, and one sentence when the run was stopped."""

    def before_fit(self, run: Run) -> None:
        self._shown = False

    def after_epoch(self, run: Run) -> None:
        names = [name for name in run.row if name != "step"]
        if not self._shown:
            print("  ".join(name.rjust(10) for name in names))
            self._shown = True
        print("  ".join(cell(name, run.row[name]).rjust(10) for name in names))

    def after_fit(self, run: Run) -> None:
        if run.state == "stopped":
            print(f"{run.message} at step {run.step} of {run.total_steps}")
