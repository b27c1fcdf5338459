from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.train.metrics import Scores
from tenfold.train.pixel_scores import class_ious, count_pixels
from tenfold.train.pixel_task import dice_loss, focal_loss
from tenfold.train.task import make_task, pixel_labels


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    """Raw outputs (2, 3, 4, 5) and masks with a corner that does not count."""
    targets = torch.randint(3, (2, 4, 5), dtype=torch.uint8)
    targets[:, :2, :2] = 255
    return torch.randn(2, 3, 4, 5), targets


def slow_pixels(outputs: Tensor, targets: Tensor) -> list[tuple[list[float], int]]:
    """The probabilities and the target of each pixel that counts."""
    shares = outputs.softmax(1)
    return [
        (shares[n, :, y, x].tolist(), int(targets[n, y, x]))
        for n in range(len(targets))
        for y in range(targets.shape[1])
        for x in range(targets.shape[2])
        if targets[n, y, x] != 255
    ]


def test_cross_entropy_is_the_mean_over_the_pixels_that_count(batch) -> None:
    outputs, targets = batch
    task = pixel_labels(3)
    pixels = slow_pixels(outputs, targets)
    expected = sum(-math.log(shares[target]) for shares, target in pixels) / len(pixels)
    assert task.loss(outputs, targets).item() == pytest.approx(expected, rel=1e-5)
    theirs = F.cross_entropy(outputs, targets.long(), ignore_index=255)
    torch.testing.assert_close(task.loss(outputs, targets), theirs)


def test_the_focal_loss_is_the_papers_formula_pixel_by_pixel(batch) -> None:
    outputs, targets = batch
    pixels = [shares[target] for shares, target in slow_pixels(outputs, targets)]
    expected = sum(-((1 - p) ** 2) * math.log(p) for p in pixels) / len(pixels)
    assert pixel_labels(3, loss="focal").loss(outputs, targets).item() == pytest.approx(expected)
    plain = pixel_labels(3).loss(outputs, targets)
    torch.testing.assert_close(focal_loss(outputs, targets, ignore=255, gamma=0.0), plain)


def test_the_dice_loss_is_the_mean_over_the_classes_that_are_there(batch) -> None:
    outputs, targets = batch
    targets = targets.where(targets != 2, 0)  # a class that is nowhere does not count
    pixels = slow_pixels(outputs, targets)
    scores = []
    for number in (0, 1):
        both = sum(shares[number] for shares, target in pixels if target == number)
        size = sum(shares[number] ** 2 + (target == number) for shares, target in pixels)
        scores.append(2 * both / size)
    loss = pixel_labels(3, loss="dice").loss(outputs, targets)
    assert loss.item() == pytest.approx(1 - sum(scores) / 2, rel=1e-5)


def test_losses_can_be_added(batch) -> None:
    parts = [pixel_labels(3, loss=name).loss(*batch) for name in ("cross_entropy", "dice")]
    whole = pixel_labels(3, loss="cross_entropy+dice").loss(*batch)
    torch.testing.assert_close(whole, sum(parts))


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "dice"])
def test_a_batch_in_which_no_pixel_counts_has_loss_0_and_no_gradient(name: str) -> None:
    outputs = torch.randn(1, 3, 2, 2, requires_grad=True)
    loss = pixel_labels(3, loss=name).loss(outputs, torch.full((1, 2, 2), 255))
    loss.backward()
    assert loss.item() == 0.0 and outputs.grad is not None and not outputs.grad.any()


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "dice"])
def test_what_does_not_count_gets_no_gradient(name: str, batch) -> None:
    outputs, targets = batch
    outputs.requires_grad_()
    pixel_labels(3, loss=name).loss(outputs, targets).backward()
    assert outputs.grad is not None
    assert not outputs.grad[:, :, :2, :2].any() and outputs.grad[:, :, 2:].any()


def test_a_class_can_be_what_does_not_count(batch) -> None:
    outputs, targets = batch
    moved = targets.where(targets != 255, 1)
    again = targets.where(targets != 1, 255)
    torch.testing.assert_close(
        pixel_labels(3, ignore=1).loss(outputs, moved), pixel_labels(3).loss(outputs, again)
    )


def test_outputs_are_read_class_by_class_for_each_pixel(batch) -> None:
    outputs, _ = batch
    task = pixel_labels(3)
    shares = task.activation(outputs)
    torch.testing.assert_close(shares.sum(1), torch.ones(2, 4, 5))
    assert torch.equal(task.decode(shares), outputs.argmax(1))


