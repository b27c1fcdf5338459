"""Augmentation: whole batches on their device, with random numbers for each picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data.geometry import (
    affine_maps,
    mirrored,
    quarter_turned,
    resample,
    resample_masks,
)
from tenfold.errors import DataError, SettingError

__all__ = ["Augment", "corner_views", "to_float"]

_LIMITS = {
    "rotate": (0.0, 180.0, "degrees, 0 to 180"),
    "zoom": (1.0, 10.0, "a factor, 1 to 10"),
    "crop": (0.0, 1.0, "the smallest share of the area to keep, 0 (off) to 1"),
    "lighting": (0.0, 1.0, "a share, 0 to 1"),
    "cutout": (0.0, 1.0, "a share of the shorter side, 0 to 1"),
}
_COLUMNS = 12


@dataclass(frozen=True)
class Augment:
    """Random changes that leave a picture's label true; each picture gets its own.

    `flip` swaps left and right in half of the pictures. `dihedral`, for pictures taken from
    above, also turns by quarters. `rotate` turns by up to so many degrees either way; `zoom`
    enlarges by up to that factor, at a random place; `crop` cuts out a random part with at least
    that share of the area, and proportions from 3:4 to 4:3, and fits it to the frame (0: off).
    `lighting` changes brightness and contrast by up to that share; `cutout` covers a square that
    is that share of the shorter side with grey (DeVries and Taylor 2017, arXiv:1708.04552).

    Called with pictures (N, C, H, W), uint8 or float in [0, 1], and a generator on their device;
    returns float in [0, 1]. All geometry is one resampling; without rotation, zoom and crop,
    pixels are only moved. Raises SettingError for a value out of range.

    >>> augment = Augment(rotate=15, zoom=1.2)
    >>> augment(torch.rand(8, 3, 32, 32), torch.Generator().manual_seed(0)).shape
    torch.Size([8, 3, 32, 32])
    """

    flip: bool = True
    rotate: float = 10.0
    zoom: float = 1.1
    lighting: float = 0.2
    crop: float = 0.0
    dihedral: bool = False
    cutout: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))

    @classmethod
    def light(cls) -> Augment:
        """The default: photos of things that stand upright."""
        return cls()

    @classmethod
    def top_down(cls) -> Augment:
        """Pictures taken from above, where every direction is equal: plants, satellites, cells."""
        return cls(dihedral=True)

    @classmethod
    def none(cls) -> Augment:
        """Nothing is changed."""
        return cls(flip=False, rotate=0.0, zoom=1.0, lighting=0.0)

    def __call__(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        if pictures.ndim != 4:
            raise DataError(
                f"a batch of shape {tuple(pictures.shape)} was given; augmentation needs pictures "
                "of shape (N, C, H, W); leave augmentation out for other data"
            )
        return self.share(pictures, generator, rows=slice(None), items=len(pictures))

    def share(
        self, pictures: Tensor, generator: torch.Generator, *, rows: slice, items: int
    ) -> Tensor:
        """The pictures in these `rows` of a batch of `items`, as the whole batch would make them.

        For a batch that several processes share: each needs its own pictures only.
        """
        pictures = to_float(pictures)
        drawn = torch.rand(items, _COLUMNS, generator=generator, device=pictures.device)
        chance = drawn[rows].unbind(1)
        return self._changed(self._moved(pictures, chance), chance)

    def with_masks(
        self, pictures: Tensor, masks: Tensor, *, generator: torch.Generator, ignore: int
    ) -> tuple[Tensor, Tensor]:
        """Pictures and their masks (N, H, W), moved alike; light and cutout change pictures only.

        A pixel of a mask comes from its nearest one, and holds `ignore` where what is seen lies
        outside of the old picture.
        """
        pictures = to_float(pictures)
        drawn = torch.rand(len(pictures), _COLUMNS, generator=generator, device=pictures.device)
        chance = drawn.unbind(1)
        through = partial(resample_masks, ignore=ignore)
        moved = self._moved(masks[:, None], chance, through=through)[:, 0]
        return self._changed(self._moved(pictures, chance), chance), moved

    def _changed(self, pictures: Tensor, chance: tuple[Tensor, ...]) -> Tensor:
        if self.lighting:
            pictures = self._lit(pictures, chance[8], chance[9])
        return self._covered(pictures, chance[10], chance[11]) if self.cutout else pictures

    def _moved(
        self,
        pictures: Tensor,
        chance: tuple[Tensor, ...],
        *,
        through: Callable[[Tensor, Tensor], Tensor] = resample,
    ) -> Tensor:
        mirror = (chance[0] < 0.5) & (self.flip or self.dihedral)
        turns = (chance[1] * 4).long() * self.dihedral
        height, width = pictures.shape[-2:]
        cropped = 0 < self.crop < 1
        if self.rotate or self.zoom > 1 or cropped or (self.dihedral and height != width):
            angle = math.radians(self.rotate) * _either_way(chance[2]) + turns * (math.pi / 2)
            seen = self._seen(chance)
            shift = (1 - seen) * torch.stack([_either_way(chance[4]), _either_way(chance[5])], 1)
            seen[:, 0] *= 1 - 2 * mirror.float()
            return through(pictures, affine_maps(angle, seen, shift, aspect=width / height))
        if self.dihedral:
            pictures = quarter_turned(pictures, turns)
        return mirrored(pictures, mirror) if self.flip or self.dihedral else pictures

    def _seen(self, chance: tuple[Tensor, ...]) -> Tensor:
        """The share of each picture that stays in sight, along x and y: (N, 2)."""
        zoom = 1 + (self.zoom - 1) * chance[3]
        area = 1 - (1 - (self.crop or 1.0)) * chance[6]
        ratio = torch.exp(math.log(4 / 3) * _either_way(chance[7]) * (0 < self.crop < 1))
        sides = torch.stack([torch.sqrt(area * ratio), torch.sqrt(area / ratio)], 1)
        return sides.clamp(max=1) / zoom[:, None]

    def _lit(self, pictures: Tensor, brightness: Tensor, contrast: Tensor) -> Tensor:
        """Contrast around the picture's own mean, then brightness, as one multiply and add."""
        brightness = 1 + self.lighting * _either_way(brightness)[:, None, None, None]
        contrast = 1 + self.lighting * _either_way(contrast)[:, None, None, None]
        mean = pictures.mean((1, 2, 3), keepdim=True)
        offset = mean * (1 - contrast) * brightness
        return pictures.mul(contrast * brightness).add_(offset).clamp_(0, 1)

    def _covered(self, pictures: Tensor, across: Tensor, down: Tensor) -> Tensor:
        height, width = pictures.shape[-2:]
        side = max(1, round(self.cutout * min(height, width)))
        rows = _stripe(down, side, height)[:, None, :, None]
        columns = _stripe(across, side, width)[:, None, None, :]
        return pictures.masked_fill(rows & columns, 0.5)


