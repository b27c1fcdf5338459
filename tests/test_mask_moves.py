"""Picture and mask move together."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from mask_pairs import SMALL, agree, arrays
from torch import Tensor

from tenfold.data.augment import Augment
from tenfold.data.masks import MaskData


@pytest.mark.parametrize("change", ["flip", "dihedral"])
def test_pixels_that_only_move_move_alike_in_picture_and_mask(change: str) -> None:
    still: dict[str, Any] = {"flip": False, "rotate": 0.0, "zoom": 1.0, "lighting": 0.0}
    augment = Augment(**{**still, change: True})
    data = MaskData.from_masks(*arrays(size=(12, 12)), augment=augment, **SMALL)
    moved = False
    for pictures, masks in data.train:
        assert agree(pictures, masks)
    for (_, masks), (_, plain) in zip(data.train, data.train.with_transform(None), strict=True):
        moved |= not torch.equal(masks, plain)
    assert moved


def test_turned_and_zoomed_masks_follow_their_pictures_and_make_no_class() -> None:
    masks = torch.zeros(16, 40, 40, dtype=torch.uint8)
    masks[:, 8:30, 5:25] = 2
    pictures = (masks[:, None].float() / 2).expand(-1, 3, -1, -1)
    augment = Augment(rotate=40, zoom=1.5, lighting=0)
    generator = torch.Generator().manual_seed(3)
    seen, moved = augment.with_masks(pictures, masks, generator=generator, ignore=9)
    assert set(moved.unique().tolist()) == {0, 2, 9}
    counts = moved != 9
    nearest = (seen[:, 0] > 0.5).to(torch.uint8) * 2
    assert (nearest == moved)[counts].float().mean() > 0.99


def test_pictures_change_with_masks_as_they_change_without() -> None:
    pictures, masks = torch.rand(4, 3, 16, 20), torch.zeros(4, 16, 20, dtype=torch.uint8)
    augment = Augment(rotate=20, zoom=1.3, lighting=0.5, cutout=0.3)
    alone = augment(pictures, torch.Generator().manual_seed(1))
    beside, _ = augment.with_masks(
        pictures, masks, generator=torch.Generator().manual_seed(1), ignore=255
    )
    assert torch.equal(alone, beside)


def test_light_and_covers_leave_masks_alone() -> None:
    still: dict[str, Any] = {"flip": False, "rotate": 0.0, "zoom": 1.0}
    pictures, masks = torch.rand(4, 3, 8, 8), torch.randint(3, (4, 8, 8), dtype=torch.uint8)
    augment = Augment(**still, lighting=1.0, cutout=0.5)
    generator = torch.Generator().manual_seed(0)
    seen, same = augment.with_masks(pictures, masks, generator=generator, ignore=255)
    assert torch.equal(same, masks) and not torch.equal(seen, pictures)


def test_what_comes_in_from_outside_does_not_count() -> None:
    pictures, masks = arrays(count=8, size=(20, 20))
    data = MaskData.from_masks(pictures, masks, augment=Augment(rotate=45), **SMALL)
    corners = torch.cat([masks[:, 0, 0] for _, masks in data.train])
    assert (corners == 255).any()
    named = MaskData.from_masks(pictures, masks, augment=Augment(rotate=45), ignore="soil", **SMALL)
    values = torch.cat([masks.flatten() for _, masks in named.train])
    assert values.max() == 2 and dict(named.task.settings)["ignore"] == 0


def test_a_function_of_yours_may_change_both() -> None:
    def upside_down(pictures: Tensor, masks: Tensor, generator: torch.Generator) -> Any:
        return pictures.flip(-2), masks.flip(-2)

    data = MaskData.from_masks(*arrays(), augment=upside_down, **SMALL)
    pictures, masks = next(iter(data.train))
    assert agree(pictures, masks)
    plain = next(iter(data.train.with_transform(None)))[1]
    assert torch.equal(masks, plain.flip(1))
    assert torch.equal(data.augment(pictures, torch.Generator()), pictures.flip(-2))


def test_the_same_epoch_gives_the_same_masks_and_the_next_one_others() -> None:
    data = MaskData.from_masks(*arrays(), **SMALL)
    first, again, later = (next(iter(data.train.at_epoch(epoch)))[1] for epoch in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, later)
