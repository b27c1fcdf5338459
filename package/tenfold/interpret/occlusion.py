"""What happens when a part is hidden: slide a patch over the picture and watch the class fall.

Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks",
https://arxiv.org/abs/1311.2901.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.interpret.inside import score_of, untouched

__all__ = ["occlusion"]

# hidden pictures that go through the model together
TOGETHER = 64


def occlusion(
    model: nn.Module,
    inputs: Tensor,
    classes: Tensor,
    *,
    activation: Callable[[Tensor], Tensor],
    patch: int | None = None,
    stride: int | None = None,
) -> Tensor:
    """How much of the class's activated output each place is worth: (N, h, w).

    A square of `patch` pixels in the picture's mean colour moves by `stride` pixels; a pixel gets
    the mean fall over the patches that hid it, below 0 where hiding helped the class. Without
    them, `patch` is a sixth of the shorter side and `stride` half of that. Raises SettingError
    for a patch that is no part of the picture and a stride that leaves gaps.

    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    >>> heat = occlusion(net, torch.rand(1, 3, 4, 4), torch.tensor([0]),
    ...     activation=torch.sigmoid, patch=2)
    >>> heat.shape
    torch.Size([1, 4, 4])
    """
    side = min(inputs.shape[2:])
    patch = _checked("patch", max(1, side // 6) if patch is None else patch, side)
    stride = _checked("stride", max(1, patch // 2) if stride is None else stride, patch)
    corners = [
        (top, left)
        for top in _starts(inputs.shape[2], patch, stride)
        for left in _starts(inputs.shape[3], patch, stride)
    ]
    with untouched(model), torch.no_grad():
        plain = score_of(activation(model(inputs)), classes)
        falls = [
            one - _hidden_scores(model, picture, wanted, activation, corners, patch)
            for picture, wanted, one in zip(inputs, classes, plain, strict=True)
        ]
        return torch.stack([_spread(fall, corners, patch, inputs) for fall in falls])


def _hidden_scores(
    model: nn.Module,
    picture: Tensor,
    wanted: Tensor,
    activation: Callable[[Tensor], Tensor],
    corners: list[tuple[int, int]],
    patch: int,
) -> Tensor:
    """The class's activated output (corners,) with the patch at each corner."""
    colour = picture.mean((1, 2))[:, None, None]
    found = []
    for begin in range(0, len(corners), TOGETHER):
        some = corners[begin : begin + TOGETHER]
        hidden = picture.repeat(len(some), 1, 1, 1)
        for copy, (top, left) in zip(hidden, some, strict=True):
            copy[:, top : top + patch, left : left + patch] = colour
        found.append(score_of(activation(model(hidden)), wanted.expand(len(some))))
    return torch.cat(found)


def _spread(fall: Tensor, corners: list[tuple[int, int]], patch: int, inputs: Tensor) -> Tensor:
    """The mean fall (h, w) over the patches that cover each pixel."""
    total, times = inputs.new_zeros(2, *inputs.shape[2:])
    for one, (top, left) in zip(fall, corners, strict=True):
        place = slice(top, top + patch), slice(left, left + patch)
        total[place] += one
        times[place] += 1
    return total / times


def _starts(side: int, patch: int, stride: int) -> list[int]:
    """Where the patch begins, so that it reaches both ends."""
    return sorted({*range(0, side - patch, stride), side - patch})


def _checked(name: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise SettingError(
            f"{name}={value!r} was given; allowed is a whole number of pixels from 1 to {most}; "
            f"try {max(1, most // 6)}"
        )
    return value
