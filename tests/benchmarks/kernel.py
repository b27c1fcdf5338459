"""A real Jupyter kernel that runs cells, as a notebook does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HOUR = 3600.0


class Kernel:
    """Runs cells and reads values; made by `kernel()`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def cell(self, code: str) -> None:
        """Run a cell; a cell that fails raises RuntimeError with what it printed."""
        reply = self._client.execute_interactive(
            code, timeout=HOUR, output_hook=lambda message: None
        )["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{code}\n{reply.get('ename')}: {reply.get('evalue')}")

    def value(self, expression: str) -> str:
        """The repr of an expression in the kernel."""
        reply = self._client.execute_interactive(
            "",
            user_expressions={"asked": expression},
            timeout=HOUR,
            output_hook=lambda message: None,
        )
        return str(reply["content"]["user_expressions"]["asked"]["data"]["text/plain"])

    def number(self, expression: str) -> float:
        """A number of the kernel."""
        return float(self.value(f"float({expression})"))


@contextmanager
def kernel() -> Iterator[Kernel]:
    """A kernel of this environment, shut down at the end."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
