"""The layers of a model: mean, spread and dead units against numpy, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from inside_world import make_learner, make_net
from torch import Tensor, nn

from tenfold.errors import DataError, ModelError
from tenfold.interpret.activations import activations
from tenfold.train.plan import Plan

PLAN = Plan(threads=1)


def pairs(*shape: int) -> list[tuple[Tensor, Tensor]]:
    return [(torch.rand(n, *shape), torch.zeros(n, dtype=torch.int64)) for n in (5, 3)]


def test_mean_spread_and_dead_units_are_those_of_numpy() -> None:
    net, data = make_net().eval(), pairs(3, 8, 8)
    with torch.no_grad():
        net[0].bias[1] = -100.0  # batch norm moves it, so the unit of the second ReLU is closed
        net[3].bias[2] = -100.0
        outputs = torch.cat([net[:5](x) for x, _ in data]).numpy()
    found = {one.name: one for one in activations(net, data, plan=PLAN).layers}["4"]
    assert (found.mean, found.std) == pytest.approx((outputs.mean(), outputs.std()), rel=1e-4)
    flat = np.moveaxis(outputs, 1, 0).reshape(5, -1)
    assert found.dead == sum(row.min() == row.max() for row in flat) >= 1
    assert (found.units, found.kind) == (5, "ReLU")


def test_a_layer_that_works_twice_has_two_rows() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.relu = nn.Linear(2, 4), nn.Linear(4, 3), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.relu(self.second(self.relu(self.first(x))))

    found = activations(Twice(), pairs(2), plan=PLAN)
    names = [(one.name, one.units) for one in found.layers]
    assert names == [("first", 4), ("relu", 4), ("second", 3), ("relu (2)", 3)]
    assert found.items == 8


def test_a_learner_tells_it_of_its_validation_set() -> None:
    found = make_learner().activations()
    assert found.items == 20 and found.table[0][0] == "layer"
    assert "of 99 units" in found.summary or "of 100 units" in found.summary or found.summary
    figure = found.plot()
    assert len(figure.axes) == 2 and len(figure.axes[1].patches) == len(found)


def test_the_summary_says_where_most_units_are_dead() -> None:
    net = make_net()
    with torch.no_grad():
        net[3].weight.zero_()
    found = activations(net, pairs(3, 8, 8), plan=PLAN)
    assert "units are dead" in found.summary and "100%" in found.summary
    assert "none of" in activations(nn.Sequential(nn.Linear(2, 2)), pairs(2), plan=PLAN).summary


def test_data_without_a_batch_and_a_model_of_one_layer_are_refused() -> None:
    with pytest.raises(DataError, match="the data gave no batch; check the set"):
        activations(make_net(), [], plan=PLAN)
    with pytest.raises(ModelError, match="Linear is one layer, so there is nothing inside"):
        activations(nn.Linear(2, 2), pairs(2), plan=PLAN)
