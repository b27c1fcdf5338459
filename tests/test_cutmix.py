from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import At, make_learner, make_run
from resume_world import Kill, equal, killed
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.techniques.cutmix import CutMix, box_at
from tenfold.train.state import kept_random
from tenfold.train.task import multi_label, number, single_label
from tenfold.train.trainer import fit


def cut_by_hand(inputs: Tensor, rows: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """The same draws, then a slow loop that pastes and counts single pixels."""
    height, width = inputs.shape[-2:]
    share = 1 - float(torch.distributions.Beta(alpha, alpha).sample())
    row, column = int(torch.randint(height, ())), int(torch.randint(width, ()))
    other = torch.randperm(len(inputs)).tolist()
    new_inputs, new_rows = inputs.clone(), rows.clone()
    half = math.sqrt(share) / 2
    tall, wide = int(half * height), int(half * width)
    for item, partner in enumerate(other):
        pasted = 0
        for y in range(height):
            for x in range(width):
                if row - tall <= y < row + tall and column - wide <= x < column + wide:
                    new_inputs[item, :, y, x] = inputs[partner, :, y, x]
                    pasted += 1
        away = pasted / (height * width)
        new_rows[item] = (1 - away) * rows[item] + away * rows[partner]
    return new_inputs, new_rows


def cut(inputs: Tensor, targets: Tensor, task: Any, alpha: float = 1.0) -> tuple[Tensor, Tensor]:
    run = make_run(task=task)
    run.inputs, run.targets = inputs, targets
    CutMix(alpha).before_batch(run)
    return run.inputs, run.targets


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
@pytest.mark.parametrize("seed", range(4))
def test_boxes_and_targets_are_those_of_a_slow_loop(alpha: float, seed: int) -> None:
    torch.manual_seed(seed)
    inputs, targets = torch.rand(5, 3, 9, 7), torch.randint(0, 3, (5,))
    with kept_random():
        expected = cut_by_hand(inputs, nn.functional.one_hot(targets, 3).float(), alpha)
    found = cut(inputs, targets, single_label(3), alpha)
    assert torch.equal(found[0], expected[0])
    assert torch.allclose(found[1], expected[1], atol=1e-6)
    assert torch.allclose(found[1].sum(1), torch.ones(5))


def torchvisions_box(middle: tuple[int, int], share: float, height: int, width: int) -> Any:
    """The box as `torchvision.transforms.v2.CutMix` makes it."""
    row, column = middle
    half = 0.5 * math.sqrt(share)
    tall, wide = int(half * height), int(half * width)
    box = [torch.tensor(at) for at in (row - tall, row + tall, column - wide, column + wide)]
    most = (height, height, width, width)
    return tuple(int(torch.clamp(at, min=0, max=end)) for at, end in zip(box, most))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99, 1.0])
def test_a_box_lies_where_torchvision_puts_it(share: float) -> None:
    for middle in [(0, 0), (5, 3), (9, 15)]:
        found = box_at(middle, share, height=10, width=16)
        assert found == torchvisions_box(middle, share, 10, 16)


@pytest.mark.parametrize(
    ("task", "targets"),
    [
        (multi_label(2), torch.randint(0, 2, (6, 2))),
        (multi_label(2), torch.rand(6, 2)),
        (number(), torch.arange(6)),
    ],
)
def test_labels_and_numbers_are_shared_by_the_area_too(task: Any, targets: Tensor) -> None:
    inputs = torch.rand(6, 1, 8, 8)
    with kept_random():
        expected = cut_by_hand(inputs, targets.float(), 1.0)
    found = cut(inputs, targets, task)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(found, expected, strict=True))


class Small(nn.Module):
    """A net for pictures (N, 1, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layers(inputs)


def pictures(*, seed: int = 0) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    batches = [torch.randn(6, 1, 4, 4, generator=generator) for _ in range(4)]
    return [(batch, (batch.mean((1, 2, 3)) > 0).long()) for batch in batches]


def make(**more: Any) -> Any:
    torch.manual_seed(3)
    return make_learner((pictures(), pictures(seed=1)), Small(), callbacks=[CutMix()], **more)


def test_a_run_trains_on_cut_pictures_and_leaves_the_data_alone() -> None:
    seen: list[Tensor] = []
    watch = At("after_backward", lambda run: seen.append(run.targets))
    train = pictures()
    run = fit(make_run(model=Small(), train=train, valid=False, callbacks=[CutMix(), watch]))
    assert seen[0].shape == (6, 2) and run.state == "finished"
    assert all(torch.equal(a[0], b[0]) for a, b in zip(train, pictures(), strict=True))


@pytest.mark.parametrize(("event", "step"), [("after_backward", 5), ("before_validate", 8)])
def test_a_run_killed_with_it_goes_on_bit_for_bit(event: str, step: int, tmp_path: Path) -> None:
    whole, dead, again = make(), make(), make()

    def trains(learn: Any, **more: Any) -> Any:
        return learn.fit_one_cycle(3, 0.05, **more)

    trains(whole)
    killed(dead, trains, tmp_path, callbacks=[Kill(event, step)])
    again.resume(tmp_path)
    assert equal(again, whole)


@pytest.mark.parametrize("inputs", [torch.rand(2, 3), (torch.rand(2, 1, 4, 4),) * 2])
def test_inputs_without_boxes_are_refused(inputs: Any) -> None:
    with pytest.raises(SettingError, match=r"these inputs have no boxes to cut; it needs pictures"):
        cut(inputs, torch.zeros(2).long(), single_label(2))


@pytest.mark.parametrize("targets", [torch.zeros(2, 4, 4).long(), None])
def test_targets_that_cannot_be_shared_are_refused(targets: Any) -> None:
    with pytest.raises(SettingError, match="cutmix was asked for, and these targets cannot be"):
        cut(torch.rand(2, 1, 4, 4), targets, single_label(2))


@pytest.mark.parametrize("alpha", [0, -1, math.inf, math.nan, True])
def test_an_alpha_that_is_not_above_0_is_refused(alpha: float) -> None:
    with pytest.raises(SettingError, match=f"alpha={alpha} was given; allowed is above 0; try 1.0"):
        CutMix(alpha)
