"""A time limit for a student's code, in the kernel's main thread and in any other."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["TimeUp", "time_limit"]

# code that swallows the first TimeUp gets another
AGAIN_SECONDS = 0.1


class TimeUp(BaseException):
    """The time is over; not an Exception, so that `except Exception` lets it through."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp inside after `seconds`; what waits in C is ended when it returns.

    In the main thread an alarm does it, which also ends `time.sleep`. Elsewhere, and on
    Windows, another thread asks the interpreter to raise.
    """
    main = threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if main and hasattr(signal, "setitimer") else _raised(seconds):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    armed = True

    def ring(*_: object) -> None:
        if armed:
            raise TimeUp

    handler = signal.signal(signal.SIGALRM, ring)
    before = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, handler)


@contextmanager
def _raised(seconds: float) -> Iterator[None]:
    thread, lock, ended = threading.get_ident(), threading.Lock(), threading.Event()

    def watch() -> None:
        wait = seconds
        while not ended.wait(wait):
            with lock:
                if not ended.is_set():
                    _raise_in(thread, TimeUp)
            wait = AGAIN_SECONDS

    def end() -> None:
        with lock:
            ended.set()
            _raise_in(thread, None)  # one that was asked for and has not come yet

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        while not ended.is_set():
            with suppress(TimeUp):  # it may still come here
                end()
        watcher.join()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)
