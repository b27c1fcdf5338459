"""What travels between the kernel and its own processes: objects as bytes, tensors beside them.

Classes and functions of a notebook are nowhere but in the notebook, so cloudpickle sends their
code. That is no file format: a parcel goes from a session to processes that this session has
started, over a channel with a key of its own, and is gone once it was opened. Nothing that Tenfold
saves or reads from a path of a user is pickled.
"""

from __future__ import annotations

import io
import mmap
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle
import torch
from torch import Tensor

__all__ = ["Parcel", "mapped", "on_device", "opened", "packed", "to_file"]

# tensors begin at multiples of this many bytes, as torch's own allocator has it
_ALIGNED = 64
_HERE: ContextVar[torch.device | None] = ContextVar("device", default=None)


@dataclass(frozen=True)
class Parcel:
    """An object: the bytes of its structure, and those of its tensors."""

    structure: bytes
    tensors: tuple[Any, ...] = ()

    def __reduce__(self) -> Any:
        return Parcel, (self.structure, tuple(bytes(one) for one in self.tensors))


class _Packer(cloudpickle.Pickler):
    """Pickles, but leaves tensors aside, and of what `known` names only the name."""

    def __init__(self, file: io.BytesIO, known: Mapping[int, str]) -> None:
        self.aside: list[Any] = []
        super().__init__(file, protocol=5, buffer_callback=self.aside.append)
        self._known = known

    def persistent_id(self, thing: Any) -> str | None:
        return self._known.get(id(thing))

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is Tensor and _plain(thing):
            held = thing.detach().cpu().reshape(-1).view(torch.uint8).numpy().data
            told = (tuple(thing.shape), thing.dtype, thing.requires_grad, thing.device.type)
            return _tensor, (pickle.PickleBuffer(held), *told)
        if isinstance(thing, torch.device):
            return _device, (thing.type,)
        return super().reducer_override(thing)


class _Opener(pickle.Unpickler):
    def __init__(self, parcel: Parcel, known: Mapping[str, Any]) -> None:
        super().__init__(io.BytesIO(parcel.structure), buffers=parcel.tensors)
        self._known = known

    def persistent_load(self, name: str) -> Any:
        return self._known[name]


def packed(thing: Any, known: Mapping[str, Any] | None = None) -> Parcel:
    """A parcel of `thing`; what is among the values of `known` goes as its name."""
    file = io.BytesIO()
    packer = _Packer(file, {id(value): name for name, value in (known or {}).items()})
    packer.dump(thing)
    return Parcel(file.getvalue(), tuple(buffer.raw() for buffer in packer.aside))


def opened(parcel: Parcel, known: Mapping[str, Any] | None = None) -> Any:
    """What was packed; tensors that are in writable memory stay there.

    >>> opened(packed({"x": torch.arange(3)}))
    {'x': tensor([0, 1, 2])}
    """
    return _Opener(parcel, known or {}).load()


def to_file(parcel: Parcel) -> tuple[Path, list[tuple[int, int]]]:
    """Write the tensors to a new file of this user's alone: its path, and each one's place."""
    places: list[tuple[int, int]] = []
    with tempfile.NamedTemporaryFile(prefix="tenfold-", delete=False) as file:
        for tensor in parcel.tensors:
            file.write(b"\0" * (-file.tell() % _ALIGNED))
            places.append((file.tell(), len(tensor)))
            file.write(tensor)
    return Path(file.name), places


def mapped(path: Path, places: Sequence[tuple[int, int]]) -> list[memoryview]:
    """The tensors in that file: all who map it share one copy, until they write to theirs."""
    if not any(length for _, length in places):
        return [memoryview(bytearray()) for _ in places]
    with path.open("rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    return [whole[start : start + length] for start, length in places]


@contextmanager
def on_device(device: torch.device) -> Any:
    """Open parcels with everything that was on a device of this type on this one."""
    token = _HERE.set(device)
    try:
        yield
    finally:
        _HERE.reset(token)


def _plain(tensor: Tensor) -> bool:
    """Whether its bytes in order are all there is to it."""
    dense = tensor.layout is torch.strided and tensor.is_contiguous() and not tensor.is_quantized
    return dense and tensor.is_leaf and not tensor.is_conj() and tensor.device.type != "meta"


def _tensor(
    held: Any, shape: tuple[int, ...], dtype: torch.dtype, requires_grad: bool, kind: str
) -> Tensor:
    memory = memoryview(held)
    if memory.readonly:
        memory = memoryview(bytearray(memory))
    flat = torch.frombuffer(memory, dtype=torch.uint8) if len(memory) else torch.empty(0).byte()
    tensor = flat.view(dtype).view(shape)
    return tensor.to(_device(kind)).requires_grad_(requires_grad)


def _device(kind: str) -> torch.device:
    here = _HERE.get()
    return here if here is not None and here.type == kind else torch.device(kind)
