from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import comm
import pytest
from factories import At, make_learner
from pages import Desk, Page
from test_wire import make, spoiled

from tenfold.live import comm as ours
from tenfold.live.comm import CONTROL, MONITOR, MOST_COMMS, Channels, register, unregister
from tenfold.live.jobs import jobs

pytestmark = pytest.mark.filterwarnings("default")

LONG = 60.0


class Comm:
    """The kernel's end of a comm, and what was done to it."""

    def __init__(self, name: str) -> None:
        self.comm_id, self.sent, self.closed = name, [], False
        self.receive: Callable[[Any], None] = lambda message: None
        self.leave: Callable[[Any], None] = lambda message: None

    def on_msg(self, receive: Callable[[Any], None]) -> None:
        self.receive = receive

    def on_close(self, leave: Callable[[Any], None]) -> None:
        self.leave = leave

    def send(self, data: Any, *, buffers: Any) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def hear(self, data: Any, buffers: Any = ()) -> None:
        self.receive({"content": {"data": data}, "buffers": list(buffers)})


def opened(data: Any) -> dict[str, Any]:
    return {"content": {"data": data}}


class World:
    """Channels with one page on them."""

    def __init__(self) -> None:
        self.desk, self.now = Desk(), 0.0
        self.channels = Channels(self.desk.monitor, clock=lambda: self.now)
        self.monitor, self.control = Comm("m"), Comm("c")
        self.channels.open_monitor(self.monitor, opened({}))
        self.channels.open_control(self.control, opened({"monitor": "m"}))

    def answers(self) -> list[tuple[str, bool, str]]:
        """What the page has been told about its commands."""
        while self.desk.send() is not None:
            pass
        told = [one for one in self.monitor.sent if one["kind"] == "answer"]
        return [(one["to"], one["ok"], one["words"]) for one in told]


def test_commands_steer_a_run_and_are_answered() -> None:
    world, begun = World(), threading.Event()
    with world.desk:
        learn = make_learner(callbacks=[At("after_step", lambda run: (run.pause(), begun.set()))])
        job = jobs.submit(lambda: learn.fit(1000, 0.1), lines=["%fit 1000"], learner=learn)
        assert begun.wait(LONG)
        world.control.hear(make("rate", run=1, lr=0.02, group=None))
        world.control.hear(make("stop", run=1))
        assert job.wait(LONG)
        world.control.hear(make("resume", run=1))
    ended = "run 1 has ended; there is nothing to resume"
    assert world.answers() == [("a1", True, ""), ("a1", True, ""), ("a1", False, ended)]
    assert [1, "rate 0.02"] in world.desk.page.run["marks"] and world.control.sent == []


def test_what_is_not_for_this_channel_is_refused_with_words() -> None:
    world = World()
    world.control.hear(make("lines", lines=["%fit 3"]))
    world.control.hear(make("predict", name="x.jpg"), [b"pixels"])
    world.control.hear({"id": "a1"})
    panel = "belongs to a panel; open one with %panel"
    assert [words for _, _, words in world.answers()] == [
        f"lines {panel}",
        f"predict {panel}",
        "the message has version None; this kernel knows 1; reload the page",
    ]


def test_a_page_renews_its_view_and_gets_everything_when_it_asks() -> None:
    world = World()
    world.desk.send(after=0)
    world.control.hear(make("renew", fresh=True))
    assert world.answers() == [("a1", True, "")]
    assert [one["kind"] for one in world.monitor.sent] == ["snapshot", "snapshot", "answer"]


@pytest.mark.parametrize("data", [{}, {"monitor": "x"}, {"monitor": ["m"]}, None, [1], "m"])
def test_a_control_without_a_monitor_is_answered_nowhere(data: Any) -> None:
    world, control = World(), Comm("c2")
    world.channels.open_control(control, opened(data))
    control.hear(make("renew", fresh=True))
    control.hear(make("stop", run=1))
    assert world.answers() == [] and control.sent == []


def test_a_page_that_leaves_is_forgotten_and_many_push_out_the_oldest() -> None:
    world = World()
    world.monitor.leave({})
    world.control.leave({})
    assert world.answers() == [] and world.monitor.sent == []
    many = [Comm(f"m{number}") for number in range(MOST_COMMS + 5)]
    for one in many:
        world.channels.open_monitor(one, opened({}))
    assert [one.closed for one in many] == [True] * 5 + [False] * MOST_COMMS
    world.channels.close()
    assert all(one.closed for one in many) and world.channels._pages == {}
    assert world.desk.monitor.publisher._views == [world.desk.view]


def test_refusals_are_logged_at_most_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with caplog.at_level(logging.INFO, logger="tenfold"):
        for _ in range(500):
            world.control.hear({"v": 2})
        world.now = 1.0
        world.control.hear(None)
    assert len(caplog.records) == 2 and "was refused: the message is None" in caplog.text


def test_ten_thousand_messages_raise_nothing_and_leave_nothing() -> None:
    world, draw = World(), random.Random(0)
    for _ in range(10_000):
        world.control.hear(spoiled(draw), [b"x"] * draw.choice([0, 0, 1]))
    for message in (None, {}, {"content": None}, {"content": {"data": {}}, "buffers": [7]}):
        world.control.receive(message)
    assert len(world.answers()) <= 8
    assert all(len(one["words"]) < 400 for one in world.monitor.sent if one["kind"] == "answer")


