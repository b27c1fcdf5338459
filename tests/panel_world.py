"""The world of the panel's tests: a panel with a page on it, and no browser."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from factories import make_learner
from pages import Desk, Page
from picture_folders import load, two_splits
from PIL import Image
from torch import nn

from tenfold.learner import Learner
from tenfold.live.jobs import Job, jobs
from tenfold.live.widgets.panel import Panel

LONG = 30.0


class World:
    """A panel with one page, and a monitor that sends when it is asked to."""

    def __init__(self, learner: Learner | None = None, **more: Any) -> None:
        self.desk, self.learn = Desk(), learner or make_learner()
        self.lines: list[list[str]] = []
        self.work: Any = lambda panel: None
        more.setdefault("run_lines", self.run_lines)
        self.panel = Panel(self.learn, monitor=self.desk.monitor, **more)
        self.page, self.sent = Page(), []
        self.panel.comm.publish_msg = self.publish

    def publish(self, kind: str, data: Any = None, buffers: Any = None, **more: Any) -> None:
        data = data or {}
        self.sent.append((kind, data))
        if data.get("method") == "custom":
            self.page.take(data["content"], buffers or [])

    def run_lines(self, lines: list[str], panel: Panel) -> Job:
        self.lines.append(lines)
        work = self.work
        return jobs.submit(lambda: work(panel), lines=lines, learner=panel.the_learner)

    def hear(self, content: Any, buffers: Any = (), *, method: str = "custom") -> None:
        key = "content" if method == "custom" else "state"
        data = {"method": method, key: content}
        self.panel.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})

    def answers(self) -> list[tuple[str, bool, str]]:
        while self.desk.send() is not None:
            pass
        return [(one["to"], one["ok"], one["words"]) for one in self.page.answers]

    def end_jobs(self) -> None:
        assert all(job.wait(LONG) for job in jobs.all)

    def updates(self, trait: str) -> list[Any]:
        states = [data["state"] for _, data in self.sent if data.get("method") == "update"]
        return [state[trait] for state in states if trait in state]


def picture_world(folder: Path) -> World:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2))
    learn = Learner(load(two_splits(folder)), model, quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    return World(learn)


def picture(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 30), (9, 200, 40)).save(file, format=kind)
    return file.getvalue()
