"""Where the outputs of a thread go: to the cell that started its work, not to the latest one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from IPython.display import display, update_display

__all__ = ["Publish", "parent_of", "pinned", "publish_bundle"]

Publish = Callable[[dict[str, str], str, bool], None]


def publish_bundle(bundle: dict[str, str], id: str, update: bool) -> None:
    """Put an output on the page, or in the place of an earlier one with the same id."""
    (update_display if update else display)(bundle, raw=True, display_id=id)


def parent_of(shell: Any) -> Any:
    """What ties outputs to the cell that runs now; None outside a kernel."""
    return shell.get_parent() if hasattr(shell, "get_parent") else None


@contextmanager
def pinned(shell: Any, parent: Any) -> Iterator[None]:
    """Send what this thread prints and displays to the cell of `parent`."""
    if parent is None:
        yield
        return
    with at_once(shell, parent) if hasattr(shell, "set_thread_parent") else in_parts(shell, parent):
        try:
            yield
        finally:
            # what was printed last is still on its way
            sys.stdout.flush()
            sys.stderr.flush()


@contextmanager
def at_once(shell: Any, parent: Any) -> Iterator[None]:
    """As ipykernel 7.4 and later do it."""
    token = shell.set_thread_parent(parent)
    try:
        yield
    finally:
        shell.reset_thread_parent(token)


@contextmanager
def in_parts(shell: Any, parent: Any) -> Iterator[None]:
    """For earlier ones, whose `set_parent` would move the displays of every thread."""

    def moved(message: dict[str, Any]) -> dict[str, Any]:
        return {**message, "parent_header": parent.get("header", parent)}

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "set_parent"):
            stream.set_parent(parent)
    shell.display_pub.register_hook(moved)  # of this thread alone
    try:
        yield
    finally:
        shell.display_pub.unregister_hook(moved)
