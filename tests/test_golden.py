"""The messages in tests/golden are real ones; the tests of the extension read them too.

With TENFOLD_GOLDEN=write the files are written anew.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from factories import At, make_learner, make_pairs
from pages import Desk, Page

from tenfold.live.jobs import jobs

FILE = Path(__file__).parent / "golden" / "messages.json"
KINDS = {"fit", "lr_find", "predictions"}

Message = dict[str, Any]


def steered(run: Any) -> None:
    if run.step == 9:
        run.set_rate(0.25, group=2)
    elif run.step == 13:
        run.stop()
    run.tick()


def broken(run: Any) -> None:
    raise RuntimeError("CUDA out of memory")


def session(desk: Desk) -> None:
    """A finished fit; one with a restart and a change of the rate, stopped; and all other kinds."""
    learn = make_learner((make_pairs(8), make_pairs(2, seed=2)))
    desk.send()

    def job(line: str, work: Any) -> None:
        jobs.submit(work, lines=[line], learner=learn, name="learn").wait(30)
        desk.send()

    job("%fit_one_cycle 2 --lr 0.1", lambda: learn.fit_one_cycle(2, 0.1))
    for step in (5, 9, 11, 13):
        learn.callbacks.append(At("after_step", steered, step=step))
        learn.callbacks.append(At("on_tick", lambda run: desk.send(), step=step))
    job("%fit_sgdr 3 --lr 0.01:0.1 --background", lambda: learn.fit_sgdr(3, "0.01:0.1"))
    learn.callbacks.clear()
    job("%lr_find --steps 40 --end 1", lambda: learn.lr_find(steps=40, end=1.0, stop_at=1e9))
    job("%predictions", learn.predictions)
    learn.callbacks.append(At("after_step", broken, step=3))
    job("%fit 1", lambda: learn.fit(1))
    desk.view.answer("a1", ok=False, words="run 2 has ended; there is nothing to stop")
    desk.send()
    desk.view.renew(fresh=True)
    desk.send()


def play() -> list[Message]:
    """Every message of the session, with its buffers as text."""
    said: list[Message] = []

    def take(message: Message, buffers: list[bytes]) -> None:
        text = [base64.b64encode(buffer).decode() for buffer in buffers]
        said.append({"message": json.loads(json.dumps(message)), "buffers": text})

    with Desk() as desk:
        desk.view.send = take
        session(desk)
    return said


def shape(value: Any) -> Any:
    """What a value is made of: names and kinds, and how long its lists are."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    return "number" if isinstance(value, int | float) else type(value).__name__


def unpacked(said: list[Message]) -> list[tuple[Message, list[bytes]]]:
    return [(one["message"], [*map(base64.b64decode, one["buffers"])]) for one in said]


@pytest.fixture(scope="module")
def said() -> list[Message]:
    said = play()
    if os.environ.get("TENFOLD_GOLDEN") == "write":
        lines = ",\n".join(json.dumps(one) for one in said)
        FILE.write_text(f"[\n{lines}\n]\n", "utf-8")
    return said


def test_the_golden_messages_are_made_as_those_of_today(said: list[Message]) -> None:
    golden = json.loads(FILE.read_text("utf-8"))
    assert shape([one["message"] for one in golden]) == shape([one["message"] for one in said])
    sizes = [[len(buffer) for buffer in buffers] for _, buffers in unpacked(golden)]
    assert sizes == [[len(buffer) for buffer in buffers] for _, buffers in unpacked(said)]


def test_they_hold_every_kind_and_add_up() -> None:
    messages = unpacked(json.loads(FILE.read_text("utf-8")))
    page, late = Page(), Page()
    for message, buffers in messages[:-1]:
        page.take(json.loads(json.dumps(message)), buffers)
    last, buffers = messages[-1]
    late.take({**last, "id": 1}, buffers)
    assert {message["kind"] for message, _ in messages} == {"snapshot", "delta", "answer"}
    assert {run["kind"] for run in page.runs.values()} == KINDS
    points = [[run.pop("points") for run in one.runs.values()] for one in (page, late)]
    assert all((a is None and b is None) or (a == b).all() for a, b in zip(*points))
    assert page.runs == late.runs
    assert page.runs[2]["marks"] == [[8, "restart"], [9, "rate 0.25 for group 2"]]
    assert page.runs[2]["repeat"].endswith("--changes 9:2:0.25 --stop-at 13")
    assert page.runs[3]["suggestions"] and page.runs[5]["error"].startswith("RuntimeError: ")
