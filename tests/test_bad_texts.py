"""What people really have: holes, bytes, one class, no class, emoji, a whole book in one row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from text_world import make_text_data, make_text_learner

from tenfold.data.texts import TextData
from tenfold.errors import DataError, StateError

TEXTS, LABELS = ["one text", "another text", "a third", "a fourth"], [0, 1, 0, 1]


def from_frame(**columns: Any) -> TextData:
    label = "label" if "label" in columns else None
    return TextData.from_frame(columns, label=label, valid=0.5)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": ["a", "", " \n", "b"]}, r"2 texts of 4 are empty \(row 1 and 2\)"),
        ({"text": ["a", "b", ""]}, r"1 text of 3 is empty \(row 2\)"),
        ({"text": ["a", None, "b"]}, r"column 'text' is empty in 1 row of 3 \(row 1\)"),
        ({"text": ["a", float("nan")]}, "drop the rows, as frame.dropna"),
        ({"text": ["a", 5]}, "row 1 is 5, a int; a text is a str"),
        ({"text": [b"fine", b"caf\xe9"]}, r"row 1 is not UTF-8 \(byte 3 is 0xe9\)"),
        ({"text": TEXTS, "label": [0] * 4}, r"a single class was found \(0\)"),
        ({"text": TEXTS, "label": [0, 1, None, 1]}, "column 'label' is empty in 1 row"),
        ({"text": TEXTS, "label": [0.5, 1, 0, 1]}, "classes are words or whole numbers"),
        ({"words": TEXTS}, "no column 'text'; needed is one; it has words; name it with text="),
        ({"text": ["alone"]}, "1 items cannot be split"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        from_frame(**columns)
    assert "\n" not in str(caught.value)


def test_a_column_that_is_there_twice_is_refused() -> None:
    import pandas

    frame = pandas.DataFrame([["a", "b"]] * 4, columns=["text", "text"])
    with pytest.raises(DataError, match="2 columns 'text'"):
        TextData.from_frame(frame)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        (["yes", "no", "yes", "no"], "holds no and yes; allowed are True and False"),
        ([1, None, 0, 1], "column 'held' is empty in 1 row"),
        ([0, 0, 0, 0], "there is no validation text"),
        ([1, 1, 1, 1], "there is no training text"),
        ([0, 1, 0, 1], "validation has 1 class that training lacks: 1"),
    ],
)
def test_a_column_that_says_who_validates_must_say_it(held: list[Any], message: str) -> None:
    frame = {"text": TEXTS, "label": LABELS, "held": held}
    with pytest.raises(DataError, match=message):
        TextData.from_frame(frame, label="label", valid="held")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"texts": TEXTS, "labels": [0, 1]}, "4 texts came with 2 labels"),
        ({"texts": "one text"}, "one text was given .* put it in a list"),
        (
            {"texts": TEXTS, "labels": LABELS, "valid_texts": ["a"]},
            "1 text came with 0 valid_labels",
        ),
        ({"texts": TEXTS, "test": ["a", ""]}, r"1 text of 2 is empty \(test text 1\)"),
        ({"texts": []}, "cannot be split|there is no training text"),
    ],
)
def test_lists_that_do_not_fit_are_one_line(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        TextData.from_texts(given.pop("texts"), given.pop("labels", None), **given)


def test_a_folder_that_is_none_or_has_no_classes_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        TextData.from_folder(tmp_path / "absent")
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(DataError, match="label=False for a language model"):
        TextData.from_folder(tmp_path)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(DataError, match=r"bad.txt is not UTF-8 .* encoding='latin-1'"):
        TextData.from_folder(tmp_path, label=False)
    with pytest.raises(DataError, match="cannot be read with encoding='ascii'"):
        TextData.from_folder(tmp_path, label=False, encoding="ascii")


def test_a_text_of_a_million_characters_is_cut_for_a_classifier_and_whole_for_a_model() -> None:
    book = "once upon a time, " * 60_000
    labelled = TextData.from_texts([book, "short"] * 3, [0, 1] * 3, valid=0.4, device="cpu")
    assert max(words.shape[1] for words, _ in labelled.train) == 512
    whole = TextData.from_texts([book], valid_texts=["once upon"], device="cpu")
    assert whole.train.items > 290_000


def test_emoji_and_ideographs_are_words_like_others() -> None:
    texts = ["好きです 😂😂😂 3", "嫌いです 😡 3"] * 8
    data = TextData.from_texts(texts, [1, 0] * 8, device="cpu")
    assert {"好", "😂", "😡"} <= set(data.vocab)
    assert 0 not in np.unique(data.train.texts.flat)


@pytest.mark.parametrize("text", ["", "  ", b"\xff", 5, None])
def test_what_is_no_text_is_not_predicted(text: Any) -> None:
    with pytest.raises((DataError, TypeError), match="text"):
        make_text_learner().predict([text])


def test_other_data_with_another_vocabulary_is_refused() -> None:
    learn = make_text_learner()
    other = TextData.from_texts(["x y z", "z y x"] * 8, ["no", "yes"] * 8)
    with pytest.raises(DataError, match="another vocabulary"):
        learn.set_data(other)
    learn.set_data(make_text_data(vocab=learn.data, batch_size=4))
    with pytest.raises(StateError, match="no snapshots"):
        learn.snapshot_predictions()