def test_a_task_is_made_again_from_its_settings(batch) -> None:
    task = pixel_labels(3, ignore=255, loss="cross_entropy+dice")
    again = make_task(task.name, dict(task.settings))
    assert again.settings == task.settings and again.axis == 1
    torch.testing.assert_close(again.loss(*batch), task.loss(*batch))


def test_the_metrics_are_those_of_torchmetrics_over_several_batches() -> None:
    from torchmetrics.classification import MulticlassAccuracy, MulticlassJaccardIndex
    from torchmetrics.classification import MulticlassF1Score as F1

    names = ["pixel_accuracy", "mean_iou", "dice"]
    scores = Scores(names, task=pixel_labels(4), device=torch.device("cpu"))
    theirs = [
        MulticlassAccuracy(4, average="micro", ignore_index=255),
        MulticlassJaccardIndex(4, ignore_index=255),
        F1(4, average="macro", ignore_index=255),
    ]
    for _ in range(3):
        shares = torch.randn(2, 4, 5, 6)
        shares[:, 3] = -9  # never predicted, and never there
        shares, targets = shares.softmax(1), torch.randint(3, (2, 5, 6))
        targets[:, 0] = 255
        scores.update(shares, targets)
        for metric in theirs:
            metric.update(shares, targets)
    expected = [float(metric.compute()) for metric in theirs]
    assert list(scores.compute().values()) == pytest.approx(expected, abs=1e-6)


def test_the_metrics_of_a_pass_are_forgotten_before_the_next() -> None:
    scores = Scores(["pixel_accuracy"], task=pixel_labels(2), device=torch.device("cpu"))
    right = torch.eye(2).view(1, 2, 1, 2)
    scores.update(right, torch.tensor([[[1, 0]]]))
    scores.reset()
    scores.update(right, torch.tensor([[[0, 1]]]))
    assert scores.compute() == {"pixel_accuracy": 1.0}


def test_counts_and_intersections_over_unions_by_hand() -> None:
    predicted, targets = torch.tensor([0, 0, 1, 1, 1]), torch.tensor([0, 1, 1, 1, 9])
    counts = count_pixels(predicted, targets, classes=3, ignore=9)
    assert counts.tolist() == [[1, 0, 0], [1, 2, 0], [0, 0, 0]]
    ious = class_ious(counts)
    assert ious[:2].tolist() == pytest.approx([1 / 2, 2 / 3]) and ious[2].isnan()


OUTPUTS = torch.zeros(2, 3, 4, 5)


@pytest.mark.parametrize(
    "outputs, targets, words",
    [
        (torch.zeros(2, 3), torch.zeros(2, 4, 5).long(), r"outputs of shape \(2, 3\).*unet_learn"),
        (torch.zeros(2, 4, 4, 5), torch.zeros(2, 4, 5).long(), "gives 4 outputs .* needs 3"),
        (OUTPUTS, torch.zeros(2, 4, 5), "float32 and shape .*from_masks"),
        (OUTPUTS, torch.zeros(2).long(), r"int64 and shape \(2,\).*from_masks"),
        (OUTPUTS, torch.zeros(2, 8, 5).long(), "masks of 8 x 5 pixels .* outputs of 4 x 5; each"),
        (OUTPUTS, torch.full((2, 4, 5), 3), "holds 3; allowed is 0 to 2 for 3 .* and 255 for"),
        (OUTPUTS, torch.full((2, 4, 5), -1), "holds -1; allowed is 0 to 2"),
    ],
)
def test_outputs_and_masks_that_do_not_belong_together_are_refused(
    outputs: Tensor, targets: Tensor, words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        pixel_labels(3).check(outputs, targets)


def test_pixels_that_do_not_count_may_hold_any_number() -> None:
    pixel_labels(3).check(OUTPUTS, torch.full((2, 4, 5), 255, dtype=torch.uint8))


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"classes": 1}, "classes=1 was given; allowed is 2 and above"),
        ({"classes": "3"}, "classes='3' was given"),
        ({"classes": 3, "ignore": 0.5}, "ignore=0.5 was given; allowed is the number of a class"),
        ({"classes": 3, "loss": "dise"}, "'dise' was given; known are .* did you mean 'dice'"),
        ({"classes": 3, "loss": "dice+"}, r"'dice\+' was given; known are"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        pixel_labels(**settings)


def test_right_pixels_cost_nothing() -> None:
    outputs = 99.0 * F.one_hot(torch.randint(3, (1, 4, 4)), 3).movedim(-1, 1).float()
    targets = outputs.argmax(1)
    for loss in (dice_loss, focal_loss):
        assert loss(outputs, targets, ignore=255).item() == pytest.approx(0, abs=1e-6)
