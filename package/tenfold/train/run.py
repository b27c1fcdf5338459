"""The state of one fit and its controls: the only argument that an event gets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.train.control import TICK_SECONDS, Control
from tenfold.train.events import Callback, Events
from tenfold.train.history import History
from tenfold.train.metrics import Scores
from tenfold.train.optim import read_rates, regroup
from tenfold.train.passes import forward, predict_batches
from tenfold.train.place import Place, stateful
from tenfold.train.plan import Plan
from tenfold.train.random_state import State, random_state, set_random_state
from tenfold.train.schedule import Constant, Schedule
from tenfold.train.task import Task

__all__ = ["Run", "check_rate"]

# below this factor a rate asked for is not scaled up to the peak of the schedule
LEAST_FACTOR = 0.05


@dataclass(eq=False, repr=False)
class Run(Control):
    """One fit: what it trains, where it is, and what may be asked of it while it runs.

    `pause`, `resume`, `stop` and `set_rate` may be called from any thread: they leave a request
    that the loop reads before its next batch.
    """

    model: nn.Module
    task: Task
    optimizer: torch.optim.Optimizer
    train: Any
    valid: Any = None
    epochs: int = 1
    steps_per_epoch: int = 1
    limit: int | None = None
    """Stop after this many steps, in the middle of an epoch if need be."""
    schedule: Schedule = field(default_factory=Constant)
    base_rates: list[float] = field(default_factory=lambda: [1e-3])
    weight_decay: float = 0.0
    plan: Plan = field(default_factory=Plan)
    scores: Scores | None = None
    callbacks: Sequence[Callback] = ()
    history: History = field(default_factory=History)
    first_epoch: int = 0
    """Epochs trained before this run: the place in the data order goes on from there."""
    seed: int = 0

    kind: str = "fit"
    owner: int = 0
    epoch: int = 0
    inputs: Any = None
    targets: Any = None
    outputs: Any = None
    loss: Tensor | None = None
    last_loss: float = float("nan")
    row: dict[str, Any] = field(default_factory=dict)
    pieces: int = 1
    """In how many pieces a batch is trained on, because memory is short."""
    splits: bool = True
    """Whether more pieces may be made; several processes would have to do it together."""
    changes: list[tuple[int, float, int | None]] = field(default_factory=list)
    """The rates that were set on the way: (step, rate, layer group or None for all)."""
    asked: dict[str, Any] = field(default_factory=dict)
    """The settings of the call that are callbacks here, as a checkpoint keeps them."""
    place: Place | None = None
    """Where this run goes on, when it was begun by another process."""

    def __repr__(self) -> str:
        return f"Run({self.state}, {self.step} of {self.total_steps} steps)"

    def __post_init__(self) -> None:
        super().__init__()
        steps = self.total_steps
        self.events = Events(self.callbacks)
        self.factors: list[float] = self.schedule.factors(steps).tolist()
        momenta = self.schedule.momenta(steps)
        self.momenta: list[float] | None = None if momenta is None else momenta.tolist()
        self.optimizer_step: Callable[[], Any] = self.optimizer.step
        self.first_row, self.first_step = len(self.history), self.history.steps
        self._losses: list[Tensor] = []
        self.shown: Any = None
        """What a callback shows while it trains, as the pictures of a generator."""
        self.batches_done = 0
        """Batches of the present epoch that were trained on."""
        self.epoch_random: State = {}
        """The random generators as they were when the pass of this epoch began."""
        if (place := self.place) is not None:
            self.epoch, self.step, self.batches_done = place.epoch, place.step, place.batches
            self.first_row, self.first_step = place.first_row, place.first_step
            self.changes = [(step, rate, group) for step, rate, group in place.changes]
            self.pieces = place.pieces
            self.row = self.history.rows[-1] if len(self.history) > self.first_row else {}
        self._base_by_group = self._bases()

    # ---- what may be asked, from any thread --------------------------------------------------

    def set_rate(self, lr: float, *, group: int | None = None) -> None:
        """Train at `lr` from the next batch on; the rest of the schedule is scaled with it.

        Where the schedule is almost at nothing, `lr` is the rate of its next peak instead: scaled
        up from there, the next cycle would start thousands of times too high.
        """
        rate = check_rate(lr, group, groups=len(self.base_rates))
        self._request(lambda: self._change_rate(rate, group))

    # ---- what the loop uses ------------------------------------------------------------------

    @property
    def parts(self) -> dict[str, Any]:
        """What another run of the same work is made with."""
        return {one.name: getattr(self, one.name) for one in fields(Run)}

    @property
    def total_steps(self) -> int:
        """Steps of the whole run."""
        whole = self.epochs * self.steps_per_epoch
        return whole if self.limit is None else min(whole, self.limit)

    @property
    def standing(self) -> str:
        """What is being done, and where it is, in words."""
        if self.kind != "fit":
            return super().standing
        return f"training (epoch {self.epoch + 1} of {self.epochs})"

    @property
    def device(self) -> torch.device:
        """Where the model lives."""
        return next(self.model.parameters()).device

    def forward(self, inputs: Any) -> Tensor:
        """The raw outputs for a batch, or a part of one."""
        return forward(self.model, inputs, self.plan)

    def validation(self, use: Callable[[Tensor, Tensor], bool]) -> None:
        """Call `use(outputs, targets)` for every validation batch in order, until it says True."""
        predict_batches(self.model, self.valid, use=use, plan=self.plan)

    def take_up(self) -> None:
        """Put callbacks and random numbers where they were, when this run goes on."""
        if (place := self.place) is None:
            return
        for callback, (_, state) in zip(stateful(self.callbacks), place.states, strict=True):
            callback.load_state(state, self)
        self.set_random_state(place.epoch_random if place.batches else place.random)

    def skipped(self) -> None:
        """The batches done before were run through again: random numbers go on from there."""
        if self.place is not None:
            self.set_random_state(self.place.random)

    def random_state(self) -> State:
        """Every random generator that this run draws from."""
        return random_state((self.train, self.valid))

    def set_random_state(self, state: State) -> None:
        """Put them back."""
        set_random_state(state, (self.train, self.valid))

    def use_rates(self) -> None:
        """Put the rates and momentum of the present step into the optimizer."""
        factor = self.factors[self.step]
        for group, base in self._base_by_group:
            group["lr"] = base * factor
        if self.momenta is not None:
            for group, _ in self._base_by_group:
                _set_momentum(group, self.momenta[self.step])

    def keep_loss(self, loss: Tensor) -> None:
        """Remember the loss of this step without waiting for the device."""
        self.loss = loss
        self._losses.append(loss)

    def tick(self) -> None:
        """Read the losses and tell the callbacks; at most five times a second."""
        self.read_losses()
        self.events.call("on_tick", self)
        self.next_tick = time.perf_counter() + TICK_SECONDS

    def read_losses(self) -> np.ndarray:
        """Move the losses kept so far into the history; the device is waited for here."""
        if not self._losses:
            return np.zeros(0, np.float32)
        losses = torch.stack(self._losses).float().cpu().numpy()
        self._losses.clear()
        factors = np.array(self.factors[self.step - len(losses) : self.step])
        self.history.add_steps(losses, factors, bases=self.base_rates)
        self.last_loss = float(losses[-1])
        return losses

    def begin_epoch(self, epoch: int) -> None:
        """Start the row of an epoch; `epoch` counts from 0 within this run."""
        goes_on = self.place is not None and epoch == self.place.epoch
        self.batches_done = self.place.batches if self.place is not None and goes_on else 0
        self.epoch = epoch
        self.row = {"epoch": self.first_epoch + epoch + 1}

    def epoch_losses(self) -> np.ndarray:
        """The training losses of the present epoch, one for each step."""
        self.read_losses()
        return self.history.tail(self.batches_done)

    def mark(self, words: str) -> None:
        """Note in the history that something was done at this step."""
        self.history.marks.append((self.first_step + self.step, words))

    def end(self, state: str, error: BaseException | None = None) -> None:
        """Record how the run ended and let go of its batch."""
        self.state, self.error = state, error
        self.inputs = self.targets = self.outputs = self.loss = None
        self._losses.clear()

    def _bases(self) -> list[tuple[dict[str, Any], float]]:
        return [
            (group, self.base_rates[group["layers"][0]] if "layers" in group else group["lr"])
            for group in self.optimizer.param_groups
        ]

    def _change_rate(self, rate: float, group: int | None) -> None:
        self.read_losses()
        factor = self.factors[min(self.step, self.total_steps - 1)]
        if factor < LEAST_FACTOR:
            factor = 1.0
        for index in range(len(self.base_rates)) if group is None else [group]:
            self.base_rates[index] = rate / factor
        regroup(self.optimizer, self.model, rates=self.base_rates, weight_decay=self.weight_decay)
        self._base_by_group = self._bases()
        where = "" if group is None else f" for group {group}"
        self.changes.append((self.step, rate, group))
        self.mark(f"rate {rate:g}{where}")


def check_rate(lr: float, group: int | None, *, groups: int) -> float:
    """The rate as a number; refuses one that is none, and a layer group that is not there."""
    rate = read_rates(lr, 1)[0]
    if group is not None and not 0 <= group < groups:
        raise SettingError(f"group {group} was given; this run has groups 0 to {groups - 1}")
    return rate


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, group["betas"][1])
    elif group.get("momentum"):
        group["momentum"] = momentum
