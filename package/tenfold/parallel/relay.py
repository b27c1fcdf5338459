"""What a rank tells the kernel while it trains: rank 0 what is new, the others their memory."""

from __future__ import annotations

from typing import Any

import psutil
import torch

from tenfold.parallel.channel import Channel
from tenfold.train.events import Callback
from tenfold.train.run import Run

__all__ = ["Relay", "memory_of"]


class Relay(Callback):
    """Sends the events of a run through a channel, with the steps, rows and marks that are new."""

    def __init__(self, channel: Channel, rank: int) -> None:
        self._channel, self._rank = channel, rank

    def before_fit(self, run: Run) -> None:
        self._steps, self._rows = run.history.steps, len(run.history)
        self._marks = len(run.history.marks)
        self._tell("before_fit", run)

    def before_epoch(self, run: Run) -> None:
        self._tell("before_epoch", run)

    def on_tick(self, run: Run) -> None:
        self._tell("on_tick", run)

    def before_validate(self, run: Run) -> None:
        self._tell("before_validate", run)

    def after_epoch(self, run: Run) -> None:
        self._tell("after_epoch", run)

    def after_fit(self, run: Run) -> None:
        self._tell("after_fit", run)

    def _tell(self, event: str, run: Run) -> None:
        self._channel.send("memory", self._rank, memory_of(run.device))
        if self._rank:
            return
        history, new = run.history, run.history.steps - self._steps
        facts: dict[str, Any] = {
            "step": run.step,
            "epoch": run.epoch,
            "state": run.state,
            "message": run.message,
            "last_loss": run.last_loss,
            "row": run.row,
            "base_rates": run.base_rates,
            "changes": run.changes,
            "batch": len(run.targets) if hasattr(run.targets, "__len__") else 0,
        }
        steps = (self._steps, history.tail(new), history.tail_rates(new))
        rows, marks = (self._rows, history.rows[self._rows :]), history.marks[self._marks :]
        self._channel.send("news", event, facts, steps, rows, (self._marks, marks))
        self._steps, self._rows = history.steps, len(history)
        self._marks = len(history.marks)


def memory_of(device: torch.device) -> int:
    """Bytes that this process holds on its GPU, or altogether."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    return int(psutil.Process().memory_info().rss)
