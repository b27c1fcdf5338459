from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from factories import At, make_net, make_pairs, make_run
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.techniques.mixup import Mixup, blend
from tenfold.train.state import kept_random
from tenfold.train.task import multi_label, number, single_label
from tenfold.train.trainer import fit


def mixed_by_hand(inputs: Tensor, targets: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """The same draws as a slow loop over items; targets are rows already."""
    shares = torch.distributions.Beta(alpha, alpha).sample((len(inputs),)).tolist()
    other = torch.randperm(len(inputs)).tolist()
    new_inputs, new_targets = inputs.clone(), targets.clone()
    for item, (share, partner) in enumerate(zip(shares, other, strict=True)):
        share = max(share, 1 - share)
        new_inputs[item] = share * inputs[item] + (1 - share) * inputs[partner]
        new_targets[item] = share * targets[item] + (1 - share) * targets[partner]
    return new_inputs, new_targets


def mixed(inputs: Tensor, targets: Tensor, task: Any, alpha: float = 0.4) -> tuple[Tensor, Tensor]:
    run = make_run(task=task, model=make_net(task.outputs))
    run.inputs, run.targets = inputs, targets
    Mixup(alpha).before_batch(run)
    return run.inputs, run.targets


@pytest.mark.parametrize("alpha", [0.1, 0.4, 2.0])
def test_pictures_and_classes_are_blended_like_in_a_slow_loop(alpha: float) -> None:
    inputs, targets = torch.rand(6, 3, 2, 2), torch.randint(0, 3, (6,))
    rows = torch.nn.functional.one_hot(targets, 3).float()
    with kept_random():
        expected = mixed_by_hand(inputs, rows, alpha)
    found = mixed(inputs, targets, single_label(3), alpha)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(found, expected, strict=True))
    assert torch.allclose(found[1].sum(1), torch.ones(6))


@pytest.mark.parametrize(
    ("task", "targets"),
    [
        (multi_label(2), torch.randint(0, 2, (6, 2))),
        (multi_label(2), torch.rand(6, 2)),
        (number(), torch.arange(6)),
        (number(), torch.rand(6, 1)),
    ],
)
def test_labels_and_numbers_are_blended_as_they_are(task: Any, targets: Tensor) -> None:
    inputs = torch.rand(6, 3)
    with kept_random():
        expected = mixed_by_hand(inputs, targets.float(), 0.4)
    found = mixed(inputs, targets, task)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(found, expected, strict=True))


def test_a_blend_leans_to_its_own_item() -> None:
    rows = mixed(torch.rand(50, 1), torch.arange(50), single_label(50))[1]
    assert (rows.diagonal() >= 0.5).all()


def test_the_batch_of_the_data_is_not_changed() -> None:
    pairs = make_pairs()
    fit(make_run(train=pairs, callbacks=[Mixup()]))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(pairs, make_pairs(), strict=True))


def test_a_run_trains_on_blends_and_validates_on_the_items() -> None:
    seen: list[Tensor] = []
    watch = At("after_backward", lambda run: seen.append(run.targets))
    run = fit(make_run(callbacks=[Mixup(), watch]))
    assert seen[0].shape == (8, 2) and run.state == "finished"


def test_a_blend_is_a_weighted_mean() -> None:
    found = blend(torch.ones(2, 1), torch.zeros(2, 1), torch.tensor([0.25, 1.0]))
    assert found.tolist() == [[0.25], [1.0]]


@pytest.mark.parametrize("inputs", [torch.zeros(2, 3).long(), (torch.rand(2, 3), torch.rand(2, 3))])
def test_inputs_that_cannot_be_blended_are_refused(inputs: Any) -> None:
    with pytest.raises(
        SettingError, match="these inputs cannot be blended; it needs one tensor of"
    ):
        mixed(inputs, torch.zeros(2).long(), single_label(2))


@pytest.mark.parametrize("alpha", [0, -1, math.inf, math.nan])
def test_an_alpha_that_is_not_above_0_is_refused(alpha: float) -> None:
    with pytest.raises(SettingError, match=f"alpha={alpha} was given; allowed is above 0; try 0.4"):
        Mixup(alpha)
