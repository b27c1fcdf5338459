from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import At, make_learner, make_net, make_run, same, tensors
from resume_world import Kill, equal, killed, learner
from test_precompute import make_vision_learner
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import tenfold
from tenfold.errors import SettingError, StateError
from tenfold.techniques.ema import EMA
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.events import Callback
from tenfold.train.run import Run
from tenfold.train.trainer import fit

Weights = dict[str, Tensor]


class Kept(Callback):
    """Copies the weights after every step, and those that each validation sees."""

    def before_fit(self, run: Run) -> None:
        self.first = tensors(run.model)
        self.steps: list[Weights] = []
        self.seen: list[Weights] = []

    def after_step(self, run: Run) -> None:
        self.steps.append(tensors(run.model))

    def before_validate(self, run: Run) -> None:
        self.seen.append(tensors(run.model))


def by_hand(kept: Kept, decay: float, *, warm_up: bool) -> Weights:
    """The average as a slow loop over steps and weights; whole numbers are the last ones."""
    average = {name: value.clone() for name, value in kept.first.items()}
    for step, weights in enumerate(kept.steps):
        share = min(decay, (1 + step) / (10 + step)) if warm_up else decay
        for name, value in weights.items():
            whole = not value.is_floating_point()
            average[name] = value if whole else share * average[name] + (1 - share) * value
    return average


def close(first: Weights, second: Weights) -> bool:
    return all(torch.allclose(first[name], second[name], atol=1e-6) for name in first)


@pytest.mark.parametrize("warm_up", [True, False])
@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_the_average_is_that_of_a_slow_loop(decay: float, warm_up: bool) -> None:
    kept, ema = Kept(), EMA(decay, warm_up=warm_up)
    run = fit(make_run(callbacks=[ema, kept]))
    expected = by_hand(kept, decay, warm_up=warm_up)
    assert close(tensors(run.model), expected) and close(kept.seen[-1], expected)
    assert run.history.marks[-1] == (8, "weights averaged over 8 steps put in")


def test_it_is_the_average_of_torch() -> None:
    net = make_net()
    model = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    model.update_parameters(net)  # torch copies at the first call: the average begins here
    each = Each(lambda run: model.update_parameters(net))
    fit(make_run(model=net, callbacks=[EMA(0.9, warm_up=False), each]))
    named = dict(model.module.named_parameters())
    assert all(torch.equal(named[n], p) for n, p in net.named_parameters())
    means = (net.early[1].running_mean, model.module.early[1].running_mean)
    assert torch.allclose(*means, atol=1e-7)


class Each(Callback):
    """Does something after every step."""

    def __init__(self, action: Any) -> None:
        self._action = action

    def after_step(self, run: Run) -> None:
        self._action(run)


def test_a_swap_is_exact_and_twice_it_is_nothing() -> None:
    kept, ema, learn = Kept(), EMA(0.9), make_learner()
    learn.fit(2, 0.1, callbacks=[ema, kept])
    averages = tensors(learn.model)
    ema.swap(learn.model)
    assert same(tensors(learn.model), kept.steps[-1]) and not same(averages, kept.steps[-1])
    ema.swap(learn.model)
    assert same(tensors(learn.model), averages)


def test_training_itself_is_what_it_is_without() -> None:
    plain, kept = Kept(), Kept()
    fit(make_run(callbacks=[plain]))
    fit(make_run(callbacks=[EMA(), kept]))
    assert same(plain.steps, kept.steps)


def test_the_scores_and_the_export_are_those_of_the_average(tmp_path: Path) -> None:
    ema, learn = EMA(0.9), make_learner()
    learn.fit(2, 0.1, callbacks=[ema])
    outputs, targets = learn.predictions()
    loss = nn.functional.nll_loss(outputs.log(), targets)
    assert learn.history.rows[-1]["valid_loss"] == pytest.approx(float(loss), abs=1e-5)
    other, averages = make_learner(), tensors(learn.model)
    learn.save(tmp_path / "averages.safetensors")
    ema.swap(learn.model)
    other.load(tmp_path / "averages.safetensors")
    assert same(tensors(other.model), averages)
    assert not same(tensors(learn.model), averages)


@pytest.mark.parametrize("event", ["before_batch", "after_step", "before_validate", "after_epoch"])
@pytest.mark.parametrize("step", [3, 10])
def test_a_run_killed_with_it_goes_on_bit_for_bit(event: str, step: int, tmp_path: Path) -> None:
    def trains(learn: Any, **more: Any) -> Any:
        return learn.fit_one_cycle(3, 0.05, **more)

    averages = [EMA(0.95) for _ in range(3)]
    whole, dead, again = (learner(callbacks=[one]) for one in averages)
    trains(whole)
    killed(dead, trains, tmp_path, callbacks=[Kill(event, step)])
    again.resume(tmp_path)
    assert equal(again, whole)
    for learn, one in ((whole, averages[0]), (again, averages[2])):
        one.swap(learn.model)
    assert same(tensors(again.model), tensors(whole.model))


@pytest.mark.parametrize("step", [2, 4, 6])
def test_a_run_that_is_stopped_has_the_averages_too(step: int) -> None:
    kept, stop = Kept(), At("after_step", lambda run: run.stop(), step=step)
    run = fit(make_run(callbacks=[EMA(0.9), kept, stop]))
    assert run.state == "stopped" and close(tensors(run.model), by_hand(kept, 0.9, warm_up=True))


@pytest.mark.parametrize("event", ["after_step", "before_validate", "after_epoch"])
def test_a_run_that_fails_keeps_its_own_weights(event: str) -> None:
    def fail(run: Run) -> None:
        raise RuntimeError("broken")

    kept, ema = Kept(), EMA(0.9)
    run = make_run(callbacks=[kept, ema, At(event, fail, step=3)])
    with pytest.raises(RuntimeError, match="broken"):
        fit(run)
    assert same(tensors(run.model), kept.steps[-1])
    with pytest.raises(StateError, match="there are no averages of this model; train it first"):
        ema.swap(run.model)


def test_frozen_groups_are_left_alone_and_features_stay_fresh() -> None:
    ema, learn = EMA(0.9), make_vision_learner(precompute=True)
    learn.fit(1, 0.1, callbacks=[ema])
    stored = learn._features
    learn.fit(1, 0.1, callbacks=[ema])
    assert learn._features is stored and stored.current
    before = tensors(learn.model)
    ema.swap(learn.model)
    now = tensors(learn.model)
    moved = {name.split(".")[0] for name in now if not torch.equal(now[name], before[name])}
    assert moved == {"head"}


def test_the_finder_leaves_averages_as_they_were() -> None:
    ema = EMA(0.9)
    learn = make_learner(callbacks=[ema])
    learn.fit(1, 0.1)
    before, spare = tensors(learn.model), {k: v.clone() for k, v in ema._spare.items()}
    learn.lr_find(steps=10)
    assert same(tensors(learn.model), before) and same(ema._spare, spare)


def test_what_decides_on_the_weights_too_is_refused() -> None:
    with pytest.raises(SettingError, match="EMA and KeepBest were given, and each decides"):
        make_learner(callbacks=[KeepBest()]).fit(1, 0.1, callbacks=[EMA()])


@pytest.mark.parametrize("decay", [1, -0.1, math.nan, True])
def test_a_decay_outside_0_to_1_is_refused(decay: float) -> None:
    with pytest.raises(SettingError, match=f"decay={decay} was given; allowed is 0 to below 1"):
        tenfold.EMA(decay)
