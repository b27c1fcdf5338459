"""Splitting: shares, classes, seeds."""

from __future__ import annotations

import pytest
import torch

from tenfold.data.sources import Source, divided
from tenfold.data.split import label_groups, stratified_split
from tenfold.errors import DataError, SettingError


def test_every_item_lands_in_exactly_one_part() -> None:
    train, valid = stratified_split(torch.randint(0, 5, (103,)), 0.3, seed=4)
    assert sorted([*train.tolist(), *valid.tolist()]) == list(range(103))
    assert train.tolist() == sorted(train.tolist())


def test_each_class_gives_its_share_and_the_total_is_the_share() -> None:
    groups = torch.repeat_interleave(torch.arange(3), torch.tensor([100, 50, 11]))
    _, valid = stratified_split(groups, 0.2)
    assert torch.bincount(groups[valid]).tolist() == [20, 10, 2]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.5, 0.8])
def test_the_sizes_are_those_asked_for(share: float) -> None:
    groups = torch.arange(200) % 40
    _, valid = stratified_split(groups, share)
    assert len(valid) == max(1, round(200 * share))


def test_the_seed_decides() -> None:
    groups = torch.arange(60) % 3
    first, again, other = (stratified_split(groups, 0.3, seed=seed)[1] for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_last_item_of_a_class_stays_in_training() -> None:
    train, _ = stratified_split(torch.tensor([0, 0, 0, 0, 1]), 0.9)
    assert 4 in train.tolist() and len(train) == 2


@pytest.mark.parametrize("share", [0, 1, -0.2, 1.5, "half", None, True, float("nan")])
def test_a_share_out_of_range_is_refused(share: object) -> None:
    with pytest.raises(
        SettingError, match=r"valid=.* was given; allowed is a share between 0 and 1"
    ):
        stratified_split(torch.zeros(4, dtype=torch.long), share)  # type: ignore[arg-type]


def test_items_that_cannot_be_split_are_refused() -> None:
    with pytest.raises(DataError, match="2 items cannot be split: no class has two"):
        stratified_split(torch.tensor([0, 1]), 0.5)


def test_label_groups_pool_what_occurs_once() -> None:
    labels = torch.tensor([[1, 0], [1, 0], [0, 1], [1, 1]])
    groups = label_groups(labels)
    assert groups[0] == groups[1] != groups[2] == groups[3]


def test_a_label_that_would_only_validate_moves_to_training() -> None:
    labels = torch.zeros(30, 4)
    labels[:, 0] = 1
    labels[:3, 1:] = torch.eye(3)  # three labels that occur once
    for seed in range(5):
        train, valid = divided(Source(torch.arange(30), labels), 0.5, seed=seed)
        assert (train.targets.sum(0) > 0).all() and len(train) + len(valid) == 30
