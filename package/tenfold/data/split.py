"""Which items train and which validate: a share of every class, decided by a seed."""

from __future__ import annotations

import torch
from torch import Tensor

from tenfold.errors import DataError, SettingError

__all__ = ["label_groups", "stratified_split"]


def stratified_split(groups: Tensor, share: float, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Item numbers to train on and to validate with, both rising: `share` of every group.

    `groups` (N,) holds the group number of each item. Whole items are given to the groups with
    the largest remainders, so that the two parts have the sizes that were asked for; the last
    item of a group always stays in training. Raises SettingError for a share outside 0 to 1,
    DataError when nothing is left to validate with.

    >>> train, valid = stratified_split(torch.tensor([0, 0, 0, 0, 1, 1, 1, 1]), 0.25)
    >>> len(train), len(valid)
    (6, 2)
    """
    check_share(share)
    generator = torch.Generator().manual_seed(seed)
    counts = torch.bincount(groups)
    taken = _taken(counts, share, generator)
    shuffled = torch.randperm(len(groups), generator=generator)
    by_group = shuffled[torch.argsort(groups[shuffled], stable=True)]
    starts = torch.cumsum(counts, 0) - counts
    rank = torch.arange(len(groups)) - starts[groups[by_group]]
    validates = rank < taken[groups[by_group]]
    if not validates.any():
        raise DataError(
            f"{len(groups)} items cannot be split: no class has two; give more items, or a "
            "validation set of its own"
        )
    return by_group[~validates].sort().values, by_group[validates].sort().values


def label_groups(labels: Tensor) -> Tensor:
    """The group of each row of a 0/1 matrix (N, classes): rows with the same labels.

    Combinations that occur once share a group, so that some of them can validate.
    """
    _, groups, counts = torch.unique(labels, dim=0, return_inverse=True, return_counts=True)
    groups[counts[groups] == 1] = len(counts)
    return torch.unique(groups, return_inverse=True)[1]


def check_share(share: object) -> None:
    """Refuse a share that is not a number between 0 and 1."""
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
        raise SettingError(
            f"valid={share!r} was given; allowed is a share between 0 and 1; try valid=0.2"
        )


def _taken(counts: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """How many items of each group validate, by largest remainder, ties decided by chance."""
    exact = counts.double() * share
    taken = exact.floor().long()
    limit = (counts - 1).clamp(min=0)
    missing = max(1, round(float(counts.sum()) * share)) - int(taken.sum())
    remainders = exact - exact.floor()
    chance = torch.rand(len(counts), generator=generator, dtype=torch.double)
    for group in torch.argsort(remainders + chance * 1e-6, descending=True).tolist():
        if missing > 0 and taken[group] < limit[group]:
            taken[group] += 1
            missing -= 1
    return torch.minimum(taken, limit)
