"""Where the outputs of a thread go: to the cell that started its work, not to the latest one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["parent_of", "pinned"]


def parent_of(shell: Any) -> Any:
    """What ties outputs to the cell that runs now; None outside a kernel."""
    return shell.get_parent() if hasattr(shell, "get_parent") else None


@contextmanager
def pinned(shell: Any, parent: Any) -> Iterator[None]:
    """Send what this thread prints and displays to the cell of `parent`."""
    if parent is None:
        yield
        return
    token = None
    if hasattr(shell, "set_thread_parent"):  # ipykernel 7.4 and later
        token = shell.set_thread_parent(parent)
    else:
        shell.set_parent(parent)
    try:
        yield
    finally:
        # what was printed last is still on its way
        sys.stdout.flush()
        sys.stderr.flush()
        if token is not None:
            shell.reset_thread_parent(token)
