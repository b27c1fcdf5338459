from __future__ import annotations

from typing import Any

import pytest
import torch
from gan_world import SIDE, make_gan, pictures
from torch import nn

from tenfold.errors import SettingError
from tenfold.models.gan import GAN, Critic, Generator


@pytest.mark.parametrize("size", [16, 32, 64])
def test_a_generator_makes_pictures_of_its_size_and_a_critic_scores_them(size: int) -> None:
    made = Generator(size, latent=5, channels=4)(torch.randn(3, 5, 1, 1)).detach()
    assert made.shape == (3, 3, size, size)
    assert float(made.min()) >= 0 and float(made.max()) <= 1
    assert Critic(size, channels=4)(made).shape == (3,)


@pytest.mark.parametrize("size", [8, 24, 512, 32.0])
def test_a_size_that_is_not_four_doubled_is_refused(size: Any) -> None:
    for make in (Generator, Critic):
        with pytest.raises(SettingError, match=r"makes 16, 32, 64, 128 or 256; give the data such"):
            make(size)


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(SettingError, match=r"decay=1.0 was given; allowed is 0 to below 1"):
        make_gan(decay=1.0)
    for steps in (0, 1.5, True):
        with pytest.raises(SettingError, match=r"critic_steps=.* was given; allowed is 1 and abov"):
            make_gan().critic_steps = steps  # type: ignore[assignment]


def test_a_critic_judges_each_picture_alone() -> None:
    critic, shown = Critic(SIDE, channels=4).eval(), pictures(5)
    alone = torch.cat([critic(one[None]) for one in shown])
    torch.testing.assert_close(critic(shown), alone)


def test_no_layer_of_a_spectral_critic_makes_its_input_larger() -> None:
    critic = Critic(SIDE, channels=4, spectral=True)
    for _ in range(50):
        critic(pictures(2))  # each forward of training brings the norm nearer
    for layer in critic.layers:
        if isinstance(layer, nn.Conv2d):
            norm = torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2)
            torch.testing.assert_close(norm, torch.tensor(1.0), atol=1e-3, rtol=0)
    plain = Critic(SIDE, channels=4)
    assert not any(hasattr(layer, "parametrizations") for layer in plain.layers)


def test_every_weight_that_trains_is_in_one_of_the_two_layer_groups() -> None:
    gan = make_gan()
    grouped = [p for (part,) in gan.groups() for p in part.parameters()]
    assert {id(p) for p in grouped} == {id(p) for p in gan.parameters()}
    assert gan.group_names == ("generator", "critic") and gan.latent == 6
    assert GAN(nn.Conv2d(3, 3, 1), Critic(SIDE)).latent is None


def test_the_average_is_the_running_mean_of_the_generator() -> None:
    gan = make_gan(decay=0.5)
    name, weight = next(iter(gan.generator.named_parameters()))
    wanted = weight.detach().clone()
    for step, decay in enumerate([1 / 10, 2 / 11, 3 / 12, 4 / 13, 5 / 14, 6 / 15], 1):
        with torch.no_grad():
            weight += step
        wanted = decay * wanted + (1 - decay) * weight.detach()
        gan.follow()
    torch.testing.assert_close(dict(gan.average.named_buffers())[name], wanted)
    for _ in range(20):
        gan.follow()
    torch.testing.assert_close(dict(gan.average.named_buffers())[name], weight.detach())
    assert int(gan.averaged) == 26 and not list(gan.average.parameters())


def test_pictures_to_look_at_come_from_the_average_and_those_to_learn_from_do_not() -> None:
    gan, noise = make_gan(), torch.randn(4, 6, 1, 1)
    with torch.no_grad():
        for weight in gan.generator.parameters():
            weight += 0.5
    assert torch.equal(gan.eval()(noise), gan.average(noise))
    gan.train()
    gan.generator.eval()  # its batch norms would see the batch twice
    assert torch.equal(gan(noise), gan.generator(noise))
    assert gan(noise).requires_grad
    gan.turn = "critic"
    assert not gan(noise).requires_grad and torch.is_grad_enabled()