def to_float(pictures: Tensor) -> Tensor:
    """Pictures as float32 in [0, 1]: uint8 is divided by 255, float32 comes back as it is."""
    if pictures.dtype == torch.uint8:
        return pictures.float().div_(255)
    return pictures.float()


def corner_views(pictures: Tensor, zoom: float = 1.1) -> list[Tensor]:
    """Eight fixed views of a batch: each corner enlarged `zoom` times, as it is and mirrored.

    For test-time augmentation without chance: what is averaged is the same in every run. Takes
    uint8 or float pictures (N, C, H, W), gives floats of the same shape.
    """
    if not 1 <= zoom <= 10:
        raise SettingError(f"zoom={zoom!r} was given; allowed is a factor, 1 to 10; try 1.1")
    pictures = to_float(pictures)
    height, width = pictures.shape[-2:]
    down, across = max(1, round(height / zoom)), max(1, round(width / zoom))
    corners = [(top, left) for top in (0, height - down) for left in (0, width - across)]
    views = [
        F.interpolate(
            pictures[..., top : top + down, left : left + across],
            size=(height, width),
            mode="bilinear",
            align_corners=False,
        )
        for top, left in corners
    ]
    return views + [view.flip(-1) for view in views]


def _either_way(chance: Tensor) -> Tensor:
    return chance * 2 - 1


def _stripe(chance: Tensor, side: int, length: int) -> Tensor:
    """Which of `length` places are covered, for each picture: (N, length).

    The centre may be any place, so that a square can hang over the edge, as in the paper.
    """
    start = (chance * length).floor()[:, None] - side // 2
    place = torch.arange(length, device=chance.device)
    return (place >= start) & (place < start + side)


def _check(name: str, value: object) -> None:
    if name in ("flip", "dihedral"):
        if not isinstance(value, bool):
            raise SettingError(f"{name}={value!r} was given; allowed is True or False")
        return
    low, high, words = _LIMITS[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= float(str(value)) <= high:
        raise SettingError(
            f"{name}={value!r} was given; allowed is {words}; leave it out for "
            f"{Augment.__dataclass_fields__[name].default}"
        )
