"""Batches: order, repeatability, edges, devices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tenfold.data.batches import Batches, mixed
from tenfold.data.plain import PlainData, as_data
from tenfold.errors import DataError, SettingError


def make(items: int = 10, **settings: object) -> Batches:
    inputs = torch.arange(items)
    return Batches(inputs, inputs * 10, **{"batch_size": 4, **settings})  # type: ignore[arg-type]


def order(batches: Batches) -> list[int]:
    return torch.cat([inputs for inputs, _ in batches]).tolist()


def noise(inputs: Tensor, generator: torch.Generator) -> Tensor:
    return inputs + torch.rand(len(inputs), generator=generator)


def test_batches_in_order_are_the_items_in_order() -> None:
    assert order(make()) == list(range(10))
    assert [len(inputs) for inputs, _ in make()] == [4, 4, 2]


def test_a_shuffled_pass_gives_every_item_once_with_its_own_target() -> None:
    pairs = list(make(shuffle=True))
    assert sorted(torch.cat([inputs for inputs, _ in pairs]).tolist()) == list(range(10))
    assert all(torch.equal(inputs * 10, targets) for inputs, targets in pairs)


def test_an_epoch_can_be_repeated_and_another_epoch_has_another_order() -> None:
    batches = make(100, shuffle=True)
    first = order(batches)
    batches.epoch = 1
    second = order(batches)
    batches.epoch = 0
    assert order(batches) == first != second
    assert order(make(100, shuffle=True, seed=1)) != first


def test_iterating_leaves_torchs_random_state_alone() -> None:
    before = torch.get_rng_state()
    list(make(shuffle=True, transform=noise))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_pass_can_start_in_the_middle_and_goes_on_exactly() -> None:
    batches = make(50, shuffle=True, transform=noise)
    whole, rest = list(batches), list(batches.starting_at(5))
    assert len(rest) == len(whole) - 5
    assert all(torch.equal(a, b) for (a, _), (b, _) in zip(whole[5:], rest, strict=True))


def test_random_numbers_depend_on_the_batch_and_the_epoch() -> None:
    batches = Batches(torch.zeros(8), batch_size=4, transform=noise)
    (first, _), (second, _) = batches
    (later, _), _ = batches.at_epoch(1)
    assert len({tuple(values.tolist()) for values in (first, second, later)}) == 3


@pytest.mark.parametrize("items", [1, 4, 5, 9, 64, 65, 129])
@pytest.mark.parametrize("batch_size", [1, 2, 4, 64])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_length_is_the_number_of_batches(items: int, batch_size: int, shuffle: bool) -> None:
    batches = make(items, batch_size=batch_size, shuffle=shuffle)
    assert len(list(batches)) == len(batches)
    assert sorted(order(batches)) == list(range(items))


def test_a_lone_last_item_joins_the_batch_before_it_in_training_only() -> None:
    assert [len(inputs) for inputs, _ in make(9, shuffle=True)] == [4, 5]
    assert [len(inputs) for inputs, _ in make(9)] == [4, 4, 1]


def test_a_lone_item_joins_also_where_rows_are_gathered_in_pieces() -> None:
    wide = Batches(torch.zeros(9, 1 << 18), batch_size=2, shuffle=True)  # one batch fills a piece
    assert [len(inputs) for inputs, _ in wide] == [2, 2, 2, 3]


def test_pieces_change_nothing() -> None:
    rows = torch.randn(130, 5000)
    wide = torch.cat([inputs for inputs, _ in Batches(rows, batch_size=4, shuffle=True)])
    narrow = order(Batches(torch.arange(130), batch_size=4, shuffle=True))
    assert torch.equal(wide, rows[narrow])


def test_without_targets_each_pair_has_none() -> None:
    for shuffle in (True, False):
        batches = Batches(torch.arange(6), batch_size=4, shuffle=shuffle)
        assert [targets for _, targets in batches] == [None, None]


def test_plain_takes_the_shuffling_and_the_transform_away_and_keeps_the_preparation() -> None:
    batches = make(shuffle=True, transform=noise, prepare=lambda inputs: inputs / 2)
    plain = batches.plain()
    assert order(plain) == [item / 2 for item in range(10)]
    assert batches.shuffle and batches.transform is noise
    assert plain.inputs is batches.inputs


def test_with_transform_keeps_the_rest() -> None:
    doubled = make(shuffle=True).with_transform(lambda inputs, generator: inputs * 2)
    assert order(doubled) == [2 * item for item in order(make(shuffle=True))]


def test_take_gives_the_first_items_of_the_pass() -> None:
    batches = make(9, shuffle=True)
    inputs, targets = batches.take(8)
    assert inputs.tolist() == order(batches)[:8] and torch.equal(targets, inputs * 10)
    assert len(batches.take(100)[0]) == 9


def test_unshuffled_batches_of_data_on_the_device_are_not_copied() -> None:
    batches = make()
    assert next(iter(batches))[0].data_ptr() == batches.inputs.data_ptr()


def test_near_numbers_give_different_seeds() -> None:
    seeds = {mixed(a, b, c) for a in range(10) for b in range(10) for c in range(10)}
    assert len(seeds) == 1000 and min(seeds) >= 0


def test_batches_say_what_they_are() -> None:
    assert repr(make(shuffle=True)) == "Batches: 10 items in 3 batches of 4, shuffled"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("columns", [1, 1 << 20])
def test_a_gpu_gets_the_same_batches_whether_the_data_lives_there_or_not(columns: int) -> None:
    rows = torch.arange(300.0)[:, None].expand(-1, columns).contiguous()  # 1.2 GB stay behind
    here = Batches(rows, torch.arange(300), shuffle=True)
    there = Batches(rows, torch.arange(300), shuffle=True, device="cuda")
    for (inputs, targets), (same, too) in zip(here, there, strict=True):
        assert same.device == too.device == there.device
        assert torch.equal(inputs, same.cpu()) and torch.equal(targets, too.cpu())


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "64"])
def test_a_batch_size_out_of_range_is_refused(size: object) -> None:
    with pytest.raises(SettingError, match=r"batch_size=.* was given; allowed is a whole number"):
        make(batch_size=size)
    with pytest.raises(SettingError, match="batch_size="):
        make().with_batch_size(size)  # type: ignore[arg-type]


def test_nothing_cannot_be_batched() -> None:
    with pytest.raises(DataError, match="the inputs are empty; at least one item"):
        Batches(torch.empty(0, 3))


def test_different_lengths_are_refused() -> None:
    with pytest.raises(DataError, match="3 inputs came with 2 targets"):
        Batches(torch.zeros(3), torch.zeros(2))


def test_a_pair_of_lists_is_data_and_an_object_with_splits_is_already() -> None:
    pairs = [(torch.zeros(2, 3), torch.zeros(2))]
    data = as_data((pairs, pairs))
    assert isinstance(data, PlainData) and data.train is pairs
    assert as_data(data) is data


def test_a_generator_is_refused_because_it_runs_dry() -> None:
    with pytest.raises(DataError, match="train is a generator; data must be iterable, and once"):
        PlainData((pair for pair in []), [])
    with pytest.raises(DataError, match="valid is a int; data must be iterable"):
        PlainData([], 3)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="int was given as data; allowed is an ImageData"):
        as_data(3)
