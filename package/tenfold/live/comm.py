"""The channel to JupyterLab: two comm targets, that of what is shown and that of what is asked.

`tenfold.monitor` goes from the kernel to the page only and `tenfold.control` from the page to the
kernel only: ipykernel handles a comm on which the kernel has sent in the main thread, where a
command would wait for the cell that runs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import comm

from tenfold.live.monitor import Monitor, monitor
from tenfold.live.publisher import View
from tenfold.live.wire import VERSION, Command, WireError, read_command, read_id

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["CONTROL", "MONITOR", "Channels", "offered", "register", "unregister"]

MONITOR, CONTROL = "tenfold.monitor", "tenfold.control"
LOG_SECONDS = 1.0
MOST_COMMS = 64

log = logging.getLogger("tenfold")


class Channels:
    """The pages that listen and the commands that come, whatever they contain.

    The methods are called by the kernel in any of its threads; they raise nothing into it.
    """

    def __init__(self, watched: Monitor, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._monitor, self._clock = watched, clock
        self._pages: dict[str, tuple[Any, View | None]] = {}
        self._logged = float("-inf")

    def open_monitor(self, channel: Any, message: Any) -> None:
        """A page wants to see the runs: everything now, and what is new from then on."""

        def send(told: dict[str, Any], buffers: list[bytes]) -> None:
            channel.send(told, buffers=buffers)

        self._keep(channel, self._monitor.listen(send))

    def open_control(self, channel: Any, message: Any) -> None:
        """A page wants to ask; it names the monitor comm on which it hears the answers."""
        try:
            name = message["content"]["data"]["monitor"]
        except (KeyError, TypeError):
            name = None
        channel.on_msg(lambda message: self._receive(name, message))
        self._keep(channel, None)

    def close(self) -> None:
        """Let go of every page."""
        for name in list(self._pages):
            self._forget(name).close()

    def _keep(self, channel: Any, view: View | None) -> None:
        self._pages[channel.comm_id] = channel, view
        channel.on_close(lambda message: self._forget(channel.comm_id))
        if len(self._pages) > MOST_COMMS:
            # a page that is reloaded or shut says no farewell
            self._forget(next(iter(self._pages))).close()

    def _forget(self, name: str) -> Any:
        channel, view = self._pages.pop(name)
        if view is not None:
            view.close()
        return channel

    def _receive(self, name: Any, message: Any) -> None:
        """Read a command, carry it out and answer it."""
        _, view = self._pages.get(name, (None, None)) if isinstance(name, str) else (None, None)
        data, words = None, ""
        try:
            data = message["content"]["data"]
            command = read_command(data, buffers=message.get("buffers") or ())
            self._carry_out(command, view)
        except WireError as error:
            words = str(error)
            self._refused(words)
        except Exception as error:  # a page must not be able to put an error into a cell
            words = f"this message cannot be read ({type(error).__name__})"
            self._refused(words)
        if view is not None and (to := id_of(data)):
            view.answer(to, ok=not words, words=words)

    def _carry_out(self, command: Command, view: View | None) -> None:
        if command.kind in {"lines", "predict", "close"}:
            raise WireError(f"{command.kind} belongs to a panel; open one with %panel")
        if command.kind != "renew":
            self._monitor.steer(command)
        elif view is None:
            raise WireError("there is no monitor to renew; open one and name its comm")
        else:
            view.renew(fresh=command.fresh)

    def _refused(self, words: str) -> None:
        now = self._clock()
        if now - self._logged >= LOG_SECONDS:
            self._logged = now
            log.info("a message of a page was refused: %s", words)


def id_of(data: Any) -> str:
    """The id of a message, however wrong the rest of it is; empty when it has none."""
    try:
        return read_id(data["id"]) if isinstance(data, dict) else ""
    except (KeyError, WireError):
        return ""


_OPEN: list[Channels] = []


def offered() -> int:
    """The version of the messages that a page gets here; 0 while both targets are closed to it.

    A page asks before it opens a comm: for a target that is absent the kernel logs an error.
    """
    return VERSION if _OPEN else 0


def register(shell: InteractiveShell) -> None:
    """Offer both targets to the pages of this kernel; a second time changes nothing."""
    if _OPEN or not hasattr(shell, "kernel"):
        return
    channels, manager = Channels(monitor), comm.get_comm_manager()
    manager.register_target(MONITOR, channels.open_monitor)
    manager.register_target(CONTROL, channels.open_control)
    _OPEN.append(channels)
    monitor.watch()


def unregister(shell: InteractiveShell) -> None:
    """Take both targets away and let go of the pages."""
    if not _OPEN:
        return
    channels, manager = _OPEN.pop(), comm.get_comm_manager()
    manager.unregister_target(MONITOR, channels.open_monitor)
    manager.unregister_target(CONTROL, channels.open_control)
    channels.close()
    monitor.unwatch()
