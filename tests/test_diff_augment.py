"""DiffAugment against slow loops, its draws, and the gradient that goes through it."""

from __future__ import annotations

import colorsys
from typing import Any

import pytest
import torch
from gan_world import make_gan_learner, pictures
from test_adversarial import Mean, adversary
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.techniques.adversarial import gradient_penalty, slope_penalty
from tenfold.techniques.diff_augment import DiffAugment, cut_out, moved, recoloured


def odd_pictures() -> Tensor:
    """Pictures that are no squares: rows and columns cannot be taken for each other."""
    return pictures(5, side=9)[:, :, :, :7]


def shuffled(shown: Tensor) -> Tensor:
    """Pictures whose every pixel differs."""
    return torch.rand(shown.shape, generator=torch.Generator().manual_seed(2))


def test_colours_are_those_of_a_slow_loop() -> None:
    shown = shuffled(odd_pictures())
    draws = torch.linspace(-1, 1, 15).view(3, 5)
    for picture, draw, found in zip(shown, draws.T.tolist(), recoloured(shown, draws), strict=True):
        brightness, saturation, contrast = draw
        brighter = picture + brightness / 4
        coloured = torch.empty_like(picture)
        for row in range(9):
            for column in range(7):
                pixel = brighter[:, row, column]
                grey = sum(pixel.tolist()) / 3
                coloured[:, row, column] = grey + (pixel - grey) * (1 + saturation)
        middle = coloured.flatten().double().mean()
        torch.testing.assert_close(
            found, (middle + (coloured - middle) * (1 + contrast / 2)).float()
        )


def test_without_draws_the_colours_stay_and_without_saturation_all_is_grey() -> None:
    shown = shuffled(odd_pictures())
    torch.testing.assert_close(recoloured(shown, torch.zeros(3, 5)), shown)
    draws = torch.tensor([[0.0], [-1.0], [0.0]]).expand(3, 5)
    red, green, blue = recoloured(shown, draws)[0, :, 4, 3].tolist()
    assert colorsys.rgb_to_hsv(red, green, blue)[1] == pytest.approx(0, abs=1e-6)


def test_pictures_are_moved_as_a_slow_loop_moves_them() -> None:
    shown = shuffled(odd_pictures())
    shifts = torch.tensor([[0, 0], [2, -3], [-1, 1], [9, 0], [-4, -6]])
    for picture, (down, right), found in zip(
        shown, shifts.tolist(), moved(shown, shifts), strict=True
    ):
        wanted = torch.full_like(picture, 0.5)
        for row in range(9):
            for column in range(7):
                if 0 <= row - down < 9 and 0 <= column - right < 7:
                    wanted[:, row, column] = picture[:, row - down, column - right]
        assert torch.equal(found, wanted)


def test_holes_are_cut_as_a_slow_loop_cuts_them() -> None:
    shown = shuffled(odd_pictures())
    corners = torch.tensor([[0, 0], [-2, -1], [8, 6], [3, 2], [-4, 9]])
    for picture, (top, left), found in zip(
        shown, corners.tolist(), cut_out(shown, corners, size=(4, 3)), strict=True
    ):
        wanted = picture.clone()
        for row in range(max(0, top), max(0, top + 4)):
            for column in range(max(0, left), left + 3):
                if row < 9 and column < 7:
                    wanted[:, row, column] = 0.5
        assert torch.equal(found, wanted)


def test_every_shift_up_to_an_eighth_is_drawn_and_none_beyond() -> None:
    change = DiffAugment(colour=0, cutout=0)
    shown = torch.zeros(4000, 1, 16, 8)
    shown[:, :, 8, 4] = 1  # one bright pixel: where is it now
    found = (change(shown) == 1).nonzero()
    counts = torch.zeros(16, 8).index_put(
        (found[:, 2], found[:, 3]), torch.ones(len(found)), accumulate=True
    )
    assert counts[6:11, 3:6].sum() == 4000
    torch.testing.assert_close(
        counts[6:11, 3:6] / 4000, torch.full((5, 3), 1 / 15), atol=0.02, rtol=0
    )


