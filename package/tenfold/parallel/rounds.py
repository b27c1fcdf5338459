"""A validation pass shared out by whole batches, and put together again in their order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.parallel.group import Group
from tenfold.parallel.parcel import Parcel, opened
from tenfold.train.metrics import Scores
from tenfold.train.passes import batches_of, forward
from tenfold.train.plan import Plan
from tenfold.train.state import kept_modes

__all__ = ["SharedScores", "whole_rounds"]


def whole_rounds(
    model: nn.Module, data: Any, *, plan: Plan, group: Group
) -> Iterator[tuple[Tensor, Tensor]]:
    """Raw outputs and targets of every batch on every rank.

    In each round a rank predicts one whole batch, so its outputs are bit for bit those of one
    process: a part of a batch may be computed in another order.
    """
    with kept_modes(model):
        model.eval()
        torch.set_num_threads(plan.threads)
        batches = batches_of(Turns(data, group), device=group.device, plan=plan, epoch=0)
        while True:
            own = _predicted(model, next(batches, None), plan)
            found = [pair for pair in group.all(own) if pair is not None]
            for outputs, targets in found:
                yield outputs.to(group.device), targets.to(group.device)
            if len(found) < group.ranks:
                return


def _predicted(model: nn.Module, batch: Any, plan: Plan) -> tuple[Tensor, Tensor] | None:
    if batch is None:
        return None
    inputs, targets = batch
    with torch.no_grad():
        outputs = forward(model, inputs, plan)
    return outputs.cpu(), targets.cpu()


class Turns:
    """Every batch whose number is that of a rank, counted round and round."""

    def __init__(self, data: Any, group: Group) -> None:
        self._data, self._group = data, group
        self.device = getattr(data, "device", None)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        rank, ranks = self._group.rank, self._group.ranks
        if hasattr(self._data, "at_epoch") and hasattr(self._data, "starting_at"):
            data = self._data.at_epoch(0)
            for number in range(rank, len(data), ranks):
                yield next(data.starting_at(number))
            return
        for number, pair in enumerate(self._data):
            if number % ranks == rank:
                yield pair


class SharedScores:
    """The metrics of a run, computed by rank 0 alone; every rank gets the same numbers.

    On rank 0 `scores` may be a parcel: metrics take a second to load, so they are loaded when
    they are first needed.
    """

    def __init__(self, scores: Any, group: Group) -> None:
        self.names: list[str] = scores.names if isinstance(scores, Scores) else []
        self._scores, self._group = scores, group

    def reset(self) -> None:
        """Forget what was summed up."""
        if self._group.leads:
            if isinstance(self._scores, Parcel):
                self._scores = opened(self._scores)
            self._scores.reset()

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of activated outputs."""
        if self._group.leads:
            self._scores.update(predictions, targets)

    def compute(self) -> dict[str, float]:
        """Every metric as a number."""
        # each process has seen everything, so torchmetrics must not sum over them again
        with alone(self._scores) if self._group.leads else nullcontext():
            own = self._scores.compute() if self._group.leads else None
        return self._group.first(own)


@contextmanager
def alone(scores: Scores) -> Iterator[None]:
    """Compute metrics as in one process."""
    metrics = [one for one in scores._metrics.values() if hasattr(one, "sync_on_compute")]
    for metric in metrics:
        metric.distributed_available_fn = lambda: False
    yield
