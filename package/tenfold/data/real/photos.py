"""Real pictures: Imagenette, CIFAR-10, Fashion-MNIST, the pets of Oxford, Kaggle's seedlings."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.data.images import ImageData
from tenfold.data.real.catalogue import need
from tenfold.data.real.fewer import fewer
from tenfold.data.samples._store import Arrays, kept
from tenfold.device import cache_folder
from tenfold.errors import FileError

__all__ = ["cifar10", "fashion_mnist", "imagenette", "pets", "plant_seedlings"]

IMAGENETTE = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
CLOTHES = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
]  # fmt: skip
_PICTURES = (".jpg", ".jpeg", ".png")


def imagenette(
    size: int = 128, *, pictures: int | None = None, seed: int = 0, **more: Any
) -> ImageData:
    """Photos of ten ImageNet classes that are easy to tell apart; their own val/ validates.

    `size` is in pixels; `pictures` takes only so many of both splits; `more` goes to
    `ImageData.from_frame`. A net that was pretrained on ImageNet has seen these photos.
    Imagenette: github.com/fastai/imagenette.
    """
    folder = need("imagenette")
    rows = [
        (file.relative_to(folder).as_posix(), IMAGENETTE.get(kind.name, kind.name), part == "val")
        for part in ("train", "val")
        for kind in sorted(path for path in (folder / part).iterdir() if path.is_dir())
        for file in sorted(kind.iterdir())
        if file.suffix.lower() in _PICTURES
    ]
    return _listed(rows, folder, size=size, pictures=pictures, seed=seed, **more)


def pets(size: int = 128, *, pictures: int | None = None, seed: int = 0, **more: Any) -> ImageData:
    """Photos of 37 breeds of cats and dogs; the published test list validates.

    `size` is in pixels; `pictures` takes only so many of both splits; `more` goes to
    `ImageData.from_frame`. Parkhi et al., "Cats and Dogs", CVPR 2012.
    """
    folder = need("pets")
    rows = []
    for part in ("trainval", "test"):
        lines = (folder / "annotations" / f"{part}.txt").read_text("utf-8").splitlines()
        names = [line.split()[0] for line in lines if line.strip()]
        rows += [(f"{name}.jpg", _breed(name), part == "test") for name in names]
    return _listed(rows, folder / "images", size=size, pictures=pictures, seed=seed, **more)


def _breed(name: str) -> str:
    """The breed in the name of a picture, as "american bulldog" in "american_bulldog_12"."""
    return name.rpartition("_")[0].replace("_", " ").lower()


def _listed(
    rows: list[tuple[str, str, bool]], folder: Path, *, pictures: int | None, seed: int, **more: Any
) -> ImageData:
    """Pictures by their rows: the file, the class, whether it validates."""
    if not rows:
        raise FileError(f"no pictures in {folder}; delete it, and get the set again")
    files, labels, validates = (np.array(column) for column in zip(*rows, strict=True))
    chosen = fewer(validates, pictures, name="pictures", labels=labels, seed=seed)
    frame = {"image": files[chosen], "label": labels[chosen], "valid": validates[chosen]}
    columns = {name: values.tolist() for name, values in frame.items()}
    return ImageData.from_frame(columns, folder=folder, valid="valid", seed=seed, **more)


def plant_seedlings(
    folder: str | os.PathLike[str] | None = None, *, size: int = 128, **more: Any
) -> ImageData:
    """Kaggle's contest of seedlings: a folder with train/<species>/ and perhaps test/.

    Without `folder` it is looked for where the other sets are. `more` goes to
    `ImageData.from_folder`: `valid` is the share of the training photos that validates. Giselsson
    et al., "A Public Image Database for Benchmark of Plant Seedling Classification Algorithms".
    """
    home = Path(folder).expanduser() if folder is not None else need("plant_seedlings")
    if not (home / "train").is_dir():
        raise FileError(
            f"{home} has no folder train; give the folder into which the files of the contest "
            "were unzipped"
        )
    test = home / "test"
    if test.is_dir():
        more.setdefault("test", test)
    return ImageData.from_folder(home / "train", size=size, **more)


def cifar10(
    *, size: int | None = None, pictures: int | None = None, seed: int = 0, **more: Any
) -> ImageData:
    """Small pictures of ten classes, 32 by 32; the published test pictures validate.

    `pictures` takes only so many of both splits. Pictures from `cifar10_jpg.zip` were compressed
    once more, and are a little harder. `more` goes to `ImageData.from_arrays`. Krizhevsky,
    "Learning Multiple Layers of Features from Tiny Images", 2009.
    """
    file = need("cifar10")
    if file.suffix == ".npz":
        arrays = _loaded(file)
    else:
        arrays, pictures = _unzipped(file, pictures, seed=seed), None
    return _from_arrays(arrays, None, size=size, pictures=pictures, seed=seed, **more)


def fashion_mnist(
    *, size: int | None = None, pictures: int | None = None, seed: int = 0, **more: Any
) -> ImageData:
    """Grey pictures of ten kinds of clothes, 28 by 28; the published test pictures validate.

    `pictures` takes only so many of both splits; `more` goes to `ImageData.from_arrays`. Xiao et
    al., "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms".
    """
    arrays = _loaded(need("fashion_mnist"))
    return _from_arrays(arrays, CLOTHES, size=size, pictures=pictures, seed=seed, **more)


def _loaded(file: Path) -> Arrays:
    try:
        with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as stored:
            names = {"x_train", "y_train", "x_test", "y_test"}
            return {name: stored[name] for name in names.union(stored.files)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FileError(
            f"{file} cannot be read ({error}); delete it, and get the set again"
        ) from error


def _from_arrays(
    arrays: Arrays, classes: Sequence[str] | None, *, pictures: int | None, seed: int, **more: Any
) -> ImageData:
    targets = np.concatenate([arrays["y_train"], arrays["y_test"]])
    trained = len(arrays["y_train"])
    validates = np.arange(len(targets)) >= trained
    chosen = fewer(validates, pictures, name="pictures", labels=targets, seed=seed)
    train, valid = chosen[chosen < trained], chosen[chosen >= trained] - trained
    return ImageData.from_arrays(
        arrays["x_train"][train],
        arrays["y_train"][train],
        arrays["x_test"][valid],
        arrays["y_test"][valid],
        classes=arrays["classes"].tolist() if "classes" in arrays else list(classes or ()),
        seed=seed,
        **more,
    )


def _unzipped(file: Path, pictures: int | None, *, seed: int) -> Arrays:
    """The JPEG pictures of a zip, decoded: all of them once (half a minute), or only a few."""
    with zipfile.ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        parts = np.array([name.split("/")[:2] for name in names])
        validates, labels = parts[:, 0] == "test", parts[:, 1]
        classes, numbers = np.unique(labels, return_inverse=True)

        def decode(chosen: np.ndarray) -> Arrays:
            found = np.stack([_decoded(archive.read(names[number])) for number in chosen])
            test = validates[chosen]
            x, y = {"train": found[~test], "test": found[test]}, numbers[chosen]
            return {
                "x_train": x["train"],
                "y_train": y[~test],
                "x_test": x["test"],
                "y_test": y[test],
                "classes": classes,
            }

        if pictures is not None:
            return decode(fewer(validates, pictures, name="pictures", labels=labels, seed=seed))
        stat = file.stat()
        whole = cache_folder() / f"cifar10-{stat.st_size}-{stat.st_mtime_ns}.npz"
        return kept(whole, lambda: decode(np.arange(len(names))))


def _decoded(content: bytes) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