def test_both_targets_are_offered_once_and_taken_away() -> None:
    shell, before = SimpleNamespace(kernel=True), dict(comm.get_comm_manager().targets)
    register(SimpleNamespace())
    assert comm.get_comm_manager().targets == before
    register(shell)
    first = dict(comm.get_comm_manager().targets)
    register(shell)
    assert comm.get_comm_manager().targets == first and {MONITOR, CONTROL} <= set(first)
    unregister(shell)
    unregister(shell)
    assert comm.get_comm_manager().targets == before and ours._OPEN == []


# ---- in a real kernel ------------------------------------------------------------------------

SETUP = """
import torch
from torch import nn
from tenfold.learner import Learner
from tenfold.live.comm import register
from tenfold.live.jobs import jobs
from tenfold.train.task import single_label

torch.set_num_threads(1)
items = [(torch.randn(4, 2), torch.tensor([0, 1, 0, 1])) for _ in range(1000)]

def learner():
    torch.manual_seed(0)
    made = Learner((items, None), nn.Linear(2, 2), task=single_label(2), metrics=[], quiet=True)
    made.plan(threads=1, precision="float32", channels_last=False)
    return made

def begin(made):
    fit = lambda: made.fit(1000, 0.01)
    return jobs.submit(fit, lines=["%fit 1000 --lr 0.01"], learner=made, name="learn")

register(get_ipython())
learn = learner()
"""


class Kernel:
    """A kernel with a page: what comes on its monitor comm goes to `page`."""

    def __init__(self) -> None:
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.page = Page()

    def open(self) -> None:
        self.send("comm_open", comm_id="m", target_name=MONITOR, data={})
        self.send("comm_open", comm_id="c", target_name=CONTROL, data={"monitor": "m"})

    def send(self, kind: str, **content: Any) -> None:
        self.client.shell_channel.send(self.client.session.msg(kind, content))

    def hear(self, data: Any) -> None:
        """A message on the control comm."""
        self.send("comm_msg", comm_id="c", data=data)

    def read(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read what the kernel publishes until a message is the one wanted."""
        while True:
            message = self.client.get_iopub_msg(timeout=LONG)
            assert message["msg_type"] not in ("stream", "error"), message["content"]
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == "m":
                self.page.take(message["content"]["data"], message["buffers"])
            if wanted(message):
                return message

    def run(self, code: str) -> str:
        """Run a cell; the text of its value."""
        number = self.client.execute(code)
        found = ""

        def ended(message: dict[str, Any]) -> bool:
            nonlocal found
            mine = message["parent_header"].get("msg_id") == number
            if mine and message["msg_type"] == "execute_result":
                found = message["content"]["data"]["text/plain"]
            return mine and message["content"].get("execution_state") == "idle"

        self.read(ended)
        return found


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        kernel.run(SETUP)
        kernel.open()
        yield kernel
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


def test_a_page_sees_a_run_from_its_beginning_and_stops_it(kernel: Kernel) -> None:
    kernel.run("job = begin(learn)")
    page = kernel.page
    kernel.read(lambda _: bool(page.runs) and page.run["step"] > 100 and len(page.messages) > 3)
    assert page.messages[0]["kind"] == "snapshot" and page.messages[-1]["kind"] == "delta"
    kernel.hear(make("stop", run=1))
    kernel.read(lambda _: page.run["state"] == "stopped" and bool(page.answers))
    assert page.answers[-1]["ok"] and page.run["points"][0, -1] == page.run["step"]
    assert kernel.run("job.wait(20), job.state") == "(True, 'stopped')"
    assert page.run["repeat"] == f"%fit 1000 --lr 0.01 --stop-at {page.run['step']}"


def test_a_flood_of_malformed_messages_changes_nothing(kernel: Kernel) -> None:
    kernel.run("made = learner()\njob = begin(made)")
    draw, page = random.Random(1), kernel.page
    for number in range(2000):
        kernel.hear({"v": 1, "kind": draw.choice(["stop", "rate", "x"]), "id": f"b{number}"})
    kernel.hear(make("stop", run=2))
    kernel.read(lambda _: 2 in page.runs and page.run["state"] == "stopped")
    assert kernel.run("job.wait(20), made.history.marks") == "(True, [])"
    again = f"same = learner()\nrun = same.fit(1000, 0.01, stop_at={page.run['step']})\n"
    assert kernel.run(again + "torch.equal(same.model.weight, made.model.weight)") == "True"


def test_a_page_that_comes_later_sees_the_same_curve(kernel: Kernel) -> None:
    page, kernel.page = kernel.page, Page()
    kernel.send("comm_close", comm_id="m", data={})
    kernel.open()
    kernel.read(lambda _: bool(kernel.page.messages))
    assert kernel.page.runs.keys() == page.runs.keys()
    assert kernel.page.runs[1]["points"].tolist() == page.runs[1]["points"].tolist()


def test_afterwards_no_thread_and_no_comm_is_left(kernel: Kernel) -> None:
    kernel.send("comm_close", comm_id="m", data={})
    kernel.send("comm_close", comm_id="c", data={})
    names = "[t.name for t in threading.enumerate() if 'tenfold' in t.name and not t.join(20)]"
    kernel.run(f"import comm, threading\n{names}")
    assert kernel.run(names) == "[]"
    assert kernel.run("len(comm.get_comm_manager().comms)") == "0"
