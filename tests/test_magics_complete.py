from __future__ import annotations

from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from magics_world import make_learner

from tenfold.magics.complete import complete
from tenfold.magics.extension import MAGICS
from tenfold.train.schedule import SCHEDULES, Cosine

NAMES: dict[str, Any] = {
    "rate": 0.1,
    "rates": [0.1, 0.2],
    "epochs": 3,
    "words": "text",
    "curve": Cosine(),
    "_hidden": 0.3,
}


def texts(line: str, names: dict[str, Any] | None = None) -> list[str]:
    name, _, rest = line.removeprefix("%").partition(" ")
    return [text for text, _ in complete(MAGICS[name].parser(), rest, names or NAMES)]


def test_options_come_from_the_parser_and_each_once() -> None:
    replay = ["--changes", "--stop-at", "--checkpoint", "--background"]
    options = ["--help", "--lr", "--schedule", "--clip", *replay, "--learner"]
    assert texts("%fit 3 --") == options
    assert texts("%fit 3 --lr 1e-2 --") == [one for one in options if one != "--lr"]
    assert texts("%fit 3 ") == options


@pytest.mark.parametrize("name", MAGICS)
def test_every_option_of_every_magic_is_completed(name: str) -> None:
    assert set(texts(f"%{name} --")) == set(MAGICS[name].parser().options())


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("%fit 3 --schedule ", [*SCHEDULES, "curve"]),
        ("%fit 3 --schedule=c", [*SCHEDULES, "curve"]),
        ("%fit 3 --lr ", ["rate", "rates"]),
        ("%fit 3 --lr 1e-5:", ["rate", "rates"]),
        ("%fit ", ["epochs"]),
        ("%fit --lr 1e-2 ", ["epochs"]),
        ("%plan --precision ", ["float32", "bfloat16"]),
        ("%plan --channels-last ", ["on", "off"]),
        ("%save ", []),
        ("%freeze x", []),
    ],
)
def test_values_are_completed_by_their_kind(line: str, values: list[str]) -> None:
    assert texts(line) == values


def test_learners_and_data_are_completed_by_type() -> None:
    learner = make_learner()
    names = {**NAMES, "learn": learner, "again": learner, "other": make_learner()}
    names["album"] = learner.data
    assert texts("%fit 3 --learner ", names) == ["learn", "other"]
    assert texts("%set_data ", names) == ["album"]
    assert texts("%fit 3 --learner learn ", names)[:2] == ["--help", "--lr"]


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns.update(NAMES)
    return shell


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%fit_sgdr 3 --cy", {"--cycle-len", "--cycle-mult"}),
        ("x = 1\n%fit_sgdr 3 --cy", {"--cycle-len", "--cycle-mult"}),
        ("x = %fit_sgdr 3 --cycle-l", {"--cycle-len"}),
        ("preds, targets = %tta --c", {"--corners"}),
        ("%fit 3 --lr $rat", {"rate", "rates"}),
        ("%fit 3 --lr 1e-5:rat", {"rate", "rates"}),
        ("%fit 3 --schedule=flat", {"flat_cosine"}),
    ],
)
def test_the_shell_completes_on_any_line(shell: Any, text: str, found: set[str]) -> None:
    with provisionalcompleter():
        assert {one.text for one in shell.Completer.completions(text, len(text))} == found


def test_a_word_in_the_middle_of_a_line_is_completed(shell: Any) -> None:
    text = "%fit_sgdr 3 --cy --lr 1e-2"
    with provisionalcompleter():
        found = list(shell.Completer.completions(text, 16))
    assert {(one.text, one.start, one.end) for one in found} == {
        ("--cycle-len", 12, 16),
        ("--cycle-mult", 12, 16),
    }


@pytest.mark.parametrize("text", ["fit = 3 --cy", "%pwd --cy", "'%fit 3' --cy"])
def test_other_lines_are_left_alone(shell: Any, text: str) -> None:
    with provisionalcompleter():
        found = {one.text for one in shell.Completer.completions(text, len(text))}
    assert not any(one.startswith("--") for one in found)


def test_classes_are_completed_those_of_the_learner_that_the_line_names() -> None:
    learn, other = make_learner(), make_learner()
    learn.data.classes, other.data.classes = ["cat", "a dog", "cow"], ["ape"]
    one = {"learn": learn}
    assert texts("%confusion --actual ", one) == ["cat", "'a dog'", "cow"]
    assert texts("%confusion --actual cat --predicted c", one) == ["cat", "'a dog'", "cow"]
    two = {**one, "other": other}
    assert texts("%confusion --actual ", two) == []
    assert texts("%confusion --learner other --actual ", two) == ["ape"]
    assert texts("%confusion --actual ", {"learn": make_learner()}) == []


def test_a_class_is_completed_within_its_quotes(shell: Any) -> None:
    shell.user_ns["learn"] = learn = make_learner()
    learn.data.classes = ["cat", "a dog", "a cow"]
    for text, found in (
        ("%confusion --actual c", ["cat"]),
        ("%confusion --actual='a", ["a dog'", "a cow'"]),
        ('%confusion --actual "a', ['a dog"', 'a cow"']),
    ):
        with provisionalcompleter():
            assert [one.text for one in shell.Completer.completions(text, len(text))] == found
