"""A notebook in a kernel of its own: each cell told as it runs, and what became of it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import re
import signal
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tenfold.errors import FileError, MissingPackageError
from tenfold.text import listed

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["Outcome", "run_notebook"]

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
_WIDTH = 60  # characters of a cell that its line of progress shows


@dataclass
class Outcome:
    """What became of one notebook.

    `cells` is how many code cells it has and `ran` how many ended well; `times` has the seconds of
    each by its number, counted from 1; `failure` says where it failed and why, or is empty.
    """

    name: str
    cells: int = 0
    ran: int = 0
    seconds: float = 0.0
    times: dict[int, float] = field(default_factory=dict)
    failure: str = ""
    stopped: bool = False

    @property
    def result(self) -> str:
        """One word, or two."""
        return "stopped" if self.stopped else "failed" if self.failure else "ran"


def run_notebook(
    file: Path, *, timeout: int = 600, kernel: str | None = None, folder: Path | None = None
) -> tuple[Outcome, NotebookNode]:
    """Run every cell until one fails, print a line for each, and return the notebook as it is then.

    `timeout` is in seconds for each cell, 0 for none; `kernel` takes the place of the notebook's
    own; `folder` is where it runs, else its own folder. Ctrl-C kills the kernel, and the outcome
    is `stopped`. Raises FileError for a file that is no notebook and for an unknown kernel,
    MissingPackageError without nbclient.
    """
    try:
        import nbclient
        import nbformat
    except ImportError as error:
        raise MissingPackageError(
            'Notebooks are run by nbclient. Install it: pip install "nbclient>=0.10"'
        ) from error
    try:
        notebook = nbformat.read(file, as_version=4)
    except (ValueError, OSError, nbformat.reader.NotJSONError) as error:
        raise FileError(f"{file} is not a notebook ({_first_line(str(error))})") from error
    name = kernel or notebook.metadata.get("kernelspec", {}).get("name", "python3")
    client = nbclient.NotebookClient(
        notebook,
        timeout=timeout or None,
        kernel_name=name,
        resources={"metadata": {"path": str(folder or file.resolve().parent)}},
        shutdown_kernel="immediate",
    )
    client.log.disabled = True  # it repeats what the outcome says
    with tempfile.TemporaryFile("w+", errors="replace") as last_words:
        watch = _Watch(client, Outcome(file.name), last_words)
        started = time.perf_counter()
        try:
            _wait_for(watch.run())
        except KeyboardInterrupt:  # before the kernel was there, or where signals are not handled
            watch.outcome.stopped = True
        watch.outcome.seconds = time.perf_counter() - started
    return watch.outcome, notebook


def _wait_for(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, in a thread of its own where this one has an event loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


class _Watch:
    """Follows the cells of one client, and stops it on Ctrl-C.

    `last_words` is a file for what the kernel's process says outside of any cell.
    """

    def __init__(self, client: Any, outcome: Outcome, last_words: IO[str]) -> None:
        self.client, self.outcome, self.last_words = client, outcome, last_words
        # markdown has no number: the third code cell is cell 3, as people count
        code = [index for index, cell in enumerate(client.nb.cells) if _is_run(cell)]
        self.numbers = {index: number for number, index in enumerate(code, start=1)}
        outcome.cells = len(code)
        self.started = 0.0
        self.now: int | None = None
        self.start = client.async_start_new_kernel
        client.async_start_new_kernel = self._start
        client.on_cell_execute = self._begins
        client.on_cell_executed = self._ended

    async def run(self) -> None:
        from jupyter_client.kernelspec import NoSuchKernel
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        self.task = asyncio.current_task()
        environment = {"TENFOLD_SYNCHRONOUS": "1", **os.environ}
        try:
            await self.client.async_execute(env=environment, stderr=self.last_words)
        except asyncio.CancelledError:
            if self.client.km is not None and self.client.km.has_kernel:  # it was still starting
                await self.client.km.shutdown_kernel(now=True)
        except CellExecutionError as error:
            self._fails(_words_of(error, self._source()))
        except CellTimeoutError:
            limit = self.client.timeout
            self._fails(f"took more than {limit} s; --timeout {2 * limit} gives it more")
        except DeadKernelError:
            if self.outcome.stopped:  # how nbclient calls it when a cell is cancelled
                return
            reason = _last_line(self.last_words) or "its memory may have run out"
            self._fails(f"the kernel died: {reason}")
        except RuntimeError as error:
            reason = _last_line(self.last_words) or str(error)
            self._fails(f"the kernel did not start ({reason}); see: tenfold doctor")
        except NoSuchKernel as error:
            raise FileError(_no_kernel(error.name)) from error
        finally:  # a kernel that never was cannot be cleaned up at the exit
            atexit.unregister(self.client._cleanup_kernel)

    async def _start(self, **settings: Any) -> None:
        """From here on Ctrl-C ends the run; nbclient would let the cell wait for its kernel."""
        assert self.task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows; a thread
                asyncio.get_running_loop().add_signal_handler(number, self._stop)
        await self.start(**settings)

    def _stop(self) -> None:
        assert self.task is not None
        print(" stopped", flush=True)
        self.outcome.stopped = True
        self.task.cancel()

    async def _begins(self, *, cell: Any, cell_index: int) -> None:
        self.now, self.started = cell_index, time.perf_counter()
        first, _, more = cell.source.strip().partition("\n")
        short = f"{first[: _WIDTH - 2]} …" if more or len(first) > _WIDTH else first
        place = f"{self.numbers[cell_index]:>3}/{self.outcome.cells}"
        print(f"{place}  {short:<{_WIDTH}}", end="", flush=True)

    async def _ended(self, *, cell: Any, cell_index: int, execute_reply: Any) -> None:
        seconds = time.perf_counter() - self.started
        self.outcome.times[self.numbers[cell_index]] = seconds
        if execute_reply["content"]["status"] == "ok" or _may_fail(cell):
            self.outcome.ran += 1
            print(f" {seconds:6.1f} s", flush=True)

    def _source(self) -> str:
        return "" if self.now is None else str(self.client.nb.cells[self.now].source)

    def _fails(self, words: str) -> None:
        print(" failed", flush=True)
        where = "" if self.now is None else f"cell {self.numbers[self.now]}, "
        self.outcome.failure = f"{where}{words}"


def _is_run(cell: Any) -> bool:
    skipped = "skip-execution" in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and not skipped


def _may_fail(cell: Any) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])


def _words_of(error: Any, source: str) -> str:
    """The line of the cell that failed, and the error in one line."""
    lines = source.splitlines()
    found = _LINE.search(_ANSI.sub("", error.traceback))
    number = int(found[1]) if found else next(i for i, one in enumerate(lines, 1) if one.strip())
    line = lines[number - 1].strip() if number <= len(lines) else ""
    reason = _first_line(_ANSI.sub("", error.evalue))
    return f"line {number}: {line}\n    {error.ename}: {reason}"


def _first_line(words: str) -> str:
    return next((line for line in words.splitlines() if line.strip()), "")


def _last_line(file: IO[str]) -> str:
    file.seek(0)
    lines = [line.strip() for line in file if line.strip() and "WARNING" not in line]
    return lines[-1] if lines else ""


def _no_kernel(name: str) -> str:
    from jupyter_client.kernelspec import find_kernel_specs

    installed = sorted(find_kernel_specs())
    instead = "python3" if "python3" in installed else next(iter(installed), "NAME")
    return (
        f"the kernel {name!r} is not installed; there are {listed(installed) or 'none'}: "
        f"tenfold run --kernel {instead} …"
    )
