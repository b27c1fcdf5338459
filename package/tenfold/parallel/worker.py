"""One rank: it joins the others and carries out what the kernel sends, until the kernel is gone."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import queue
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from tenfold.parallel.channel import Channel, Message, start
from tenfold.parallel.group import Group, join
from tenfold.parallel.parcel import Parcel, mapped, on_device, opened, packed
from tenfold.parallel.ranked import RankRun
from tenfold.parallel.relay import Relay
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.train.run import Run
from tenfold.train.state import tensors_of
from tenfold.train.trainer import fit

__all__ = ["Rank", "known_parts", "serve"]


class Rank:
    """A rank that waits for work: `channel` leads to the kernel, its group to the other ranks."""

    _group: Group

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._tasks: queue.Queue[Message | None] = queue.Queue()
        self._run: RankRun | None = None
        self._early: list[Message] = []
        self._busy = True

    def serve(self, kind: str) -> None:
        """Join the others, then work until the kernel is gone."""
        start(self._listen, name="tenfold-kernel")
        self._group = join(kind)
        self._busy = False
        self._channel.send("joined")
        while (task := self._tasks.get()) is not None:
            self._work(task)

    def _listen(self) -> None:
        """Take in what the kernel says, also while this rank trains or waits for another."""
        while (message := self._channel.receive()) is not None:
            if message[0] == "train":
                self._early.clear()
                self._busy = True
                self._tasks.put(message)
            elif self._run is None:
                self._early.append(message)  # between the task and its first step
            else:
                ask(self._run, message)
        if self._busy:
            os._exit(1)  # out of a call that waits for a rank that is gone
        self._tasks.put(None)

    def _work(self, task: Message) -> None:
        try:
            with self._speaking(), on_device(self._group.device):
                self._train(task)
        except BaseException as error:
            # the other ranks wait for this one; the kernel ends them all, this one too
            step = self._run.step if self._run is not None else 0
            self._channel.send("failed", self._group.rank, step, *told(error), self._result(error))
            queue.Queue[None]().get()

    def _train(self, task: Message) -> None:
        _, paths, structure, tensors, place = task
        sys.path[:] = paths
        held = mapped(Path(place), tensors) if place else [bytearray(one) for one in tensors]
        work = opened(Parcel(structure, tuple(held)))
        self._channel.send("opened", self._group.rank)
        values: dict[str, Any] = work["run"]
        self._sent = list(values["callbacks"])
        own = [one for one in self._sent if self._group.leads or not isinstance(one, Checkpoints)]
        values["callbacks"] = [*own, Relay(self._channel, self._group.rank)]
        run = RankRun(**values, group=self._group, sync_batchnorm=work["sync_batchnorm"])
        self._run = run
        for message in self._early:
            ask(run, message)
        fit(run)
        self._run, self._busy = None, False
        self._channel.send("done", self._group.rank, self._result(None, run))

    def _result(self, error: BaseException | None, run: RankRun | None = None) -> Parcel | None:
        """What rank 0 brings back: weights, optimizer, what callbacks remember."""
        run = run or self._run
        if run is None or not self._group.leads:
            return None
        if error is not None and not run.ended:
            return None
        state = {"state": run.state, "message": run.message, **brought(run, self._sent)}
        return packed(state, known_parts(run))

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """Let what rank 0 prints appear in the cell, and nothing of the others."""
        said = Spoken(self._channel) if self._group.leads else io.StringIO()
        with contextlib.redirect_stdout(said):
            yield


class Spoken(io.TextIOBase):
    """Text that goes to the kernel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def write(self, text: str) -> int:
        self._channel.send("print", text)
        return len(text)


def brought(run: Run, callbacks: list[Any]) -> dict[str, Any]:
    """The outcome of a run, to be put into the run of the kernel."""
    model = run.model
    return {
        "weights": {name: value.detach() for name, value in tensors_of(model).items()},
        "slots": dict(run.optimizer.state),
        "groups": run.optimizer.param_groups,
        # what writes checkpoints holds a lock and a thread, and nothing that the kernel lacks
        "callbacks": [None if isinstance(one, Checkpoints) else vars(one) for one in callbacks],
    }


def known_parts(run: Run) -> dict[str, Any]:
    """What both sides have of their own, by the name under which it travels."""
    named = {f"tensor {name}": value for name, value in tensors_of(run.model).items()}
    return {"run": run, "model": run.model, "optimizer": run.optimizer, **named}


def ask(run: RankRun, message: Message) -> None:
    """Hand a request of the kernel to the run."""
    name, *values = message
    if name in {"pause", "resume", "stop"}:
        getattr(run, name)(*values)
    elif name == "rate":
        run.set_rate(values[0], group=values[1])


def told(error: BaseException) -> tuple[bytes | None, str]:
    """An error as it travels: itself, where it can be packed, and its traceback in words."""
    words = "".join(traceback.format_exception(error))
    try:
        structure = packed(error).structure
        opened(Parcel(structure))
    except Exception:
        return None, words
    return structure, words


def serve(channel: Channel, *, kind: str, threads: int) -> None:
    """Join the other ranks and work until the kernel is gone."""
    faulthandler.enable()
    torch.set_num_threads(threads)
    Rank(channel).serve(kind)