@pytest.mark.parametrize("side", [8, 9])
def test_the_middle_of_the_hole_may_be_anywhere(side: int) -> None:
    change = DiffAugment(colour=0, translation=0, cutout=3 / 8)
    holes = change(torch.zeros(6000, 1, side, side)) == 0.5
    share = holes.float().mean((0, 1))
    torch.testing.assert_close(share, share.flip(0), atol=0.03, rtol=0)
    torch.testing.assert_close(share, share.T, atol=0.03, rtol=0)
    # 3 x 3 of 8 or 9 middles: a corner pixel is in the hole of 2 x 2 of them
    assert share[0, 0].item() == pytest.approx((2 / side) ** 2, abs=0.02)
    assert share[4, 4].item() == pytest.approx((3 / side) ** 2, abs=0.02)


def test_each_picture_has_its_own_draw_and_the_seed_repeats_all() -> None:
    shown = pictures(1).expand(6, -1, -1, -1)
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found.append(DiffAugment()(shown))
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])
    assert len({picture.numpy().tobytes() for picture in found[0]}) == 6


def test_nothing_is_changed_or_drawn_where_all_is_left_out() -> None:
    before, shown = torch.get_rng_state(), pictures(3)
    assert DiffAugment(colour=0, translation=0, cutout=0)(shown) is shown
    assert torch.equal(before, torch.get_rng_state())


def test_the_gradient_of_a_change_is_that_of_small_steps() -> None:
    shown = pictures(2, side=4).double().requires_grad_()

    def changed(given: Tensor) -> Tensor:
        torch.manual_seed(3)
        return DiffAugment(translation=0.25)(given)

    assert torch.autograd.gradcheck(changed, (shown,))


def test_the_gradient_reaches_the_generator_only_through_the_change() -> None:
    hole = DiffAugment(colour=0, translation=0, cutout=0.5)
    made = pictures(4, seed=2).requires_grad_()
    one = adversary("generator", augment=hole)
    torch.manual_seed(5)
    one(made, pictures(4)).backward()
    torch.manual_seed(5)
    seen = hole(torch.zeros(4, 3, 16, 16)) == 0
    assert made.grad is not None and 0 < seen.float().mean() < 1
    torch.testing.assert_close(made.grad, torch.where(seen, -3 / made.numel(), 0.0))


@pytest.mark.parametrize("kind", ["r1", "penalty"])
def test_scores_and_penalties_of_a_step_see_the_same_draw(kind: str) -> None:
    class Bent(Mean):
        """A critic whose slope hangs on the picture, so that it tells what it was shown."""

        def forward(self, shown: Tensor) -> Tensor:
            return self.weight * shown.square().flatten(1).mean(1)

    real, made = pictures(4), pictures(4, seed=2)
    weight: dict[str, Any] = {kind: 3.0}
    one, plain = adversary("critic", augment=DiffAugment(), **weight), adversary("critic")
    one.gan.critic = plain.gan.critic = Bent()
    torch.manual_seed(7)
    lost = one(made, real)
    torch.manual_seed(7)
    seen_real, seen_made = DiffAugment()(torch.cat([real, made])).chunk(2)
    gap = plain(seen_made, seen_real)
    if kind == "r1":
        extra = 4 * 3 * slope_penalty(Bent(), seen_real)
    else:
        extra = 3 * gradient_penalty(Bent(), seen_real, seen_made)
    torch.testing.assert_close(lost, gap + extra)


def test_a_gan_learns_through_it_and_its_seed_repeats_the_weights() -> None:
    learners = [make_gan_learner(augment=given) for given in (DiffAugment(), DiffAugment(), None)]
    for learn in learners:
        learn.fit(1, 4e-4)
    first, again, plain = (learn.model.state_dict() for learn in learners)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["generator.layers.0.weight"], plain["generator.layers.0.weight"])


@pytest.mark.parametrize("name", ["colour", "translation", "cutout"])
@pytest.mark.parametrize("share", [-0.1, 1.5, True, float("nan")])
def test_shares_that_are_none_are_refused(name: str, share: Any) -> None:
    with pytest.raises(
        SettingError, match=rf"{name}=.* was given; allowed is 0 \(none\) to 1; try"
    ):
        DiffAugment(**{name: share})
