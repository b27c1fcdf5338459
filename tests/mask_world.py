"""A small world of masks: plants on soil, drawn in a moment, and a learner on them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tenfold.data.masks import MaskData
from tenfold.learner import Learner
from tenfold.learners import unet_learner

CLASSES = ["soil", "square", "stripe"]


def squares(count: int = 12, side: int = 32) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, side, side) with a bright square and a dark stripe, and their masks."""
    generator = torch.Generator().manual_seed(5)
    pictures = 0.5 + 0.05 * torch.randn(count, 3, side, side, generator=generator)
    masks = torch.zeros(count, side, side, dtype=torch.uint8)
    for number in range(count):
        top, left = torch.randint(side // 2, (2,), generator=generator).tolist()
        masks[number, :, left : left + 3] = 2
        masks[number, top : top + side // 3, -side // 3 :] = 1
    pictures[(masks == 1)[:, None].expand_as(pictures)] = 0.9
    pictures[(masks == 2)[:, None].expand_as(pictures)] = 0.1
    return pictures.clamp(0, 1), masks


def make_data(**changes: Any) -> MaskData:
    """Nine pictures to train on and three to validate with, in batches of 4."""
    given: dict[str, Any] = {"classes": CLASSES, "valid": 0.25, "batch_size": 4, "device": "cpu"}
    return MaskData.from_masks(*squares(), **{**given, "augment": None, **changes})


def make_learner(data: Any = None, **more: Any) -> Learner:
    """A quiet U-Net on nano, in the plainest arithmetic."""
    settings: dict[str, Any] = {"quiet": True, "device": "cpu", **more}
    learn = unet_learner(make_data() if data is None else data, "nano", **settings)
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn
