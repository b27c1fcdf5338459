"""A run on one of several ranks: DistributedDataParallel inside, one agreement before each batch.

The loop is the one of every fit. What is different is here: a batch is a share, a gradient is
the mean over the ranks, a loss in the history is that of the whole batch, and a request of anybody
is carried out by all ranks at the same step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from tenfold.data.batches import mixed
from tenfold.parallel.batchnorm import restore, synchronise
from tenfold.parallel.group import Group
from tenfold.parallel.rounds import whole_rounds
from tenfold.parallel.shares import Shares
from tenfold.train.passes import forward
from tenfold.train.run import Run
from tenfold.train.trainer import fit

__all__ = ["RankRun", "ranked", "train"]

# seconds between two looks of a rank that is paused
_LOOK = 1.0
Request = tuple[Any, ...]


@dataclass(eq=False, repr=False)
class RankRun(Run):
    """A run of which this process does a share."""

    group: Group | None = None
    sync_batchnorm: bool = False

    def __post_init__(self) -> None:
        self._asked: list[Request] = []
        self._looking = False
        super().__post_init__()
        group = self.ours
        self.train = Shares(
            self.train, group.rank, ranks=group.ranks, seed=self.seed + self.first_epoch
        )
        if not group.leads:  # dropout is another one on every rank
            self.seed = mixed(self.seed, group.rank) % 2**31
        self._mean_loss = self.task.loss
        self.task = self.task.with_loss(self._weighted)
        self._synced: list[nn.Module] = []
        if self.sync_batchnorm:
            self._synced = synchronise(self.model, lambda: self.train.weight > 0)
        self._replica: Any = self._made()

    @property
    def ours(self) -> Group:
        """The ranks that do this run together."""
        assert self.group is not None
        return self.group

    # ---- a share of every batch --------------------------------------------------------------

    def forward(self) -> Tensor:
        """The raw outputs for this rank's share; their gradients will be the mean over ranks."""
        return forward(self._replica, self.inputs, self.plan)

    def keep_loss(self, loss: Tensor) -> None:
        """Remember the loss of the whole batch."""
        super().keep_loss(self.ours.add(loss / self.ours.ranks))

    def validation(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Every validation batch, whole and in order, each predicted by one of the ranks.

        What one process would have computed is computed, bit for bit.
        """
        self.train.weight = 1.0
        self.ours.spread(list(self.model.buffers()))
        if self.task.name == "next word":  # its state is read on from batch to batch
            return super().validation()
        return whole_rounds(self.model, self.valid, plan=self.plan, group=self.ours)

    def _weighted(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return self._mean_loss(outputs, targets) * self.train.weight

    def _made(self) -> DistributedDataParallel:
        device = [self.ours.device] if self.ours.device.type == "cuda" else None
        replica = DistributedDataParallel(
            self.model,
            device_ids=device,
            broadcast_buffers=not self.sync_batchnorm and any(True for _ in self.model.buffers()),
            find_unused_parameters=True,
            gradient_as_bucket_view=True,
        )
        replica.low_outputs = getattr(self.model, "low_outputs", False)
        return replica

    # ---- requests, the same on every rank ----------------------------------------------------

    @property  # type: ignore[override]
    def requested(self) -> bool:
        """Whether anybody has asked for something; every rank must look at the same places."""
        return self.ours.anybody(bool(self._asked))

    @requested.setter
    def requested(self, value: bool) -> None:
        """Nothing: what was asked is in the list."""

    def pause(self) -> None:
        """Let every rank wait before its next batch."""
        self._asked.append(("pause",))

    def resume(self) -> None:
        """Let every rank go on."""
        self._going.set()

    def stop(self, message: str = "stopped") -> None:
        """Let every rank end after the present batch."""
        self._asked.append(("stop", message))
        self._going.set()

    def set_rate(self, lr: float, *, group: int | None = None) -> None:
        """Let every rank train at another rate from the next batch on."""
        self._asked.append(("set_rate", lr, group))

    def serve(self) -> None:
        """Carry out what anybody has asked, once and in the order of the ranks."""
        asked, self._asked = self._asked, []
        for name, *more in dict.fromkeys(one for own in self.ours.all(asked) for one in own):
            if name == "pause":
                super().pause()
            elif name == "stop":
                super().stop(*more)
            elif name == "set_rate":
                super().set_rate(more[0], group=more[1])
            else:
                self._looking, self.next_tick = True, 0.0
        requests, self._requests = self._requests, []
        for request in requests:
            request()
        if not self._going.is_set() and not self.stopping:
            self._rest()

    def _rest(self) -> None:
        """Wait until rank 0 says that it goes on."""
        self.state = "paused"
        self.tick()
        while True:
            going = self._going.wait(_LOOK) if self.ours.leads else False
            if self.ours.first(going):
                break
        self._going.set()
        self.state = "running"
        self.mark("resumed")
        if self.requested:
            self.serve()

    def tick(self) -> None:
        """Read the losses and tell the callbacks.

        Ranks tick at different steps, and a loss that is no number must end the epoch of all at
        the same one: so who sees it first asks the others to look.
        """
        super().tick()
        if not math.isfinite(self.last_loss) and not self._looking:
            self._asked.append(("look",))
            self.last_loss = 0.0
        self._looking = False

    def epoch_losses(self) -> np.ndarray:
        """The losses of the present epoch; the same numbers on every rank."""
        self._looking = False
        return super().epoch_losses()

    def end(self, state: str, error: BaseException | None = None) -> None:
        """Record how it ended, and leave the model as it was."""
        super().end(state, error)
        self._replica = None
        restore(self._synced)
        self._synced = []


def ranked(run: Run, group: Group, **settings: Any) -> RankRun:
    """The same run as the share of this rank."""
    values = {one.name: getattr(run, one.name) for one in fields(Run)}
    return RankRun(**values, group=group, **settings)


def train(run: RankRun) -> RankRun:
    """Carry out the run in this process, together with those of the other ranks."""
    fit(run)
    return run


