"""Processes that stay warm between two launches, and end when the kernel does."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import shutil
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import psutil

from tenfold.errors import TrainingError
from tenfold.parallel.channel import Channel, Door, Message, start
from tenfold.parallel.parcel import Parcel, to_file

__all__ = ["Pool", "Settings"]

# seconds without work after which the processes end, and the longest that they may take to begin
IDLE, PATIENCE = 600.0, 120.0
# seconds that they get to end by themselves
FAREWELL, LONG_FAREWELL = 2.0, 20.0
POLL = 0.1
# what a process said last, in characters
LAST_WORDS = 2000
# deaths that a pool outlasts, and how often it tries to begin
MANY, TRIES = 1000, 3
# what a rank runs: it imports the Tenfold of the kernel
FIRST = "import sys; sys.path.insert(0, {!r}); from tenfold.parallel.begin import main; main()"


@dataclass(frozen=True)
class Settings:
    """How a launch is done; `kind` is the type of the device, cpu or cuda."""

    processes: int
    sync_batchnorm: bool = False
    on: str = "local"
    restarts: int = 3
    kind: str = "cpu"
    threads: int = 1

    @property
    def pool(self) -> tuple[Any, ...]:
        """What a pool must have been made for to be used again."""
        return self.processes, self.on, self.restarts, self.kind, self.threads


class Pool:
    """The ranks of a launch; `channels` leads to each, `attempt` counts how often they began."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.sources = settings, sources()
        self.channels: list[Channel] = []
        self.pids: list[int] = []
        self.attempt = 0
        self.closed = False
        self._folder = Path(tempfile.mkdtemp(prefix="tenfold-launch-"))
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._born: list[psutil.Process] = []
        self._door = self.open_door()
        self.begin()

    # ---- how the ranks begin; another place for them has others ------------------------------

    def open_door(self) -> Door:
        """Where the ranks come in."""
        return Door()

    def begin(self) -> None:
        """Start the ranks; an elastic agent in a thread of this process watches over them.

        The agent starts programs, it does not fork: a fork of a kernel that has trained hangs.
        Each is in a session of its own, so an interrupt of the kernel is not for it.
        """
        told = self._folder / "told.json"
        words = {"kind": self.settings.kind, "threads": self.settings.threads}
        told.write_text(json.dumps({**self._door.told, **words}))  # in a folder of this user alone
        self._agent = start(lambda: self._watch(told), name="tenfold-agent")

    def _watch(self, told: Path) -> None:
        from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, Std
        from torch.distributed.launcher.api import LaunchConfig, elastic_launch

        # it says that a thread gets no signals, and what the kernel sees and says itself
        logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=self.settings.processes,
            run_id=uuid.uuid4().hex,
            rdzv_backend="c10d",
            rdzv_endpoint="localhost:0",
            local_addr="localhost",
            max_restarts=MANY,  # a run counts its own
            monitor_interval=POLL,
            logs_specs=DefaultLogsSpecs(log_dir=str(self._folder), redirects=Std.ALL),
        )
        ours = str(Path(__file__).parents[2])
        with contextlib.suppress(Exception):  # who died too often is known: its channel has ended
            elastic_launch(config, sys.executable)("-c", FIRST.format(ours), str(told))

    def ended(self) -> bool:
        """Whether no rank will come any more."""
        return not self._agent.is_alive()

    def place(self, parcel: Parcel) -> tuple[list[Any], str]:
        """The tensors of a parcel where every rank can read them."""
        path, places = to_file(parcel)
        return list(places), str(path)

    def end(self) -> None:
        """See that the agent and the ranks end."""
        self._agent.join(FAREWELL)
        for process in self._born:
            if process.is_running():  # the same process, not another with its number
                process.kill()
        # it may have begun new ranks, which find the door closed
        self._agent.join(LONG_FAREWELL)

    # ---- the same everywhere -----------------------------------------------------------------

    def gather(self) -> None:
        """Wait until every rank of one attempt is there; raises TrainingError when none succeeds.

        A rank may be killed while it joins the others; the agent then makes another attempt.
        """
        until = time.monotonic() + PATIENCE
        for _ in range(TRIES):
            self._meet(until)
            if self._join(until):
                return
            for channel in self.channels:
                channel.close()
        raise self._no_start()

    def _meet(self, until: float) -> None:
        """Wait until every rank of one attempt has come in."""
        attempts: dict[int, dict[int, tuple[Channel, int]]] = {}
        while True:
            if self.ended() or time.monotonic() > until:
                raise self._no_start()
            try:
                channel, message = self._door.came.get(timeout=POLL)
            except queue.Empty:
                continue
            _, rank, pid, attempt = message
            came = attempts.setdefault(attempt, {})
            came[rank] = channel, pid
            if len(came) == self.settings.processes:
                break
        self.attempt = attempt
        self.channels = [came[rank][0] for rank in sorted(came)]
        self.pids = [came[rank][1] for rank in sorted(came)]
        self.born()

    def _join(self, until: float) -> bool:
        """Whether the ranks find each other."""
        joined: set[int] = set()
        while len(joined) < self.settings.processes:
            for rank, message in self.messages():
                if message is None:
                    return False
                joined.add(rank)
            if time.monotonic() > until:
                return False
        return True

    def _no_start(self) -> TrainingError:
        words = "; ".join(filter(None, map(self.said_last, range(self.settings.processes))))
        self.close()
        return TrainingError(
            f"{self.settings.processes} processes were asked for and did not begin "
            f"({words or 'they said nothing'}); try fewer processes"
        )

    def born(self) -> None:
        """Remember the processes, so that none is left behind."""
        self._born += [psutil.Process(pid) for pid in self.pids if psutil.pid_exists(pid)]

    def messages(self) -> list[tuple[int, Message | None]]:
        """What has come, each with its rank; None from one that is gone. Waits a tenth."""
        by_connection = {one.connection: rank for rank, one in enumerate(self.channels)}
        open_ones = [one for one in by_connection if not one.closed]
        ready = wait(open_ones, timeout=POLL)
        found: list[tuple[int, Message | None]] = []
        for connection in ready:
            rank = by_connection[connection]  # type: ignore[index]
            message = self.channels[rank].receive()
            if message is None:
                self.channels[rank].close()
            found.append((rank, message))
        return found

    def said_last(self, rank: int) -> str:
        """The end of what a rank wrote to its error output."""
        files = sorted(self._folder.glob(f"**/attempt_{self.attempt}/{rank}/stderr.log"))
        return last_words(files[-1]) if files else ""

    def hold(self) -> None:
        """Stay warm: work begins."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def rest(self) -> None:
        """Work has ended: without more of it the ranks end after a while."""
        self._timer = threading.Timer(IDLE, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """End every process; from any thread, more than once."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
        self.hold()
        self._door.close()
        for channel in self.channels:
            channel.close()
        self.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def fresh(self) -> bool:
        """Whether it can be used: it runs, and no file of code has changed since it was used."""
        now = sources()
        same = all(now.get(file, time) == time for file, time in self.sources.items())
        self.sources.update(now)
        return same and not self.closed and not self.ended()


def sources() -> dict[str, float]:
    """When each file of code outside of the installed packages was changed.

    A warm process has read such a file already: after a change it must be a new process.
    """
    installed = tuple({sys.prefix, sys.base_prefix})
    found: dict[str, float] = {}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not (file.startswith(installed) or "site-packages" in file):
            try:
                found[file] = os.stat(file).st_mtime
            except OSError:
                continue
    return found


def last_words(file: Path) -> str:
    """The end of a text file, as one line."""
    try:
        text = file.read_text(errors="replace")
    except OSError:
        return ""
    return " ".join(text[-LAST_WORDS:].split())
