"""One picture of any kind as RGB bytes: files, Pillow images, arrays, tensors."""

from __future__ import annotations

import functools
import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data.pixels import as_pictures, on_white
from tenfold.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Unreadable", "decoded", "fitted", "read_picture"]

PictureLike: TypeAlias = "str | os.PathLike[str] | bytes | np.ndarray | Tensor | Image.Image"

_RGB, _RGB_ALPHA = 3, 4  # torchvision's numbers for what to decode to


class Unreadable(Exception):
    """These bytes are not a whole picture; the message is one or two words that say why."""


def read_picture(source: PictureLike, size: tuple[int, int] | None = None) -> Tensor:
    """One picture as uint8 (3, height, width), fitted to `size` (height, width) when given.

    `source` is a path, the bytes of a file, a Pillow image, or an array or tensor of shape
    (H, W), (H, W, C) or (C, H, W), uint8 or float in [0, 1]. The orientation that a camera noted
    is applied; what is transparent becomes white. Raises DataError for anything else.

    >>> read_picture(np.zeros((20, 30), dtype="uint8"), size=(16, 16)).shape
    torch.Size([3, 16, 16])
    """
    picture = _read(source)
    return picture if size is None else fitted(picture, size)


def _read(source: Any) -> Tensor:
    if isinstance(source, (str, os.PathLike)):
        return _read_file(os.fspath(source))
    if isinstance(source, (bytes, bytearray)):
        return _refused("the bytes given", torch.from_numpy(np.frombuffer(bytearray(source), "u1")))
    if isinstance(source, (np.ndarray, Tensor)):
        return as_pictures(source[None], name="the picture")[0]
    if hasattr(source, "convert") and hasattr(source, "getexif"):
        return _from_pillow(source)
    raise DataError(
        f"a {type(source).__name__} was given as a picture; allowed are a path, bytes, a Pillow "
        "image, an array or a tensor; pass one of these"
    )


def _read_file(path: str) -> Tensor:
    if not os.path.isfile(path):
        raise DataError(f"there is no file {path}; check the path")
    return _refused(path, torch.from_numpy(np.fromfile(path, dtype=np.uint8)))


def _refused(name: str, data: Tensor) -> Tensor:
    try:
        return decoded(data)
    except Unreadable as reason:
        raise DataError(
            f"{name} cannot be read as a picture ({reason}); replace it by a whole JPEG, PNG, "
            "GIF, WebP, BMP or TIFF"
        ) from None


def decoded(data: Tensor) -> Tensor:
    """The bytes of a picture file (uint8, one dimension) as uint8 (3, H, W).

    JPEG and PNG go through torchvision's decoder, everything else and whatever that refuses
    through Pillow, which has the last word. Raises Unreadable.
    """
    if not len(data):
        raise Unreadable("empty")
    decode = _native() if _is_native(data) else None
    if decode is not None:
        try:
            return _as_rgb(decode(data, _RGB_ALPHA if _has_alpha(data) else _RGB, True))
        except RuntimeError:
            pass  # Pillow says what is wrong, or reads what torchvision cannot
    return _with_pillow(data)


def fitted(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A uint8 picture (3, H, W) at `size`: the smaller side is fitted, the centre is kept.

    Shrinks with antialias, like Pillow. A picture that has the size comes back as it is.
    """
    height, width = size
    old_height, old_width = picture.shape[-2:]
    if (old_height, old_width) == (height, width):
        return picture
    scale = max(height / old_height, width / old_width)
    between = max(height, round(old_height * scale)), max(width, round(old_width * scale))
    picture = F.interpolate(picture[None], size=between, mode="bilinear", antialias=True)[0]
    top, left = (between[0] - height) // 2, (between[1] - width) // 2
    return picture[:, top : top + height, left : left + width]


@functools.cache
def _native() -> Callable[[Tensor, int, bool], Tensor] | None:
    """torchvision's decoder, or None where this build of torchvision has none.

    The operator itself: its Python wrapper gives a deprecation warning for every picture from
    0.29 on, and cannot be silenced from several threads. When it is gone, Pillow does the work.
    """
    try:
        import torchvision.io  # noqa: F401  registers the operator

        return torch.ops.image.decode_image
    except (ImportError, AttributeError, RuntimeError):
        return None


def _is_native(data: Tensor) -> bool:
    start = bytes(data[:4].tolist())
    if start.startswith(b"\xff\xd8"):
        return True
    # a single transparent colour (tRNS) is left to Pillow: torchvision ignores it
    return start == b"\x89PNG" and b"tRNS" not in _before_pixels(data)


def _before_pixels(data: Tensor) -> bytes:
    return data.numpy().tobytes().partition(b"IDAT")[0]


def _has_alpha(data: Tensor) -> bool:
    """Whether this is a PNG of grey or RGB with alpha, as byte 25 of its header says."""
    return int(data[0]) == 0x89 and len(data) > 25 and int(data[25]) in (4, 6)


def _as_rgb(picture: Tensor) -> Tensor:
    if picture.dtype == torch.uint16:
        picture = ((picture.to(torch.int32) + 128) // 257).to(torch.uint8)
    return on_white(picture) if len(picture) == 4 else picture


def _with_pillow(data: Tensor) -> Tensor:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data.numpy().tobytes())) as image:
            return _from_pillow(image)
    except UnidentifiedImageError:
        raise Unreadable("not a picture") from None
    except Exception as error:  # Pillow's readers raise OSError, SyntaxError, struct.error, …
        raise Unreadable("truncated" if "trunc" in str(error) else "damaged") from None


def _from_pillow(image: Image.Image) -> Tensor:
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
        grey = np.asarray(image).astype(np.int64)
        grey = grey if grey.max() < 256 else (grey.clip(0, 65535) + 128) // 257
        return torch.from_numpy(grey.astype(np.uint8)).expand(3, -1, -1).contiguous()
    mode = "RGBA" if image.has_transparency_data else "RGB"
    pixels = torch.from_numpy(np.array(image.convert(mode))).permute(2, 0, 1)
    return on_white(pixels) if mode == "RGBA" else pixels.contiguous()
