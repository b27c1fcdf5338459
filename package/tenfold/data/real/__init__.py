"""Public data sets, in the types of `samples`: the line that switches a notebook to the real thing.

    from tenfold import real
    data = real.imagenette(size=128)

Each is looked for in the folder `TENFOLD_DATA`, then among the downloads of `tenfold data get`;
where it is in neither, a FileError says the line that gets it. No set is downloaded by itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.data.real.photos import (
        cifar10,
        fashion_mnist,
        imagenette,
        pets,
        plant_seedlings,
    )
    from tenfold.data.real.tables import adult, housing, movielens, pm25, rossmann
    from tenfold.data.real.writing import imdb, wikitext

_WHERE = {
    "adult": "tables",
    "cifar10": "photos",
    "fashion_mnist": "photos",
    "housing": "tables",
    "imagenette": "photos",
    "imdb": "writing",
    "movielens": "tables",
    "pets": "photos",
    "plant_seedlings": "photos",
    "pm25": "tables",
    "rossmann": "tables",
    "wikitext": "writing",
}

__all__ = [
    "adult",
    "cifar10",
    "fashion_mnist",
    "housing",
    "imagenette",
    "imdb",
    "movielens",
    "pets",
    "plant_seedlings",
    "pm25",
    "rossmann",
    "wikitext",
]


def __getattr__(name: str) -> object:
    if name in _WHERE:
        return getattr(import_module(f"tenfold.data.real.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
