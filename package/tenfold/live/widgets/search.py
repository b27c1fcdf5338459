"""The bar above a search: how far it is, and a button that stops it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from traitlets import Dict

from tenfold.errors import TenfoldError
from tenfold.live.widgets.shell import Shell
from tenfold.live.wire import read_command

__all__ = ["SearchBar"]

log = logging.getLogger("tenfold")


class SearchBar(Shell):
    """Shows `done` of `total` trials, and calls `stop()` when its button is pressed.

    `stop` may be called in any thread. Raises MissingPackageError where the page was not built.
    """

    search = Dict().tag(sync=True)

    def __init__(self, total: int, *, stop: Callable[[], None]) -> None:
        self._stop, self._total = stop, total
        super().__init__("panel", words="Tenfold search")
        self.tell(0, "the search begins")
        self.on_msg(self._receive)

    def tell(self, done: int, words: str) -> None:
        """Show how far it is; from any thread."""
        facts = {"done": done, "total": self._total, "words": words}
        if facts != self.search:
            self.write(search=facts)

    def _receive(self, widget: Any, message: Any, buffers: Any) -> None:
        """Carry out a stop; raises nothing into the kernel."""
        try:
            command = read_command(message, buffers=buffers or ())
        except TenfoldError as error:
            log.info("a message of a search was refused: %s", error)
        else:
            if command.kind == "stop":
                self._stop()
