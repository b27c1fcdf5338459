"""A language model's batches: every word once, each with the one that follows."""

from __future__ import annotations

import pytest
import torch

from tenfold.data.ragged import Ragged
from tenfold.data.streams import Streams
from tenfold.errors import DataError, SettingError

TEXTS = Ragged.of([range(start, start + 10) for start in range(0, 100, 10)])


def make_streams(**more: object) -> Streams:
    return Streams(TEXTS, **{"batch_size": 3, "length": 7, **more})  # type: ignore[arg-type]


def read(streams: Streams) -> torch.Tensor:
    """The streams (rows, steps) as they are read, batch after batch."""
    return torch.cat([words for (words, _), _ in streams], 1)


def test_every_target_is_the_word_after_its_own() -> None:
    whole = read(make_streams()).flatten().tolist()
    following = torch.cat([next_.view(3, -1) for _, next_ in make_streams()], 1).flatten().tolist()
    assert whole == list(range(99))
    assert following == [word + 1 for word in whole]


def test_a_state_can_be_carried_because_each_row_goes_on_where_it_was() -> None:
    rows = read(make_streams(shuffle=True))
    text_ends = rows[:, :-1] % 10 == 9
    assert ((rows[:, 1:] == rows[:, :-1] + 1) | text_ends).all()


def test_only_the_first_batch_of_a_pass_says_so() -> None:
    assert [first for (_, first), _ in make_streams()] == [True] + [False] * 4


def test_texts_are_shuffled_whole_and_anew_each_epoch() -> None:
    streams = make_streams(shuffle=True, batch_size=1)
    first, second = read(streams.at_epoch(0)), read(streams.at_epoch(1))
    assert not torch.equal(first, second)
    assert torch.equal(first, read(make_streams(shuffle=True, batch_size=1)))
    assert (first[0, :-9:10] % 10 == 0).all()


def test_another_seed_gives_another_order() -> None:
    seeds = [read(make_streams(shuffle=True, seed=seed)) for seed in (0, 1)]
    assert not torch.equal(*seeds)


def test_a_pass_can_be_gone_on_with_in_the_middle() -> None:
    streams = make_streams(shuffle=True)
    whole, rest = list(streams), list(streams.starting_at(2))
    assert len(whole) == len(streams) == 5
    assert all(torch.equal(a[1], b[1]) for a, b in zip(whole[2:], rest, strict=True))


def test_short_data_gets_fewer_rows() -> None:
    streams = Streams(Ragged.of([range(20)]), batch_size=64, length=6)
    assert read(streams).shape == (3, 6)
    assert streams.items == 18


def test_the_batches_say_what_they_are() -> None:
    assert repr(make_streams()) == "Streams: 100 words in 5 batches of 3 x 7, texts in order"


def test_what_cannot_be_cut_is_refused() -> None:
    with pytest.raises(DataError, match="a language model needs two"):
        Streams(Ragged.of([[2]]))
    with pytest.raises(SettingError, match="length=0 was given"):
        make_streams(length=0)
    with pytest.raises(SettingError, match="batch_size=0 was given"):
        make_streams(batch_size=0)
