"""What a backbone is: a network without its classifier, and what has to be known about it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
ANY_SIDE = (1, 1 << 20)


@dataclass
class Backbone:
    """A network without its classifier.

    `module` maps normalised float pictures [N, 3, h, w] to features [N, channels, h', w'].
    `groups` holds the early and the late modules; each parameter of `module` is in exactly one.
    `mean` and `std` normalise RGB in [0, 1]; they are those the weights were trained with.
    `sides` are the smallest and the largest side, in pixels, of a picture that it takes.
    """

    module: nn.Module
    channels: int
    groups: list[list[nn.Module]]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    name: str
    pretrained: bool
    sides: tuple[int, int] = ANY_SIDE
