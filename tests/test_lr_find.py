from __future__ import annotations

import copy
import math
import random
import signal
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from factories import At, make_learner, make_net, make_pairs, same, tensors
from torch.utils.data import DataLoader, TensorDataset

from tenfold.errors import SettingError, TrainingError
from tenfold.learner import Learner
from tenfold.techniques.clip_gradient import ClipGradient
from tenfold.techniques.early_stop import EarlyStop
from tenfold.techniques.keep_best import KeepBest
from tenfold.techniques.lr_find import RULES, RateCurve
from tenfold.techniques.mixup import Mixup
from tenfold.train.events import EVENTS

IN_A_FINDER = [event for event in EVENTS if event not in {"on_tick", "before_validate"}]


def make_curve(steps: int = 100) -> RateCurve:
    """Flat, then falling around 1e-3, then exploding."""
    rates = np.logspace(-7, 1, steps)
    place = np.log10(rates)
    return RateCurve(rates, 2 - 1 / (1 + np.exp(-3 * (place + 3))) + np.exp(4 * (place - 0.5)))


def everything(learn: Learner) -> list[Any]:
    """All that a finder must leave alone, copied; the next random numbers drawn on the way."""
    parameters = list(learn.model.parameters())
    state = [learn._optimizer.state, learn._optimizer.param_groups] if learn._optimizer else []
    modes = [module.training for module in learn.model.modules()]
    torch_modes = [
        torch.is_grad_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_num_threads(),
    ]
    drawn = [random.getstate(), list(np.random.get_state()[1]), torch.get_rng_state()]
    grads = [None if p.grad is None else p.grad.clone() for p in parameters]
    flags = [parameter.requires_grad for parameter in parameters]
    optimizer = [
        copy.deepcopy(list(part.values() if i == 0 else part)) for i, part in enumerate(state)
    ]
    history = [len(learn.history), learn.history.losses.tolist(), learn.run]
    return [tensors(learn.model), optimizer, modes, torch_modes, drawn, grads, flags, history]


def make_used_learner(**more: Any) -> Learner:
    learn = make_learner(**more)
    learn.freeze_to(1)
    learn.fit(1, 0.01)
    learn.model.late.eval()
    learn.model.head.weight.grad = torch.ones(2, 6)
    return learn


@pytest.mark.parametrize("make", [make_learner, make_used_learner])
def test_the_finder_leaves_everything_as_it_was(make: Callable[[], Learner]) -> None:
    learn = make()
    before = everything(learn)
    learn.lr_find()
    assert same(everything(learn), before)


def raise_interrupt(run: Any) -> None:
    raise KeyboardInterrupt


def raise_error(run: Any) -> None:
    raise ValueError("from a callback")


@pytest.mark.parametrize("event", IN_A_FINDER)
@pytest.mark.parametrize("action", [raise_interrupt, raise_error])
def test_an_error_at_any_event_leaves_everything_as_it_was(event: str, action: Any) -> None:
    learn = make_used_learner()
    before = everything(learn)
    learn.callbacks.append(At(event, action))
    with pytest.raises((KeyboardInterrupt, ValueError)):
        learn.lr_find(steps=12)
    assert same(everything(learn), before)


@pytest.mark.parametrize("event", ["before_fit", "before_batch", "after_step", "after_epoch"])
def test_an_interrupt_ends_the_finder_and_leaves_everything_as_it_was(event: str) -> None:
    learn = make_used_learner()
    before = everything(learn)
    learn.callbacks.append(At(event, lambda run: signal.raise_signal(signal.SIGINT)))
    curve = learn.lr_find(steps=12)
    assert same(everything(learn), before) and len(curve.losses) < 12


def make_shuffled() -> DataLoader:
    inputs, targets = (torch.cat(part) for part in zip(*make_pairs(6), strict=True))
    generator = torch.Generator().manual_seed(4)
    return DataLoader(
        TensorDataset(inputs, targets), batch_size=8, shuffle=True, generator=generator
    )


@pytest.mark.parametrize("make_data", [make_pairs, make_shuffled])
def test_training_is_bit_equal_with_or_without_a_finder_before(make_data: Any) -> None:
    plain, found = (make_learner((make_data(), make_pairs(2))) for _ in range(2))
    found.lr_find(steps=20)
    for learn in (plain, found):
        learn.fit_one_cycle(1, 0.01)
    found.lr_find(steps=20)
    for learn in (plain, found):
        learn.fit(1, 0.01)
    assert same(tensors(plain.model), tensors(found.model))
    assert plain.history.losses.tolist() == found.history.losses.tolist()


def test_the_rates_rise_by_one_ratio_and_include_both_ends() -> None:
    curve = make_learner().lr_find(start=1e-6, end=1e-2, steps=30)
    expected = [1e-6 * 1e4 ** (step / 29) for step in range(30)]
    assert curve.rates.tolist() == pytest.approx(expected, rel=1e-9)
    assert curve.rates[-1] == 1e-2 and curve.losses.shape == (30,)


def test_every_group_is_trained_at_the_rate_of_the_step() -> None:
    seen: list[set[float]] = []
    learn = make_learner()
    learn.callbacks.append(At("after_step", lambda run: seen.append(lrs(run)), step=10))
    curve = learn.lr_find(steps=10)
    assert seen == [{curve.rates[9]}]


