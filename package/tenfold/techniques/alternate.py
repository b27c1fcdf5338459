"""Taking turns: the critic learns for some steps, then the generator for one.

Goodfellow et al. 2014, arXiv:1406.2661, algorithm 1. One optimizer serves both: torch's pass over
parameters that have no gradient, so an optimizer over two groups, of which one has none, does
what two optimizers would.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from tenfold.errors import SettingError, StateError
from tenfold.techniques.adversarial import Adversary
from tenfold.train.events import Callback
from tenfold.train.optim import parameters_of
from tenfold.train.run import Run

__all__ = ["Alternate"]

Row = dict[str, Any]


class Alternate(Callback):
    """Gives each step to the critic or to the generator, and tells their losses apart.

    The critic has `critic_steps` of the GAN, then the generator has one; where one of the two is
    frozen, every step is the other's. `clip` is the largest size of the critic's weights, cut
    after each of its steps (Arjovsky et al. 2017). The rows of the history get the columns
    `critic_loss` and `generator_loss`. Raises SettingError for a `clip` that is none, StateError
    on several processes.

    >>> from tenfold.models.gan import GAN, Critic, Generator
    >>> gan = GAN(Generator(32, channels=8), Critic(32, channels=8), critic_steps=5)
    >>> turns = Alternate(Adversary(gan), clip=0.01)
    """

    def __init__(self, adversary: Adversary, *, clip: float | None = None) -> None:
        if clip is not None and not 0 < clip < math.inf:
            raise SettingError(f"clip={clip} was given; allowed is above 0; try 0.01")
        self.adversary, self.gan, self.clip = adversary, adversary.gan, clip
        self._since = 0
        """Steps of the critic since the generator's last one."""
        self._turns: list[str] = []
        """Whose the steps of the present epoch were."""
        self._critic_step = 0
        self._known_steps = self.gan.critic_steps

    def before_fit(self, run: Run) -> None:
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            raise StateError(
                "a GAN was to be trained on several processes; its turns are taken in one; train "
                "it without launch"
            )
        self.adversary.plan = run.plan
        self._since, self._turns, self._critic_step = 0, [], 0
        self._known_steps = self.gan.critic_steps

    def before_epoch(self, run: Run) -> None:
        self._turns = []

    def before_batch(self, run: Run) -> None:
        wanted = self.gan.critic_steps
        if wanted != self._known_steps:
            self._known_steps = wanted
            run.mark(f"{wanted} critic steps")
        self.gan.turn = self._whose(wanted)
        self.adversary.critic_step = self._critic_step

    def after_step(self, run: Run) -> None:
        turn = self.gan.turn
        assert turn is not None
        self._turns.append(turn)
        self._since = self._since + 1 if turn == "critic" else 0
        if turn == "generator":
            self.gan.follow()
            return
        self._critic_step += 1
        if self.clip is not None:
            self._cut()

    def before_validate(self, run: Run) -> None:
        self._tell(run)

    def after_epoch(self, run: Run) -> None:
        self._tell(run)

    def after_fit(self, run: Run) -> None:
        self.gan.turn = None

    def state(self) -> Row:
        told = {"since": self._since, "turns": list(self._turns)}
        return {**told, "critic_steps": self._known_steps, "critic_step": self._critic_step}

    def load_state(self, state: Row, run: Run) -> None:
        self._since, self._turns = state["since"], list(state["turns"])
        self._critic_step = state["critic_step"]
        self.gan.critic_steps = self._known_steps = state["critic_steps"]

    def _whose(self, critic_steps: int) -> str:
        if not _trains(self.gan.critic):
            return "generator"
        if not _trains(self.gan.generator) or self._since < critic_steps:
            return "critic"
        return "generator"

    def _tell(self, run: Run) -> None:
        """Put the mean loss of each into the row, and let nobody learn."""
        self.gan.turn = None
        losses = run.epoch_losses()
        for turn in ("critic", "generator"):
            own = losses[[whose == turn for whose in self._turns]]
            if len(own):
                run.row[f"{turn}_loss"] = float(own.mean())

    @torch.no_grad()
    def _cut(self) -> None:
        assert self.clip is not None
        for parameter in self.gan.critic.parameters():
            parameter.clamp_(-self.clip, self.clip)


def _trains(module: nn.Module) -> bool:
    return any(parameter.requires_grad for parameter in parameters_of([module]))
