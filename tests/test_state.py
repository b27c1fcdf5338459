from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from factories import make_net, make_run, same, tensors
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from tenfold.train.state import Snapshot, kept_modes, kept_random, preserved
from tenfold.train.trainer import fit


def draw() -> list[float]:
    return [random.random(), float(np.random.rand()), torch.rand(()).item()]


def state_of(optimizer: torch.optim.Optimizer) -> list[Any]:
    groups = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    return copy.deepcopy([groups, list(optimizer.state.values())])


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "rmsprop"])
def test_a_snapshot_puts_weights_buffers_and_optimizer_back_bit_for_bit(optimizer: str) -> None:
    run = fit(make_run(optimizer=optimizer))
    before, state = tensors(run.model), state_of(run.optimizer)
    snapshot = Snapshot(run.model, run.optimizer)
    fit(make_run(model=run.model, optimizer=lambda groups: run.optimizer))
    assert not same(tensors(run.model), before)
    snapshot.restore()
    assert same(tensors(run.model), before)
    assert same(state_of(run.optimizer), state)


def test_a_snapshot_can_be_restored_twice() -> None:
    run = fit(make_run(optimizer="adamw"))
    snapshot, before = Snapshot(run.model, run.optimizer), tensors(run.model)
    for _ in range(2):
        snapshot.restore()
        fit(make_run(model=run.model, optimizer=lambda groups: run.optimizer))
    snapshot.restore()
    assert same(tensors(run.model), before)


def test_a_snapshot_writes_into_the_same_tensors() -> None:
    model = make_net()
    weight = model.head.weight
    Snapshot(model).restore()
    assert model.head.weight is weight and weight.requires_grad


def test_random_numbers_go_on_as_if_nothing_had_been_drawn() -> None:
    with kept_random():
        expected = draw()
    with kept_random(seed=3):
        draw()
    assert draw() == expected


@pytest.mark.parametrize("seed", [0, 7, 2**40, -1])
def test_a_seed_fixes_what_is_drawn_inside(seed: int) -> None:
    with kept_random(seed):
        first = draw()
    with kept_random(seed):
        assert draw() == first


def test_random_numbers_come_back_after_an_error() -> None:
    with kept_random():
        expected = draw()
    with pytest.raises(KeyboardInterrupt), kept_random(seed=1):
        draw()
        raise KeyboardInterrupt
    assert draw() == expected


def test_modes_grad_mode_and_threads_come_back_after_an_error() -> None:
    model = make_net()
    model.late.eval()
    with pytest.raises(ValueError), kept_modes(model), torch.no_grad():
        torch.set_grad_enabled(False)
        torch.set_num_threads(2)
        model.train().early.eval()
        raise ValueError
    assert [model.early.training, model.late.training, model.training] == [True, False, True]
    assert torch.is_grad_enabled() and torch.get_num_threads() == 1


def spoil_all(run: Any) -> None:
    """Change everything that `preserved` looks after."""
    fit(run)
    draw()
    for parameter in run.model.parameters():
        parameter.requires_grad_(not parameter.requires_grad)
        parameter.grad = torch.ones_like(parameter)
    run.model.eval()
    torch.set_grad_enabled(False)


def raise_interrupt(run: Any) -> None:
    spoil_all(run)
    raise KeyboardInterrupt


@pytest.mark.parametrize("spoil", [spoil_all, raise_interrupt])
def test_preserved_leaves_everything_as_it_was(spoil: Callable[[Any], None]) -> None:
    run = fit(make_run(optimizer="adamw"))
    model = run.model
    model.head.bias.requires_grad_(False)
    model.head.weight.grad = torch.full_like(model.head.weight, 0.5)
    before, grad, state = tensors(model), model.head.weight.grad, state_of(run.optimizer)
    with kept_random():
        expected = draw()
    try:
        with preserved(model, run.optimizer):
            spoil(make_run(model=model, optimizer=lambda groups: run.optimizer))
    except KeyboardInterrupt:
        pass
    assert same(tensors(model), before) and same(state_of(run.optimizer), state)
    assert (
        model.head.weight.grad is grad
        and (grad == 0.5).all()
        and model.early[0].weight.grad is None
    )
    flags = [parameter.requires_grad for parameter in model.parameters()]
    assert flags.count(False) == 1 and not model.head.bias.requires_grad
    assert model.training and torch.is_grad_enabled() and draw() == expected


def make_loader(where: str) -> tuple[DataLoader, torch.Generator]:
    generator = torch.Generator().manual_seed(3)
    items = TensorDataset(torch.arange(20))
    if where == "loader":
        return DataLoader(items, shuffle=True, generator=generator), generator
    return DataLoader(items, sampler=RandomSampler(items, generator=generator)), generator


@pytest.mark.parametrize("where", ["loader", "sampler"])
def test_generators_of_loaders_are_put_back(where: str) -> None:
    loader, generator = make_loader(where)
    state = generator.get_state()
    with preserved(make_net(), loaders=(loader, None)):
        order = [int(batch[0]) for batch in loader]
    assert torch.equal(generator.get_state(), state)
    assert [int(batch[0]) for batch in loader] == order
