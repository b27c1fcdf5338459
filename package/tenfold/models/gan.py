"""A generator that makes pictures and a critic that judges them: a generative adversarial net.

Goodfellow et al. 2014, "Generative Adversarial Networks", arXiv:1406.2661. The two small networks
here are those of Radford, Metz & Chintala 2015, "Unsupervised Representation Learning with Deep
Convolutional Generative Adversarial Networks", arXiv:1511.06434; the critic's weights may be
normalised (Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks",
arXiv:1802.05957), and pictures are made by the mean of the generator's last weights (Yazıcı et
al. 2019, "The Unusual Effectiveness of Averaging in GAN Training", arXiv:1806.04498).
"""

from __future__ import annotations

import copy
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from tenfold.errors import SettingError

__all__ = ["GAN", "Critic", "Generator", "check_side"]

SMALLEST, LARGEST = 16, 256
# the least and the most that one layer has, so that large pictures stay affordable
MOST_CHANNELS = 512


def check_side(size: int) -> int:
    """How often pictures of `size` are 4 pixels doubled; SettingError where they are not."""
    doublings = size.bit_length() - 3 if isinstance(size, int) else 0
    if not SMALLEST <= size <= LARGEST or size != 4 << doublings:
        raise SettingError(
            f"pictures of {size} pixels were given; the bundled generator makes 16, 32, 64, 128 or "
            "256; give the data such a size=, or a generator= of yours"
        )
    return doublings


class Generator(nn.Module):
    """Noise (N, latent, 1, 1) to pictures (N, 3, size, size) in [0, 1].

    The map starts with 4 x 4 places and is doubled by transposed convolutions; `channels` are
    those of the last but one. Raises SettingError for a size that is not 4 doubled.

    >>> Generator(32, channels=8)(torch.randn(2, 64, 1, 1)).shape
    torch.Size([2, 3, 32, 32])
    """

    def __init__(self, size: int = 32, *, latent: int = 64, channels: int = 64) -> None:
        super().__init__()
        self.size, self.latent = size, latent
        widths = _widths(check_side(size), channels)[::-1]
        self.layers = nn.Sequential(*_raised(latent, widths[0], kernel=4, stride=1, padding=0))
        for inputs, outputs in pairwise(widths):
            self.layers.extend(_raised(inputs, outputs, kernel=4, stride=2, padding=1))
        self.layers.append(nn.ConvTranspose2d(widths[-1], 3, 4, 2, 1))
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, noise: Tensor) -> Tensor:
        return (self.layers(noise).tanh() + 1) / 2


class Critic(nn.Module):
    """Pictures (N, 3, size, size) in [0, 1] to a score each (N,): high for real ones.

    With `spectral` no layer can change its input by more than its size, which keeps the critic
    smooth (Miyato et al. 2018). Without batch norm each picture is judged alone, as the gradient
    penalty needs it. Raises SettingError for a size that is not 4 doubled.

    >>> Critic(32, channels=8)(torch.rand(2, 3, 32, 32)).shape
    torch.Size([2])
    """

    def __init__(self, size: int = 32, *, channels: int = 64, spectral: bool = False) -> None:
        super().__init__()
        widths = _widths(check_side(size), channels)
        self.layers = nn.Sequential()
        for inputs, outputs in zip([3, *widths], widths):
            self.layers.extend([nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(0.2)])
        self.layers.append(nn.Conv2d(widths[-1], 1, 4))
        if spectral:
            for module in self.layers:
                if isinstance(module, nn.Conv2d):
                    parametrizations.spectral_norm(module)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.layers(pictures * 2 - 1).flatten()


class GAN(nn.Module):
    """A generator and a critic as one model with two layer groups, and the generator's average.

    Called, it makes pictures: while training by the generator, otherwise by the running mean of
    its weights over the last 1 / (1 - `decay`) generator steps. `turn` says whose step it is:
    "critic" (the generator gets no gradient), "generator", or None when nobody learns.

    `critic_steps` is how many steps the critic learns for each step of the generator. It may be
    changed at any time, also while it trains. Raises SettingError for a number that is none.

    >>> gan = GAN(Generator(32, channels=8), Critic(32, channels=8))
    >>> gan.eval()(torch.randn(2, 64, 1, 1)).shape
    torch.Size([2, 3, 32, 32])
    """

    group_names = ("generator", "critic")
    averaged: Tensor
    """How many steps of the generator are in its average."""

    def __init__(
        self, generator: nn.Module, critic: nn.Module, *, critic_steps: int = 1, decay: float = 0.99
    ) -> None:
        super().__init__()
        if not 0 <= decay < 1:
            raise SettingError(f"decay={decay} was given; allowed is 0 to below 1; try 0.99")
        self.generator, self.critic, self.decay = generator, critic, decay
        self.average = _without_parameters(generator)
        self.register_buffer("averaged", torch.zeros((), dtype=torch.int64))
        self.critic_steps = critic_steps
        self.turn: str | None = None

    @property
    def critic_steps(self) -> int:
        """How many steps the critic learns for each step of the generator."""
        return self._critic_steps

    @critic_steps.setter
    def critic_steps(self, steps: int) -> None:
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise SettingError(f"critic_steps={steps!r} was given; allowed is 1 and above; try 1")
        self._critic_steps = steps

    @property
    def latent(self) -> int | None:
        """How many numbers of noise make a picture; None where pictures are made of pictures."""
        return getattr(self.generator, "latent", None)

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: the generator, the critic."""
        return [[self.generator], [self.critic]]

    def forward(self, inputs: Tensor) -> Tensor:
        if not self.training:
            return self.average(inputs)
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.turn != "critic"):
            return self.generator(inputs)

    @torch.no_grad()
    def follow(self) -> None:
        """Bring the average one generator step nearer; the first steps count for more."""
        self.averaged += 1
        steps = int(self.averaged)
        weight = 1 - min(self.decay, steps / (9 + steps))
        now = {**dict(self.generator.named_parameters()), **dict(self.generator.named_buffers())}
        for name, mean in self.average.named_buffers():
            mean.lerp_(now[name], weight) if mean.is_floating_point() else mean.copy_(now[name])


def _widths(doublings: int, channels: int) -> list[int]:
    """The channels of the maps from half the size down to 4 x 4."""
    return [min(channels << step, MOST_CHANNELS) for step in range(doublings)]


def _raised(
    inputs: int, outputs: int, *, kernel: int, stride: int, padding: int
) -> list[nn.Module]:
    up = nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, bias=False)
    return [up, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def _without_parameters(module: nn.Module) -> nn.Module:
    """A copy that holds its weights as buffers: no optimizer trains it, every snapshot has it."""
    twin = copy.deepcopy(module)
    for part in twin.modules():
        for name, parameter in list(part._parameters.items()):
            del part._parameters[name]
            part.register_buffer(name, None if parameter is None else parameter.detach().clone())
    return twin
