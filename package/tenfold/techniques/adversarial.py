"""What critic and generator of a GAN lose, and the penalties that keep the critic smooth.

- "hinge": Lim & Ye 2017, "Geometric GAN", arXiv:1705.02894
- "wasserstein": Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN", arXiv:1701.07875; its critic
  needs weights that are clipped, or the gradient penalty of Gulrajani et al. 2017, "Improved
  Training of Wasserstein GANs", arXiv:1704.00028
- R1, the penalty on slopes at real pictures: Mescheder, Geiger & Nowozin 2018, "Which Training
  Methods for GANs do actually Converge?", arXiv:1801.04406; paid at every fourth step, as in
  Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", arXiv:1912.04958
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.gan import GAN
from tenfold.text import did_you_mean, listed
from tenfold.train.passes import forward
from tenfold.train.plan import Plan
from tenfold.train.task import Task

__all__ = ["LOSSES", "Adversary", "generation", "gradient_penalty", "slope_penalty"]

# R1 costs as much as the rest of the critic's step and changes little from one to the next
R1_EVERY = 4

Augment = Callable[[Tensor], Tensor]


def hinge(real: Tensor, made: Tensor) -> Tensor:
    """What the critic loses: scores of real pictures below 1, of made ones above -1."""
    return F.relu(1 - real).mean() + F.relu(1 + made).mean()


def wasserstein(real: Tensor, made: Tensor) -> Tensor:
    """Minus the gap between the scores of real and of made pictures."""
    return made.mean() - real.mean()


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"hinge": hinge, "wasserstein": wasserstein}
"""What a critic loses, from its scores of real and of made pictures. With both of them the
generator loses minus the mean score of what it made."""


@dataclass
class Adversary:
    """The loss of a GAN, whose `turn` says which: that of the critic, or of the generator.

    `penalty` is the weight of the gradient penalty, `r1` that of R1, paid when `critic_step` is a
    multiple of four and then fourfold. `pixels` is that of the mean absolute error against the
    targets, for pictures made of pictures. When nobody learns, as in validation, the loss is the
    critic's, without penalty. `augment`, as a `DiffAugment`, changes real and made pictures alike
    before the critic sees them; scores and penalties of one step see the same draw. Raises
    SettingError for a loss that is unknown or a weight below 0.

    >>> from tenfold.models.gan import Critic, Generator
    >>> loss = Adversary(GAN(Generator(32, channels=8), Critic(32, channels=8)))
    >>> loss.gan.turn = "critic"
    >>> loss(torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)).shape
    torch.Size([])
    """

    gan: GAN = field(repr=False)
    loss: str = "hinge"
    penalty: float = 0.0
    r1: float = 0.0
    pixels: float = 0.0
    augment: Augment | None = None
    plan: Plan = field(default_factory=Plan, repr=False)
    critic_step: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise SettingError(
                f"the loss {self.loss!r} was given; known are {listed(LOSSES)}"
                f"{did_you_mean(self.loss, LOSSES)}"
            )
        for name in ("penalty", "r1", "pixels"):
            value = getattr(self, name)
            if isinstance(value, bool) or not 0 <= value < math.inf:
                raise SettingError(f"{name}={value!r} was given; allowed is 0 and above; try 10")

    def __call__(self, made: Tensor, real: Tensor) -> Tensor:
        if self.gan.turn == "generator":
            return self._generators(made, real)
        if self.gan.turn == "critic":
            return self._critics(*self._seen(real, made.detach()))
        with torch.no_grad():
            return self._gap(real, made)

    def _seen(self, *sets: Tensor) -> tuple[Tensor, ...]:
        """Pictures as the critic is shown them."""
        if self.augment is None:
            return sets
        return self.augment(torch.cat(sets)).split([len(one) for one in sets])

    def _critics(self, real: Tensor, made: Tensor) -> Tensor:
        lost = self._gap(real, made)
        if self.penalty:
            lost = lost + self.penalty * gradient_penalty(self.gan.critic, real, made)
        if self.r1 and self.critic_step % R1_EVERY == 0:
            lost = lost + R1_EVERY * self.r1 * slope_penalty(self.gan.critic, real)
        return lost

    def _generators(self, made: Tensor, real: Tensor) -> Tensor:
        with without_gradients(self.gan.critic):
            lost = -self._scores(*self._seen(made)).mean()
        return lost + self.pixels * F.l1_loss(made, real) if self.pixels else lost

    def _gap(self, real: Tensor, made: Tensor) -> Tensor:
        scores = self._scores(torch.cat([real, made]))
        return LOSSES[self.loss](*scores.split([len(real), len(made)]))

    def _scores(self, pictures: Tensor) -> Tensor:
        return forward(self.gan.critic, self.plan.lay_out(pictures), self.plan)


@contextmanager
def without_gradients(module: nn.Module) -> Iterator[None]:
    """Let what is computed meanwhile pass gradients on through `module`, which gets none."""
    flags = [(parameter, parameter.requires_grad) for parameter in module.parameters()]
    try:
        for parameter, _ in flags:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter, trains in flags:
            parameter.requires_grad_(trains)


def gradient_penalty(critic: nn.Module, real: Tensor, made: Tensor) -> Tensor:
    """How far the critic's slope is from 1, at a random place between each two pictures, squared.

    >>> critic = nn.Sequential(nn.Flatten(), nn.Linear(3, 1, bias=False), nn.Flatten(0))
    >>> _ = nn.init.constant_(critic[1].weight, 3**-0.5)
    >>> round(gradient_penalty(critic, torch.zeros(2, 3), torch.ones(2, 3)).item(), 6)
    0.0
    """
    share = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)
    slopes = slopes_of(critic, torch.lerp(made, real, share))
    return (slopes.norm(dim=1) - 1).square().mean()


def slope_penalty(critic: nn.Module, real: Tensor) -> Tensor:
    """R1: half the squared slope of the critic at real pictures.

    >>> critic = nn.Sequential(nn.Flatten(), nn.Linear(3, 1, bias=False), nn.Flatten(0))
    >>> _ = nn.init.constant_(critic[1].weight, 2)
    >>> slope_penalty(critic, torch.zeros(2, 3)).item()
    6.0
    """
    return slopes_of(critic, real).square().sum(1).mean() / 2


def slopes_of(critic: nn.Module, pictures: Tensor) -> Tensor:
    """The gradient of each picture's score by its pixels, (N, pixels), to be learned from."""
    at = pictures.detach().requires_grad_()
    return torch.autograd.grad(critic(at).sum(), at, create_graph=True)[0].flatten(1)


def generation(adversary: Adversary) -> Task:
    """The task of a GAN: outputs and targets are pictures (N, 3, h, w) in [0, 1]."""
    return Task(
        name="generation",
        outputs=0,
        activation=lambda pictures: pictures.clamp(0, 1),
        loss=adversary,
        decode=lambda pictures: pictures,
        examine=check_pictures,
    )


def check_pictures(made: Tensor, real: Tensor) -> None:
    """Refuse a generator whose pictures are not of the shape of those of the data."""
    if not isinstance(real, Tensor) or made.shape != real.shape:
        shape = tuple(real.shape[1:]) if isinstance(real, Tensor) else type(real).__name__
        raise ModelError(
            f"the generator makes {tuple(made.shape[1:])} and the targets are {shape}; they must "
            "be pictures of one shape; give a generator= that makes them, or data of that size"
        )
