"""What stays of a panel in the saved notebook: an output of its own that stands still."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython import get_ipython
from IPython.display import display

from tenfold.live.output import Publish, parent_of, pinned, publish_bundle
from tenfold.live.panels.report import Report, report_html, report_text
from tenfold.live.series import LOSS, RATES, STEP

if TYPE_CHECKING:
    from tenfold.live.widgets.panel import Panel

__all__ = ["Still", "report_of", "show"]


class Still:
    """A report of a panel below it, hidden while the panel lives; up to date after every end.

    It belongs to the cell of `shell` that runs when it is made.
    """

    def __init__(self, panel: Panel, shell: Any, *, publish: Publish = publish_bundle) -> None:
        self._panel, self._shell, self._parent = panel, shell, parent_of(shell)
        self._publish, self._id = publish, uuid.uuid4().hex
        self._lock = threading.Lock()
        self._shown = self._by_cell = self._bundle()
        publish(self._shown, self._id, False)
        panel.keep(self)
        if shell is not None:
            shell.events.register("post_run_cell", self._after_cell)

    def update(self) -> None:
        """Show what is new, in the place of what was there; from any thread."""
        with self._lock, pinned(self._shell, self._parent):
            self._shown = self._tell(self._shown)

    def close(self) -> None:
        """Leave it as it is from now on."""
        if self._shell is not None:
            self._shell.events.unregister("post_run_cell", self._after_cell)

    def _bundle(self) -> dict[str, str]:
        report = report_of(self._panel)
        return {"text/html": report_html(report), "text/plain": report_text(report)}

    def _tell(self, known: dict[str, str]) -> dict[str, str]:
        bundle = self._bundle()
        if bundle != known:
            self._publish(bundle, self._id, True)
        return bundle

    def _after_cell(self, result: Any) -> None:
        # a cell may have frozen layers, or trained while no page listened
        self._panel.refresh()
        # and runners without a page only take what comes from the cell that runs
        with self._lock:
            self._shown = self._by_cell = self._tell(self._by_cell)


def show(panel: Panel) -> None:
    """Show a panel, and below it what a saved notebook keeps; StateError when it is closed."""
    data, metadata = panel.bundle()
    display(data, metadata=metadata, raw=True)
    Still(panel, get_ipython())


def report_of(panel: Panel) -> Report:
    """What a panel shows now, for a page without it."""
    last, batch = panel.last_run(), panel.data.get("batch")
    shown: dict[str, Any] = {"results": panel.results, "batch": batch}
    shown["strip"] = panel.before_after_png
    if last is None:
        return Report(panel.name, **shown)
    run, buffers = last
    return Report(panel.name, run, points_of(run, buffers), **shown)


def points_of(run: dict[str, Any], buffers: list[bytes]) -> list[tuple[float, float]]:
    """The curve of a whole run: losses by step, those of a rate finder by rate."""
    piece = run["series"]
    if piece is None:
        return []
    rows = np.frombuffer(buffers[piece["buffer"]], "<f4").reshape(-1, piece["count"])
    across = rows[RATES] if run["kind"] == "lr_find" else rows[STEP]
    return list(zip(across.tolist(), rows[LOSS].tolist()))
