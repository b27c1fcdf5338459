"""One file for everything that is saved: safetensors, with JSON in its header.

Nothing in it is code, so loading runs none. A file is written beside its place and moved there
in one step: a crash leaves the old file or the new one, never half of one.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tenfold.errors import FileError

__all__ = ["FORMAT", "read_file", "write_file"]

FORMAT = 1
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
    # default: a number of numpy or torch that a callback put into the history
    words = json.dumps({**header, "format": FORMAT, "kind": kind}, default=float)
    whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(save(whole, metadata={"tenfold": words}))
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        raise FileError(
            f"{target} could not be written ({error.strerror or error}); nothing was changed "
            "there; choose a folder that you may write to and that has room"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # moved already, or its folder is none
            part.unlink()
    return target


def read_file(
    path: str | Path, *, kind: str, mapped: bool = False
) -> tuple[Tensors, dict[str, Any]]:
    """The tensors and the header of a file of this `kind`; every fault is one `FileError`.

    With `mapped` the tensors stay on the disk and are read as they are used: for large files
    that nobody writes to. A mapped file that is cut short later kills the process.
    """
    from safetensors import SafetensorError, safe_open

    target = Path(path).expanduser()
    if not target.is_file():
        raise FileError(f"{target} was given, and there is no such file; check the path")
    try:
        with safe_open(str(target), framework="pt") as file:
            words = (file.metadata() or {}).get("tenfold")
            header = _header(target, words, kind=kind)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if not mapped:
            tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    except (SafetensorError, OSError, ValueError, OverflowError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(
            f"{target} is damaged or cut short ({error}); take another copy or save it again"
        ) from error
    return tensors, header


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
        use = {"training": "learn.load(path)", "predictor": "tenfold.load(path)"}
        raise FileError(
            f"{target} holds a {header.get('kind')} and not a {kind}; use "
            f"{use.get(str(header.get('kind')), 'the call that wrote it')}"
        )
    return header


def torch_bytes(tensor: Tensor) -> bytes:
    """The bytes of a tensor, for hashing."""
    return tensor.detach().cpu().reshape(-1).contiguous().view(torch.uint8).numpy().tobytes()
