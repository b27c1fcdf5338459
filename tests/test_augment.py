"""Augmentation: every change against an oracle, and the limits."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data.augment import Augment, corner_views, to_float
from tenfold.data.geometry import affine_maps, mirrored, quarter_turned, resample
from tenfold.errors import DataError, SettingError


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def only(**changes: object) -> Augment:
    """One change and no other."""
    still = {"flip": False, "rotate": 0.0, "zoom": 1.0, "lighting": 0.0}
    return Augment(**{**still, **changes})  # type: ignore[arg-type]


def smooth(count: int = 1, height: int = 32, width: int = 32) -> Tensor:
    """Pictures in which resampling loses almost nothing, different in every direction."""
    y, x = torch.linspace(0, 1, height)[:, None], torch.linspace(0, 1, width)[None, :]
    picture = torch.stack(
        [0.2 + 0.6 * x + 0 * y, 0.2 + 0.6 * y + 0 * x, 0.3 + 0.3 * (x + y) ** 2 / 2]
    )
    return picture.expand(count, -1, -1, -1).clone()


def mapped(pictures: Tensor, *, angle: float = 0, scale: tuple[float, float] = (1, 1)) -> Tensor:
    count, aspect = len(pictures), pictures.shape[-1] / pictures.shape[-2]
    turn, seen = torch.full((count,), angle), torch.tensor([scale]).expand(count, 2)
    return resample(pictures, affine_maps(turn, seen, torch.zeros(count, 2), aspect=aspect))


def test_nothing_asked_for_changes_nothing() -> None:
    pictures = torch.rand(4, 3, 8, 8)
    assert torch.equal(Augment.none()(pictures, generator()), pictures)


def test_bytes_come_out_as_floats_from_0_to_1() -> None:
    pictures = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    assert torch.equal(to_float(pictures), pictures / 255)
    assert torch.equal(Augment.none()(pictures, generator()), pictures / 255)


def test_flipping_mirrors_about_half_of_the_pictures_exactly() -> None:
    pictures = torch.rand(400, 3, 6, 8)
    changed = only(flip=True)(pictures, generator())
    kept = (changed == pictures).flatten(1).all(1)
    assert 150 < kept.sum() < 250
    assert torch.equal(changed[~kept], pictures[~kept].flip(-1))


def test_resampling_equals_torchs_affine_grid() -> None:
    pictures, maps = torch.rand(5, 3, 20, 30), torch.randn(5, 2, 3) * 0.5
    grid = F.affine_grid(maps, [5, 3, 20, 30], align_corners=False)
    expected = F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
    assert torch.allclose(resample(pictures, maps), expected, atol=1e-5)


def test_a_right_angle_turns_clockwise_like_rot90() -> None:
    pictures = torch.rand(1, 3, 16, 16)
    turned = mapped(pictures, angle=math.pi / 2)
    assert torch.allclose(turned, pictures.rot90(-1, (-2, -1)), atol=1e-4)


def test_a_turn_shears_nothing_in_a_picture_that_is_not_square() -> None:
    square = smooth(1, 64, 64)
    inside = mapped(square, angle=0.3)[..., 16:48, :]
    wide = mapped(square[..., 16:48, :], angle=0.3)
    assert torch.allclose(wide[..., 12:20, 24:40], inside[..., 12:20, 24:40], atol=1e-3)


def test_a_negative_scale_mirrors_and_a_small_one_enlarges() -> None:
    pictures = torch.rand(2, 3, 8, 8)
    assert torch.allclose(mapped(pictures, scale=(-1, 1)), pictures.flip(-1), atol=1e-5)
    picture = smooth(1, 32, 32)
    middle = F.interpolate(picture[..., 8:24, 8:24], scale_factor=2, mode="bilinear")
    assert torch.allclose(
        mapped(picture, scale=(0.5, 0.5))[..., 2:-2, 2:-2], middle[..., 2:-2, 2:-2], atol=1e-5
    )


def test_rotation_stays_within_its_degrees() -> None:
    pictures = smooth(300)[:, :1]
    changed = only(rotate=20.0)(pictures, generator())
    middle = changed[:, 0, 12:20, 12:20]
    slope_x = (middle[:, :, -1] - middle[:, :, 0]).mean(1)
    slope_y = (middle[:, -1] - middle[:, 0]).mean(1)
    degrees = torch.rad2deg(torch.atan2(slope_y, slope_x))
    assert degrees.abs().max() <= 20.01 and degrees.min() < -15 and degrees.max() > 15


def test_zoom_shows_between_all_and_its_share_of_the_picture() -> None:
    changed = only(zoom=2.0)(smooth(300)[:, :1], generator())
    seen = (changed[:, 0, 16, -1] - changed[:, 0, 16, 0]) / 0.6
    assert 0.48 < seen.min() < 0.55 and 0.95 < seen.max() <= 1.0
    assert changed.min() >= 0.2 and changed.max() <= 0.8 + 1e-6  # nothing from outside


def test_crop_keeps_at_least_its_share_of_the_area_and_its_proportions() -> None:
    changed = only(crop=0.3)(smooth(500), generator())
    width = (changed[:, 0, 16, -1] - changed[:, 0, 16, 0]) / 0.6 * 32 / 31
    height = (changed[:, 1, -1, 16] - changed[:, 1, 0, 16]) / 0.6 * 32 / 31
    assert 0.27 < (width * height).min() < 0.4
    assert (width / height).min() > 0.73 and (width / height).max() < 1.37


def test_lighting_equals_a_slow_loop() -> None:
    pictures, augment = torch.rand(6, 3, 4, 4), only(lighting=0.4)
    chance = torch.rand(6, 12, generator=generator())
    for picture, changed, row in zip(pictures, augment(pictures, generator()), chance, strict=True):
        brightness, contrast = 1 + 0.4 * (2 * row[8] - 1), 1 + 0.4 * (2 * row[9] - 1)
        expected = ((picture - picture.mean()) * contrast + picture.mean()) * brightness
        assert torch.allclose(changed, expected.clamp(0, 1), atol=1e-6)


def test_dihedral_gives_exactly_the_eight_symmetries() -> None:
    picture = torch.rand(1, 3, 8, 8)
    changed = only(dihedral=True)(picture.expand(400, -1, -1, -1), generator())
    turns = [picture[0].rot90(k, (-2, -1)) for k in range(4)]
    allowed = [*turns, *(turned.flip(-1) for turned in turns)]
    counts = [int((changed == one).flatten(1).all(1).sum()) for one in allowed]
    assert sum(counts) == 400 and min(counts) > 25


def test_dihedral_is_the_same_with_and_without_resampling() -> None:
    pictures = torch.rand(32, 3, 16, 16)
    exact = only(dihedral=True)(pictures, generator())
    sampled = only(dihedral=True, zoom=1.0000001)(pictures, generator())
    assert torch.allclose(exact, sampled, atol=1e-3)


def test_quarter_turns_and_mirrors_equal_torchs() -> None:
    pictures = torch.rand(4, 3, 6, 6)
    turned = quarter_turned(pictures, torch.arange(4))
    expected = torch.stack([pictures[k].rot90(-k, (-2, -1)) for k in range(4)])
    assert torch.equal(turned, expected)
    assert torch.equal(mirrored(pictures, torch.ones(4, dtype=torch.bool)), pictures.flip(-1))


def test_cutout_covers_one_square_of_its_size_with_grey() -> None:
    changed = only(cutout=0.5)(torch.zeros(200, 3, 16, 24), generator())
    grey = (changed == 0.5).all(1)
    assert grey.flatten(1).sum(1).max() == 64  # half of the shorter side, squared
    assert (grey.any(1).sum(1) <= 8).all() and (grey.any(2).sum(1) <= 8).all()
    assert grey.flatten(1).any(1).all()


def test_each_picture_gets_its_own_numbers_and_the_seed_repeats_them() -> None:
    pictures = smooth(8)
    augment = Augment(crop=0.5, cutout=0.2)
    changed = augment(pictures, generator())
    assert len({tuple(picture.flatten().tolist()) for picture in changed}) == 8
    assert torch.equal(augment(pictures, generator()), changed)
    assert not torch.equal(augment(pictures, generator(1)), changed)


def test_results_stay_between_0_and_1_and_the_pictures_given_are_untouched() -> None:
    pictures = torch.rand(16, 3, 20, 20)
    before = pictures.clone()
    for augment in (Augment.light(), Augment.top_down(), Augment(crop=0.2, cutout=0.4, lighting=1)):
        changed = augment(pictures, generator())
        assert changed.shape == pictures.shape and 0 <= changed.min() <= changed.max() <= 1
    assert torch.equal(pictures, before)


def test_corner_views_are_the_four_corners_and_their_mirror_images() -> None:
    picture = torch.rand(2, 3, 20, 30)
    views = corner_views(picture, zoom=1.25)
    assert len(views) == 8 and all(view.shape == picture.shape for view in views)
    corner = F.interpolate(picture[..., 4:, 6:], size=(20, 30), mode="bilinear")
    assert torch.equal(views[3], corner)
    assert all(torch.equal(views[k + 4], views[k].flip(-1)) for k in range(4))


def test_corner_views_without_zoom_are_the_picture() -> None:
    picture = torch.randint(0, 256, (1, 3, 8, 8), dtype=torch.uint8)
    assert torch.allclose(corner_views(picture, zoom=1)[0], picture / 255)


def test_corner_views_refuse_to_shrink() -> None:
    with pytest.raises(SettingError, match=r"zoom=0.5 was given; allowed is a factor, 1 to 10"):
        corner_views(torch.zeros(1, 3, 8, 8), zoom=0.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotate", -1), ("rotate", 200), ("rotate", math.nan), ("zoom", 0.9), ("zoom", "big"),
        ("crop", 1.5), ("lighting", -0.1), ("cutout", 2), ("cutout", True),
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"{name}=.* was given; allowed is .* leave it out for"):
        Augment(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["flip", "dihedral"])
def test_a_switch_is_true_or_false(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name}=2 was given; allowed is True or False"):
        Augment(**{name: 2})  # type: ignore[arg-type]


def test_data_that_are_not_pictures_are_refused() -> None:
    with pytest.raises(DataError, match=r"shape \(4, 10\) was given; augmentation needs pictures"):
        Augment()(torch.zeros(4, 10), generator())
