"""Small pairs of pictures, a network that mends them at once, and a learner of both."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.images import ImageData
from tenfold.data.picture_pairs import PicturePairs
from tenfold.learner import Learner
from tenfold.picture_learners import restoration_learner


def make_pictures(items: int = 12, *, side: int = 16, seed: int = 0) -> Tensor:
    """Smooth colours, uint8 (items, 3, side, side)."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(items, 3, 4, 4, generator=generator)
    large = nn.functional.interpolate(small, size=(side, side), mode="bilinear")
    return large.mul(255).round().byte()


def make_pairs(items: int = 12, *, side: int = 16, **settings: Any) -> PicturePairs:
    """Pictures that are half as bright as they should be."""
    clean = make_pictures(items, side=side)
    given: dict[str, Any] = {"valid": 0.25, "batch_size": 4, "device": "cpu", **settings}
    return ImageData.from_pairs(clean // 2, clean, **given)


class Gain(nn.Module):
    """Times one number, to begin with 1: what mends these pictures is 2."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures * self.gain


def make_restorer(data: PicturePairs | None = None, **more: Any) -> Learner:
    """A quiet learner with that network."""
    learner = restoration_learner(data or make_pairs(), Gain(), quiet=True, device="cpu", **more)
    learner.plan(threads=1, precision="float32", channels_last=False)
    return learner
