from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import make_net, make_pairs, make_run, same, tensors

import tenfold
from tenfold.techniques.weight_decay import SquaredWeights, decayed, squared_weights
from tenfold.train.trainer import fit

DECAY, RATE = 0.3, 0.05


def stepped(optimizer: Any, decay: float, **more: Any) -> Any:
    """The net after one step over one batch, and the run."""
    one_step = {"epochs": 1, "train": make_pairs(1), "rate": RATE, "valid": False}
    return fit(make_run(optimizer=optimizer, weight_decay=decay, **one_step, **more))


def test_it_pulls_at_weights_and_not_at_biases_and_norms() -> None:
    assert list(decayed(make_net())) == ["early.0.weight", "late.0.weight", "head.weight"]


def test_the_sum_of_squares_is_that_of_a_slow_loop() -> None:
    net = make_net()
    values = [v for p in (net.early[0], net.late[0], net.head) for v in p.weight.flatten().tolist()]
    assert squared_weights(net) == pytest.approx(sum(v * v for v in values), rel=1e-5)


def test_adamw_shrinks_the_weights_beside_the_step() -> None:
    plain, pulled, first = stepped("adamw", 0.0), stepped("adamw", DECAY), make_net()
    step = {name: p - q for (name, p), q in zip(params(plain), first.parameters())}
    for (name, after), before in zip(params(pulled), first.parameters()):
        shrunk = before * (1 - RATE * DECAY) if name in decayed(first) else before
        assert torch.allclose(after, shrunk + step[name], atol=1e-6), name


def params(run: Any) -> Any:
    return list(run.model.named_parameters())


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_the_other_optimizers_add_half_the_squares_to_the_loss(optimizer: str) -> None:
    pulled = stepped(optimizer, DECAY)
    task = make_run().task

    def penalised(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        squares = sum(value.square().sum() for value in decayed(net).values())
        return task.loss(outputs, targets) + DECAY / 2 * squares

    net = make_net()
    run = stepped(optimizer, 0.0, model=net, task=task.with_loss(penalised))
    pairs = zip(params(pulled), params(run), strict=True)
    assert all(torch.allclose(p, q, atol=1e-6) for (_, p), (_, q) in pairs)


def test_plain_sgd_cannot_tell_the_two_ways_apart() -> None:
    def plain_sgd(groups: Any) -> Any:
        return torch.optim.SGD(groups)

    pulled, plain, first = stepped(plain_sgd, DECAY), stepped(plain_sgd, 0.0), make_net()
    for (name, after), (_, without), before in zip(
        params(pulled), params(plain), first.parameters()
    ):
        pull = RATE * DECAY * before if name in decayed(first) else 0
        assert torch.allclose(after, without - pull, atol=1e-6)


def test_rows_get_the_sum_of_squares_and_training_stays_what_it_is() -> None:
    plain, watched = fit(make_run()), fit(make_run(callbacks=[SquaredWeights()]))
    assert same(tensors(plain.model), tensors(watched.model))
    assert watched.history.rows[-1]["squared_weights"] == squared_weights(watched.model)
    assert tenfold.squared_weights(watched.model) == squared_weights(watched.model)
