"""Reading pictures: every kind comes out as Pillow shows it, and what is broken is found."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor

from tenfold.data.decode import Unreadable, decoded, fitted, read_picture
from tenfold.errors import DataError


def waves(channels: int = 3, height: int = 45, width: int = 60) -> np.ndarray:
    """A smooth picture that is different in every direction and channel."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 120 * np.sin(x / (7 + 3 * k) + y / (11 + k)) for k in range(channels)]
    return np.stack(planes, -1).astype(np.uint8)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def read(data: bytes) -> Tensor:
    return decoded(torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0))


def difference(picture: Tensor, image: Image.Image) -> int:
    """The largest difference between a picture and what Pillow shows."""
    assert picture.dtype == torch.uint8 and picture.shape == (3, image.height, image.width)
    return int((picture.permute(1, 2, 0).int() - torch.tensor(np.array(image)).int()).abs().max())


def shown(data: bytes) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")


def on_white(image: Image.Image) -> Image.Image:
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


RGB = Image.fromarray(waves())
KINDS = {
    "jpeg": saved(RGB, "JPEG", quality=95),
    "progressive jpeg": saved(RGB, "JPEG", progressive=True),
    "grey jpeg": saved(RGB.convert("L"), "JPEG"),
    "cmyk jpeg": saved(Image.fromarray(waves(4), mode="CMYK"), "JPEG", quality=95),
    "png": saved(RGB, "PNG"),
    "grey png": saved(RGB.convert("L"), "PNG"),
    "palette png": saved(RGB.convert("P"), "PNG"),
    "one-bit png": saved(RGB.convert("1"), "PNG"),
    "gif": saved(RGB.convert("P"), "GIF"),
    "webp": saved(RGB, "WEBP"),
    "bmp": saved(RGB, "BMP"),
    "tiff": saved(RGB, "TIFF"),
    "cmyk tiff": saved(Image.fromarray(waves(4), mode="CMYK"), "TIFF"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_comes_out_as_pillow_shows_it(kind: str) -> None:
    assert difference(read(KINDS[kind]), shown(KINDS[kind])) <= 2


def test_adobes_inverted_inks_come_out_with_their_colours() -> None:
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[..., 0] = 255  # cyan alone
    data = saved(Image.fromarray(inks, mode="CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    red, green, blue = read(data).float().mean((1, 2)).tolist()
    assert red < 10 and green > 245 and blue > 245


def test_inks_stored_as_ycck_come_out_as_pillow_shows_them() -> None:
    data = bytearray(KINDS["cmyk jpeg"])
    data[data.index(b"Adobe") + 11] = 2  # the marker's byte that says YCCK
    assert difference(read(bytes(data)), shown(bytes(data))) <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_orientation_that_a_camera_noted_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(RGB, kind, exif=exif.tobytes())
    assert difference(read(data), shown(data)) <= 2


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.fromarray(waves(4), mode="RGBA").convert(mode)
    assert difference(read(saved(image, "PNG")), on_white(image)) <= 1


def test_transparent_palettes_and_colours_become_white() -> None:
    for image, colour in ((RGB.convert("P"), 5), (RGB.convert("L"), 127), (RGB, (127, 127, 127))):
        data = saved(image, "PNG", transparency=colour)
        assert difference(read(data), on_white(Image.open(io.BytesIO(data)))) <= 1
    webp = saved(Image.fromarray(waves(4), mode="RGBA"), "WEBP", lossless=True)
    assert difference(read(webp), on_white(Image.open(io.BytesIO(webp)))) <= 1


def deep_png(values: np.ndarray) -> bytes:
    """A 16-bit PNG (H, W, channels) by hand: Pillow writes only grey ones."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_keep_their_brightness(channels: int) -> None:
    values = waves(channels)
    data = deep_png(values.astype(np.uint16) * 257)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    plain = Image.fromarray(values[..., 0] if channels == 1 else values, mode=mode)
    assert difference(read(data), on_white(plain)) <= 1


def test_sixteen_bit_grey_from_pillow_keeps_its_brightness() -> None:
    grey = waves(1)[..., 0]
    image = Image.fromarray(grey.astype(np.uint16) * 257)
    assert image.mode.startswith("I")
    assert difference(read_picture(image), Image.fromarray(grey).convert("RGB")) == 0
    assert difference(read(saved(image, "TIFF")), Image.fromarray(grey).convert("RGB")) == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello, I am not a picture", "not a picture"),
        (KINDS["jpeg"][:-40], "truncated"),
        (KINDS["jpeg"][: len(KINDS["jpeg"]) // 2], "truncated"),
        (KINDS["progressive jpeg"][:600], "truncated"),
        (KINDS["grey jpeg"][: len(KINDS["grey jpeg"]) // 2], "truncated|damaged"),
        (KINDS["png"][: len(KINDS["png"]) // 2], "truncated"),
        (KINDS["bmp"][:500], "truncated"),
        (KINDS["gif"][:900], "truncated|damaged"),
        (KINDS["webp"][:300], "truncated|damaged|not a picture"),
        (b"\xff\xd8\xff\xe0 and then nothing", "not a picture|damaged|truncated"),
    ],
)
def test_what_is_broken_is_found(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"^({reason})$"):
        read(data)


@pytest.mark.parametrize("shape", [(45, 60), (60, 45), (200, 64), (32, 32), (20, 30), (33, 300)])
def test_fitting_equals_pillows_resize_and_centre_crop(shape: tuple[int, int]) -> None:
    image = Image.fromarray(waves(3, *shape))
    scale = max(32 / shape[0], 32 / shape[1])
    between = max(32, round(shape[1] * scale)), max(32, round(shape[0] * scale))
    left, top = (between[0] - 32) // 2, (between[1] - 32) // 2
    expected = image.resize(between, Image.Resampling.BILINEAR)
    expected = expected.crop((left, top, left + 32, top + 32))
    assert difference(fitted(read_picture(image), (32, 32)), expected) <= 2


def test_a_picture_of_the_right_size_comes_back_as_it_is() -> None:
    picture = read_picture(RGB)
    assert fitted(picture, (45, 60)) is picture


def test_every_kind_of_object_reads_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(KINDS["png"])
    pixels = waves()
    sources = [file, str(file), KINDS["png"], RGB, pixels, torch.tensor(pixels).permute(2, 0, 1)]
    expected = read_picture(pixels, size=(24, 24))
    assert all(torch.equal(read_picture(source, size=(24, 24)), expected) for source in sources)
    assert torch.equal(read_picture(pixels / 255, size=(24, 24)), expected)


def test_grey_arrays_and_alpha_arrays_are_pictures_too() -> None:
    grey = waves(1)
    assert torch.equal(read_picture(grey), read_picture(grey[..., 0]))
    clear = np.zeros((8, 8, 4), np.uint8)
    assert (read_picture(clear) == 255).all()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file .*nowhere.jpg; check the path"):
        read_picture(tmp_path / "nowhere.jpg")


def test_a_broken_file_is_named_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(KINDS["jpeg"][:-200])
    with pytest.raises(
        DataError, match=r"a.jpg cannot be read as a picture \(truncated\); replace"
    ):
        read_picture(file)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(DataError, match="a int was given as a picture; allowed are a path"):
        read_picture(3)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"the picture has shape .*; allowed are"):
        read_picture(np.zeros((4, 5, 6, 7), np.uint8))
    with pytest.raises(DataError, match=r"the picture holds .* from -1 to 1; allowed are uint8"):
        read_picture(np.linspace(-1, 1, 64).reshape(8, 8))
    with pytest.raises(DataError, match="the picture holds object; allowed are uint8 and floats"):
        read_picture(np.array([[None]]))
