"""Shares: every item once, and a weighted mean that is the mean of the whole batch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from tenfold.data.augment import Augment, to_float
from tenfold.data.batches import Batches
from tenfold.data.ragged import Ragged
from tenfold.data.streams import Streams
from tenfold.data.text_batches import TextBatches
from tenfold.errors import DataError
from tenfold.parallel.shares import Shares, cut, share_of


@pytest.mark.parametrize("items", range(1, 14))
@pytest.mark.parametrize("ranks", [1, 2, 3, 5])
def test_shares_have_every_row_once_and_two_where_they_can(items: int, ranks: int) -> None:
    shares = [share_of(items, rank, ranks=ranks) for rank in range(ranks)]
    counted = [list(range(items))[rows] for rows, count in shares if count]
    assert [row for rows in counted for row in rows] == list(range(items))
    assert [len(rows) for rows in counted] == [count for _, count in shares if count]
    assert min(map(len, counted)) >= min(2, items)
    assert all(len(range(items)[rows]) for rows, _ in shares)  # never an empty batch


def numbers(pairs: Any) -> list[int]:
    return [int(one) for inputs, _ in pairs for one in inputs.flatten()]


def loader(items: torch.Tensor, **more: Any) -> DataLoader[Any]:
    return DataLoader(TensorDataset(items, items), batch_size=5, **more)


@pytest.mark.parametrize("make", [
    lambda x: Batches(x, x, batch_size=5, shuffle=True, seed=3),
    lambda x: [(x[:5], x[:5]), (x[5:], x[5:])],
    lambda x: loader(x),
    lambda x: loader(x, shuffle=True),
])  # fmt: skip
def test_over_the_ranks_every_item_comes_once_and_in_the_order_of_one_process(make: Any) -> None:
    data = make(torch.arange(11))
    torch.manual_seed(7)
    alone = [[int(one) for one in inputs] for inputs, _ in data]
    ranks = [Shares(data, rank, ranks=2, seed=7) for rank in range(2)]
    told = [[(x.tolist(), one.weight) for x, _ in one] for one in ranks]
    joined = [[*a, *(b if weight else [])] for (a, _), (b, weight) in zip(*told)]
    assert joined == alone
    assert [a + b for (_, a), (_, b) in zip(*told)] == [2.0] * len(alone)


def test_a_share_weighted_by_its_items_is_part_of_the_mean() -> None:
    batches = Batches(torch.arange(7.0), torch.arange(7), batch_size=7)
    ranks = [Shares(batches, rank, ranks=3) for rank in range(3)]
    means = [(next(iter(one))[0].mean() * one.weight) for one in ranks]
    assert torch.stack(means).mean() == pytest.approx(3.0)


def test_bytes_become_floats_for_the_own_share_only() -> None:
    seen: list[int] = []

    def prepare(rows: torch.Tensor) -> torch.Tensor:
        seen.append(len(rows))
        return rows.float()

    batches = Batches(torch.arange(8), torch.arange(8), batch_size=8, prepare=prepare)
    inputs, _ = next(iter(Shares(batches, 1, ranks=2)))
    assert inputs.tolist() == [4.0, 5.0, 6.0, 7.0] and seen == [4]


def test_random_transforms_are_those_of_the_whole_batch() -> None:
    def noise(rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        return rows + torch.rand(len(rows), generator=generator)

    batches = Batches(torch.zeros(6), torch.zeros(6), batch_size=6, transform=noise)
    whole, _ = next(iter(batches))
    parts = [next(iter(Shares(batches, rank, ranks=2)))[0] for rank in range(2)]
    assert torch.equal(torch.cat(parts), whole)


def test_a_share_is_augmented_as_it_is_in_the_whole_batch() -> None:
    pictures = torch.randint(0, 256, (7, 3, 8, 8)).byte()
    rich = Augment(rotate=20.0, dihedral=True, cutout=0.3)
    more = {"batch_size": 4, "shuffle": True, "prepare": to_float, "transform": rich}
    batches = Batches(pictures, torch.arange(7), **more).at_epoch(2)  # type: ignore[arg-type]
    ranks = [Shares(batches, rank, ranks=2) for rank in range(2)]
    for (whole, _), (first, _), (second, _) in zip(batches, *ranks, strict=True):
        both = first if len(whole) < 4 else torch.cat([first, second])
        assert torch.allclose(both, whole, atol=1e-6)


def test_a_pass_can_begin_in_the_middle() -> None:
    for data in (Batches(torch.arange(9), torch.arange(9), batch_size=4), loader(torch.arange(9))):
        shares = Shares(data, 0, ranks=2)
        assert numbers(shares.starting_at(1)) == numbers(list(shares)[1:])


def test_the_rows_of_a_language_model_keep_their_next_words() -> None:
    streams = Streams(Ragged.of([range(25)]), batch_size=4, length=3)
    (whole, first), following = next(iter(streams))
    (words, alike), mine = next(iter(Shares(streams, 1, ranks=2)))
    assert words.tolist() == whole[2:].tolist() and alike is first
    assert mine.tolist() == following.view(4, 3)[2:].flatten().tolist()


def test_texts_are_shared_out_by_rows() -> None:
    texts = TextBatches(Ragged.of([[2, 9], [2, 8, 7], [3]]), torch.tensor([0, 1, 1]), batch_size=3)
    found = [next(iter(Shares(texts, rank, ranks=2))) for rank in range(2)]
    assert found[0][0].tolist() == [[2, 9, 1], [2, 8, 7], [3, 1, 1]]  # 3 are too few for two


def test_the_order_of_a_loader_does_not_depend_on_what_the_model_draws() -> None:
    data = loader(torch.arange(11), shuffle=True)
    one, two = (Shares(data, rank, ranks=2, seed=1) for rank in range(2))
    first, second = [], []
    for (a, _), (b, _) in zip(one, two, strict=True):
        torch.rand(5)  # between two batches, as dropout does
        first.append(a), second.append(b)
    assert sorted(torch.cat([*first, *second]).tolist()[:10]) != list(range(10))
    assert len({*torch.cat([*first, *second]).tolist()}) == 11


def test_targets_that_do_not_belong_to_the_inputs_are_refused() -> None:
    with pytest.raises(DataError, match="5 inputs and 3 targets, so it cannot be shared out"):
        cut(torch.arange(3), slice(0, 2), items=5)
