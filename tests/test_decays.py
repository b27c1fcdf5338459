"""Weight decay on noisy points against ridge regression in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import tenfold
from tenfold.errors import SettingError
from tenfold.interpret.decays import bumps, compare_decays, trained

X = torch.tensor([0.05, 0.2, 0.3, 0.41, 0.6, 0.77, 0.9], dtype=torch.float64)
Y = torch.tensor([0.3, 1.4, 0.9, 1.0, -0.2, -0.1, 0.8], dtype=torch.float64)


def ridge(features: Tensor, targets: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Weights and bias that solve it: (A'A + n decay I) w = A'y, all less their means."""
    apart, y = features - features.mean(0), targets - targets.mean()
    square = apart.T @ apart + len(apart) * decay * torch.eye(apart.shape[1], dtype=apart.dtype)
    weight = torch.linalg.solve(square, apart.T @ y)
    return weight, targets.mean() - features.mean(0) @ weight


@pytest.mark.parametrize("decay", [1e-4, 1e-2, 0.3, 10.0])
def test_training_with_decay_is_ridge_regression(decay: float) -> None:
    layer = trained(bumps(X), Y, decay=decay)
    weight, bias = ridge(bumps(X), Y, decay)
    assert torch.allclose(layer.weight[0], weight, atol=1e-4)
    assert layer.bias.item() == pytest.approx(bias.item(), abs=1e-4)


def test_without_decay_it_is_the_smallest_fit_through_every_point() -> None:
    layer = trained(bumps(X), Y, decay=0.0)
    whole = torch.cat([bumps(X), torch.ones(len(X), 1, dtype=torch.float64)], dim=1)
    smallest = torch.linalg.pinv(whole) @ Y
    assert torch.allclose(layer(bumps(X))[:, 0], Y, atol=1e-6)
    assert torch.allclose(layer.weight[0], smallest[:-1], atol=1e-4)


def test_more_decay_means_smaller_weights_and_a_worse_fit_of_what_was_seen() -> None:
    found = compare_decays()
    weights = [fit.squared_weights for fit in found.fits]
    errors = [fit.train_error for fit in found.fits]
    assert weights == sorted(weights, reverse=True) and errors == sorted(errors)
    assert found.fits[0].decay == 0 and 0 < found.best.decay < found.fits[-1].decay
    assert found.best.valid_error < 0.6 * min(found.fits[0].valid_error, found.fits[-1].valid_error)


def test_the_errors_and_weights_are_those_of_the_closed_form() -> None:
    found = compare_decays([0.01], points=20, seed=3)
    x, y = (torch.from_numpy(part) for part in (found.inputs, found.targets))
    weight, bias = ridge(bumps(x), y, 0.01)
    (fit,) = found.fits
    assert fit.squared_weights == pytest.approx(float(weight.square().sum()), rel=1e-4)
    error = (bumps(x) @ weight + bias - y).square().mean().item()
    assert fit.train_error == pytest.approx(error, rel=1e-4)
    places = bumps(torch.from_numpy(found.places)) @ weight + bias
    assert np.allclose(fit.outputs, places.numpy(), atol=1e-4)


def test_the_seed_decides_and_random_numbers_are_left_alone() -> None:
    before = torch.get_rng_state()
    first, again, other = (compare_decays([0.1], seed=seed) for seed in (0, 0, 1))
    assert (first.targets == again.targets).all() and (first.targets != other.targets).any()
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_drawn_told_and_moves() -> None:
    found = tenfold.compare_decays([10, 0, 1e-2])
    assert [fit.decay for fit in found.fits] == [0, 0.01, 10]
    titles = [axes.get_title() for axes in found.plot().axes]
    assert titles[0].startswith("decay 0, ") and titles[2].startswith("decay 10, ")
    assert len(found.moving().frames) == 3
    assert "lowest at a decay of 0.01" in repr(found) and "<caption>15 noisy" in found._repr_html_()
    assert "15 noisy points fitted with weight decay from 0 to 10" in found.words


def test_one_decay_and_points_without_noise_are_drawn_too() -> None:
    compare_decays([0.0], noise=0).plot()
    compare_decays([0.5], points=3).moving()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compare_decays([]), r"decays=\[\] was given; allowed are numbers of 0 and above"),
        (lambda: compare_decays([-1]), r"decays=\[-1\] was given"),
        (lambda: compare_decays([math.nan]), r"decays=\[nan\] was given"),
        (lambda: compare_decays(points=2), "points=2 was given; allowed is 3 to 1,000; try 15"),
        (lambda: compare_decays(noise=-0.1), "noise=-0.1 was given; allowed is 0 and above; try"),
    ],
)
def test_what_cannot_be_compared_is_refused(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        call()
