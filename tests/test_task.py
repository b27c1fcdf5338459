from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.train.task import Task, make_task, multi_label, number, single_label


def slow_smoothed_loss(outputs: Tensor, targets: Tensor, smoothing: float) -> float:
    total, classes = 0.0, outputs.shape[1]
    for row, target in zip(outputs.double().tolist(), targets.tolist(), strict=True):
        log_sum = math.log(sum(math.exp(value) for value in row))
        for index, value in enumerate(row):
            share = smoothing / classes + (1 - smoothing) * (index == target)
            total -= share * (value - log_sum)
    return total / len(outputs)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_label_smoothing_equals_the_slow_loop(smoothing: float) -> None:
    outputs, targets = torch.randn(6, 4), torch.randint(0, 4, (6,))
    loss = single_label(4, smoothing=smoothing).loss(outputs, targets)
    assert loss.item() == pytest.approx(slow_smoothed_loss(outputs, targets, smoothing), rel=1e-5)


def test_a_single_label_is_the_largest_of_probabilities_that_sum_to_1() -> None:
    task, outputs = single_label(3), torch.tensor([[0.0, 2.0, 1.0]])
    probabilities = task.activation(outputs)
    assert probabilities.sum().item() == pytest.approx(1)
    assert task.decode(probabilities).tolist() == [1]


def test_several_labels_are_those_above_the_threshold() -> None:
    task = multi_label(3, threshold=0.6)
    probabilities = task.activation(torch.tensor([[0.0, 1.0, -1.0]]))
    assert probabilities[0, 1].item() == pytest.approx(1 / (1 + math.exp(-1)))
    assert task.decode(probabilities).tolist() == [[False, True, False]]


@pytest.mark.parametrize("kind", [torch.float32, torch.int64, torch.bool])
def test_several_labels_are_trained_with_binary_cross_entropy(kind: torch.dtype) -> None:
    outputs, targets = torch.randn(5, 3), torch.randint(0, 2, (5, 3))
    chance = torch.sigmoid(outputs).double()
    slow = -(targets * chance.log() + (1 - targets) * (1 - chance).log()).mean()
    assert multi_label(3).loss(outputs, targets.to(kind)).item() == pytest.approx(
        slow.item(), rel=1e-5
    )


def test_a_number_in_a_range_is_a_scaled_sigmoid() -> None:
    task = number(1, 5)
    assert task.activation(torch.tensor([0.0])).item() == 3
    assert task.decode(torch.tensor([[3.0], [4.0]])).tolist() == [3, 4]


def test_a_column_of_outputs_is_not_broadcast_against_a_row_of_targets() -> None:
    outputs, targets = torch.randn(4, 1), torch.randn(4)
    slow = sum((a - b) ** 2 for a, b in zip(outputs[:, 0].tolist(), targets.tolist(), strict=True))
    assert number().loss(outputs, targets).item() == pytest.approx(slow / 4, rel=1e-5)


def test_a_number_with_a_mean_counts_its_error_in_deviations() -> None:
    task = number(mean=10, std=4)
    assert task.activation(torch.tensor([[0.0], [-1.0]])).flatten().tolist() == [10, 6]
    assert task.loss(torch.tensor([[0.5]]), torch.tensor([10.0])).item() == 0.25


def test_a_logarithms_error_is_that_of_the_ratio_and_its_predictions_are_in_the_unit() -> None:
    task, outputs, targets = number(log=True), torch.randn(4, 1), torch.rand(4) + 1
    slow = sum((a - math.log(b)) ** 2 for a, b in zip(outputs[:, 0].tolist(), targets.tolist()))
    assert task.loss(outputs, targets).item() == pytest.approx(slow / 4, rel=1e-5)
    assert torch.allclose(task.activation(outputs), outputs.exp())
    ranged = number(1, 100, log=True)
    assert ranged.activation(torch.tensor([[0.0]])).item() == pytest.approx(10)
    assert task.metrics == ("rmspe", "rmse")


