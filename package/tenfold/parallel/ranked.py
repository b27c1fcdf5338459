"""A run on one of several ranks: DistributedDataParallel inside, one agreement before each batch.

The loop is the one of every fit. What is different is here: a batch is a share, a gradient is
the mean over the ranks, a loss in the history is that of the whole batch, and a request of anybody
is carried out by all ranks at the same step.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from tenfold.data.batches import mixed
from tenfold.parallel.batchnorm import restore, synchronise
from tenfold.parallel.group import Group
from tenfold.parallel.rounds import SharedScores, whole_rounds
from tenfold.parallel.shares import Shares
from tenfold.train.passes import forward
from tenfold.train.random_state import State, random_state, set_random_state
from tenfold.train.run import Run

__all__ = ["RankRun"]

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
        self.splits, self.pieces = False, 1  # it is shared out already
        group = self.ours
        self.train = Shares(
            self.train, group.rank, ranks=group.ranks, seed=self.seed + self.first_epoch
        )
        if self.scores is not None:
            self.scores = SharedScores(self.scores, group)  # type: ignore[assignment]
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

    def forward(self, inputs: Any) -> Tensor:
        """The raw outputs for this rank's share; their gradients will be the mean over ranks."""
        return forward(self._replica, inputs, self.plan)

    def keep_loss(self, loss: Tensor) -> None:
        """Remember the loss of the whole batch."""
        super().keep_loss(self.ours.add(loss / self.ours.ranks))
        self._own_numbers()

    def take_up(self) -> None:
        """Put everything where it was, when this run goes on."""
        super().take_up()
        self._own_numbers()

    def _own_numbers(self) -> None:
        """Let ranks draw other random numbers than rank 0, as for dropout.

        They are a function of seed, rank and step: a checkpoint, which rank 0 writes, need not
        hold them.
        """
        if not self.ours.leads:
            torch.manual_seed(mixed(self.seed, self.ours.rank, self.first_step + self.step))

    def random_state(self) -> State:
        """Every random generator that this run draws from."""
        return {**random_state((self.train.data, self.valid)), "data": self.train.numbers}

    def set_random_state(self, state: State) -> None:
        """Put them back; one process has drawn the order of its data from the global ones."""
        set_random_state(state, (self.train.data, self.valid))
        alone = (state["python"], state["numpy"], state["cpu"])
        self.train.numbers = state.get("data", alone)

    def validation(self, use: Callable[[Tensor, Tensor], bool]) -> None:
        """Every validation batch, whole and in order, each predicted by one of the ranks.

        What one process would have computed is computed, bit for bit.
        """
        self.train.weight = 1.0
        self.ours.spread(list(self.model.buffers()))
        if self.task.name == "next word":  # its state is read on from batch to batch
            super().validation(use)
            return
        for outputs, targets in whole_rounds(
            self.model, self.valid, plan=self.plan, group=self.ours
        ):
            if use(outputs, targets):
                break

    def _weighted(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return self._mean_loss(outputs, targets) * self.train.weight

    def _made(self) -> DistributedDataParallel:
        whole = self.sync_batchnorm or not any(True for _ in self.model.buffers())
        with warnings.catch_warnings():
            # the older name of a setting, which every torch knows that Tenfold supports
            warnings.simplefilter("ignore")
            replica = DistributedDataParallel(
                self.model,
                device_ids=[self.ours.device] if self.ours.device.type == "cuda" else None,
                broadcast_buffers=not whole,
                find_unused_parameters=True,  # a model may have layers that it does not use
                gradient_as_bucket_view=True,
            )
        vars(replica)["low_outputs"] = getattr(self.model, "low_outputs", False)
        return replica

    # ---- requests, the same on every rank ----------------------------------------------------

    def due(self) -> bool:
        """Whether anybody has asked for something; every rank looks at the same places."""
        return self.ours.anybody(bool(self._asked))

    def pause(self) -> None:
        """Let every rank wait before its next batch."""
        self._ask("pause")

    def resume(self) -> None:
        """Let every rank go on."""
        self._going.set()

    def stop(self, message: str = "stopped") -> None:
        """Let every rank end after the present batch."""
        self._ask("stop", message)
        self._going.set()

    def set_rate(self, lr: float, *, group: int | None = None) -> None:
        """Let every rank train at another rate from the next batch on."""
        self._ask("set_rate", lr, group)

    def _ask(self, *request: Any) -> None:
        self._asked.append(request)
        self.requested = True

    def serve(self) -> None:
        """Carry out what anybody has asked, once and in the order of the ranks."""
        self.requested = False
        asked = []
        while self._asked:  # the kernel may ask more meanwhile
            asked.append(self._asked.pop(0))
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
        self.requested = bool(self._asked)
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
        if self.due():
            self.serve()

    def tick(self) -> None:
        """Read the losses and tell the callbacks.

        Ranks tick at different steps, and a loss that is no number must end the epoch of all at
        the same one: so who sees it first asks the others to look.
        """
        super().tick()
        if not math.isfinite(self.last_loss) and not self._looking:
            self._ask("look")
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
