"""The messages between the kernel and the pages that show a run. Nothing here is evaluated.

    kernel to page   snapshot, delta: runs as numbers, long series as buffers; answer: to a command
    page to kernel   a `Command`: pause, resume, stop, rate, renew; a panel: lines, predict, close

Every message has a version `v`, a `kind` and an `id`. The golden files in tests/golden hold this
file and extension/src/wire.ts together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.text import listed

__all__ = ["VERSION", "Command", "WireError", "answer", "plain", "read_command", "runs_message"]

VERSION = 1
MOST_BYTES = 8 * 1024
MOST_FILE_BYTES = 20 * 1024 * 1024
MOST_LINES, LONGEST_LINE = 8, 400
LONGEST_ID, LONGEST_NAME = 64, 200
# beyond this a page counts in steps of two
LARGEST_WHOLE = 2**53
LARGEST_RUN, LARGEST_GROUP, LARGEST_RATE = 10**9, 10**4, 1e6


class WireError(TenfoldError, ValueError):
    """A message that is none of ours, or asks for what is not allowed."""


@dataclass(frozen=True)
class Command:
    """What a page asks for; a field that its kind does not have keeps its default."""

    kind: str
    id: str
    run: int = 0
    lr: float = 0.0
    group: int | None = None
    fresh: bool = False
    lines: tuple[str, ...] = ()
    name: str = ""
    file: bytes = b""


# ---- from a page -----------------------------------------------------------------------------


def read_command(
    message: object, *, size: int | None = None, buffers: Sequence[Any] = ()
) -> Command:
    """Check a message of a page and read it; `size` is that of its JSON, where it is known."""
    if size is not None and size > MOST_BYTES:
        raise WireError(f"the message has {size:,} bytes; allowed are {MOST_BYTES:,}")
    if not isinstance(message, dict):
        raise WireError(f"the message is {told(message)}; allowed is an object with v, kind and id")
    if type(message.get("v")) is not int or message["v"] != VERSION:
        raise WireError(
            f"the message has version {told(message.get('v'))}; this kernel knows {VERSION}; "
            "reload the page"
        )
    kind = message.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise WireError(f"the kind is {told(kind)}; allowed are {listed(FIELDS)}")
    fields = FIELDS[kind]
    wanted = {"v", "kind", "id", *fields}
    if message.keys() != wanted:
        raise WireError(f"{kind} has the wrong fields; it has exactly {listed(sorted(wanted))}")
    values = {name: read(message[name]) for name, read in fields.items()}
    return Command(kind, read_id(message["id"]), file=_file(kind, buffers), **values)


def read_id(value: object) -> str:
    """The id of a command: what the answer to it will name."""
    return _text(value, "the id", longest=LONGEST_ID)


def told(value: object) -> str:
    """A value of a stranger in a few harmless characters.

    >>> told("rate"), told(7), told([[[]]]), told(10**5000)
    ("'rate'", '7', 'a list', 'a huge number')
    """
    if isinstance(value, str):
        return ascii(value[:40]) + ("…" if len(value) > 40 else "")
    if isinstance(value, int) and not -(10**15) < value < 10**15:
        return "a huge number"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    return f"a {type(value).__name__}"[:40]


def _text(value: object, what: str, *, longest: int) -> str:
    # printable: no line breaks, and no half characters that could not be sent back
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise WireError(f"{what} is {told(value)}; allowed are 1 to {longest} printable characters")
    return value


def _whole(value: object, what: str, *, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise WireError(f"{what} is {told(value)}; allowed is a whole number from 0 to {most:,}")
    return value


def _run(value: object) -> int:
    return _whole(value, "the run", most=LARGEST_RUN)


def _group(value: object) -> int | None:
    return None if value is None else _whole(value, "the group", most=LARGEST_GROUP)


def _rate(value: object) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= LARGEST_RATE:  # type: ignore[operator]
        raise WireError(
            f"the rate is {told(value)}; allowed is a number above 0, up to {LARGEST_RATE:,.0f}"
        )
    return float(value)  # type: ignore[arg-type]


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise WireError(f"fresh is {told(value)}; allowed are true and false")
    return value


def _lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_LINES:
        raise WireError(f"lines is {told(value)}; allowed is a list of 1 to {MOST_LINES} lines")
    lines = tuple(_text(line, "a line", longest=LONGEST_LINE) for line in value)
    for line in lines:
        if not re.match(r"%[a-z_]+( |$)", line):
            raise WireError(f"a line is {told(line)}; allowed are magics, as %fit 3 --lr 0.01")
    return lines


def _name(value: object) -> str:
    name = _text(value, "the name of the file", longest=LONGEST_NAME)
    if "/" in name or "\\" in name:
        raise WireError(f"the name of the file is {told(name)}; allowed is a name without a folder")
    return name


def _file(kind: str, buffers: Sequence[Any]) -> bytes:
    if len(buffers) != (kind == "predict"):
        raise WireError(f"{kind} came with {len(buffers)} files; predict has one, the others none")
    sizes = [memoryview(buffer).nbytes for buffer in buffers]
    if sum(sizes) > MOST_FILE_BYTES:
        raise WireError(f"the file has {sum(sizes):,} bytes; allowed are {MOST_FILE_BYTES:,}")
    return bytes(buffers[0]) if sizes else b""


FIELDS: Mapping[str, Mapping[str, Callable[[object], Any]]] = {
    "pause": {"run": _run},
    "resume": {"run": _run},
    "stop": {"run": _run},
    "rate": {"run": _run, "lr": _rate, "group": _group},
    "renew": {"fresh": _flag},
    "lines": {"lines": _lines},
    "predict": {"name": _name},
    "close": {},
}
"""The fields of each kind of command, beside v, kind and id, and what reads each."""


# ---- to a page -------------------------------------------------------------------------------


def runs_message(kind: str, number: int, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """A snapshot or a delta: the view's `number`, and the runs or what is new in them."""
    return {"v": VERSION, "kind": kind, "id": number, "runs": plain(runs)}


def answer(number: int, to: str, *, ok: bool, words: str) -> dict[str, Any]:
    """Whether the command with the id `to` was carried out, and why not."""
    return {"v": VERSION, "kind": "answer", "id": number, "to": to, "ok": ok, "words": plain(words)}


def plain(value: Any) -> Any:
    """A value as JSON holds it: what is no finite number is null, what is unknown its name.

    >>> plain({"loss": float("nan"), "marks": [(3, "paused")]})
    {'loss': None, 'marks': [[3, 'paused']]}
    """
    if value is None or isinstance(value, bool):
        return value
    if type(value) is int and abs(value) <= LARGEST_WHOLE:
        return value
    if isinstance(value, str):
        # half a character could not be sent
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {plain(str(name)): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    try:
        number = float(value)
    except OverflowError:
        return None
    except (TypeError, ValueError, RuntimeError):
        return f"a {type(value).__name__}"
    return number if math.isfinite(number) else None
