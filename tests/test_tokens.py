"""Words, marks, and back: the tokenizer against small examples and slow loops."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data.ragged import Ragged
from tenfold.data.spelling import spelled_out
from tenfold.data.tokens import MARKS, WordTokenizer, pieces_of, words_of
from tenfold.errors import SettingError

EVERYTHING = "The CAT said: no no no! Sooo 3.5% 好き 😂😂😂 don't\n\n<br />A&amp;B naïve I"


def learned(*texts: str) -> WordTokenizer:
    return WordTokenizer.learn(texts, least=1)[0]


def words(text: str, tokenizer: WordTokenizer | None = None) -> str:
    """The words of a text after learning them from it, as one line."""
    tokenizer = tokenizer or learned(text + " 3 4 5")
    return " ".join(tokenizer.vocab[number] for number in tokenizer.encode([text])[0])


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("cat", "xxbos cat"),
        ("Cat", "xxbos xxmaj cat"),
        ("CAT", "xxbos xxup cat"),
        ("I saw A", "xxbos i saw a"),  # a single letter is no shouting
        ("soooo", "xxbos s xxrep 4 o"),
        ("wow!!!", "xxbos wow xxrep 3 !"),
        ("no no no", "xxbos xxwrep 3 no"),
        ("No no no no", "xxbos xxmaj xxwrep 4 no"),
        ("no no", "xxbos no no"),
        ("don't", "xxbos don 't"),
        ("1,000.5", "xxbos 1,000.5"),
        ("5 5 5", "xxbos 5 5 5"),
        ("a<br /><br>b", "xxbos a \n b"),
        ("salt &amp; pepper", "xxbos salt & pepper"),
        ("猫が好き", "xxbos 猫 が 好 き"),
        ("안녕 세상", "xxbos 안녕 세상"),
        ("😂😂😂😂", "xxbos xxrep 4 😂"),
        ("xxpad xxbos", "xxbos xxunk xxunk"),
    ],
)
def test_the_marks_stand_where_ulmfit_puts_them(text: str, marked: str) -> None:
    assert words(text) == marked


def test_a_text_is_written_again_from_its_words() -> None:
    tokenizer = learned(EVERYTHING)
    written = tokenizer.decode(tokenizer.encode([EVERYTHING])[0])
    assert written == "The CAT said: no no no! S ooo 3.5% 好 き 😂😂😂 don't\nA&B naïve I".replace(
        "A&B", "a & b"
    )


def test_quotes_and_brackets_stand_close_to_their_words() -> None:
    text = 'He said "yes" (and left).'
    tokenizer = learned(text)
    assert tokenizer.decode(tokenizer.encode([text])[0]) == text


def test_a_repeat_that_lacks_its_end_is_written_all_the_same() -> None:
    assert spelled_out(["a", "xxrep"]) == "a"
    assert spelled_out(["xxwrep", "xxunk", "no"]) == "no no no"


def test_the_numbers_are_those_of_a_slow_loop() -> None:
    texts = [EVERYTHING, "no No NO no", "!!! ?? !!!!!"] * 2
    tokenizer = learned(*texts)
    for text, row in zip(texts, tokenizer.encode(texts), strict=True):
        assert [tokenizer.vocab[number] for number in row] == slowly(text, tokenizer.vocab)


def slowly(text: str, vocab: list[str]) -> list[str]:
    """Every word taken apart alone, then runs folded one by one."""
    flat = [piece for word in words_of(text) for piece in pieces_of(word)]
    done, rest = ["xxbos"], flat
    while rest:
        run = next((n for n, word in enumerate(rest) if word != rest[0]), len(rest))
        foldable = rest[0] not in MARKS and not rest[0][0].isdigit() and rest[0] != "\n"
        if run > 2 and foldable:
            mark = "xxwrep" if len(rest[0]) > 1 or rest[0].isalnum() else "xxrep"
            done += [mark, str(run) if str(run) in vocab else "xxunk", rest[0]]
        else:
            done += rest[:run]
        rest = rest[run:]
    return done


def test_frequent_words_come_first_and_rare_ones_are_unknown() -> None:
    tokenizer, rows = WordTokenizer.learn(["b a a", "a b c"], least=2)
    assert tokenizer.vocab == [*MARKS, "a", "b"]
    assert rows[1].tolist() == [2, 8, 9, 0]
    assert WordTokenizer.learn(["b a a"], least=1, most=9)[0].vocab == [*MARKS, "a"]


def test_the_texts_learned_from_get_the_rows_that_encode_gives() -> None:
    tokenizer, rows = WordTokenizer.learn([EVERYTHING, "a b"], least=1)
    again = tokenizer.encode([EVERYTHING, "a b"])
    assert np.array_equal(rows.flat, again.flat) and np.array_equal(rows.starts, again.starts)


def test_a_text_of_a_million_characters_is_read() -> None:
    long = "word, " * 150_000 + "x" * 100_000
    assert len(learned(long).encode([long])[0]) == 300_000 + 4  # and `xxrep 100000 x`, bos


def test_composed_and_decomposed_letters_are_one_word() -> None:
    assert words_of("cafe\u0301") == words_of("caf\u00e9")


@pytest.mark.parametrize(
    ("vocab", "message"),
    [
        ("words", "a list of words"),
        ([1, 2], "a list of words"),
        (["a", "b"], "must be the marks"),
        ([*MARKS, "a", "a"], "has a more than once"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_refused(vocab: list[str], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        WordTokenizer(vocab)


def test_rows_are_cut_turned_and_chosen_as_a_loop_would() -> None:
    rows = Ragged.of([[2, 5, 6, 7], [2, 8], [2]])
    assert [row.tolist() for row in rows.turned()] == [[2, 7, 6, 5], [2, 8], [2]]
    assert [row.tolist() for row in rows.tails(3)] == [[2, 6, 7], [2, 8], [2]]
    assert [row.tolist() for row in rows.take(np.array([2, 0]))] == [[2], [2, 5, 6, 7]]
    assert len(Ragged.of([])) == 0
