from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from factories import Net, make_net, make_pairs, make_run, same, tensors
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from tenfold.errors import SettingError
from tenfold.train.optim import (
    OPTIMIZERS,
    freeze_to,
    layer_groups,
    make_optimizer,
    parameters_of,
    quick_step,
    read_rates,
    regroup,
    set_train_mode,
)
from tenfold.train.schedule import Constant, Cosine, OneCycle
from tenfold.train.trainer import fit


@pytest.mark.parametrize(
    ("lr", "rates"),
    [
        (0.1, [0.1, 0.1, 0.1]),
        ("1e-2", [0.01] * 3),
        ("1e-4:1e-2", [1e-4, 1e-3, 1e-2]),
        (slice(1e-6, 1e-3), [1e-6, 3.16227766017e-5, 1e-3]),
        (slice(None, 0.1), [0.1] * 3),
        ("1e-4, 1e-3 ,1e-2", [1e-4, 1e-3, 1e-2]),
        ([1e-4, "1e-3", np.float64(1e-2)], [1e-4, 1e-3, 1e-2]),
        (np.array([1e-4, 1e-3, 1e-2]), [1e-4, 1e-3, 1e-2]),
        (np.array(0.1), [0.1] * 3),
        (torch.tensor(0.5), [0.5] * 3),
    ],
)
def test_rates_are_read_in_every_form(lr: Any, rates: list[float]) -> None:
    assert read_rates(lr, 3) == rates


def test_a_spread_over_one_group_is_its_last_rate() -> None:
    assert read_rates("1e-5:1e-3", 1) == [1e-3]


@pytest.mark.parametrize(
    "lr",
    [0, -1, math.nan, math.inf, True, None, "fast", "", "1e-3:", [0.1, 0, 0.1], slice(1, None)],
)
def test_a_rate_that_is_not_a_number_above_0_is_refused(lr: Any) -> None:
    with pytest.raises(SettingError, match=r"the learning rate .* was given; allowed is a number"):
        read_rates(lr, 3)


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        ([0.1, 0.2], "2 learning rates were given; this model has 3 layer groups; give 3 rates"),
        ([], "0 learning rates were given; this model has 3 layer groups"),
        ("1,2,3,4", "4 learning rates were given; this model has 3 layer groups"),
        ("1:2:3", "the spread '1:2:3' was given; allowed is 'first:last'"),
    ],
)
def test_a_list_of_rates_of_the_wrong_length_is_refused(lr: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        read_rates(lr, 3)


def test_a_model_without_groups_is_one_group() -> None:
    model = nn.Linear(2, 2)
    assert layer_groups(model) == [[model]]


def test_layers_called_groups_are_not_taken_for_layer_groups() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model.add_module("groups", nn.ModuleList([nn.Linear(2, 2)]))
    assert layer_groups(model) == [[model]]


@pytest.mark.parametrize(("group", "first"), [(0, 0), (1, 1), (-1, 2), (-3, 0), (3, 3), (-2, 1)])
def test_freeze_to_trains_the_groups_from_there_on(group: int, first: int) -> None:
    model = make_net()
    freeze_to(model, group)
    trains = [all(p.requires_grad for p in parameters_of(group)) for group in model.groups()]
    assert trains == [index >= first for index in range(3)]


@pytest.mark.parametrize("group", [4, -4, True, 1.0, "1", None])
def test_a_group_that_is_not_there_is_refused(group: Any) -> None:
    with pytest.raises(SettingError, match=r"has 3 layer groups, so allowed is -3 to 3; 0 trains"):
        freeze_to(make_net(), group)


def test_a_frozen_group_stays_in_evaluation_mode() -> None:
    model = make_net()
    freeze_to(model, -1)
    set_train_mode(model)
    assert not any(module.training for module in (*model.early, *model.late))
    assert model.training and model.head.training


def test_a_frozen_batch_norm_keeps_its_statistics_and_weights_bit_for_bit() -> None:
    model = make_net()
    freeze_to(model, 1)
    before = tensors(model.early)
    fit(make_run(model=model))
    assert same(tensors(model.early), before)


def test_weight_decay_leaves_biases_and_norms_alone() -> None:
    optimizer = make_optimizer("adamw", make_net(), rates=[0.1] * 3, weight_decay=0.3)
    decays = {
        p.ndim: group["weight_decay"] for group in optimizer.param_groups for p in group["params"]
    }
    assert decays == {1: 0.0, 2: 0.3}


def test_groups_of_one_rate_and_decay_are_merged() -> None:
    optimizer = make_optimizer("sgd", make_net(), rates=[0.1, 0.1, 0.2], weight_decay=0.3)
    found = [
        (group["lr"], group["weight_decay"], group["layers"]) for group in optimizer.param_groups
    ]
    assert found == [(0.1, 0.3, [0, 1]), (0.1, 0.0, [0, 1]), (0.2, 0.3, [2]), (0.2, 0.0, [2])]


def test_a_callable_makes_the_optimizer() -> None:
    optimizer = make_optimizer(
        lambda groups: torch.optim.Adagrad(groups), make_net(), rates=[0.1] * 3
    )
    assert isinstance(optimizer, torch.optim.Adagrad)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda net: make_optimizer("sdg", net, rates=[1] * 3),
            "'sdg' was given; known are.*'sgd'",
        ),
        (
            lambda net: make_optimizer("zzz", net, rates=[1] * 3),
            "known are adamw, adam, sgd, rmsprop$",
        ),
        (
            lambda net: make_optimizer("sgd", net, rates=[1] * 3, weight_decay=-1),
            "weight_decay=-1 was",
        ),
        (
            lambda net: make_optimizer("sgd", net, rates=[1] * 3, weight_decay=True),
            "weight_decay=True",
        ),
    ],
)
def test_an_optimizer_that_cannot_be_made_is_refused(
    make: Callable[[Net], Any], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        make(make_net())


def test_a_model_that_is_frozen_as_a_whole_is_refused() -> None:
    model = make_net()
    freeze_to(model, 3)
    with pytest.raises(SettingError, match=r"every layer group is frozen; call unfreeze\(\)"):
        make_optimizer("sgd", model, rates=[0.1] * 3)


BARE = {
    "sgd": lambda groups: torch.optim.SGD(groups, momentum=0.9, fused=True),
    "adamw": lambda groups: torch.optim.AdamW(groups, betas=(0.9, 0.99), eps=1e-5, fused=True),
    "adam": lambda groups: torch.optim.Adam(groups, betas=(0.9, 0.99), eps=1e-5, fused=True),
    "rmsprop": torch.optim.RMSprop,
}


def bare_loop(name: str, *, schedule: Any, frozen: int, steps: int = 8) -> nn.Module:
    """Two epochs written by hand: every parameter is a group of its own."""
    torch.manual_seed(0)
    model, momenta = make_net(), schedule.momenta(steps)
    freeze_to(model, frozen)
    bases = {
        id(p): 10.0 ** (g - 3) for g, part in enumerate(model.groups()) for p in parameters_of(part)
    }
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p], "weight_decay": 0.1 if p.ndim > 1 else 0.0, "lr": 1.0} for p in trained
    ]
    optimizer = BARE[name](groups)
    set_train_mode(model)
    for step, (inputs, targets) in enumerate(make_pairs() * 2):
        for group in optimizer.param_groups:
            group["lr"] = bases[id(group["params"][0])] * schedule.factors(steps)[step]
            if momenta is not None and name != "rmsprop":
                group.update(momentum=momenta[step], betas=(momenta[step], 0.99))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    return model


