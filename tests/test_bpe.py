"""Byte pairs: every text comes back, no text has an unknown piece."""

from __future__ import annotations

import sys

import pytest

from tenfold.data.bpe import BpeTokenizer
from tenfold.data.text_encoder import TextEncoder
from tenfold.data.tokens import MARKS
from tenfold.errors import MissingPackageError

TEXTS = ["The lowest of the low.", "Lower, lowest; 猫 😂", "xxpad is a word here"] * 4


def test_every_text_comes_back_from_its_pieces() -> None:
    tokenizer, rows = BpeTokenizer.learn(TEXTS, most=300)
    assert tokenizer.vocab[: len(MARKS)] == list(MARKS)
    assert [tokenizer.decode(row) for row in rows] == TEXTS
    assert tokenizer.decode(tokenizer.encode(["Ünseen ☃"])[0]) == "Ünseen ☃"


def test_a_mark_in_a_text_is_no_mark() -> None:
    tokenizer, _ = BpeTokenizer.learn(TEXTS, most=300)
    assert tokenizer.encode(["xxpad"])[0].tolist().count(1) == 0


def test_an_encoder_of_pieces_is_the_same_after_a_file() -> None:
    encoder = TextEncoder(BpeTokenizer.learn(TEXTS, most=300)[0], longest=9)
    again = TextEncoder.from_state(encoder.state())
    assert again.encode(TEXTS).equal(encoder.encode(TEXTS))
    assert again.vocab == encoder.vocab


def test_a_damaged_description_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        BpeTokenizer.from_state({"model": {"version": "1.0"}})


def test_without_the_package_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingPackageError, match="pip install tokenizers"):
        BpeTokenizer.learn(TEXTS)
    with pytest.raises(MissingPackageError, match="pip install tokenizers"):
        BpeTokenizer.from_state({"model": {}})
