from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from factories import make_net, make_pairs
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from tenfold.data.batches import Batches
from tenfold.errors import DataError
from tenfold.train.passes import batches_of, forward, placed, predict_batches, steps_in
from tenfold.train.plan import Plan

CPU, PLAN = torch.device("cpu"), Plan(threads=1)


class Sum(nn.Module):
    """Two inputs, one output."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return self.layer(first + second)


@pytest.mark.parametrize("kind", [tuple, list])
def test_several_inputs_become_several_arguments(kind: Any) -> None:
    model, pair = Sum(), kind([torch.ones(4, 3), torch.zeros(4, 3)])
    assert torch.equal(forward(model, pair, PLAN), model.layer(torch.ones(4, 3)))


@pytest.mark.parametrize("inputs", [torch.ones(4, 3), (torch.ones(4, 3), torch.zeros(4, 3))])
def test_outputs_are_float32_under_autocast(inputs: Any) -> None:
    model = Sum() if isinstance(inputs, tuple) else nn.Linear(3, 2)
    outputs = forward(model, inputs, Plan(threads=1, precision="bfloat16"))
    assert outputs.dtype == torch.float32
    assert not torch.is_autocast_enabled("cpu")


def test_predictions_are_made_in_evaluation_mode_without_gradients() -> None:
    model, pairs = make_net(), make_pairs()
    found: list[Any] = []
    predict_batches(model, pairs, use=lambda outputs, _: found.append(outputs), plan=PLAN)
    assert model.training and torch.is_grad_enabled()
    assert not any(outputs.requires_grad for outputs in found)
    model.eval()
    assert all(torch.equal(a, model(b)) for a, (b, _) in zip(found, pairs, strict=True))


def test_a_prediction_pass_that_is_left_early_puts_the_modes_back() -> None:
    model, seen = make_net(), []
    predict_batches(model, make_pairs(), use=lambda *pair: seen.append(pair) or True, plan=PLAN)
    assert model.training and len(seen) == 1


def test_a_prediction_pass_that_fails_leaves_nothing_for_the_traceback_to_undo() -> None:
    model = make_net().eval()

    def fail(*pair: Any) -> None:
        raise ValueError

    with pytest.raises(ValueError) as caught:
        predict_batches(model.train(), make_pairs(), use=fail, plan=PLAN)
    assert model.training and torch.is_grad_enabled()
    model.eval()
    del caught
    assert not model.training


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.zeros((2, 3)), torch.float32),
        (np.zeros(2, np.float32), torch.float32),
        (np.zeros(2, np.int32), torch.int32),
        (np.zeros(2, np.uint8), torch.uint8),
        ([0, 1], torch.int64),
        ([0.5, 1.0], torch.float32),
        (torch.zeros(2, dtype=torch.float64), torch.float64),
    ],
)
def test_arrays_and_lists_become_tensors_with_torchs_own_floats(
    values: Any, kind: torch.dtype
) -> None:
    assert placed(values, CPU).dtype == kind


def test_the_shape_of_several_inputs_is_kept() -> None:
    placed_list = placed([np.ones(2), torch.ones(2)], CPU)
    assert isinstance(placed_list, list) and all(map(torch.is_tensor, placed_list))
    assert isinstance(placed((np.ones(2), np.ones(2)), CPU), tuple)


def test_items_without_targets_are_passed_through() -> None:
    assert placed(None, CPU) is None


def test_the_epoch_is_set_where_data_has_one() -> None:
    batches = Batches(torch.arange(8.0), torch.arange(8), batch_size=4, shuffle=True)
    orders = [
        [b.tolist() for b, _ in batches_of(batches, device=CPU, plan=PLAN, epoch=e)]
        for e in (0, 1, 0)
    ]
    assert orders[0] == orders[2] != orders[1]


def test_pictures_are_laid_out_as_planned() -> None:
    data = Batches(torch.rand(4, 3, 5, 5), torch.zeros(4), batch_size=2)
    plan = Plan(threads=1, channels_last=True)
    for inputs, _ in batches_of(data, device=CPU, plan=plan, epoch=0):
        assert inputs.is_contiguous(memory_format=torch.channels_last)


class Unsized:
    """Repeatable, but it does not say how long it is."""

    def __iter__(self) -> Any:
        return iter(make_pairs(3))


def test_steps_are_counted_where_the_data_does_not_say() -> None:
    assert (steps_in(make_pairs(5)), steps_in(Unsized())) == (5, 3)


class Stream(IterableDataset):
    """A data set that only gives items one after another."""

    def __iter__(self) -> Any:
        return iter(range(20))


def test_steps_of_a_loader_over_a_stream_are_counted() -> None:
    assert steps_in(DataLoader(Stream(), batch_size=8)) == 3


def test_data_without_a_batch_is_refused() -> None:
    with pytest.raises(DataError, match="the training data gave no batch; it must be repeatable"):
        steps_in([])
