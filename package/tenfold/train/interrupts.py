"""Interrupts while something runs whose state has to be put back: never in the middle of that."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """Lets an interrupt raise only where `raising` says so; any other waits for the end.

    Python raises KeyboardInterrupt between any two lines, those too that put things back. So what
    keeps a state is entered between the two, and is left again whole:

        with Interrupts() as interrupts, kept_modes(model), interrupts.raising():
            ...

    With `first`, the first interrupt calls that and raises nothing. Only the main thread gets
    interrupts, so anywhere else nothing is changed.

    >>> with Interrupts() as interrupts, interrupts.raising():
    ...     signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    True
    """

    def __init__(self, first: Callable[[], Any] | None = None) -> None:
        self._first = first
        self._before: Any = None
        self._workers: Any = None
        self._open = self._waiting = False

    def __enter__(self) -> Interrupts:
        # None: a handler that is not Python's and could not be put back
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and before is not None:
            self._before = before
            signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._open = False
        if self._workers is not None:
            signal.signal(signal.SIGCHLD, self._workers)
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._waiting and kind is None:
            raise KeyboardInterrupt

    def raising(self) -> Raising:
        """The body: interrupts raise in it, once; one that came before raises at its begin."""
        return Raising(self)

    def close(self) -> None:
        """From here on nothing raises between two lines.

        Torch has a handler that does, whenever a worker of a data loader has died.
        """
        self._open = False
        if self._before is not None and hasattr(signal, "SIGCHLD"):
            there = signal.getsignal(signal.SIGCHLD)
            if callable(there) and self._workers is None:
                signal.signal(signal.SIGCHLD, lambda number, frame: None)
                self._workers = there

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._first is not None:
            first, self._first = self._first, None
            first()
        elif self._open:
            self._open = False  # what is put back from here on is left alone
            raise KeyboardInterrupt
        else:
            self._waiting = True


class Raising:
    """The part of `Interrupts` in which they raise."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        if self._interrupts._waiting:
            self._interrupts._waiting = False
            raise KeyboardInterrupt
        self._interrupts._open = True

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._interrupts.close()
