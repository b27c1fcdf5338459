from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from magics_world import make_learner

from tenfold.magics.parser import MagicError
from tenfold.magics.resolve import KINDS, find_learner, read_value
from tenfold.train.schedule import Cosine

NAMES: dict[str, Any] = {
    "rate": 0.02,
    "low": 1e-5,
    "rates": [1e-4, 1e-3],
    "epochs": 4,
    "whole": np.int64(3),
    "curve": Cosine(),
    "where": "run.tenfold",
    "flag": True,
}


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        ("rate", "1e-2", 0.01),
        ("rate", "1e-5:1e-3", slice(1e-5, 1e-3)),
        ("rate", "low:1e-3", slice(1e-5, 1e-3)),
        ("rate", "$low:rate", slice(1e-5, 0.02)),
        ("rate", "1e-4,1e-3,1e-2", [1e-4, 1e-3, 1e-2]),
        ("rate", "1e-4, 1e-3", [1e-4, 1e-3]),
        ("rate", "rate", 0.02),
        ("rate", "$rate", 0.02),
        ("rate", "{rate}", 0.02),
        ("rate", "${rate}", 0.02),
        ("rate", "rates", [1e-4, 1e-3]),
        ("count", "3", 3),
        ("count", "-1", -1),
        ("count", "epochs", 4),
        ("count", "whole", 3),
        ("number", "0.5", 0.5),
        ("number", "epochs", 4.0),
        ("schedule", "cosine", "cosine"),
        ("schedule", "curve", Cosine()),
        ("path", "where", "where"),
        ("path", "$where", "run.tenfold"),
        ("path", "a b/c.tenfold", "a b/c.tenfold"),
        ("item", "where", "run.tenfold"),
        ("item", "photo.jpg", "photo.jpg"),
    ],
)
def test_a_word_is_read_as_a_value_or_a_name(kind: str, word: str, value: Any) -> None:
    assert read_value(NAMES, word, kind=kind) == value


@pytest.mark.parametrize(
    ("kind", "word", "words"),
    [
        ("rate", "rat", "did you mean rate?"),
        ("rate", "$rat", "there is no variable rat; did you mean rate?"),
        ("rate", "$zzz", "set it in a cell before this one"),
        ("rate", "rate/10", "a calculation goes in a variable of its own first"),
        ("rate", "{rate / 10}", "'rate / 10' is an expression"),
        ("rate", "{}", "is an expression"),
        ("rate", "$1x!", "is an expression"),
        ("rate", "1e-5:fast", "'fast' was given; allowed is a number"),
        ("count", "2.5", "allowed is a whole number"),
        ("count", "rate", "rate is 0.02; allowed is a whole number"),
        ("count", "flag", "flag is True; allowed is a whole number"),
        ("number", "flag", "flag is True; allowed is a number"),
        ("number", "nan", "nan is nan; allowed is a number"),
        ("number", "curve", "allowed is a number"),
        ("schedule", "cosin", "did you mean cosine?"),
        ("schedule", "rate", "the schedule 'rate' was given; allowed is constant, cosine"),
        ("data", "photos/train", "'photos/train' is an expression"),
        ("data", "photos", "there is no variable photos"),
    ],
)
def test_what_is_no_value_and_no_name_is_refused(kind: str, word: str, words: str) -> None:
    with pytest.raises(MagicError) as refused:
        read_value(NAMES, word, kind=kind)
    assert words in str(refused.value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_evaluates_anything(kind: str) -> None:
    names = {"boom": [], "os": __import__("os")}
    for word in ("boom.append(1)", "{boom.append(1)}", "os.getpid()", "$boom.append(1)"):
        try:
            value = read_value(names, word, kind=kind)
        except MagicError:
            continue
        assert value == word
    assert names["boom"] == []


def test_the_only_learner_is_found_under_any_number_of_names() -> None:
    learner = make_learner()
    assert find_learner({"a": learner, "b": learner, "_": learner}, None) is learner


def test_two_learners_must_be_told_apart() -> None:
    names = {"old": make_learner(), "new": make_learner(), "_3": make_learner()}
    with pytest.raises(MagicError, match="2 learners, old and new; say which, as --learner new"):
        find_learner(names, None)
    assert find_learner(names, "old") is names["old"]


def test_without_a_learner_the_message_says_how_to_make_one() -> None:
    with pytest.raises(MagicError, match="no learner yet; make one first, as learn = vision_l"):
        find_learner({}, None)


def test_a_learner_that_is_none_is_refused_with_the_ones_there_are() -> None:
    names = {"learn": make_learner(), "x": 3}
    with pytest.raises(MagicError, match=r"--learner x is of type int; .* there is learn"):
        find_learner(names, "x")
    with pytest.raises(MagicError, match="there is no variable lern; did you mean learn"):
        find_learner(names, "lern")
