"""A small world for runs that are killed: learners made alike, and ways to end one."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import torch
from factories import At, make_learner, same, tensors

from tenfold.data.batches import Batches
from tenfold.learner import Learner
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.train.events import Callback
from tenfold.train.run import Run


class Often(Callback):
    """Lets every step end with a tick, and the checkpoint before be written by then."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints

    def after_step(self, run: Run) -> None:
        run.next_tick = 0.0
        self._checkpoints.flush()


class Killed(BaseException):
    """Nothing catches it: the run ends where it is."""


class Kill(At):
    """Ends a run at one event of one step, as a SIGKILL would: what was not written is lost."""

    def __init__(self, event: str, step: int) -> None:
        super().__init__(event, die, step=step)


def die(run: Run) -> None:
    raise Killed


def noisy(inputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A random transform, as an augmentation is."""
    noise = torch.randn(inputs.shape, generator=generator)
    return inputs + 0.1 * noise


def make_batches(*, batch_size: int = 8, items: int = 61) -> tuple[Batches, Batches]:
    """Shuffled and augmented batches to train on, plain ones to validate with."""
    inputs = torch.randn(items, 3, generator=torch.Generator().manual_seed(4))
    targets = (inputs.sum(1) > 0).long()
    settings: dict[str, Any] = {"shuffle": True, "transform": noisy}
    train = Batches(inputs, targets, batch_size=batch_size, **settings)
    return train, Batches(inputs[:20], targets[:20], batch_size=8)


def learner(**more: Any) -> Learner:
    """The same learner each time it is called."""
    more.setdefault("data", make_batches())
    return make_learner(more.pop("data"), **more)


def result(learn: Learner) -> list[Any]:
    """All that has to be the same bit for bit; a row's seconds are its own."""
    history = learn.history
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in history.rows]
    steps = [history.losses.tolist(), history.rates.tolist(), history.marks]
    state = learn._optimizer.state if learn._optimizer else {}
    slots = {name: dict(state.get(value, {})) for name, value in learn.model.named_parameters()}
    return [tensors(learn.model), slots, rows, steps, list(learn.predictions())]


def killed(learn: Learner, fit: Any, folder: Path, *, callbacks: Any = (), **settings: Any) -> None:
    """Begin a fit with checkpoints in `folder`; one of its callbacks ends it."""
    checkpoints = Checkpoints(folder, minutes=0, **settings)
    with contextlib.suppress(Killed):
        fit(learn, checkpoint=checkpoints, callbacks=[*callbacks, Often(checkpoints)])


def equal(first: Learner, second: Learner) -> bool:
    """Whether two learners are the same, bit for bit."""
    return same(result(first), result(second))
