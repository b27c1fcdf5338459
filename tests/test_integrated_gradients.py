"""Integrated gradients: its axioms, Captum's numbers, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import IntegratedGradients
from inside_world import make_net
from torch import nn

from tenfold.errors import SettingError
from tenfold.interpret.integrated_gradients import integrated_gradients

X, WHY = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(3)), torch.tensor([2, 0])


@pytest.mark.parametrize("baseline", [0.0, 0.4])
def test_the_parts_add_up_to_the_whole(baseline: float) -> None:
    # completeness, proposition 1 of the paper; a smooth net, so that few steps are exact
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(144, 3)).double()
    x = X.double()
    found = integrated_gradients(net, x, WHY, steps=30, baseline=baseline)
    whole = net(x) - net(torch.full_like(x, baseline))
    torch.testing.assert_close(found.sum((1, 2, 3)), whole.gather(1, WHY[:, None])[:, 0].detach())


def test_a_linear_model_gets_weight_times_input_in_one_step() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    found = integrated_gradients(net, X, WHY, steps=1)
    torch.testing.assert_close(found, net[1].weight.detach()[WHY].view_as(X) * X)


@pytest.mark.parametrize("steps", [1, 7, 50])
def test_each_number_is_that_of_captum(steps: int) -> None:
    net = make_net().eval()
    wanted = IntegratedGradients(net).attribute(X, 0.25, target=WHY, n_steps=steps)
    found = integrated_gradients(net, X, WHY, steps=steps, baseline=0.25)
    torch.testing.assert_close(found, wanted.float(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 0}, "steps=0 was given; allowed is 1 and above; try 50"),
        ({"steps": 2.0}, "steps=2.0 was given"),
        ({"baseline": 1.5}, "baseline=1.5 was given; allowed is a grey from 0 to 1; try 0"),
        ({"baseline": float("nan")}, "baseline=nan was given"),
    ],
)
def test_no_step_and_a_baseline_that_is_no_grey_are_refused(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        integrated_gradients(make_net(), X, WHY, **settings)