@pytest.mark.parametrize("frozen", [0, 1])
@pytest.mark.parametrize("schedule", [Constant(), Cosine(), OneCycle()], ids=str)
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_training_equals_a_bare_loop(name: str, schedule: Any, frozen: int) -> None:
    model = make_net()
    freeze_to(model, frozen)
    more = {"schedule": schedule, "weight_decay": 0.1, "rate": [1e-3, 1e-2, 1e-1]}
    fit(make_run(model=model, optimizer=name, valid=False, **more))
    expected = bare_loop(name, schedule=schedule, frozen=frozen)
    assert same(tensors(model), tensors(expected))


def test_new_rates_keep_the_momenta_and_drop_what_is_frozen() -> None:
    run = fit(make_run(optimizer="adamw"))
    kept = run.optimizer.state[run.model.head.weight]["exp_avg"].clone()
    freeze_to(run.model, -1)
    regroup(run.optimizer, run.model, rates=[1, 2, 3], weight_decay=0.1)
    assert torch.equal(run.optimizer.state[run.model.head.weight]["exp_avg"], kept)
    assert set(run.optimizer.state) == set(run.model.head.parameters())
    assert {group["lr"] for group in run.optimizer.param_groups} == {3}


def test_layers_that_thaw_join_the_momentum_of_sgd() -> None:
    run = make_run(optimizer="sgd")
    freeze_to(run.model, -1)
    run = fit(make_run(model=run.model, optimizer="sgd", rate=0.1, valid=False))
    model, optimizer = run.model, run.optimizer
    freeze_to(model, 0)
    regroup(optimizer, model, rates=[0.1] * 3, weight_decay=0.0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    kept = {
        name: optimizer.state[p]["momentum_buffer"].clone() for name, p in model.named_parameters()
    }
    inputs, targets = make_pairs()[0]
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(inputs), targets).backward()
    optimizer.step()
    assert any(buffer.any() for buffer in kept.values())
    for name, parameter in model.named_parameters():
        expected = before[name] - 0.1 * (0.9 * kept[name] + parameter.grad)
        assert torch.allclose(parameter, expected, atol=1e-6)


def test_the_momentum_of_one_cycle_does_not_stay_behind() -> None:
    run = fit(make_run(optimizer="adamw", schedule=OneCycle()))
    regroup(run.optimizer, run.model, rates=[1, 2, 3], weight_decay=0.1)
    assert {group["betas"] for group in run.optimizer.param_groups} == {(0.9, 0.99)}


def test_the_quick_step_does_what_the_step_does() -> None:
    first, second = (make_net(), make_net())
    for net, quick in ((first, True), (second, False)):
        rates = [0.1] * len(layer_groups(net))
        optimizer = make_optimizer("adamw", net, rates=rates, weight_decay=0.1)
        for parameter in net.parameters():
            parameter.grad = torch.ones_like(parameter)
        (quick_step(optimizer) if quick else optimizer.step)()
    assert same(tensors(first), tensors(second))


def test_a_hooked_optimizer_keeps_its_own_step() -> None:
    optimizer = make_optimizer("sgd", nn.Linear(2, 2), rates=[0.1])
    assert quick_step(optimizer) != optimizer.step
    handle = optimizer.register_step_pre_hook(lambda *_: None)
    assert quick_step(optimizer) == optimizer.step
    handle.remove()
    everyone = register_optimizer_step_post_hook(lambda *_: None)
    assert quick_step(optimizer) == optimizer.step
    everyone.remove()
