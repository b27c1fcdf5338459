from __future__ import annotations

from typing import Any

import pytest
from factories import make_run

from tenfold.errors import SettingError
from tenfold.train.events import EVENTS, Callback, Events
from tenfold.train.trainer import fit


def make_recorder(seen: list[str], name: str = "") -> Callback:
    def method(event: str) -> Any:
        return lambda self, run: seen.append(name + event)

    return type("Recorder", (Callback,), {event: method(event) for event in EVENTS})()


def test_every_event_does_nothing_on_the_base_class() -> None:
    events = Events([Callback()])
    assert not any(events[name] for name in EVENTS)
    assert [getattr(Callback(), name)(make_run()) for name in EVENTS] == [None] * len(EVENTS)


def test_events_come_in_the_order_of_the_list() -> None:
    seen: list[str] = []
    fit(make_run(callbacks=[make_recorder(seen)], epochs=1))
    step = ["before_batch", "after_backward", "after_step"]
    without_ticks = [event for event in seen if event != "on_tick"]
    expected = [
        "before_fit",
        "before_epoch",
        *step * 4,
        "before_validate",
        "after_epoch",
        "after_fit",
    ]
    assert without_ticks == expected


def test_callbacks_are_called_in_their_order() -> None:
    seen: list[str] = []
    Events([make_recorder(seen, "1 "), make_recorder(seen, "2 ")]).call("on_tick", make_run())
    assert seen == ["1 on_tick", "2 on_tick"]


def test_an_inherited_event_is_called() -> None:
    seen: list[str] = []
    child = type("Child", (type(make_recorder(seen)),), {})()
    Events([child]).call("after_fit", make_run())
    assert seen == ["after_fit"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "before_bacth",
            "Odd.before_bacth is not an event; events are .*mean before_batch?",
        ),
        ("on_epoch_end", "Odd.on_epoch_end is not an event"),
    ],
)
def test_a_misspelt_event_is_refused_when_the_class_is_defined(name: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        type("Odd", (Callback,), {name: lambda self, run: None})


def test_helpers_and_fields_of_other_names_are_left_alone() -> None:
    type("Fine", (Callback,), {"reset": lambda self: None, "once": 1})


@pytest.mark.parametrize("given", [Callback, print, None])
def test_what_is_no_callback_is_refused(given: Any) -> None:
    with pytest.raises(SettingError, match="was given as a callback; allowed is an instance"):
        Events([given])
