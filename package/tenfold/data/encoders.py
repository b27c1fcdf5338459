"""Encoders: what turns the items a person gives into what a model takes, described by JSON.

An exported file names the kind of its encoder and holds its state, so that loading runs no code.
Each kind of data brings its own; those of pictures and of tensors are here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from tenfold.data.decode import read_picture
from tenfold.errors import DataError, FileError
from tenfold.text import listed

__all__ = [
    "Encoder",
    "PictureEncoder",
    "TensorEncoder",
    "check_same_rows",
    "describe",
    "read_encoder",
]


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
    "whole pictures": "tenfold.data.picture_pairs:WholePictureEncoder",
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


# What a model has rows and inputs for, by kind, and what to do about other ones. The size of
# pictures and the length of texts may change between two fits.
_FIXED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "rows": (
        lambda encoder: encoder.columns,
        "the new table has other columns, categories or means than the one this model was made "
        "for; make it with TabularData.from_frame(..., like=learn.data)",
    ),
    "texts": (
        lambda encoder: encoder.vocab,
        "the new texts have another vocabulary, and each word is a row of this model; make them "
        "with vocab=learn.data",
    ),
    "pairs": (
        lambda encoder: (encoder.users.values, encoder.items.values),
        "the new ratings are of other users or items, and each is a row of this model; give "
        "ratings whose training rows have the same, or make a new learner with ratings_learner",
    ),
}


def check_same_rows(old: Encoder | None, new: Encoder | None) -> None:
    """Refuse items whose numbers mean something else to a model made for those of `old`.

    Data without an encoder, as a pair of iterables, is taken as it is. Raises DataError.

    >>> check_same_rows(PictureEncoder((32, 32)), PictureEncoder((64, 64)))
    """
    if old is None or new is None:
        return
    if old.kind != new.kind:
        raise DataError(
            f"the new data are {new.kind}, and this model was made for {old.kind}; give {old.kind} "
            "again, or make a new learner"
        )
    read, refusal = _FIXED.get(old.kind, (lambda encoder: None, ""))
    if read(old) != read(new):
        raise DataError(refusal)


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
