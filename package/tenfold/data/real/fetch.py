"""Getting the real data sets: what is downloaded, and how it becomes the layout that is read.

The addresses and checksums are those that the publishers or torchvision state; a test holds them
to torchvision's. A set without a stated checksum is checked by its columns and rows instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.data.real.archives import gunzip, members, opened, unpack, unzip
from tenfold.data.real.catalogue import downloads, named
from tenfold.data.real.download import download
from tenfold.errors import FileError
from tenfold.text import counted

__all__ = ["SOURCES", "fetch"]

_CLOTHES = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
_PETS = "https://www.robots.ox.ac.uk/~vgg/data/pets/data"
_UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases"

# for each set the files and their MD5, where one is stated
SOURCES: dict[str, tuple[tuple[str, str | None], ...]] = {
    "imagenette": (
        (
            "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
            "e793b78cc4c9e9a4ccc0c1155377a412",
        ),
    ),
    # the binary version: the one for Python is a pickle
    "cifar10": (
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "c32a1d4ab5d03f1284b67883e8d87530",
        ),
    ),
    "fashion_mnist": (
        (f"{_CLOTHES}/train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        (f"{_CLOTHES}/train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        (f"{_CLOTHES}/t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        (f"{_CLOTHES}/t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
    "pets": (
        (f"{_PETS}/images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c"),
        (f"{_PETS}/annotations.tar.gz", "95a8c909bbe2e81eed6a22bccdf3f68f"),
    ),
    "imdb": (
        (
            "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            "7c2ac02c03563afcf9b574c7e56c153a",
        ),
    ),
    "movielens": (("https://files.grouplens.org/datasets/movielens/ml-latest-small.zip", None),),
    "adult": ((f"{_UCI}/adult/adult.data", None),),
    "housing": (
        (
            "https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/housing/"
            "housing.csv",
            None,
        ),
    ),
    "pm25": ((f"{_UCI}/00381/PRSA_data_2010.1.1-2014.12.31.csv", None),),
}

Download = Callable[..., Path]


def fetch(name: str, home: Path | None = None, *, get: Download = download) -> tuple[Path, str]:
    """Download a set into `home`, else into the cache; its place, and how it was checked.

    It appears when it is complete. A fetch that was cut off goes on where it was. `get` downloads
    one file, as `download` does. Raises FileError where a set cannot be downloaded, and where
    what came is not what was expected.
    """
    one = named(name)
    if one.by_hand:
        raise FileError(f"{name} cannot be downloaded for you; to get it, {one.by_hand}")
    home = downloads() if home is None else home
    work = home / f".{name}"
    files = [get(url, work / url.rpartition("/")[2], md5=md5) for url, md5 in SOURCES[name]]
    made = work / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    words = _UNPACK[name](files, made)
    (folder,) = made.iterdir()
    place = home / folder.name
    shutil.rmtree(place, ignore_errors=True)  # what may be left of another try
    os.replace(folder, place)
    shutil.rmtree(work)
    return place, words or "its checksum is right"


def _unpack(files: Sequence[Path], folder: Path) -> str:
    for file in files:
        unpack(file, folder)
    return ""


def _pets(files: Sequence[Path], made: Path) -> str:
    return _unpack(files, _folder(made, "oxford-iiit-pet"))


def _clothes(files: Sequence[Path], made: Path) -> str:
    """Four files in the format of MNIST: a header of 16 bytes, or 8 for labels, then bytes."""
    arrays = []
    for file in files:
        content = gunzip(file)
        start, shape = (16, (-1, 28, 28)) if "images" in file.name else (8, (-1,))
        arrays.append(np.frombuffer(content, np.uint8, offset=start).reshape(shape))
    names = ("x_train", "y_train", "x_test", "y_test")
    file = _folder(made, "fashion_mnist") / "fashion_mnist.npz"
    np.savez(file, allow_pickle=False, **dict(zip(names, arrays, strict=True)))
    return ""


def _cifar10(files: Sequence[Path], made: Path) -> str:
    """Each picture is a byte for the class, then its red, green and blue planes."""
    with opened(files[0]) as archive:
        found = {member.name: member for member in members(archive)}

        def content(name: str) -> bytes:
            stream = archive.extractfile(found[f"cifar-10-batches-bin/{name}"])
            assert stream is not None
            return stream.read()

        train = b"".join(content(f"data_batch_{number}.bin") for number in range(1, 6))
        arrays: dict[str, Any] = {"classes": content("batches.meta.txt").decode().split()}
        for part, rows_of in {"train": train, "test": content("test_batch.bin")}.items():
            rows = np.frombuffer(rows_of, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
            arrays[f"y_{part}"] = rows[:, 0]
            arrays[f"x_{part}"] = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    np.savez(_folder(made, "cifar10") / "cifar10.npz", allow_pickle=False, **arrays)
    return ""


def _imdb(files: Sequence[Path], made: Path) -> str:
    """A table of the texts with a label and one of the others, from a hundred thousand files."""
    import pandas

    labelled, others = [], []
    with opened(files[0]) as archive:
        for member in members(archive):
            parts = member.name.split("/")  # aclImdb/train/pos/12_9.txt: number 12, nine stars
            stream = archive.extractfile(member) if len(parts) == 4 else None
            if stream is None or parts[2] not in ("pos", "neg", "unsup"):
                continue
            text = stream.read().decode("utf-8")
            number, _, stars = parts[3].removesuffix(".txt").partition("_")
            if parts[2] == "unsup":
                others.append((int(number), text))
            else:
                labelled.append((parts[1], parts[2], int(stars), int(number), text))
    folder = _folder(made, "imdb")
    columns = ["split", "label", "rating", "id", "text"]
    frame = pandas.DataFrame(sorted(labelled), columns=columns)
    frame.to_csv(folder / "labelled.csv.gz", index=False)
    frame = pandas.DataFrame(sorted(others), columns=["id", "text"])
    frame.to_csv(folder / "unsup.csv.gz", index=False)
    return ""


def _movielens(files: Sequence[Path], made: Path) -> str:
    folder = _folder(made, "movielens")
    for name in ("ratings.csv", "movies.csv", "README.txt"):
        (folder / name).write_bytes(unzip(files[0], f"ml-latest-small/{name}"))
    _rows(folder / "movies.csv", ("movieId", "title"))
    # GroupLens grows this set from time to time, so the number of rows is not fixed
    return _rows(folder / "ratings.csv", ("userId", "movieId", "rating"))


def _adult(files: Sequence[Path], made: Path) -> str:
    """The file has no header, and marks what is missing with a question mark."""
    import pandas

    names = [
        "age", "workclass", "fnlwgt", "education", "education-num", "marital-status",
        "occupation", "relationship", "race", "sex", "capital-gain", "capital-loss",
        "hours-per-week", "native-country", "salary",
    ]  # fmt: skip
    frame = pandas.read_csv(files[0], names=names, skipinitialspace=True, na_values="?")
    frame["salary"] = frame["salary"].map({"<=50K": "<50k", ">50K": ">=50k"})
    if frame["salary"].isna().any():
        raise FileError(f"{files[0].name} has other classes than <=50K and >50K; it was changed")
    file = _folder(made, "adult") / "adult.csv"
    frame.to_csv(file, index=False)
    return _rows(file, names, 32_561)


def _housing(files: Sequence[Path], made: Path) -> str:
    file = _folder(made, "housing") / "housing.csv"
    shutil.copyfile(files[0], file)
    return _rows(file, ("median_income", "median_house_value", "ocean_proximity"), 20_640)


def _pm25(files: Sequence[Path], made: Path) -> str:
    file = _folder(made, "pm25") / "pollution.csv"
    shutil.copyfile(files[0], file)
    return _rows(file, ("year", "month", "day", "hour", "pm2.5", "cbwd"), 43_824)


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir()
    return folder


def _rows(file: Path, columns: Sequence[str], rows: int | None = None) -> str:
    """Hold a table to the columns and the rows that it should have, and say so."""
    import pandas

    try:
        frame = pandas.read_csv(file)
    except ValueError as error:
        raise FileError(f"{file.name} came as something that is no table ({error})") from error
    missing = [name for name in columns if name not in frame.columns]
    if missing or rows not in (None, len(frame)):
        seen = f"{counted(len(frame), 'row')} and without {', '.join(missing) or 'no column'}"
        raise FileError(
            f"{file.name} came with {seen}; expected are {rows or 'some'} rows and the columns "
            f"{', '.join(columns)}: it was changed, or the connection was redirected"
        )
    return f"no checksum is published; it has its columns and {counted(len(frame), 'row')}"


_UNPACK: dict[str, Callable[[Sequence[Path], Path], str]] = {
    "adult": _adult,
    "cifar10": _cifar10,
    "fashion_mnist": _clothes,
    "housing": _housing,
    "imagenette": _unpack,
    "imdb": _imdb,
    "movielens": _movielens,
    "pets": _pets,
    "pm25": _pm25,
}
