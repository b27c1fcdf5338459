"""What bad cameras do to a picture: noise, blur, JPEG blocks, too few pixels."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

from tenfold.data.samples._types import Bytes

Random = np.random.Generator


def _noise(picture: Image.Image, rng: Random) -> Image.Image:
    pixels = np.asarray(picture)
    grain = rng.standard_normal(pixels.shape) * rng.uniform(12, 40)
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))


def _blur(picture: Image.Image, rng: Random) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(1.0, 2.2) * picture.width / 96))


def _jpeg(picture: Image.Image, rng: Random) -> Image.Image:
    packed = BytesIO()
    picture.save(packed, "JPEG", quality=int(rng.integers(6, 22)))
    return Image.open(packed).convert("RGB")


def _small(picture: Image.Image, rng: Random) -> Image.Image:
    side = max(int(picture.width / rng.uniform(2.5, 4.5)), 8)
    tiny = picture.resize((side, side), Image.Resampling.BOX)
    return tiny.resize(picture.size, Image.Resampling.BICUBIC)


DAMAGES: dict[str, Callable[[Image.Image, Random], Image.Image]] = {
    "noise": _noise,
    "blur": _blur,
    "jpeg": _jpeg,
    "small": _small,
}


def damage(image: Bytes, kind: str, rng: Random) -> Bytes:
    """The picture as a bad camera gives it; kind is a key of DAMAGES."""
    return np.asarray(DAMAGES[kind](Image.fromarray(image), rng))
