from __future__ import annotations

from typing import Any

import pytest
import torch
from gan_world import make_gan, pictures
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.gan import GAN
from tenfold.techniques.adversarial import (
    LOSSES,
    Adversary,
    generation,
    gradient_penalty,
    slope_penalty,
)

REAL, MADE = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-3.0, 0.25])


class Mean(nn.Module):
    """A critic whose score is the weighted mean of a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(3.0))

    def forward(self, shown: Tensor) -> Tensor:
        return self.weight * shown.flatten(1).mean(1)


def adversary(turn: str | None, **more: Any) -> Adversary:
    made = Adversary(GAN(nn.Conv2d(3, 3, 1), Mean()), **more)
    made.gan.turn = turn
    return made


def slow(loss: str) -> float:
    """The loss of the critic, picture by picture."""
    if loss == "hinge":
        real = sum(max(0.0, 1 - score) for score in REAL.tolist()) / len(REAL)
        return real + sum(max(0.0, 1 + score) for score in MADE.tolist()) / len(MADE)
    return sum(MADE.tolist()) / len(MADE) - sum(REAL.tolist()) / len(REAL)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_what_the_critic_loses_is_that_of_a_slow_loop(loss: str) -> None:
    assert float(LOSSES[loss](REAL, MADE)) == pytest.approx(slow(loss))


@pytest.mark.parametrize("loss", list(LOSSES))
def test_each_turn_has_its_loss_and_its_gradients(loss: str) -> None:
    real, made = pictures(6), pictures(6, seed=3).requires_grad_()
    one = adversary("critic", loss=loss)
    critic: Any = one.gan.critic
    wanted = LOSSES[loss](critic(real), critic(made))
    lost = one(made, real)
    lost.backward()
    torch.testing.assert_close(lost, wanted)
    assert made.grad is None and critic.weight.grad is not None
    critic.weight.grad, one.gan.turn = None, "generator"
    lost = one(made, real)
    lost.backward()
    torch.testing.assert_close(lost, -critic(made).mean())
    assert critic.weight.grad is None and critic.weight.requires_grad
    torch.testing.assert_close(made.grad, torch.full_like(made, -3 / made.numel()))


def test_a_critic_that_was_frozen_stays_so_when_the_generator_learns() -> None:
    one = adversary("generator")
    one.gan.critic.requires_grad_(False)
    one(pictures(2).requires_grad_(), pictures(2)).backward()
    assert not any(p.requires_grad for p in one.gan.critic.parameters())


def test_the_penalty_of_a_critic_with_one_slope_is_its_distance_from_one_squared() -> None:
    real, made = pictures(4), pictures(4, seed=2)
    slope = 3 / real[0].numel() ** 0.5
    penalty = gradient_penalty(Mean(), real, made)
    torch.testing.assert_close(penalty, torch.tensor((slope - 1) ** 2))
    one = adversary("critic", penalty=10.0)
    plain = adversary("critic")
    torch.testing.assert_close(one(made, real) - plain(made, real), 10 * penalty)
    one.gan.turn = None
    torch.testing.assert_close(one(made, real), plain(made, real))
    assert not one(made, real).requires_grad


def test_r1_is_half_the_squared_slope_at_real_pictures_and_is_paid_every_fourth_step() -> None:
    real, made = pictures(4), pictures(4, seed=2)
    slope = 9 / real[0].numel()
    torch.testing.assert_close(slope_penalty(Mean(), real), torch.tensor(slope / 2))
    one, plain = adversary("critic", r1=3.0), adversary("critic")
    for step, times in enumerate([4, 0, 0, 0, 4]):
        one.critic_step = step
        extra = one(made, real) - plain(made, real)
        torch.testing.assert_close(extra, torch.tensor(times * 3 * slope / 2))
    one(made, real).backward()
    wanted = 4 * 3 * 3 / real[0].numel()  # of weight² / 2 / pixels, by the weight
    plain(made, real).backward()
    gap = one.gan.critic.weight.grad - plain.gan.critic.weight.grad  # type: ignore[operator]
    torch.testing.assert_close(gap, torch.tensor(wanted), atol=1e-6, rtol=1e-4)


def test_pictures_of_pictures_add_the_mean_absolute_error() -> None:
    real, made = pictures(4), pictures(4, seed=2)
    with_pixels, without = adversary("generator", pixels=50.0), adversary("generator")
    gap = (real - made).abs().mean()
    torch.testing.assert_close(with_pixels(made, real) - without(made, real), 50 * gap)


def test_the_critic_sees_real_and_made_pictures_through_the_same_augmentation() -> None:
    seen: list[int] = []

    def dark(shown: Tensor) -> Tensor:
        seen.append(len(shown))
        return shown * 0

    real, made = pictures(4), pictures(4, seed=2)
    lost = [adversary(turn, augment=dark)(made, real) for turn in ("critic", "generator", None)]
    assert lost[0].item() == 2  # the hinge of scores of 0
    assert lost[1].item() == 0 and lost[2].item() != 2 and seen == [8, 4]


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(SettingError, match=r"'hing' was given; known are hinge and wasserstein; d"):
        Adversary(make_gan(), "hing")
    for name in ("penalty", "r1", "pixels"):
        with pytest.raises(SettingError, match=rf"{name}=-1 was given; allowed is 0 and above"):
            Adversary(make_gan(), **{name: -1})


def test_pictures_of_two_shapes_are_refused() -> None:
    task = generation(Adversary(make_gan()))
    task.check(pictures(2), pictures(2))
    with pytest.raises(ModelError, match=r"makes \(3, 16, 16\) and the targets are \(3, 32, 32\)"):
        task.check(pictures(2), pictures(2, side=32))
    with pytest.raises(ModelError, match=r"the targets are list; they must be pictures of one sha"):
        task.check(pictures(2), [1, 2])  # type: ignore[arg-type]
