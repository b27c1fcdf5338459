"""The world of the tests that need a real kernel: a notebook that speaks to it over the wire."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

SETUP = """
import threading, time
import torch
from torch import nn
from tenfold import Callback
from tenfold.learner import Learner
from tenfold.train.task import single_label

torch.set_num_threads(1)
torch.manual_seed(0)
items = [(torch.randn(4, 2), torch.tensor([0, 1, 0, 1])) for _ in range(4)]

class Groups(nn.Sequential):
    def groups(self):
        return [[self[0]], [self[1]]]

class Slow(Callback):
    def after_step(self, run):
        threading.Event().wait(0.02)

def make(*callbacks):
    torch.manual_seed(0)
    learn = Learner(
        (items, items), Groups(nn.Linear(2, 3), nn.Linear(3, 2)),
        task=single_label(2), metrics=[], device="cpu", callbacks=callbacks,
    )
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn

learn = make(Slow())
%load_ext tenfold
"""

Messages = list[dict[str, Any]]


class Notebook:
    """A kernel and the messages that it answers with."""

    def __init__(self, setup: str = "") -> None:
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.seen: Messages = []
        if setup:
            status, outputs = self.run(setup)
            assert status == "ok", outputs

    def run(self, code: str, *, interrupt_at: str = "") -> tuple[str, Messages]:
        """The status of a cell and its outputs; `interrupt_at` is a kind of message."""
        number = self.client.execute(code)
        outputs: Messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            self.seen.append(message)
            if message["parent_header"].get("msg_id") != number:
                continue
            if message["content"].get("execution_state") == "idle":
                return self._reply(number)["status"], outputs
            if message["msg_type"] == interrupt_at:
                self.manager.interrupt_kernel()
                interrupt_at = ""
            outputs.append(message)

    def text(self, code: str) -> str:
        """What a cell prints; it must not fail."""
        status, outputs = self.run(code)
        assert status == "ok", outputs
        printed = [o["content"] for o in outputs if o["msg_type"] == "stream"]
        return "".join(o["text"] for o in printed if o["name"] == "stdout").strip()

    def error(self, code: str) -> str:
        """The words of the error in which a cell ends."""
        status, outputs = self.run(code)
        assert status == "error"
        return next(o["content"]["evalue"] for o in outputs if o["msg_type"] == "error")

    def until(self, code: str, wanted: str, *, seconds: float = 30) -> None:
        """Run a cell until it prints what is wanted."""
        end = time.monotonic() + seconds
        while (found := self.text(code)) != wanted:
            assert time.monotonic() < end, f"{code} printed {found!r}, not {wanted!r}"

    def messages(self, seconds: float) -> Iterator[dict[str, Any]]:
        """What comes within some seconds."""
        from queue import Empty

        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except Empty:
                return
            self.seen.append(message)
            yield message

    def complete(self, code: str) -> dict[str, Any]:
        return self._reply(self.client.complete(code, len(code)))

    def inspect(self, code: str, cursor: int) -> dict[str, Any]:
        return self._reply(self.client.inspect(code, cursor))

    def _reply(self, number: str) -> dict[str, Any]:
        while True:  # answers to the questions whether the kernel is ready may still come in
            message = self.client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == number:
                return dict(message["content"])

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def shown(outputs: Messages) -> Messages:
    return [one["content"]["data"] for one in outputs if "data" in one["content"]]
