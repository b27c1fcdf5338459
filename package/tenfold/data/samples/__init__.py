"""Data that every install carries: drawn or built on the spot, no network needed.

>>> from tenfold.data import samples
>>> data = samples.seedlings(pictures=120, size=32)
>>> len(data.classes)
12
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenfold.data.samples.films import rating_frame, ratings
    from tenfold.data.samples.nursery import (
        SPECIES_NAMES,
        seedling_masks,
        seedling_pairs,
        seedlings,
        write_seedlings,
    )
    from tenfold.data.samples.prose import docstring_frame, docstrings
    from tenfold.data.samples.shops import sales, sales_frame

_WHERE = {
    "SPECIES_NAMES": "nursery",
    "docstring_frame": "prose",
    "docstrings": "prose",
    "rating_frame": "films",
    "ratings": "films",
    "sales": "shops",
    "sales_frame": "shops",
    "seedling_masks": "nursery",
    "seedling_pairs": "nursery",
    "seedlings": "nursery",
    "write_seedlings": "nursery",
}

__all__ = [
    "SPECIES_NAMES",
    "docstring_frame",
    "docstrings",
    "rating_frame",
    "ratings",
    "sales",
    "sales_frame",
    "seedling_masks",
    "seedling_pairs",
    "seedlings",
    "write_seedlings",
]


def __getattr__(name: str) -> object:
    if name in _WHERE:
        return getattr(import_module(f"tenfold.data.samples.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
