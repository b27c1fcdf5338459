"""TextData from tables, folders and lists: splits, vocabulary, both directions."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest
from text_world import make_reviews, make_text_data

from tenfold.data.streams import Streams
from tenfold.data.text_batches import TextBatches
from tenfold.data.texts import TextData
from tenfold.errors import SettingError


def make_frame() -> pandas.DataFrame:
    texts, labels = make_reviews()
    marked = [number % 4 > 1 for number in range(len(texts))]
    return pandas.DataFrame({"text": texts, "label": labels, "held": marked})


def write_folders(root: Path) -> Path:
    texts, labels = make_reviews()
    for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
        folder = root / ("train" if number < 40 else "valid") / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02}.txt").write_text(text, "utf-8")
    return root


def test_a_table_with_labels_is_a_classifiers_data() -> None:
    data = TextData.from_frame(make_frame(), label="label", valid="held", device="cpu")
    assert isinstance(data.train, TextBatches)
    assert (data.train.items, data.valid.items, data.classes) == (24, 24, ["no", "yes"])
    assert data.task.name == "single label"
    assert all(place % 4 > 1 for place in data.places["valid"])


def test_a_table_without_labels_is_a_language_models_data() -> None:
    data = TextData.from_frame(make_frame(), device="cpu")
    assert isinstance(data.train, Streams)
    assert data.classes is None
    assert data.task.name == "next word" and data.task.outputs == len(data.vocab)


def test_targets_stay_with_their_texts() -> None:
    data = make_text_data(valid=0.25)
    words, targets = next(iter(data.valid))
    for row, target, text in zip(words, targets, data.texts["valid"], strict=False):
        told = set(text.rstrip(".").split()) & {"good", "great", "fine", "lovely"}
        assert bool(told) == (data.classes[int(target)] == "yes")
        assert data.encoder.decode(row.tolist()) == text


def test_validation_texts_are_sorted_by_length() -> None:
    lengths = make_text_data(valid=0.5).valid.texts.lengths
    assert (lengths[1:] >= lengths[:-1]).all()


def test_several_labels_make_it_multi_label() -> None:
    frame = {"text": ["a b", "b c", "c a", "a c"] * 5, "label": ["x;y", "y", "", "x"] * 5}
    data = TextData.from_frame(frame, label="label", label_separator=";", device="cpu")
    assert data.task.name == "multi label" and data.classes == ["x", "y"]
    assert data.show_batch(3).rows[1][0] in {"x", "y", "x and y", ""}


def test_folders_are_read_with_and_without_their_classes(tmp_path: Path) -> None:
    root = write_folders(tmp_path)
    data = TextData.from_folder(root, device="cpu")
    assert (data.train.items, data.valid.items, data.classes) == (40, 8, ["no", "yes"])
    assert data.places["valid"][0].suffix == ".txt"
    assert len(TextData.from_folder(root, label=False).texts["train"]) == 40
    assert len(TextData.from_folder(root / "train", valid=0.25).texts["valid"]) == 10


def test_a_file_in_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(2):
            (tmp_path / name / f"{number}.txt").write_bytes("Grüße".encode("latin-1"))
    data = TextData.from_folder(tmp_path, encoding="latin-1", valid=0.5)
    assert data.texts["train"] == ["Grüße"] * 2


def test_lists_may_come_with_their_own_validation_and_a_test_set() -> None:
    data = TextData.from_texts(
        pandas.Series(["a b"] * 4), [0, 1] * 2, valid_texts=["b a", "a"],
        valid_labels=pandas.Series([1, 0]), test=["c", "a b c"], least_count=1,
    )  # fmt: skip
    assert data.texts["valid"] == ["a", "b a"] and data.places["valid"] == [5, 4]
    assert data.valid.targets.tolist() == [0, 1]
    assert data.texts["test"] == ["c", "a b c"] and data.test.targets is None


def test_the_vocabulary_is_of_the_training_texts_alone() -> None:
    data = TextData.from_texts(["a"] * 4, valid_texts=["b"] * 4)
    assert "a" in data.vocab and "b" not in data.vocab


def test_a_vocabulary_can_be_taken_from_other_data_or_given() -> None:
    first = make_text_data(label=False)
    assert make_text_data(vocab=first).vocab == first.vocab
    assert make_text_data(vocab=first.vocab).vocab == first.vocab
    assert make_text_data(vocab=first.encoder.tokenizer).vocab == first.vocab


def test_read_backwards_every_text_begins_with_its_end() -> None:
    data = make_text_data(valid=0.25)
    turned = data.reversed()
    forth, back = data.valid.texts[0], turned.valid.texts[0]
    assert back[0] == forth[0] == 2
    assert back[1:].tolist() == forth[:0:-1].tolist()
    assert (
        turned.encoder.decode(back.tolist()) == data.texts["valid"][0] == turned.texts["valid"][0]
    )
    assert turned.reversed().encoder.backwards is False


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_text_keeps_its_end_whichever_way_it_is_read(backwards: bool) -> None:
    data = make_text_data(longest=4, backwards=backwards)
    row = data.encoder.encode(["one it was bad"])[0]
    assert len(row) == 4
    assert data.encoder.decode(row.tolist()) == "it was bad"


def test_show_batch_shows_what_the_network_gets() -> None:
    view = make_text_data().show_batch(3)
    assert len(view) == 3 and "film" in repr(view) and "<td" in view._repr_html_()
    _, words, following = make_text_data(label=False).show_batch(2).rows[1]
    assert "film" in words and words != following


def test_it_says_what_it_is() -> None:
    assert repr(make_text_data()).endswith("2 classes: no and yes")
    assert "10 validation texts" in repr(make_text_data())
    assert "a language model's" in repr(make_text_data(label=False))
    assert "read backwards" in repr(make_text_data(backwards=True))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tokens": "letters"}, "allowed are words and bpe"),
        ({"longest": 1}, "longest=1 was given; allowed is a whole number from 2; try 512"),
        ({"most_words": 3}, "most_words=3 was given"),
        ({"least_count": True}, "least_count=True was given"),
        ({"vocab": 3}, "vocab=3 was given"),
        ({"lenght": 3}, "lenght was given; a TextData also takes"),
        ({"batch_size": 0}, "batch_size=0 was given"),
    ],
)
def test_a_setting_out_of_range_is_one_line(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make_text_data(**settings)
