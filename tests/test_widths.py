"""One hidden layer against piecewise linear interpolation, its bumps, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tenfold.errors import SettingError
from tenfold.interpret.hidden_layer import ACTIVATIONS, HiddenLayer, fitted, solve, triangles
from tenfold.interpret.widths import CURVES, compare_widths

X = torch.linspace(0, 1, 101, dtype=torch.float64)


def random_net(activation: str, width: int = 5) -> HiddenLayer:
    net = HiddenLayer(width, activation)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += torch.randn_like(parameter)
    return net


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_layer_is_what_torchs_modules_compute(activation: str) -> None:
    net = random_net(activation)
    first = torch.nn.Linear(1, 5, dtype=torch.float64)
    second = torch.nn.Linear(5, 1, dtype=torch.float64)
    with torch.no_grad():
        first.weight.copy_(net.weight[:, None])
        first.bias.copy_(net.bias)
        second.weight.copy_(net.out[None])
        second.bias.copy_(net.level)
        expected = second(ACTIVATIONS[activation](first(X[:, None])))[:, 0]
        assert torch.allclose(net(X), expected, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_bumps_add_up_to_the_output(activation: str) -> None:
    for _ in range(5):
        net = random_net(activation)
        with torch.no_grad():
            assert torch.allclose(net.bumps(X).sum(1), net(X), atol=1e-9)


def test_triangles_interpolate_as_numpy_does() -> None:
    knots = torch.tensor([0.0, 0.13, 0.5, 0.9, 1.0], dtype=torch.float64)
    heights = torch.randn(5, dtype=torch.float64)
    expected = np.interp(X.numpy(), knots.numpy(), heights.numpy())
    assert np.allclose((triangles(X, knots) @ heights).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("width", [2, 5, 10])
def test_untrained_relus_fit_at_least_as_well_as_interpolation(width: int) -> None:
    """Their kinks are evenly spread: a line between knots of the curve is among what they can."""
    wanted = torch.from_numpy(CURVES["waves"](X.numpy()))
    net = HiddenLayer(width, "relu")
    solve(net, X, wanted)
    knots = np.linspace(0, 1, width + 1)
    lines = np.interp(X.numpy(), knots, CURVES["waves"](knots))
    with torch.no_grad():
        rmse = float((net(X) - wanted).square().mean().sqrt())
    between = math.sqrt(((lines - wanted.numpy()) ** 2).mean())
    bend = 4 * math.pi**2 + 0.5 * 36 * math.pi**2  # no second derivative is larger
    assert rmse <= between + 1e-9 and between <= bend / (8 * width**2)


def test_two_relus_make_a_corner_exactly() -> None:
    wanted = torch.from_numpy(CURVES["corner"](X.numpy()))
    net = fitted(X, wanted, width=2, activation="relu", steps=200)
    with torch.no_grad():
        assert (net(X) - wanted).abs().max() < 1e-4
    assert (net.kinks - 0.4).abs().min() < 1e-3


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("curve", CURVES)
def test_more_units_never_fit_worse(curve: str, activation: str) -> None:
    found = compare_widths(curve, [1, 2, 5, 9], activation=activation, steps=30)
    errors = [fit.rmse for fit in found.fits]
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.5 * errors[0]


def test_errors_are_those_of_a_slow_loop() -> None:
    found = compare_widths("waves", [4])
    (fit,) = found.fits
    gaps = [abs(a - b) for a, b in zip(fit.outputs.tolist(), found.wanted.tolist(), strict=True)]
    assert fit.largest == pytest.approx(max(gaps))
    assert fit.rmse == pytest.approx(math.sqrt(sum(g * g for g in gaps) / len(gaps)))


def test_it_is_drawn_told_and_moves() -> None:
    found = compare_widths("waves", [8, 1, 2, 4], activation="sigmoid", steps=20)
    assert [fit.width for fit in found.fits] == [1, 2, 4, 8]
    titles = [axes.get_title() for axes in found.plot().axes]
    assert titles[0].startswith("1 unit, rmse ") and titles[3].startswith("8 units, rmse ")
    assert len(found.moving().frames) == 4
    assert found.table[1][0] == "1" and "'waves'" in found.words and "units" in repr(found)
    assert "<caption>the curve" in found._repr_html_()


def test_a_curve_of_ones_own_may_be_flat_and_one_width_is_enough() -> None:
    def flat(x: np.ndarray) -> np.ndarray:
        return 0 * x + 2

    found = compare_widths(flat, [3])
    assert found.name == "flat" and found.fits[0].largest < 1e-6
    found.moving()


def test_random_numbers_and_the_grad_mode_are_left_alone() -> None:
    before = torch.get_rng_state()
    with torch.no_grad():
        compare_widths("corner", [2], steps=5)
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compare_widths("wave"), "the curve 'wave' was given; known are waves, corner"),
        (lambda: compare_widths(lambda x: x[:3]), r"the curve gives shape \(3,\) for 201 places"),
        (lambda: compare_widths(lambda x: 0 * x - np.inf), "the curve is no number at 0; it needs"),
        (lambda: compare_widths("waves", []), r"widths=\[\] was given; allowed are whole numbers"),
        (lambda: compare_widths("waves", [1, 257]), r"widths=\[1, 257\] was given"),
        (lambda: compare_widths("waves", [2.5]), r"widths=\[2.5\] was given"),
        (lambda: compare_widths(activation="rely"), "the activation 'rely' was given; known are"),
        (lambda: compare_widths(steps=-1), "steps=-1 was given; allowed is 0 to 10,000; try 100"),
    ],
)
def test_what_cannot_be_fitted_is_refused(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        call()
