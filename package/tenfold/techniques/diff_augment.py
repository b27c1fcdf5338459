"""DiffAugment: what the critic of a GAN sees, real or made, is changed before it looks.

Zhao, Liu, Lin, Zhu & Han 2020, "Differentiable Augmentation for Data-Efficient GAN Training",
arXiv:2006.10738. A critic learns few pictures by heart. Augmenting the real ones alone would teach
the generator to make augmented pictures; here both are changed, and the gradient of the generator
goes through the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tenfold.errors import SettingError

__all__ = ["DiffAugment", "cut_out", "moved", "recoloured"]

# what fills what has no picture: the middle of [0, 1]
GREY = 0.5


@dataclass(frozen=True)
class DiffAugment:
    """Colour, place and a hole, drawn anew for each picture: `gan_learner(augment=DiffAugment())`.

    `colour` at 1 moves brightness by up to a quarter, and multiplies saturation by 0 to 2 and
    contrast by 0.5 to 1.5; `translation` is the largest shift and `cutout` the side of the hole,
    both as shares of the picture's side. 0 leaves one out. What is empty is grey. Called, it takes
    pictures (N, 3, h, w) in [0, 1] and gives as many, whose colours may lie outside; the draws
    come from torch's global random numbers, so a fit repeats them from its seed. Raises
    SettingError for a share outside 0 to 1.

    Measured on 300 pictures of the nursery at 32 pixels, 2,600 steps, three seeds, the Fréchet
    distance by `nano` ended at 24.2, 35.1 and 34.2 with it and at 35.0, 30.7 and 34.1 without: no
    gain that stands out, so it is off if nothing is said. The paper's gains are of far longer
    training, in which a critic without it has learned its pictures by heart.

    >>> change = DiffAugment(colour=0, translation=0)
    >>> pictures = torch.zeros(2, 3, 8, 8, requires_grad=True)
    >>> changed = change(pictures)
    >>> changed.sum().backward()
    >>> bool((pictures.grad == (changed == 0)).all())  # no gradient where the hole is
    True
    """

    colour: float = 1.0
    translation: float = 1 / 8
    cutout: float = 1 / 2

    def __post_init__(self) -> None:
        for name in ("colour", "translation", "cutout"):
            share = getattr(self, name)
            if isinstance(share, bool) or not 0 <= share <= 1:
                usual = getattr(type(self), name)
                raise SettingError(
                    f"{name}={share!r} was given; allowed is 0 (none) to 1; try {usual:g}"
                )

    def __call__(self, pictures: Tensor) -> Tensor:
        sides = pictures.shape[-2:]
        if self.colour:
            like: dict[str, Any] = {"device": pictures.device, "dtype": pictures.dtype}
            draws = 2 * torch.rand(3, len(pictures), **like) - 1
            pictures = recoloured(pictures, self.colour * draws)
        if self.translation:
            most = [round(self.translation * side) for side in sides]
            pictures = moved(pictures, _drawn(pictures, [(-far, far + 1) for far in most]))
        if self.cutout:
            height, width = (round(self.cutout * side) for side in sides)
            # the middle of the hole lies anywhere in the picture, as likely here as there
            starts = [
                (-(size // 2), side - size // 2 + 1 - size % 2)
                for size, side in zip((height, width), sides, strict=True)
            ]
            pictures = cut_out(pictures, _drawn(pictures, starts), size=(height, width))
        return pictures


def _drawn(pictures: Tensor, ranges: list[tuple[int, int]]) -> Tensor:
    """For each picture a whole number from each range, whose end does not belong to it: (N, 2)."""
    count, device = (len(pictures),), pictures.device
    return torch.stack([torch.randint(*ends, count, device=device) for ends in ranges], dim=1)


def recoloured(pictures: Tensor, draws: Tensor) -> Tensor:
    """Other brightness, saturation and contrast by `draws` (3, N) from -1 to 1; 0 is none.

    >>> recoloured(torch.full((1, 3, 1, 1), 0.5), torch.tensor([[1.0], [1.0], [1.0]])).flatten()
    tensor([0.7500, 0.7500, 0.7500])
    """
    brighter, colourful, contrast = draws[:, :, None, None, None]
    pictures = pictures + brighter / 4
    pictures = torch.lerp(pictures.mean(1, keepdim=True), pictures, 1 + colourful)
    return torch.lerp(pictures.mean((1, 2, 3), keepdim=True), pictures, 1 + contrast / 2)


def moved(pictures: Tensor, shifts: Tensor) -> Tensor:
    """Each picture moved down and to the right by `shifts` (N, 2) in pixels; what is empty is grey.

    >>> moved(torch.tensor([[[[0.0, 1.0]]]]), torch.tensor([[0, 1]]))
    tensor([[[[0.5000, 0.0000]]]])
    """
    for axis, shift in ((2, shifts[:, 0]), (3, shifts[:, 1])):
        side = pictures.shape[axis]
        from_where = torch.arange(side, device=pictures.device) - shift[:, None]
        shape = [len(pictures), 1, 1, 1]
        shape[axis] = side
        inside = ((from_where >= 0) & (from_where < side)).view(shape)
        index = from_where.clamp(0, side - 1).view(shape).expand_as(pictures)
        pictures = torch.where(inside, pictures.gather(axis, index), GREY)
    return pictures


def cut_out(pictures: Tensor, corner: Tensor, *, size: tuple[int, int]) -> Tensor:
    """A grey hole of `size`, height and width in pixels, its upper left corner at `corner` (N, 2).

    What of it lies outside the picture is cut off.

    >>> cut_out(torch.zeros(1, 1, 1, 3), torch.tensor([[0, 2]]), size=(1, 2))
    tensor([[[[0.0000, 0.0000, 0.5000]]]])
    """
    rows, columns = (
        (at := torch.arange(side, device=pictures.device) - start[:, None]).ge(0) & at.lt(length)
        for side, start, length in zip(pictures.shape[-2:], corner.T, size, strict=True)
    )
    return torch.where(rows[:, None, :, None] & columns[:, None, None, :], GREY, pictures)
