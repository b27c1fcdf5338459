"""What a page does with the messages of the monitor, in the plainest way."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np

from tenfold.live.monitor import Monitor


class Page:
    """Puts snapshots and deltas together and checks that none was lost."""

    def __init__(self) -> None:
        self.runs: dict[int, dict[str, Any]] = {}
        self.answers: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        self.came = threading.Condition()

    def take(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """One message, as JSON carries it."""
        with self.came:
            assert message["v"] == 1 and message["id"] == len(self.messages) + 1
            message = json.loads(json.dumps(message, allow_nan=False))
            self.messages.append(message)
            self.buffers.append([bytes(buffer) for buffer in buffers])
            if message["kind"] == "answer":
                self.answers.append(message)
            elif message["kind"] == "snapshot":
                self.runs = {}
            for news in message.get("runs", []):
                self._join(news, buffers)
            self.came.notify_all()

    def _join(self, news: dict[str, Any], buffers: list[bytes]) -> None:
        run = self.runs.setdefault(news["run"], {"rows": [], "marks": [], "points": None})
        rows, marks, piece = news.pop("rows"), news.pop("marks"), news.pop("series")
        run["rows"] = run["rows"][: news.pop("rows_from")] + rows
        run["marks"] = run["marks"][: news.pop("marks_from")] + marks
        if piece is not None:
            block = np.frombuffer(buffers[piece["buffer"]], "<f4").reshape(-1, piece["count"])
            before = block[:, :0] if run["points"] is None else run["points"][:, : piece["from"]]
            assert before.shape[1] == piece["from"]
            run["points"] = np.concatenate([before, block], axis=1)
        run.update(news)

    def wait_for(self, wanted: Any, *, timeout: float = 30) -> None:
        """Wait until `wanted(self)` holds."""
        with self.came:
            assert self.came.wait_for(lambda: wanted(self), timeout), self.runs

    @property
    def run(self) -> dict[str, Any]:
        """The newest run."""
        return self.runs[max(self.runs)]


class Desk:
    """A monitor whose clock stands still and whose thread is this one, with one page."""

    def __init__(self, *, owner: int | None = None) -> None:
        self.now = 0.0
        self.page = Page()
        self.monitor = Monitor(clock=lambda: self.now, start=lambda loop: None)
        self.view = self.monitor.listen(self.page.take, owner=owner)

    def __enter__(self) -> Desk:
        self.monitor.watch()
        return self

    def __exit__(self, *error: object) -> None:
        self.monitor.unwatch()

    def send(self, *, after: float = 0.4) -> float | None:
        """Let some time go by and send what is due."""
        self.now += after
        return self.monitor.publisher.step()
