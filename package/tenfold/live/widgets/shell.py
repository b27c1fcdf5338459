"""A widget that several threads may use, made of built files: what the panel stands on."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Dict, Unicode

from tenfold.errors import MissingPackageError, StateError
from tenfold.live.wire import MOST_BYTES

__all__ = ["Shell", "built"]

STATIC = Path(__file__).parent / "static"


class Shell(anywidget.AnyWidget):
    """To be subclassed: `view` is the page's to write, every other trait the kernel's.

    `module` names the built files, as panel for panel.js and panel.css; `words` stand for it
    where widgets do not show. Raises MissingPackageError where the files are not built.
    """

    _esm = Unicode().tag(sync=True)
    _css = Unicode().tag(sync=True)
    view = Dict().tag(sync=True)

    def __init__(self, module: str, *, words: str) -> None:
        self._words = words
        self._lock = threading.RLock()
        # as text, not as paths: anywidget would keep every widget alive to tell it of changes
        super().__init__(_esm=built(f"{module}.js"), _css=built(f"{module}.css"))

    def __repr__(self) -> str:
        return self._words

    @property
    def closed(self) -> bool:
        """Whether it shows nothing any more."""
        return self.comm is None

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a page shows it by and the metadata; raises StateError once it is closed."""
        if self.closed:
            raise StateError("this panel is closed; open another with %panel")
        shown = self._repr_mimebundle_()
        assert shown is not None
        return shown

    def write(self, **news: Any) -> None:
        """Set traits, in one message: a widget itself knows no threads."""
        with self._lock:
            if self.closed:
                return
            with self.hold_sync():
                for trait, value in news.items():
                    self.set_trait(trait, value)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page remembers, and nothing else."""
        if (view := remembered(sync_data)) is not None:
            with self._lock:
                super().set_state({"view": view})

    def close(self) -> None:
        """Take it off the page; a second time does nothing."""
        if not self.closed:
            super().close()
            self.layout.close()  # a widget of its own, which nobody else closes

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        # ipykernel 7.4 would have commands handled where a message was sent from last: in the
        # main thread, where a Stop waits for the cell that runs
        if self.comm is not None:
            self.comm.__dict__.pop("_reply_subshell_id", None)


def built(name: str) -> str:
    """One of the files that were made of extension/."""
    file = STATIC / name
    if not file.is_file():
        raise MissingPackageError(
            f"the panel needs {name}, which is made when Tenfold is installed and is not there; "
            "in the checkout run: pip install --editable ."
        )
    return file.read_text("utf-8")


def remembered(state: Any) -> dict[str, Any] | None:
    """What a page may keep in `view`: a small object; None for anything else."""
    view = state.get("view") if isinstance(state, dict) else None
    try:
        small = len(json.dumps(view)) <= MOST_BYTES
    except (TypeError, ValueError, RecursionError):
        return None
    return view if isinstance(view, dict) and small else None
