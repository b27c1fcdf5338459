"""What an ImageData was asked for, checked where it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor

from tenfold.data.augment import Augment
from tenfold.data.batches import check_batch_size
from tenfold.device import default_device, free_memory
from tenfold.errors import SettingError
from tenfold.text import nearest

__all__ = ["DEFAULT", "Default", "Settings", "Size", "bytes_of", "parted"]

Size: TypeAlias = "int | tuple[int, int]"
AugmentLike: TypeAlias = "Augment | Callable[[Tensor, torch.Generator], Tensor] | None"

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True)
class Default:
    """An augmentation that nobody asked for: it stands aside where it would be in the way."""

    augment: Augment

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT: Final = Default(Augment.light())


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Size, batches, augmentation and memory of an ImageData. Raises SettingError."""

    size: Size
    batch_size: int = 64
    augment: AugmentLike | Default = DEFAULT
    seed: int = 0
    memory: int | str | None = None
    on_bad: str = "error"
    device: torch.device | str | None = None
    progress: bool = True

    def __post_init__(self) -> None:
        _check_size(self.size)
        check_batch_size(self.batch_size)
        _check_augment(self.augment)
        if self.on_bad not in ("error", "skip"):
            close = nearest(str(self.on_bad), ["error", "skip"]) or "skip"
            raise SettingError(
                f"on_bad={self.on_bad!r} was given; allowed are 'error' and 'skip'; "
                f"did you mean {close!r}?"
            )
        if self.memory is not None:
            bytes_of(self.memory)

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        return height, width

    @property
    def on(self) -> torch.device:
        """The device of the batches."""
        return default_device() if self.device is None else torch.device(self.device)

    @property
    def transform(self) -> AugmentLike:
        """The augmentation, with the default in its place."""
        return self.augment.augment if isinstance(self.augment, Default) else self.augment

    @property
    def memory_limit(self) -> int:
        """How many bytes of pictures may stay in memory; half of what is free when not given."""
        if self.memory is not None:
            return bytes_of(self.memory)
        # pictures are decoded in main memory on their way to any device
        return min(free_memory(self.on), free_memory(torch.device("cpu"))) // 2


def parted(given: dict[str, Any], *names: str) -> tuple[dict[str, Any], Settings]:
    """What finds and splits the pictures, `names` and the seed; and the settings of the rest.

    >>> parted({"valid": 0.5, "seed": 3, "size": 32}, "valid")[0]
    {'valid': 0.5, 'seed': 3}
    """
    asked = {name: given[name] for name in (*names, "seed") if name in given}
    rest = {name: value for name, value in given.items() if name not in names}
    return asked, Settings(**{"size": 128, **rest})


def bytes_of(memory: int | str) -> int:
    """A number of bytes, also from words.

    >>> bytes_of("4GB"), bytes_of("1.5 MB")
    (4000000000, 1500000)
    """
    if isinstance(memory, int) and not isinstance(memory, bool) and memory >= 0:
        return memory
    words = str(memory).strip().upper()
    number = words.rstrip("KMGTB ")
    unit = words[len(number) :].strip()
    try:
        return int(float(number) * _UNITS[unit]) if float(number) >= 0 else _refuse_memory(memory)
    except (KeyError, ValueError, OverflowError):
        return _refuse_memory(memory)


def _refuse_memory(memory: object) -> int:
    raise SettingError(
        f"memory={memory!r} was given; allowed is a number of bytes, or words like '4GB'; leave "
        "it out for half of the free memory"
    ) from None


def _check_size(size: object) -> None:
    sides = size if isinstance(size, tuple | list) else (size, size)
    whole = all(isinstance(side, int) and not isinstance(side, bool) for side in sides)
    if len(sides) != 2 or not whole or not all(1 <= side <= 8192 for side in sides):
        raise SettingError(
            f"size={size!r} was given; allowed is a number of pixels from 1 to 8192, or (height, "
            "width); try size=128"
        )


def _check_augment(augment: object) -> None:
    if augment is not None and not callable(augment) and not isinstance(augment, Default):
        raise SettingError(
            f"augment={augment!r} was given; allowed is an Augment, None, or a function of "
            "(pictures, generator); try Augment(rotate=10)"
        )
