"""The world of the tests on several processes: small learners, and callbacks that remember."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any

import psutil
import torch
from factories import Net, make_learner, make_pairs
from torch import Tensor

from tenfold.learner import Learner
from tenfold.train.events import Callback
from tenfold.train.run import Run


class Gradients(Callback):
    """Keeps the gradients of every step, and what the batch was."""

    def __init__(self) -> None:
        self.steps: list[list[Tensor]] = []

    def after_backward(self, run: Run) -> None:
        self.steps.append([p.grad.clone() for p in run.model.parameters() if p.grad is not None])


class Still(torch.nn.Module):
    """The net of the factories without what differs between ranks: its dropout."""

    def __init__(self, *, norm: bool = True) -> None:
        super().__init__()
        net = Net()
        net.late[1] = torch.nn.Identity()  # type: ignore[assignment]
        if not norm:
            net.early[1] = torch.nn.Identity()  # type: ignore[assignment]
        self.net = net

    def forward(self, inputs: Tensor) -> Tensor:
        return self.net(inputs)

    def groups(self) -> Any:
        return self.net.groups()


def still(*, norm: bool = False, data: Any = None, **more: Any) -> Learner:
    """A quiet learner that computes the same on one process and on two."""
    torch.manual_seed(0)
    pairs = (make_pairs(4, rest=3), make_pairs(3, seed=2, rest=1))
    learn = make_learner(data or pairs, Still(norm=norm), **{"metrics": ["accuracy"], **more})
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn


def furthest(first: list[list[Tensor]], second: list[list[Tensor]]) -> float:
    """The largest difference between two lists of gradients."""
    assert len(first) == len(second)
    pairs = [(a, b) for one, two in zip(first, second) for a, b in zip(one, two, strict=True)]
    return max(float((a - b).abs().max()) for a, b in pairs)


class Slow(Callback):
    """Gives a test time to ask for something while a run goes on."""

    def after_step(self, run: Run) -> None:
        threading.Event().wait(0.02)


def until(learn: Learner, ready: Callable[[Any], Any]) -> Any:
    """The run of a learner, once it is ready."""
    for _ in range(6000):
        if learn.run is not None and ready(learn.run):
            return learn.run
        threading.Event().wait(0.01)
    raise AssertionError("it never was")


def ranks_alive() -> list[int]:
    """The processes that this one has started and that train, or wait for work."""
    found = []
    for one in psutil.Process(os.getpid()).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            if "tenfold.parallel" in " ".join(one.cmdline()):
                found.append(one.pid)
    return found
