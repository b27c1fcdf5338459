"""Small picture folders for the tests, drawn in a moment."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tenfold.data.images import ImageData

SMALL = {"size": 16, "batch_size": 4, "device": "cpu"}


def draw(file: Path, shade: int = 128, size: tuple[int, int] = (20, 16)) -> None:
    """One picture in one colour."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, 255 - shade, 40)).save(file)


def drawn(root: Path, **tree: int | dict[str, int]) -> Path:
    """drawn(root, train={"cat": 3}) or drawn(root, cat=3) draws that many."""
    root = root / "pictures"
    for name, inside in tree.items():
        counts = inside.items() if isinstance(inside, dict) else [(".", inside)]
        for sub, count in counts:
            for number in range(count):
                draw(root / name / sub / f"{number}.png", shade=10 * number + len(sub))
    return root


def two_splits(root: Path, **more: int | dict[str, int]) -> Path:
    """Eight pictures to train on and four to validate with, of two classes."""
    return drawn(root, train={"cat": 5, "dog": 3}, valid={"cat": 2, "dog": 2}, **more)


def load(root: Path, **settings: object) -> ImageData:
    """The pictures of a folder, 16 pixels wide, in batches of 4."""
    return ImageData.from_folder(root, **{**SMALL, **settings})  # type: ignore[arg-type]
