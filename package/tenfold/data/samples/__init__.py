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
    from tenfold.data.samples.nursery import (
        SPECIES_NAMES,
        seedling_masks,
        seedling_pairs,
        seedlings,
        write_seedlings,
    )

__all__ = ["SPECIES_NAMES", "seedling_masks", "seedling_pairs", "seedlings", "write_seedlings"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("tenfold.data.samples.nursery"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