def test_another_loss_keeps_the_rest_of_the_task() -> None:
    task = single_label(2).with_loss(lambda outputs, targets: outputs.sum())
    assert task.loss(torch.ones(1, 2), torch.zeros(1)).item() == 2
    assert task.metrics == ("accuracy",)


@pytest.mark.parametrize(
    "task",
    [
        single_label(3, smoothing=0.1),
        multi_label(2, threshold=0.3),
        number(),
        number(0, 5),
        number(1, 5, log=True),
        number(mean=3.0, std=2.0),
    ],
    ids=str,
)
def test_a_task_is_made_again_from_its_name_and_settings(task: Task) -> None:
    again = make_task(task.name, dict(task.settings))
    outputs = torch.randn(4, task.outputs)
    assert (again.name, again.outputs, again.settings) == (task.name, task.outputs, task.settings)
    assert torch.equal(again.activation(outputs), task.activation(outputs))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: single_label(2, smoothing=1.0),
            "smoothing=1.0 was given; allowed is 0 to below 1",
        ),
        (lambda: single_label(2, smoothing=-0.1), "smoothing=-0.1 was given"),
        (lambda: multi_label(2, threshold=0), "threshold=0 was given; allowed is 0 to 1; try 0.5"),
        (lambda: multi_label(2, threshold=math.nan), "threshold=nan was given"),
        (lambda: number(3, 1), "the range 3 to 1 was given; allowed is two rising numbers"),
        (lambda: number(low=3), "the range 3 to None was given"),
        (lambda: number(0, 3, log=True), "the range 0 to 3 was given with log=True; a logarithm"),
        (lambda: number(std=0), "std=0 was given; allowed is a number above 0"),
        (lambda: make_task("ranking", {}), "the task 'ranking' was given; known are single label"),
    ],
)
def test_a_setting_out_of_range_is_refused(make: Callable[[], Task], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make()


zeros, ones = torch.zeros, torch.ones


@pytest.mark.parametrize(
    ("task", "outputs", "targets", "words"),
    [
        (
            single_label(3),
            zeros(4, 2),
            zeros(4).long(),
            "gives 2 outputs.*needs 3; change its last",
        ),
        (single_label(2), zeros(4, 2), zeros(4), "the targets are not class numbers"),
        (
            single_label(2),
            zeros(4, 2),
            ones(4).long() * 2,
            "a target is class 2; allowed is 0 to 1",
        ),
        (single_label(2), zeros(4, 2), zeros(4).int(), "targets of torch.int32 were given; class"),
        (single_label(2), zeros(4, 2), -ones(4).long(), "a target is class -1; allowed is 0 to 1"),
        (single_label(2), ones(4, 2) / 2, zeros(4).long(), "outputs are already probabilities"),
        (multi_label(2), zeros(4, 2), zeros(4), r"shape \(4,\) were given.*shape \(4, 2\)"),
        (multi_label(2), zeros(4, 2), ones(4, 2) * 2, "targets outside 0 to 1 were given"),
        (
            multi_label(2),
            ones(4, 2) / 2,
            ones(4, 2),
            "already went through softmax, which lets one",
        ),
        (number(), zeros(4, 1), zeros(4, 3), "12 targets were given for 4 outputs"),
        (number(log=True), zeros(2, 1), zeros(2), "a target of 0 was given; a logarithm needs"),
    ],
)
def test_a_first_batch_that_does_not_fit_is_refused(
    task: Task, outputs: Tensor, targets: Tensor, words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        task.check(outputs, targets)


def test_targets_outside_the_range_of_a_number_are_refused() -> None:
    with pytest.raises(
        ModelError, match="targets from 1 to 7 were given; the task allows 0 to 5; widen"
    ):
        number(0, 5).check(zeros(2, 1), torch.tensor([1.0, 7.0]))


def test_raw_outputs_and_fitting_targets_pass() -> None:
    single_label(3).check(torch.randn(4, 3), torch.tensor([0, 1, 2, 0]))
    multi_label(3).check(torch.randn(4, 3), torch.ones(4, 3))
    number(0, 5).check(torch.randn(4, 1), torch.tensor([0.0, 5.0, 1.0, 2.0]))
