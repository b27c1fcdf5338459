"""Small worlds for tests: data, nets, runs and learners that train in a few milliseconds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tenfold.learner import Learner
from tenfold.train.events import Callback
from tenfold.train.metrics import Scores
from tenfold.train.optim import layer_groups, make_optimizer, read_rates
from tenfold.train.plan import Plan
from tenfold.train.run import Run
from tenfold.train.task import single_label

Pairs = list[tuple[Tensor, Tensor]]


def make_pairs(batches: int = 4, *, size: int = 8, rest: int = 0, seed: int = 1) -> Pairs:
    """Batches of (inputs (N, 3), class 0 or 1), learnable; `rest` items in one batch more."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [size] * batches + ([rest] if rest else [])
    inputs = [torch.randn(items, 3, generator=generator) for items in sizes]
    return [(batch, (batch.sum(1) > 0).long()) for batch in inputs]


class Net(nn.Module):
    """Three layer groups, with a batch norm and a dropout in the first two."""

    def __init__(self, outputs: int = 2) -> None:
        super().__init__()
        self.early = nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU())
        self.late = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.2), nn.ReLU())
        self.head = nn.Linear(6, outputs)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.late(self.early(inputs)))

    def groups(self) -> list[list[nn.Module]]:
        return [[self.early], [self.late], [self.head]]


def make_net(outputs: int = 2, *, seed: int = 0) -> Net:
    """A `Net` with weights from `seed`; the global random numbers go on as before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Net(outputs)


def make_run(*, rate: Any = 0.1, optimizer: Any = "sgd", valid: bool = True, **more: Any) -> Run:
    """A run of two epochs over four batches, as a learner would put it together."""
    model, task = more.pop("model", None) or make_net(), more.pop("task", single_label(2))
    train, decay = more.pop("train", make_pairs()), more.pop("weight_decay", 0.0)
    rates = read_rates(rate, len(layer_groups(model)))
    settings = {
        "optimizer": make_optimizer(optimizer, model, rates=rates, weight_decay=decay),
        "valid": make_pairs(2, seed=2) if valid else None,
        "epochs": 2,
        "steps_per_epoch": more.pop("steps_per_epoch", None) or len(train),
        "scores": Scores(task.metrics, task=task, device=torch.device("cpu")),
    }
    fixed = {"task": task, "train": train, "base_rates": rates, "weight_decay": decay}
    return Run(model, plan=Plan(threads=1), **fixed, **{**settings, **more})


def make_learner(data: Any = None, model: nn.Module | None = None, **more: Any) -> Learner:
    """A quiet learner with the net and the pairs above."""
    more.setdefault("task", single_label(2))
    pairs = (make_pairs(), make_pairs(2, seed=2)) if data is None else data
    return Learner(pairs, model or make_net(), quiet=True, device="cpu", **more)


class At(Callback):
    """Calls `action(run)` at one event, the first time that `run.step` is `step`."""

    def __init__(self, event: str, action: Any, *, step: int = 0) -> None:
        self._event, self._action, self._step = event, action, step
        self._done = False

    def _come(self, event: str, run: Run) -> None:
        if event == self._event and run.step >= self._step and not self._done:
            self._done = True
            self._action(run)

    def before_fit(self, run: Run) -> None:
        self._come("before_fit", run)

    def before_epoch(self, run: Run) -> None:
        self._come("before_epoch", run)

    def before_batch(self, run: Run) -> None:
        self._come("before_batch", run)

    def after_backward(self, run: Run) -> None:
        self._come("after_backward", run)

    def after_step(self, run: Run) -> None:
        self._come("after_step", run)

    def on_tick(self, run: Run) -> None:
        self._come("on_tick", run)

    def before_validate(self, run: Run) -> None:
        self._come("before_validate", run)

    def after_epoch(self, run: Run) -> None:
        self._come("after_epoch", run)

    def after_fit(self, run: Run) -> None:
        self._come("after_fit", run)


def tensors(model: nn.Module) -> dict[str, Tensor]:
    """A copy of every weight and buffer."""
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(first: Any, second: Any) -> bool:
    """Whether two nested values are equal bit for bit, tensors included."""
    if isinstance(first, Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)
