"""Encoders: what turns the items a person gives into what a model takes, described by JSON.

An exported file names the kind of its encoder and holds its state, so that loading runs no code.
Each kind of data brings its own; those of pictures and of tensors are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from tenfold.data.decode import read_picture
from tenfold.errors import DataError, FileError
from tenfold.text import listed

__all__ = ["Encoder", "PictureEncoder", "TensorEncoder", "describe", "read_encoder"]


class Encoder(Protocol):
    """Turns items into a batch of model inputs; `kind` and `state` are all that a file keeps.

    `batch` is how many items to encode and predict at a time.
    """

    kind: ClassVar[str]
    batch: ClassVar[int]

    def many(self, given: Any) -> bool:
        """Whether what was given is several items and not one."""

    def encode(self, items: Any) -> Tensor | tuple[Tensor, ...]:
        """A batch on the CPU; a tuple is passed to the model as several arguments.

        `items` is a list, or whatever `many` said yes to, cut with [begin:end].
        """

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to make the same encoder again: JSON only."""

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Encoder:
        """The encoder again; KeyError, TypeError or ValueError when the state is damaged."""


# Where each kind lives: a module is loaded only for a file of its kind.
KINDS = {
    "pictures": "tenfold.data.encoders:PictureEncoder",
    "tensors": "tenfold.data.encoders:TensorEncoder",
    "rows": "tenfold.data.rows:RowEncoder",
    "texts": "tenfold.data.text_encoder:TextEncoder",
    "pairs": "tenfold.data.pairs:PairEncoder",
}


def describe(encoder: Encoder) -> dict[str, Any]:
    """An encoder as JSON.

    >>> describe(PictureEncoder((32, 48)))
    {'kind': 'pictures', 'state': {'size': [32, 48]}}
    """
    return {"kind": encoder.kind, "state": encoder.state()}


def read_encoder(described: dict[str, Any]) -> Encoder:
    """The encoder that `describe` described; FileError for a kind that is not known.

    >>> read_encoder({"kind": "tensors", "state": {}}).kind
    'tensors'
    """
    kind = described["kind"]
    if kind not in KINDS:
        raise FileError(
            f"the file's items are {kind!r}; this Tenfold knows {listed(KINDS)}; update with "
            "pip install --upgrade tenfold"
        )
    module, _, name = KINDS[kind].partition(":")
    return getattr(import_module(module), name).from_state(described["state"])


@dataclass(frozen=True)
class PictureEncoder:
    """Paths, PIL images, arrays and tensors to float32 pictures (N, 3, *size) in [0, 1].

    >>> PictureEncoder((8, 8)).encode([torch.zeros(3, 8, 8, dtype=torch.uint8)]).shape
    torch.Size([1, 3, 8, 8])
    """

    size: tuple[int, int]
    kind: ClassVar[str] = "pictures"
    batch: ClassVar[int] = 64

    def many(self, given: Any) -> bool:
        """Lists and tuples are several pictures."""
        return isinstance(given, list | tuple)

    def encode(self, items: Sequence[Any]) -> Tensor:
        """Decoded and fitted, as those the model was trained on."""
        return torch.stack([read_picture(item, size=self.size).float() / 255 for item in items])

    def state(self) -> dict[str, Any]:
        """The size."""
        return {"size": list(self.size)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> PictureEncoder:
        """From the size."""
        height, width = state["size"]
        return cls((int(height), int(width)))


@dataclass(frozen=True)
class TensorEncoder:
    """Anything that torch makes a tensor of, to float32 (N, ...)."""

    kind: ClassVar[str] = "tensors"
    batch: ClassVar[int] = 64

    def many(self, given: Any) -> bool:
        """Lists and tuples are several items."""
        return isinstance(given, list | tuple)

    def encode(self, items: Sequence[Any]) -> Tensor:
        """One tensor out of all."""
        return torch.stack([_as_tensor(item) for item in items])

    def state(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TensorEncoder:
        """From nothing."""
        return cls()


def _as_tensor(item: Any) -> Tensor:
    try:
        return torch.as_tensor(item, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{item!r:.60} was given; this model takes tensors and arrays of numbers, because its "
            "data are no pictures; turn it into the tensor that the model was trained on"
        ) from error
