"""The channel between the kernel and one rank: messages both ways, from any thread.

It is the connection of Python's own multiprocessing: a socket on this machine, or on the network
for a cluster, on which both sides first prove that they know the key of this launch.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

__all__ = ["Channel", "Door", "Message", "start"]

Message = tuple[Any, ...]
# seconds that the thread at the door gets to end
_GOODBYE = 1.0


class Channel:
    """One end of a channel; `send` may be called from any thread."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lock = threading.Lock()

    @classmethod
    def to_kernel(cls, told: dict[str, Any]) -> Channel:
        """The end of a rank; `told` is what `Door.told` says."""
        address = tuple(told["address"]) if isinstance(told["address"], list) else told["address"]
        return cls(Client(address, authkey=bytes.fromhex(told["key"])))

    def send(self, *message: Any) -> None:
        """Send a message; one whose other end is gone is dropped."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            self.connection.send(message)

    def receive(self) -> Message | None:
        """The next message; None when the other end is gone."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return None

    def close(self) -> None:
        """Let the other end know that nothing more will come."""
        with contextlib.suppress(OSError):
            self.connection.close()


class Door:
    """Where ranks come in; `came` has the channel of each, with its first message.

    Without a `host` only this machine can reach it.
    """

    def __init__(self, host: str | None = None) -> None:
        key = os.urandom(32)
        self._listener = Listener(None if host is None else (host, 0), backlog=64, authkey=key)
        address = self._listener.address
        self.told: dict[str, Any] = {
            "address": list(address) if isinstance(address, tuple) else address,
            "key": key.hex(),
        }
        self.came: queue.Queue[tuple[Channel, Message]] = queue.Queue()
        self._open = True
        self._thread = start(self._listen, name="tenfold-launch")

    def _listen(self) -> None:
        while self._open:
            # a stranger without the key, or a rank that died while it came in
            with contextlib.suppress(Exception):
                channel = Channel(self._listener.accept())
                if (first := channel.receive()) is not None and self._open:
                    self.came.put((channel, first))
                else:
                    channel.close()
        self._listener.close()

    def close(self) -> None:
        """Let nobody in any more."""
        if self._open:
            self._open = False
            with contextlib.suppress(Exception):  # wakes the thread that listens
                Channel.to_kernel(self.told).close()
            self._thread.join(_GOODBYE)
            while not self.came.empty():
                self.came.get()[0].close()


def start(work: Callable[[], None], *, name: str) -> threading.Thread:
    """Do `work` in a thread that does not keep the process alive."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
