"""The nursery: photos of seedlings of twelve species, drawn from a seed, at any size.

One generator for every task: photos with one species, trays with several, the class of each
pixel, degraded pictures with their clean originals. It knows where each plant stands, so that
a heat map can be scored.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import index as whole
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenfold.data.samples._damage import DAMAGES, damage
from tenfold.data.samples._scene import NAMES, draw_photo, draw_tray
from tenfold.data.samples._store import Arrays, kept
from tenfold.data.samples._types import Box, Bytes, Photo
from tenfold.device import cache_folder
from tenfold.errors import SettingError
from tenfold.text import counted, listed, nearest

if TYPE_CHECKING:
    from tenfold.data.images import ImageData
    from tenfold.data.settings import AugmentLike

__all__ = [
    "SPECIES_NAMES", "Box", "Masks", "Pairs", "Photo", "draw_photo", "draw_tray",
    "seedling_masks", "seedling_pairs", "seedlings", "write_seedlings",
]  # fmt: skip

SPECIES_NAMES = NAMES
KINDS = ("photos", "trays")
PARTS = ("train", "valid")
VERSION = 1  # raise it when the drawing changes, so that kept pictures are drawn again
SMALLEST, LARGEST = 16, 2048


class Masks(NamedTuple):
    """Pictures with the class of each pixel; the classes are soil and then SPECIES_NAMES."""

    images: Bytes  # [n, size, size, 3]
    masks: Bytes  # [n, size, size], 0 for soil, species + 1 for a plant
    targets: np.ndarray[Any, Any]  # [n] species, or [n, 12] of 0 and 1 for trays


class Pairs(NamedTuple):
    """Degraded pictures and their clean originals, both uint8 [n, size, size, 3]."""

    degraded: Bytes
    clean: Bytes


def seedlings(
    pictures: int = 1200,
    size: int = 96,
    *,
    seed: int = 0,
    valid: float = 0.2,
    batch_size: int = 64,
    augment: AugmentLike | EllipsisType = ...,
    kind: str = "photos",
) -> ImageData:
    """Pictures of seedlings on soil, ready to train on: one species each, or trays of several.

    size is the side in pixels; valid is the part of the pictures kept for validation. The same
    scene is drawn at every size, so growing sizes show the same pictures. kind "photos" has one
    species a picture; "trays" has one to five, with targets of 0 and 1 for each of the twelve.
    Pictures are drawn once (seconds) and kept in the cache folder. SettingError says which
    number is out of range.

    >>> data = seedlings(pictures=120, size=32)
    >>> data.classes[:3]
    ['chickweed', 'cleavers', 'clover']
    """
    from tenfold.data.augment import Augment
    from tenfold.data.images import ImageData
    from tenfold.data.settings import Default

    # pixels only change places: resampling blurs thin leaves, and validation shows sharp ones
    turns = Augment(dihedral=True, rotate=0.0, zoom=1.0)

    train, held = (
        _nursery(kind, part, pictures=pictures, size=size, seed=seed, valid=valid) for part in PARTS
    )
    return ImageData.from_arrays(
        train["images"], train["targets"], held["images"], held["targets"],
        classes=list(NAMES), batch_size=batch_size, seed=seed,
        augment=Default(turns) if augment is ... else augment,
    )  # fmt: skip


def seedling_masks(
    pictures: int = 1200,
    size: int = 96,
    *,
    seed: int = 0,
    valid: float = 0.2,
    kind: str = "photos",
    part: str = "train",
) -> Masks:
    """The pictures of `seedlings` (same arguments, same bytes) and what each pixel shows.

    part is "train" or "valid". Use it to train a segmenter, or to score a heat map: a good one
    has its weight where the mask is not 0.

    >>> images, masks, targets = seedling_masks(pictures=120, size=32, part="valid")
    >>> images.shape, masks.shape
    ((24, 32, 32, 3), (24, 32, 32))
    """
    _one_of("part", part, PARTS)
    drawn = _nursery(kind, part, pictures=pictures, size=size, seed=seed, valid=valid)
    return Masks(drawn["images"], drawn["masks"], drawn["targets"])


def seedling_pairs(
    pictures: int = 1200,
    size: int = 96,
    *,
    seed: int = 0,
    valid: float = 0.2,
    part: str = "train",
    damages: Sequence[str] = tuple(DAMAGES),
) -> Pairs:
    """The pictures of `seedlings` as a bad camera gives them, and the clean ones.

    damages are the kinds to draw from: "noise", "blur", "jpeg" and "small" (too few pixels).

    >>> degraded, clean = seedling_pairs(pictures=120, size=32, damages=["noise"])
    >>> degraded.shape == clean.shape
    True
    """
    for name in damages:
        _one_of("damages", name, tuple(DAMAGES))
    if not damages:
        raise SettingError(f"damages is empty; give one or more of {listed(DAMAGES)}")
    clean = seedling_masks(pictures, size, seed=seed, valid=valid, part=part).images
    degraded = np.empty_like(clean)
    for index, image in enumerate(clean):
        rng = np.random.default_rng([seed, PARTS.index(part), index, 2])
        degraded[index] = damage(image, damages[int(rng.integers(len(damages)))], rng)
    return Pairs(degraded, clean)


def write_seedlings(
    folder: str | Path,
    pictures: int = 240,
    *,
    size: int = 96,
    seed: int = 0,
    valid: float = 0.2,
) -> Path:
    """Write the photos of `seedlings` as files, train/<species>/0001.jpg and valid/<species>/….

    JPEG and, every fourth, PNG. Returns the folder, ready for ImageData.from_folder.

    >>> from tempfile import mkdtemp
    >>> sorted(path.name for path in write_seedlings(mkdtemp(), 120, size=32).iterdir())
    ['train', 'valid']
    """
    from PIL import Image

    folder = Path(folder)
    for part in PARTS:
        drawn = _nursery("photos", part, pictures=pictures, size=size, seed=seed, valid=valid)
        for number, (image, target) in enumerate(
            zip(drawn["images"], drawn["targets"], strict=True)
        ):
            place = folder / part / NAMES[target]
            place.mkdir(parents=True, exist_ok=True)
            name = f"{number:04}.{'png' if number % 4 == 3 else 'jpg'}"
            Image.fromarray(image).save(place / name, quality=92)
    return folder


def _nursery(kind: str, part: str, *, pictures: int, size: int, seed: int, valid: float) -> Arrays:
    count = _count(kind, part, pictures=pictures, size=size, seed=seed, valid=valid)
    name = f"seedlings-v{VERSION}-{kind}-{part}-{count}-{size}-{seed}.npz"
    return kept(cache_folder() / name, lambda: _draw(kind, part, count, size=size, seed=seed))


def _draw(kind: str, part: str, count: int, *, size: int, seed: int) -> Arrays:
    draw = _photo if kind == "photos" else _tray
    images = np.empty((count, size, size, 3), np.uint8)
    masks = np.empty((count, size, size), np.uint8)

    def one(index: int) -> None:
        photo = draw(index, [seed, PARTS.index(part), index], size)
        images[index], masks[index] = photo.image, photo.mask

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        list(pool.map(one, range(count)))
    if kind == "photos":
        targets = np.arange(count) % len(NAMES)
    else:
        targets = np.stack([np.isin(np.arange(1, len(NAMES) + 1), mask) for mask in masks])
        targets = targets.astype(np.float32)
    return {"images": images, "masks": masks, "targets": targets}


def _photo(index: int, seed: Sequence[int], size: int) -> Photo:
    return draw_photo(index % len(NAMES), seed, size)


def _tray(index: int, seed: Sequence[int], size: int) -> Photo:
    rng = np.random.default_rng([*seed, 1])
    others = rng.permutation(len(NAMES))[: int(rng.choice([0, 1, 1, 2, 2, 3, 3, 4]))]
    species = {index % len(NAMES), *map(int, others)}
    return draw_tray(sorted(species), seed, size)


def _count(kind: str, part: str, *, pictures: int, size: int, seed: int, valid: float) -> int:
    """How many pictures a part has, after every argument has been looked at."""
    _one_of("kind", kind, KINDS)
    _number("pictures", pictures, 1, 1_000_000)
    _number("size", size, SMALLEST, LARGEST)
    _number("seed", seed, 0, 2**63 - 1)
    if not 0 < valid < 1:
        raise SettingError(f"valid={valid!r}; it is a part between 0 and 1, for example 0.2")
    held = round(pictures * valid)
    least = len(NAMES)
    if min(held, pictures - held) < least:
        enough = int(np.ceil(least / min(valid, 1 - valid)))
        raise SettingError(
            f"pictures={pictures} with valid={valid} gives {pictures - held} for training and "
            f"{counted(held, 'picture')} for validation; each needs at least {least}, one of "
            f"every species; use pictures={enough} or more"
        )
    return held if part == "valid" else pictures - held


def _number(name: str, value: object, low: int, high: int) -> None:
    try:
        fits = low <= whole(value) <= high  # type: ignore[arg-type]
    except TypeError:
        fits = False
    if not fits:
        raise SettingError(f"{name}={value!r}; give a whole number from {low} to {high}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        close = nearest(str(value), allowed)
        hint = f'; did you mean "{close}"?' if close else ""
        raise SettingError(f"{name}={value!r}; use one of {listed(allowed)}{hint}")
