from __future__ import annotations

import pytest

from tenfold.text import counted, duration, escape, listed, nearest


@pytest.mark.parametrize(
    ("word", "meant"), [("cosin", "cosine"), ("onecycle", "one_cycle"), ("zzz", None), ("", None)]
)
def test_nearest_finds_the_word_meant_or_none(word: str, meant: str | None) -> None:
    assert nearest(word, ["cosine", "one_cycle"]) == meant


def test_nearest_takes_a_mapping_and_no_choices_at_all() -> None:
    assert nearest("sdg", {"sgd": 1, "adam": 2}) == "sgd"
    assert nearest("sgd", []) is None


@pytest.mark.parametrize(
    ("items", "phrase"),
    [
        ([], ""),
        ([1], "1"),
        ([1, 2], "1 and 2"),
        ("abc", "a, b and c"),
        ("abcde", "a, b, c and 2 more"),
    ],
)
def test_listed_joins_items_and_counts_the_rest(items: list[int], phrase: str) -> None:
    assert listed(items, most=3) == phrase


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (0, "picture", "0 pictures"),
        (1, "picture", "1 picture"),
        (2, "class", "2 classes"),
        (1_200, "batch", "1,200 batches"),
        (2, "category", "2 categories"),
        (3, "box", "3 boxes"),
        (2, "day", "2 days"),
        (3, "epoch", "3 epochs"),
    ],
)
def test_counted_puts_the_noun_in_the_plural(number: int, noun: str, words: str) -> None:
    assert counted(number, noun) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0:00"),
        (-3, "0:00"),
        (0.6, "0.6 s"),
        (0.01, "< 0.1 s"),
        (0.97, "0:01"),
        (59.6, "1:00"),
        (65, "1:05"),
        (3599.7, "1:00:00"),
    ],
)
def test_duration_counts_minutes_and_hours(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_escape_leaves_no_markup() -> None:
    assert escape('<b a="1">&') == "&lt;b a=&quot;1&quot;&gt;&amp;"
