"""The real data sets: what each is, whose it is, and where it lies on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tenfold.device import cache_folder
from tenfold.errors import FileError, SettingError
from tenfold.text import did_you_mean, listed

__all__ = ["SETS", "RealSet", "data_homes", "downloads", "find", "named", "need"]


@dataclass(frozen=True)
class RealSet:
    """A public data set: `layouts` are the ways it may lie in a home of data sets.

    Of a layout the first path is what is read, and the others must be there too. `download` is
    how much comes over the net; `by_hand` is how to get what its publisher gives out after a
    log-in only, or nowhere for certain.
    """

    name: str
    what: str
    download: str
    licence: str
    layouts: tuple[tuple[str, ...], ...]
    by_hand: str = ""


def _photos(folder: str) -> tuple[str, ...]:
    return (folder, f"{folder}/train", f"{folder}/val")


_KAGGLE = (
    "log in at kaggle.com, accept the rules of the contest, then "
    "`kaggle competitions download -c {contest}`, and unzip it into FOLDER; "
    'use it by real.{name}("FOLDER")'
)

SETS = {
    one.name: one
    for one in (
        RealSet(
            "imagenette",
            "13,394 photos of ten ImageNet classes, 160 pixels high",
            "94 MB",
            "ImageNet's terms: research",
            tuple(map(_photos, ("imagenette128", "imagenette2-160", "imagenette2-320"))),
        ),
        RealSet(
            "cifar10",
            "60,000 pictures of ten classes, 32 × 32",
            "170 MB",
            "none stated",
            (("cifar10/cifar10.npz",), ("cifar10/cifar10_jpg.zip",)),
        ),
        RealSet(
            "fashion_mnist",
            "70,000 grey pictures of ten kinds of clothes, 28 × 28",
            "31 MB",
            "MIT",
            (("fashion_mnist/fashion_mnist.npz",),),
        ),
        RealSet(
            "pets",
            "7,349 photos of 37 breeds of cats and dogs (Oxford-IIIT)",
            "800 MB",
            "CC BY-SA 4.0",
            (("oxford-iiit-pet", "oxford-iiit-pet/images", "oxford-iiit-pet/annotations"),),
        ),
        RealSet(
            "imdb",
            "50,000 film reviews, good or bad, and 50,000 without a label",
            "84 MB",
            "cite Maas et al. 2011",
            (("imdb", "imdb/labelled.csv.gz", "imdb/unsup.csv.gz"),),
        ),
        RealSet(
            "wikitext",
            "good articles of the English Wikipedia (WikiText-2)",
            "4 MB",
            "CC BY-SA 3.0",
            (("wikitext2", "wikitext2/valid.txt", "wikitext2/test.txt"),),
            "no address is known to last: put train.txt, valid.txt and test.txt, one article "
            "after the other, into FOLDER/wikitext2 and set TENFOLD_DATA=FOLDER",
        ),
        RealSet(
            "adult",
            "32,561 people of a census: who earns over 50,000 dollars",
            "4 MB",
            "CC BY 4.0 (UCI)",
            (("adult/adult.csv",),),
        ),
        RealSet(
            "housing",
            "20,640 districts of California in 1990: the price of a house",
            "1 MB",
            "public",
            (("housing/housing.csv",),),
        ),
        RealSet(
            "pm25",
            "43,824 hours of Beijing's air: fine dust by the weather",
            "2 MB",
            "CC BY 4.0 (UCI)",
            (("pm25/pollution.csv",),),
        ),
        RealSet(
            "movielens",
            "100,836 ratings of 9,724 films by 610 people (latest-small)",
            "1 MB",
            "GroupLens: research, not commercial",
            (("movielens", "movielens/ratings.csv", "movielens/movies.csv"),),
        ),
        RealSet(
            "rossmann",
            "1,017,209 days of sales in 1,115 shops (Kaggle)",
            "7 MB",
            "the rules of the contest",
            (("rossmann", "rossmann/train.csv", "rossmann/store.csv"),),
            _KAGGLE.format(contest="rossmann-store-sales", name="rossmann"),
        ),
        RealSet(
            "plant_seedlings",
            "4,750 photos of seedlings of twelve species (Kaggle)",
            "2 GB",
            "the rules of the contest",
            (("plant_seedlings", "plant_seedlings/train"),),
            _KAGGLE.format(contest="plant-seedlings-classification", name="plant_seedlings"),
        ),
    )
}


def named(name: str) -> RealSet:
    """The set of that name. Raises SettingError for another name.

    >>> named("adult").licence
    'CC BY 4.0 (UCI)'
    """
    if name in SETS:
        return SETS[name]
    raise SettingError(
        f"there is no data set {name!r}{did_you_mean(name, SETS)}; allowed are "
        f"{listed(SETS, most=20)}"
    )


def downloads() -> Path:
    """Where downloads go: `real` in the cache folder, which TENFOLD_CACHE moves."""
    return cache_folder() / "real"


def data_homes() -> list[Path]:
    """The folders that are searched, in order: TENFOLD_DATA when it is set, then the downloads."""
    home = os.environ.get("TENFOLD_DATA")
    return [*([Path(home).expanduser()] if home else []), downloads()]


def find(name: str) -> Path | None:
    """The folder or the file of a set that is read, or None where the set is not complete."""
    layouts = named(name).layouts
    for home in data_homes():
        for layout in layouts:
            if all((home / part).exists() for part in layout):
                return home / layout[0]
    return None


def need(name: str) -> Path:
    """As `find`, or a FileError that says how to get the set."""
    found = find(name)
    if found is not None:
        return found
    one = named(name)
    searched = listed(data_homes())
    if one.by_hand:
        raise FileError(f"{name} is not in {searched}; to get it, {one.by_hand}")
    raise FileError(
        f"{name} is not in {searched}; get it with `tenfold data get {name}` ({one.download})"
    )
