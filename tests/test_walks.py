"""Each optimizer's walk against its closed form on a quadratic, where every step can be written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tenfold.errors import SettingError
from tenfold.interpret.surfaces import SURFACES, Surface, find_surface
from tenfold.interpret.walks import RATES, check_names, check_rate, walks

STEEP = np.array([0.5, 2.0])
START = np.array([-3.0, 1.0])
STEPS, BETA = 25, 0.9


def bowl() -> Surface:
    """Half the sum of a_i * x_i squared: its gradient is a_i * x_i."""
    height = lambda x, y: (STEEP[0] * x**2 + STEEP[1] * y**2) / 2  # noqa: E731
    ends = {"across": (-4.0, 4.0), "up": (-4.0, 4.0)}
    return Surface("bowl", "a bowl", height, (-3.0, 1.0), ((0.0, 0.0),), 0.0, **ends)


def walked(name: str, lr: float, *, steps: int = STEPS) -> np.ndarray:
    (walk,) = walks(bowl(), [name], steps=steps, lr=lr)
    return walk.points


def test_sgd_shrinks_each_coordinate_by_a_power() -> None:
    powers = np.arange(STEPS + 1)[:, None]
    assert np.allclose(walked("sgd", 0.3), (1 - 0.3 * STEEP) ** powers * START, rtol=1e-12)


def linear(matrix: Callable[[float], np.ndarray]) -> np.ndarray:
    """The walk of (place, velocity) under a matrix for each coordinate, by its powers."""
    columns = []
    for steep, start in zip(STEEP, START):
        powers = [np.linalg.matrix_power(matrix(steep), step) for step in range(STEPS + 1)]
        columns.append([(power @ np.array([start, 0.0]))[0] for power in powers])
    return np.array(columns).T


def test_momentum_is_a_power_of_its_matrix() -> None:
    lr = 0.2  # v' = b v + a x, x' = x - lr v'
    expected = linear(lambda a: np.array([[1 - lr * a, -lr * BETA], [a, BETA]]))
    assert np.allclose(walked("momentum", lr), expected, atol=1e-12)


def test_nesterov_is_a_power_of_its_matrix() -> None:
    lr = 0.2  # v' = b v + a x, x' = x - lr (a x + b v')
    expected = linear(lambda a: np.array([[1 - lr * a * (1 + BETA), -lr * BETA**2], [a, BETA]]))
    assert np.allclose(walked("nesterov", lr), expected, atol=1e-12)


def averages(gradients: np.ndarray, beta: float) -> np.ndarray:
    """The last exponential average, from 0, as the sum that it stands for."""
    ages = np.arange(len(gradients))[::-1]
    return (1 - beta) * (beta ** ages[:, None] * gradients).sum(0)


def by_sums(step_of: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """A walk whose step is a function of all gradients so far and of the place."""
    points = [START]
    for _ in range(STEPS):
        points.append(points[-1] + step_of(STEEP * np.array(points), points[-1]))
    return np.array(points)


def test_rmsprop_divides_by_the_root_of_its_average_of_squares() -> None:
    lr = 0.05
    expected = by_sums(
        lambda gradients, place: (
            -lr * gradients[-1] / (np.sqrt(averages(gradients**2, 0.99)) + 1e-8)
        )
    )
    assert np.allclose(walked("rmsprop", lr), expected, atol=1e-10)


def adam_step(gradients: np.ndarray, lr: float) -> np.ndarray:
    count = len(gradients)
    mean = averages(gradients, 0.9) / (1 - 0.9**count)
    square = averages(gradients**2, 0.999) / (1 - 0.999**count)
    return -lr * mean / (np.sqrt(square) + 1e-8)


def test_adam_is_the_ratio_of_two_unbiased_averages() -> None:
    expected = by_sums(lambda gradients, place: adam_step(gradients, 0.1))
    assert np.allclose(walked("adam", 0.1), expected, atol=1e-10)


def test_adamw_also_shrinks_the_place_itself() -> None:
    expected = by_sums(lambda gradients, place: adam_step(gradients, 0.1) - 0.1 * 0.01 * place)
    assert np.allclose(walked("adamw", 0.1), expected, atol=1e-10)
    assert not np.allclose(walked("adamw", 0.1), walked("adam", 0.1), atol=1e-3)


@pytest.mark.parametrize("name", SURFACES)
def test_the_minima_of_a_surface_are_where_it_says(name: str) -> None:
    surface = find_surface(name)
    for place in surface.minima:
        point = torch.tensor(place, dtype=torch.float64, requires_grad=True)
        height = surface.height(*point)
        (slope,) = torch.autograd.grad(height, point)
        assert height.item() == pytest.approx(surface.lowest, abs=1e-12)
        assert slope.abs().max() < 1e-9
    grid = torch.meshgrid(
        *(torch.linspace(*e, 101, dtype=torch.float64) for e in (surface.across, surface.up)),
        indexing="ij",
    )
    assert surface.height(*grid).min() >= surface.lowest


def test_the_best_of_the_rates_stays_in_the_picture_and_comes_down() -> None:
    for name in SURFACES:
        surface = find_surface(name)
        for walk in walks(surface):
            assert walk.lr in RATES and walk.losses[-1] < walk.losses[0]
            assert (walk.points[:, 0] >= surface.across[0]).all()
            assert walk.points.shape == (151, 2) and walk.sizes.shape == (150,)


def test_sizes_and_arrival_are_those_of_a_slow_loop() -> None:
    (walk,) = walks(bowl(), ["momentum"], steps=60, lr=0.2)
    sizes = [math.dist(a, b) for a, b in zip(walk.points[:-1], walk.points[1:])]
    assert np.allclose(walk.sizes, sizes)
    arrived = walk.arrival(0.0)
    assert arrived is not None and (walk.losses[arrived:] <= 0.01 * walk.losses[0]).all()
    assert walk.losses[arrived - 1] > 0.01 * walk.losses[0]
    assert walks(bowl(), ["sgd"], steps=3, lr=1e-4)[0].arrival(0.0) is None


def test_a_walk_that_flies_away_is_kept_as_it_is() -> None:
    (walk,) = walks(bowl(), ["sgd"], steps=2000, lr=3.0)
    assert not np.isfinite(walk.losses[-1]) and walk.arrival(0.0) is None


def test_random_numbers_and_the_grad_mode_are_left_alone() -> None:
    before = torch.get_rng_state()
    with torch.no_grad():
        walks("valley", ["adam"], steps=3)
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before)


def test_names_are_kept_once_and_in_their_order() -> None:
    assert check_names(["adam", "sgd", "adam"]) == ["adam", "sgd"]
    assert [walk.name for walk in walks("valley", ["adam", "sgd"], steps=2)] == ["adam", "sgd"]
    assert check_rate("sgd", {"adam": 0.1}) is None and check_rate("adam", {"adam": 0.1}) == 0.1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: walks("valey"), "the surface 'valey' was given; known are valley, .*'valley'?"),
        (lambda: walks("valley", ["adamv"]), "the optimizer 'adamv' was given; those compared"),
        (lambda: walks("valley", []), "no optimizer was named; those compared are sgd"),
        (lambda: walks("valley", steps=0), "steps=0 was given; allowed is 1 to 5,000; try 150"),
        (lambda: walks("valley", steps=True), "steps=True was given"),
        (lambda: walks("valley", lr=0), "the learning rate 0 was given for sgd; allowed is a"),
        (lambda: walks("valley", lr={"adam": math.nan}), "the learning rate nan was given for ad"),
    ],
)
def test_what_cannot_be_walked_is_refused(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        call()
