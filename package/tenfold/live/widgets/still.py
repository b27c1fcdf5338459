"""What stays of a panel in the saved notebook: an output of its own that stands still."""

from __future__ import annotations

import uuid
from typing import Any

from IPython import get_ipython
from IPython.display import display, update_display

from tenfold.live.output import parent_of, pinned
from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.panel import Panel

__all__ = ["Still", "show"]


class Still:
    """A report of a panel below it, hidden while the panel lives; up to date after every end.

    It belongs to the cell that runs when it is made.
    """

    def __init__(self, panel: Panel, shell: Any) -> None:
        self._panel, self._shell, self._parent = panel, shell, parent_of(shell)
        self._id = uuid.uuid4().hex
        self._shown = self._bundle()
        display(self._shown, raw=True, display_id=self._id)
        panel.keep(self)
        if shell is not None:
            shell.events.register("post_run_cell", self._after_cell)

    def update(self) -> None:
        """Show what is new, in the place of what was there; from any thread."""
        bundle = self._bundle()
        if bundle != self._shown:
            self._shown = bundle
            with pinned(self._shell, self._parent):
                update_display(bundle, raw=True, display_id=self._id)

    def close(self) -> None:
        """Leave it as it is from now on."""
        if self._shell is not None:
            self._shell.events.unregister("post_run_cell", self._after_cell)

    def _bundle(self) -> dict[str, str]:
        report = self._panel.report()
        return {"text/html": report_html(report), "text/plain": report_text(report)}

    def _after_cell(self, result: Any) -> None:
        """A cell may have frozen layers, or trained while no page listened."""
        self._panel.refresh()
        self.update()


def show(panel: Panel) -> None:
    """Show a panel, and below it what a saved notebook keeps of it."""
    data, metadata = panel._repr_mimebundle_()
    display(data, metadata=metadata, raw=True)
    Still(panel, get_ipython())
