"""What a backbone is: a network without its classifier, and what has to be known about it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from tenfold.errors import ModelError

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


def check_sides(height: int, width: int, *, sides: tuple[int, int], name: str) -> None:
    """Refuse pictures smaller or larger than the network `name` takes."""
    smallest, largest = sides
    if smallest <= min(height, width) and max(height, width) <= largest:
        return
    side = smallest if min(height, width) < smallest else largest
    allowed = f"{side} x {side} pixels" + ("" if smallest == largest else " or more")
    raise ModelError(
        f"pictures of {height} x {width} pixels were given; {name} takes "
        f"{allowed}; make the data with size={side}, or choose another network"
    )
