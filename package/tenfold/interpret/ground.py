"""The loss of a model anywhere around its weights: on a copy of it, over a fixed sample."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import DataError, ModelError
from tenfold.interpret.directions import tensors_like
from tenfold.train.control import Pass
from tenfold.train.passes import batches_of, forward
from tenfold.train.plan import Plan
from tenfold.train.state import kept_random
from tenfold.train.task import Task

__all__ = ["Ground", "copied", "sampled"]

Batch = tuple[Any, Any]
Step = tuple[float, Mapping[str, Tensor]]


class Ground:
    """A copy of `model`, which may be moved, and the batches on which its loss is measured.

    The model itself is not touched. The copy runs in evaluation mode and in float32: its batch
    norms keep the statistics of training, its dropout is off.
    """

    def __init__(self, model: nn.Module, batches: list[Batch], *, task: Task, plan: Plan) -> None:
        self.model = copied(model).eval()
        self.batches, self.task = batches, task
        self.plan = Plan(channels_last=plan.channels_last, threads=plan.threads)
        self._here = tensors_like(self.model)
        self.start = {name: value.clone() for name, value in self._here.items()}

    @property
    def trained(self) -> dict[str, Tensor]:
        """The weights that train, where they were at first."""
        trains = {name for name, one in self.model.named_parameters() if one.requires_grad}
        return {name: value for name, value in self.start.items() if name in trains}

    @property
    def items(self) -> int:
        """How many items the sample holds."""
        return sum(len(targets) for _, targets in self.batches)

    @torch.no_grad()
    def move(self, *steps: Step) -> None:
        """Go to the start plus the sum of the steps: each a length and a direction."""
        for name, start in self.start.items():
            self._here[name].copy_(start)
            for length, direction in steps:
                if length and name in direction:
                    self._here[name].add_(direction[name], alpha=length)

    @torch.no_grad()
    def loss(self, *steps: Step, control: Pass | None = None) -> float:
        """The mean loss of the sample after these steps; infinite where it is no number."""
        self.move(*steps)
        total = torch.zeros((), device=next(self.model.parameters()).device)
        for inputs, targets in self.batches:
            outputs = forward(self.model, inputs, self.plan)
            total += self.task.loss(outputs, targets) * len(targets)
            if control is not None:
                control.advance()
        loss = float(total) / self.items
        return loss if loss == loss else float("inf")


def copied(model: nn.Module) -> nn.Module:
    """A copy of a model with tensors of its own."""
    try:
        return copy.deepcopy(model)
    except Exception as error:
        raise ModelError(
            f"{type(model).__name__} cannot be copied ({error}), and only a copy may be moved; "
            "keep tensors that are computed in forward out of its attributes"
        ) from error


def sampled(data: Any, items: int, *, device: torch.device, plan: Plan) -> list[Batch]:
    """The first batches of a pass, until they hold `items` items; always the same ones."""
    epoch = getattr(data, "epoch", None)
    with kept_random(0):
        found = _taken(batches_of(data, device=device, plan=plan, epoch=0), items)
    if epoch is not None:
        data.epoch = epoch
    if not found:
        raise DataError("there is nothing to measure: the data gave no batch; check the set")
    return found


def _taken(batches: Iterable[Batch], items: int) -> list[Batch]:
    found, held = [], 0
    for inputs, targets in batches:
        found.append((inputs, targets))
        held += len(targets)
        if held >= items:
            break
    return found
