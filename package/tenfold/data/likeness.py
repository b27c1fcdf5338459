"""What data are, in a few words that can be compared: sizes, classes, and a key of the content."""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from torch import Tensor

from tenfold.text import listed
from tenfold.train.checkpoint import torch_bytes

__all__ = ["described", "differences"]

# rows whose bytes go into the key, evenly over the set: all of them would be read at every fit
ROWS = 64
# and so of targets, once they are pictures or masks of more than so many bytes
MOST = 1 << 30
# and so many words of a corpus
WORDS = 1 << 16


def described(data: Any) -> dict[str, Any]:
    """Sizes, classes, batch size and a key of the content, as JSON holds them.

    Of data that is no tensor, as a DataLoader, only the number of batches is known.

    >>> from tenfold.data.batches import Batches
    >>> from tenfold.data.plain import PlainData
    >>> described(PlainData(Batches(torch.zeros(9, 2), batch_size=4)))["training items"]
    9
    """
    train, valid = data.train, data.valid
    classes = getattr(data, "classes", None)
    told = {
        "training items": getattr(train, "items", None),
        "validation items": getattr(valid, "items", None),
        "classes": None if classes is None else [str(name) for name in classes],
        "batch size": getattr(train, "batch_size", None),
        "batches": _length(train),
        "seed": getattr(train, "seed", None),
        "content": _content(train) + _content(valid),
    }
    return told


def differences(now: dict[str, Any], then: dict[str, Any]) -> list[str]:
    """In which ways data differ from what was described, in words.

    >>> differences({"batch size": 64, "seed": 0}, {"batch size": 32, "seed": 0})
    ['batch size 64 (it was 32)']
    """
    differ = [name for name in then if now.get(name) != then[name]]
    shown = [name for name in differ if name != "content"]
    words = [f"{name} {_shown(now.get(name))} (it was {_shown(then[name])})" for name in shown]
    return words or (["the content of the data"] if differ else [])


def _shown(value: Any) -> str:
    return listed(value, most=4) if isinstance(value, list) else str(value)


def _length(data: Any) -> int | None:
    try:
        return len(data)
    except TypeError:  # also a DataLoader over a stream, which has __len__ and refuses it
        return None


def _content(batches: Any) -> str:
    """A key of some rows and of the targets; empty where there is nothing to look at."""
    inputs, targets = getattr(batches, "inputs", None), getattr(batches, "targets", None)
    texts = getattr(batches, "texts", None)
    if isinstance(targets, Tensor) and targets.nbytes > MOST:
        targets = _some(targets)
    looked: list[Any] = [targets]
    if isinstance(inputs, Tensor):
        looked.append(_some(inputs))
    elif texts is not None:
        looked.append(torch.from_numpy(texts.flat[:: max(1, len(texts.flat) // WORDS)].copy()))
    digest = hashlib.blake2b(digest_size=8)
    for tensor in looked:
        if isinstance(tensor, Tensor):
            digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(torch_bytes(tensor))
    return digest.hexdigest()


def _some(tensor: Tensor) -> Tensor:
    rows = torch.linspace(0, len(tensor) - 1, ROWS).long().to(tensor.device)
    return tensor.index_select(0, rows)