def lrs(run: Any) -> set[float]:
    return {group["lr"] for group in run.optimizer.param_groups}


@pytest.mark.parametrize("end", [1e4, 1e30])
def test_an_explosion_ends_the_finder_early_and_is_no_error(end: float) -> None:
    curve = make_learner(optimizer="sgd").lr_find(end=end)
    assert 10 < len(curve.losses) == len(curve.rates) < 100


@pytest.mark.parametrize(
    "callback", [EarlyStop("accuracy", patience=1), KeepBest(), Mixup(), ClipGradient()]
)
def test_the_finder_works_with_the_learners_callbacks(callback: Any) -> None:
    assert len(make_learner(callbacks=[callback]).lr_find(steps=12).losses) == 12


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"start": 0}, "the range 0 to 10 was given; allowed is 0 < start < end; try 1e-7 to 10"),
        ({"start": 1, "end": 0.1}, "the range 1 to 0.1 was given"),
        ({"end": math.inf}, "the range 1e-07 to inf was given"),
        ({"end": math.nan}, "the range 1e-07 to nan was given"),
        ({"steps": 9}, "steps=9 was given; allowed is 10 and above; try 100"),
        ({"steps": True}, "steps=True was given"),
        ({"steps": 20.0}, "steps=20.0 was given"),
    ],
)
def test_a_range_that_cannot_be_walked_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make_learner().lr_find(**settings)


def test_every_rule_suggests_a_rate_where_the_loss_falls() -> None:
    found = make_curve().suggestions
    assert list(found) == list(RULES)
    assert all(1e-5 < rate < 0.3 for rate in found.values())
    assert found["steep"] == pytest.approx(1e-3, rel=2.0)


def trimmed(curve: RateCurve) -> tuple[np.ndarray, np.ndarray]:
    return curve.rates[10:-5], curve.smooth[10:-5]


def test_the_steep_rule_is_the_steepest_place() -> None:
    rates, losses = trimmed(make_curve())
    slopes = [
        (losses[i + 1] - losses[i - 1]) / math.log(rates[i + 1] / rates[i - 1])
        for i in range(1, len(losses) - 1)
    ]
    steepest = rates[1 + int(np.argmin(slopes))]
    assert make_curve().suggestions["steep"] == pytest.approx(steepest, rel=0.01)


def test_the_minimum_rule_is_a_tenth_of_the_lowest() -> None:
    rates, losses = trimmed(make_curve())
    lowest = min(zip(losses, rates, strict=True))[1]
    assert make_curve().suggestions["minimum"] == pytest.approx(lowest / 10, rel=0.01)


def test_the_valley_rule_is_the_middle_of_the_longest_fall() -> None:
    rates, losses = np.logspace(-5, -1, 9), np.array([5.0, 9, 8, 7, 6.5, 6, 10, 11, 12])
    assert RULES["valley"](rates, losses) == rates[3]


@pytest.mark.parametrize("losses", [np.full(100, 2.0), np.linspace(1, 3, 100)])
def test_a_flat_or_rising_curve_suggests_no_rate(losses: np.ndarray) -> None:
    curve = RateCurve(np.logspace(-7, 1, 100), losses)
    assert curve.suggestions == {} and "flat or rising, no suggestion" in str(curve)
    with pytest.raises(
        TrainingError, match="a flat or rising curve suggests no rate; check labels"
    ):
        _ = curve.suggested


@pytest.mark.parametrize("losses", [[], [math.nan] * 3])
def test_a_curve_without_a_number_suggests_no_rate(losses: list[float]) -> None:
    curve = RateCurve(np.logspace(-7, 1, len(losses)), np.array(losses))
    with pytest.raises(TrainingError, match=f"none of {len(losses)} losses is a number, so there"):
        _ = curve.suggested


def test_the_suggested_rate_is_that_of_the_valley() -> None:
    curve = make_curve()
    assert curve.suggested == curve.suggestions["valley"]
    assert f"valley {curve.suggested:.2e}" in repr(curve)


@pytest.mark.parametrize("losses", [[], [math.nan], [2.0, math.nan], [2.0] * 50])
def test_every_curve_draws(losses: list[float]) -> None:
    RateCurve(np.logspace(-7, 1, len(losses)), np.array(losses)).plot()


def test_a_suggestion_is_marked_on_the_curve() -> None:
    axes = make_curve().plot().axes[0]
    marked = {float(line.get_xdata()[0]) for line in axes.lines[2:]}
    assert marked == set(make_curve().suggestions.values())


def test_the_finder_finds_a_rate_that_trains() -> None:
    data = (make_pairs(40), make_pairs(4, seed=2))
    rate = make_learner(data).lr_find().suggested
    learn = make_learner(data, make_net())
    assert learn.fit(2, rate).row["accuracy"] > 0.7


def test_the_modes_around_a_finder_are_left_alone() -> None:
    learn = make_learner()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        before = everything(learn)
        learn.lr_find(steps=10)
        assert same(everything(learn), before)
        assert torch.is_autocast_enabled("cpu") and not torch.is_grad_enabled()
