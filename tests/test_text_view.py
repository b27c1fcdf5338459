"""Texts as the network gets them: every word, the marks, and the next word beside each."""

from __future__ import annotations

import torch
from text_world import make_text_data

from tenfold.data.text_view import shortened, tokens_of
from tenfold.data.texts import TextData
from tenfold.data.tokens import MARKS


def test_a_row_is_the_words_of_its_numbers_without_padding() -> None:
    data = TextData.from_texts(["Good\nFILM", "bad film it was"] * 8, ["a", "b"] * 8, least_count=1)
    words = ["xxbos", "xxmaj", "good", "↵", "xxup", "film"]
    row = [data.vocab.index(word.replace("↵", "\n")) for word in words]
    assert tokens_of(data.encoder, torch.tensor([*row, 1, 1])) == words
    shown = [line[1] for line in data.show_batch(16).rows[1:]]
    assert set(shown) == {" ".join(words), "xxbos bad film it was"}


def test_pieces_of_words_are_told_apart() -> None:
    data = TextData.from_texts(["good films"] * 20, ["a", "b"] * 10, tokens="bpe")
    (row,) = data.show_batch(1).rows[1:]
    assert row[1].startswith("xxbos|") and "".join(row[1].split("|")[1:]) == "good films"


def test_a_language_models_rows_have_their_exact_next_words_beside_them() -> None:
    data = make_text_data(label=False)
    (words, _), following = next(iter(data.train.at_epoch(2)))
    view = data.show_batch(3, epoch=2)
    assert view.rows[0] == ["stream", "words", "next words"] and len(view) == 3
    for line, row, after in zip(view.rows[1:], words, following.view(len(words), -1)):
        assert line[1].split() == tokens_of(data.encoder, row)
        assert line[2].split() == tokens_of(data.encoder, after)
        assert line[1].split()[1:] == line[2].split()[:-1]


def test_words_begin_at_the_left_and_long_rows_end_in_dots() -> None:
    data = TextData.from_texts(["word " * 200, "short one"] * 6, ["a", "b"] * 6, least_count=1)
    view = data.show_batch(12)
    assert 'style="text-align:left"' in view._repr_html_()
    assert {row[1] for row in view.rows[1:]} == {"xxbos xxwrep xxunk word", "xxbos short one"}
    many = TextData.from_texts(["a b c d e f g h " * 60] * 8, ["a", "b"] * 4, least_count=1)
    text = many.show_batch(1).rows[1][1]
    assert len(text) <= 182 and text.endswith(" …")
    assert set(text.split()[:-1]) <= {*"abcdefgh", *MARKS}


def test_validation_texts_are_told_without_the_middle_of_long_ones() -> None:
    data = make_text_data()
    assert data.item_words([1, 0]) == {"text": [data.texts["valid"][one] for one in (1, 0)]}
    assert make_text_data(label=False).item_words([0]) == {}
    text = shortened("begin " + "middle " * 100 + "the end")
    assert text.startswith("begin middle") and text.endswith("the end") and " … " in text
