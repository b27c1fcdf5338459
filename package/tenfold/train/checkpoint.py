"""One file for everything that is saved: safetensors, with JSON in its header.

Nothing in it is code, so loading runs none. A file is written beside its place and moved there
in one step: a crash leaves the old file or the new one, never half of one. Its header has a
digest of the words and of every tensor, so a file that was changed on its way is refused.

The layout, from the first byte: 8 bytes with the length of the header; the header, JSON with the
name, dtype, shape and place of each tensor, and under `__metadata__` two texts: `tenfold`, again
JSON, with `format`, `kind` and what the kind needs, and `digest`; then the bytes of the tensors.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tenfold.device import writes
from tenfold.errors import FileError

__all__ = ["FORMAT", "read_file", "read_words", "write_file"]

# 1 had no digest
FORMAT = 2
# a header says where the tensors are and holds a history: more than this is no header of ours
LONGEST_HEADER = 1 << 28
Tensors = dict[str, Tensor]


def write_file(
    path: str | Path, tensors: Tensors, *, kind: str, header: dict[str, Any], durable: bool = True
) -> Path:
    """Write tensors and a JSON header to `path` in one step; `kind` says what the file is.

    What can be made again need not be `durable`: then a power cut may lose it.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "some.safetensors"
    >>> _ = write_file(file, {"x": torch.ones(2)}, kind="training", header={"epochs": 3})
    >>> read_file(file, kind="training")[1]["epochs"]
    3
    """
    from safetensors.torch import save

    target = Path(path).expanduser()
    if not writes():
        return target
    # default: a number of numpy or torch that a callback put into the history
    words = json.dumps({**header, "format": FORMAT, "kind": kind}, default=float)
    whole = _apart(tensors)
    content = save(whole, metadata={"tenfold": words, "digest": _digest(words, whole)})
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(part, content, durable=durable)
            os.replace(part, target)
        finally:
            with contextlib.suppress(OSError):  # moved already
                os.unlink(part)
        if durable:
            _keep_names(target.parent)
    except OSError as error:
        raise FileError(
            f"{target} could not be written ({error.strerror or error}); nothing was changed "
            "there; choose a folder that you may write to and that has room"
        ) from error
    return target


def _apart(tensors: Tensors) -> Tensors:
    """The tensors on the CPU, in order, no two in one memory, which safetensors refuses."""
    seen: set[int] = set()
    whole: Tensors = {}
    for name, tensor in tensors.items():
        own = tensor.detach().cpu().contiguous()
        memory = own.untyped_storage()
        if memory.data_ptr() in seen or memory.nbytes() != own.nbytes:
            own = own.clone()
        seen.add(memory.data_ptr())
        whole[name] = own
    return whole


def _write(part: Path, content: bytes, *, durable: bool) -> None:
    opened = os.open(
        part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(opened, left) :]  # a full disk may take a part only
        if durable:
            os.fsync(opened)
    finally:
        os.close(opened)


def _keep_names(folder: Path) -> None:
    """Make the new name last through a power cut; Windows has no way to ask for it."""
    if os.name != "nt":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _digest(words: str, tensors: Tensors) -> str:
    digest = hashlib.blake2b(words.encode(), digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(_raw(tensor))
    return digest.hexdigest()


def read_file(
    path: str | Path, *, kind: str, mapped: bool = False
) -> tuple[Tensors, dict[str, Any]]:
    """The tensors and the header of a file of this `kind`; every fault is one `FileError`.

    With `mapped` the tensors stay on the disk and are read as they are used: for large files
    that nobody writes to. A mapped file that is cut short later kills the process.
    """
    from safetensors import SafetensorError, safe_open

    target = Path(path).expanduser()
    header = read_words(target, kind=kind)
    try:
        with safe_open(str(target), framework="pt") as file:
            told = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if not mapped:
            tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    except (SafetensorError, OSError, ValueError, OverflowError, RuntimeError) as error:
        raise _damaged(target, error) from error
    # a mapped file is read as it is used, so nobody has seen its bytes yet
    if header["format"] > 1 and not mapped and told["digest"] != _digest(told["tenfold"], tensors):
        raise _damaged(target, "its bytes are not those that were written")
    return tensors, header


def read_words(path: str | Path, *, kind: str) -> dict[str, Any]:
    """The header of a file of this `kind` alone, without its tensors; checked as `read_file` does.

    Whether the rest of the file is whole is only known once it is read.
    """
    target = Path(path).expanduser()
    if not target.is_file():
        raise FileError(f"{target} was given, and there is no such file; check the path")
    try:
        with target.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(LONGEST_HEADER, target.stat().st_size):
                raise ValueError("its header is longer than itself")
            told = json.loads(file.read(length))["__metadata__"]
    except KeyError:
        told = {}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise _damaged(target, error) from error
    try:
        header = _header(target, told.get("tenfold"), kind=kind)
        if header["format"] > 1 and not isinstance(told.get("digest"), str):
            raise ValueError("it has lost its digest")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, FileError):
            raise
        raise _damaged(target, error) from error
    return header


def _damaged(target: Path, why: object) -> FileError:
    return FileError(
        f"{target} is damaged or cut short ({why}); take another copy or save it again"
    )


def _header(target: Path, words: str | None, *, kind: str) -> dict[str, Any]:
    if words is None:
        raise FileError(f"{target} was not written by Tenfold; load it with safetensors instead")
    header = json.loads(words)
    if not isinstance(header, dict) or not isinstance(header.get("format"), int):
        raise FileError(f"{target} is damaged: its header is unreadable; take another copy")
    if header["format"] > FORMAT:
        raise FileError(
            f"{target} has format {header['format']}; this Tenfold reads up to {FORMAT}; update "
            "with pip install --upgrade tenfold"
        )
    if header.get("kind") != kind:
        use = {
            "training": "learn.load(path)",
            "predictor": "tenfold.load(path)",
            "checkpoint": "learn.resume(folder)",
        }
        raise FileError(
            f"{target} holds a {header.get('kind')} and not a {kind}; use "
            f"{use.get(str(header.get('kind')), 'the call that wrote it')}"
        )
    return header


def torch_bytes(tensor: Tensor) -> bytes:
    """The bytes of a tensor, for hashing."""
    return bytes(_raw(tensor))


def _raw(tensor: Tensor) -> Any:
    """The bytes of a tensor where they lie, when it is on the CPU and in order."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().data if len(flat) else b""
