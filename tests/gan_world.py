"""A small world for generators: pictures of 16 pixels, and learners that train in milliseconds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.images import ImageData
from tenfold.gan_learners import gan_learner
from tenfold.learner import Learner
from tenfold.models.gan import GAN, Critic, Generator

SIDE = 16


def pictures(count: int = 40, *, side: int = SIDE, seed: int = 0) -> Tensor:
    """Pictures (count, 3, side, side) in [0, 1], each of one colour and a little noise."""
    generator = torch.Generator().manual_seed(seed)
    colours = torch.rand(count, 3, 1, 1, generator=generator)
    return (colours + 0.1 * torch.rand(count, 3, side, side, generator=generator)).clamp(0, 1)


def make_data(count: int = 40, *, side: int = SIDE, batch_size: int = 8) -> ImageData:
    """An `ImageData` of them."""
    shown, held = pictures(count, side=side), pictures(12, side=side, seed=1)
    labels, others = [0, 1] * (count // 2), [0, 1] * 6
    return ImageData.from_arrays(
        shown,
        labels,
        held,
        others,
        classes=["first", "second"],
        batch_size=batch_size,
        device="cpu",
    )


def make_gan(*, seed: int = 0, spectral: bool = False, **more: Any) -> GAN:
    """A GAN for them with 4 channels and 6 numbers of noise."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return GAN(
            Generator(SIDE, latent=6, channels=4),
            Critic(SIDE, channels=4, spectral=spectral),
            **more,
        )


def make_gan_learner(data: Any = None, generator: Any = None, **more: Any) -> Learner:
    """A learner of such a GAN, under a plan that is not timed."""
    settings = {"latent": 6, "channels": 4, "every": 2, "quiet": True, "device": "cpu", **more}
    learn = gan_learner(make_data() if data is None else data, generator, **settings)
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn


class Brighter(nn.Module):
    """Pictures of pictures: one convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Sigmoid())

    def forward(self, given: Tensor) -> Tensor:
        return self.layers(given)


def make_picture_pairs(batches: int = 3) -> tuple[list[Any], list[Any]]:
    """Batches of (dark picture, picture)."""
    made = [pictures(8, seed=number) for number in range(batches)]
    pairs = [(one / 2, one) for one in made]
    return pairs, pairs[:1]
