"""Files that were changed on their way: by a bit, a cut, or somebody with ideas."""

from __future__ import annotations

import json
import random
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from factories import same

from tenfold.errors import FileError

Change = Callable[[bytearray, random.Random], bytes]


def flipped(content: bytearray, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 3, 50))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def in_header(content: bytearray, rng: random.Random) -> bytes:
    length = int.from_bytes(content[:8], "little")
    for _ in range(rng.choice((1, 2, 9))):
        content[8 + rng.randrange(length)] = rng.choice(b'0123456789"{}[]:,-eE.nul \0\xff')
    return bytes(content)


def cut(content: bytearray, rng: random.Random) -> bytes:
    return bytes(content[: rng.randrange(len(content))])


def without_a_part(content: bytearray, rng: random.Random) -> bytes:
    begin = rng.randrange(len(content))
    return bytes(content[:begin] + content[begin + rng.randrange(1, 400) :])


def with_more(content: bytearray, rng: random.Random) -> bytes:
    place = rng.choice((len(content), rng.randrange(len(content))))
    return bytes(content[:place] + rng.randbytes(rng.randrange(1, 400)) + content[place:])


def other_length(content: bytearray, rng: random.Random) -> bytes:
    length = rng.choice((0, 1, 2**31, 2**63 - 1, 2**64 - 1, rng.randrange(len(content) * 2)))
    return length.to_bytes(8, "little") + bytes(content[8:])


def forged(content: bytearray, rng: random.Random) -> bytes:
    """The header of safetensors itself, written anew with one thing that is wrong."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    name = rng.choice([key for key in header if key != "__metadata__"])
    one = header[name]
    values: list[Any] = [-1, 2**62, 2**80, "words", None, [], [2**40, 2**40], {"a": 1}]
    what = rng.choice(("shape", "dtype", "data_offsets", "gone", "metadata", "deep"))
    if what == "gone":
        del header[name]
    elif what == "metadata":
        header["__metadata__"][rng.choice(("tenfold", "digest"))] = rng.choice(("", "{}", "9" * 99))
    elif what == "deep":
        return (8 + 4 * 10**4).to_bytes(8, "little") + b"[" * 10**5
    else:
        one[what] = rng.choice(values)
    words = json.dumps(header).encode()
    return len(words).to_bytes(8, "little") + words + bytes(content[8 + length :])


CHANGES: list[Change] = [
    flipped, in_header, cut, without_a_part, with_more, other_length, forged,
]  # fmt: skip


def tried(
    content: bytes, file: Path, read: Callable[[Path], Any], *, rng: random.Random
) -> tuple[str, str]:
    """How a changed file was changed, and what is wrong with how it was taken; empty if nothing.

    It has to be refused by a FileError of one line, or to be what it was all the same.
    """
    change = rng.choice(CHANGES)
    file.write_bytes(change(bytearray(content), rng))
    name = change.__name__
    try:
        found = read(file)
    except FileError as error:
        return name, "" if "\n" not in str(error) else f"{name}: {error!r}"
    except BaseException as error:
        return name, f"{name}: {type(error).__name__} {error}"
    return name, "" if same(found, WHOLE[read]) else f"{name}: was taken"


WHOLE: dict[Callable[[Path], Any], Any] = {}


def tensors_of(module: torch.nn.Module) -> dict[str, Any]:
    """The weights of what was read."""
    return dict(module.state_dict())


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
