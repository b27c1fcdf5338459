from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tenfold.live.wire import FIELDS, Command, WireError, answer, plain, read_command, runs_message

GOLDEN = json.loads((Path(__file__).parent / "golden" / "commands.json").read_text("utf-8"))


@pytest.mark.parametrize("message", GOLDEN["accepted"], ids=lambda one: one["id"])
def test_every_kind_of_command_is_read(message: dict[str, Any]) -> None:
    files = [b"pixels"] if message["kind"] == "predict" else []
    command = read_command(message, buffers=files)
    for name, value in message.items():
        if name != "v":
            told = getattr(command, name)
            assert (list(told) if isinstance(told, tuple) else told) == value
    assert command.file == b"".join(files)


def test_the_golden_file_has_every_kind() -> None:
    assert {message["kind"] for message in GOLDEN["accepted"]} == set(FIELDS)


@pytest.mark.parametrize("case", GOLDEN["refused"], ids=lambda one: one["words"])
def test_what_is_no_command_is_refused_with_words(case: dict[str, Any]) -> None:
    with pytest.raises(WireError) as caught:
        read_command(case["message"])
    assert case["words"] in str(caught.value) and "\n" not in str(caught.value)


def make(kind: str = "stop", **fields: Any) -> dict[str, Any]:
    return {"v": 1, "kind": kind, "id": "a1", **fields}


REFUSED = [
    (make("rate", run=1, lr=math.nan, group=None), "the rate is nan"),
    (make("rate", run=1, lr=math.inf, group=None), "the rate is inf"),
    (make("rate", run=1, lr=10**5000, group=None), "the rate is a huge number"),
    (make(run=-(10**5000)), "the run is a huge number"),
    (make(run=b"3"), "the run is a bytes"),
    (make(run="\ud800"), r"the run is '\ud800'"),
    ({**make(run=1), "id": "\ud800"}, "the id is"),
    ({**make(run=1), 7: 1, b"x": 2}, "stop has the wrong fields; it has exactly id, kind, run and"),
    (make("lines", lines=["%fit 3\nimport os"]), "a line is"),
]


@pytest.mark.parametrize(("message", "words"), REFUSED)
def test_what_json_cannot_hold_is_refused_too(message: Any, words: str) -> None:
    with pytest.raises(WireError) as caught:
        read_command(message)
    assert words in str(caught.value) and str(caught.value).isprintable()


def test_a_message_or_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(WireError, match="the message has 8,193 bytes; allowed are 8,192"):
        read_command(make(run=1), size=8193)
    assert read_command(make(run=1), size=8192) == Command("stop", "a1", run=1)
    with pytest.raises(WireError, match="the file has 20,971,521 bytes; allowed are 20,971,520"):
        read_command(make("predict", name="x.jpg"), buffers=[bytearray(20 * 2**20 + 1)])
    with pytest.raises(WireError, match="predict came with 0 files; predict has one, the others"):
        read_command(make("predict", name="x.jpg"))
    with pytest.raises(WireError, match="stop came with 1 files"):
        read_command(make(run=1), buffers=[memoryview(b"x")])


WORDS = [
    "",
    "v",
    "kind",
    "id",
    "run",
    "lr",
    "a1",
    "x" * 10_000,
    "\ud800",
    "__import__('os')",
    "%fit",
]


def anything(draw: random.Random, depth: int = 0) -> Any:
    """Any value: numbers of any size, text of any kind, bytes, and nests of all of them."""
    simple = [None, True, 0, 1, -1, 0.5, math.nan, -math.inf, 10**400, 1e308, b"x", {1}, object()]
    choice = draw.randrange(8 if depth < 6 else 4)
    if choice < 3:
        return draw.choice(simple)
    if choice < 5:
        return draw.choice([*WORDS, *FIELDS])
    if choice < 6:
        return [anything(draw, depth + 1) for _ in range(draw.randrange(4))]
    names = [*WORDS[1:6], *FIELDS["rate"], "lines", "fresh", 3, None]
    return {draw.choice(names): anything(draw, depth + 1) for _ in range(draw.randrange(7))}


def spoiled(draw: random.Random) -> Any:
    """Nothing like a command, or one with a few fields changed, added or left out."""
    if draw.random() < 0.3:
        return anything(draw)
    message = dict(draw.choice(GOLDEN["accepted"]))
    for _ in range(draw.randrange(4)):
        name = draw.choice([*message, "extra"])
        if draw.random() < 0.3:
            message.pop(name, None)
        else:
            message[name] = anything(draw)
    return message


@pytest.mark.parametrize("seed", range(10))
def test_whatever_comes_is_a_command_or_refused(seed: int) -> None:
    draw, read = random.Random(seed), 0
    for _ in range(2000):
        message = spoiled(draw)
        files = [b"x"] * draw.choice([0, 0, 0, 1, 2])
        try:
            command = read_command(message, buffers=files)
        except WireError as error:
            assert len(str(error)) < 400 and str(error).isprintable()
        else:
            read += 1
            assert command.kind in FIELDS and type(command.run) is int
            assert command.group is None or command.group >= 0
    assert read > 50


def test_a_deep_nest_is_refused_without_going_into_it() -> None:
    nest: Any = []
    for _ in range(100_000):
        nest = [nest]
    with pytest.raises(WireError, match="the run is a list"):
        read_command(make(run=nest))


def test_a_value_is_told_to_the_page_as_json_has_it() -> None:
    odd = {
        "nan": math.nan,
        "numpy": np.float32(0.5),
        "tensor": torch.tensor(2.0),
        "many": torch.zeros(2),
        "huge": 10**400,
        "large": 10**30,
        "words": "half a \ud800",
        3: [(1, True, None)],
    }
    told = plain(odd)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told == {
        "nan": None,
        "numpy": 0.5,
        "tensor": 2.0,
        "many": "a Tensor",
        "huge": None,
        "large": 1e30,
        "words": "half a ?",
        "3": [[1, True, None]],
    }


def test_every_message_has_version_kind_and_number() -> None:
    assert runs_message("delta", 8, [{"loss": math.nan}]) == {
        "v": 1,
        "kind": "delta",
        "id": 8,
        "runs": [{"loss": None}],
    }
    assert answer(9, "a1", ok=False, words="why") == {
        "v": 1,
        "kind": "answer",
        "id": 9,
        "to": "a1",
        "ok": False,
        "words": "why",
    }
