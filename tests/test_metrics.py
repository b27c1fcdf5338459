from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from sklearn.metrics import fbeta_score
from torch import Tensor
from torch.nn.functional import one_hot
from torchmetrics import MeanAbsoluteError
from torchmetrics.classification import MulticlassAccuracy

from tenfold.errors import SettingError
from tenfold.parallel.rounds import alone
from tenfold.train.metrics import METRICS, Scores, lower_is_better
from tenfold.train.task import Task, multi_label, number, single_label

CPU = torch.device("cpu")


def scored(
    metrics: list[Any], task: Task, predictions: Tensor, targets: Tensor
) -> dict[str, float]:
    scores = Scores(metrics, task=task, device=CPU)
    for part, truth in zip(predictions.split(4), targets.split(4), strict=True):
        scores.update(part, truth)
    return scores.compute()


def slow_f1(said: Tensor, truth: Tensor) -> float:
    """Macro F1 of 0/1 matrices (items, classes), counted."""
    scores = []
    for column, right in zip(said.T.tolist(), truth.T.tolist(), strict=True):
        both = sum(a and b for a, b in zip(column, right, strict=True))
        scores.append(2 * both / max(sum(column) + sum(right), 1))
    return sum(scores) / len(scores)


def slow_average_precision(chances: Tensor, truth: Tensor) -> float:
    """The mean precision at the rank of every item that is in the class."""
    right = [bool(truth[index]) for index in chances.argsort(descending=True)]
    places = [place for place, hit in enumerate(right, 1) if hit]
    return sum(sum(right[:place]) / place for place in places) / len(places)


def mean_largest(predictions: Tensor, targets: Tensor) -> Tensor:
    return predictions.max(dim=1).values.mean()


def test_single_label_metrics_equal_plain_counting() -> None:
    probabilities, targets = torch.rand(30, 8).softmax(1), torch.randint(0, 8, (30,))
    found = scored(["accuracy", "top_5", "f1"], single_label(8), probabilities, targets)
    ranks = (probabilities > probabilities.gather(1, targets[:, None])).sum(1)
    assert found["accuracy"] == pytest.approx((ranks == 0).float().mean().item())
    assert found["top_5"] == pytest.approx((ranks < 5).float().mean().item())
    slow = slow_f1(one_hot(probabilities.argmax(1), 8), one_hot(targets, 8))
    assert found["f1"] == pytest.approx(slow)


def test_top_5_of_three_classes_is_always_right() -> None:
    probabilities, targets = torch.rand(9, 3).softmax(1), torch.randint(0, 3, (9,))
    assert scored(["top_5"], single_label(3), probabilities, targets) == {"top_5": 1.0}


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_label_metrics_use_the_threshold_of_the_task(threshold: float) -> None:
    chances, targets = torch.rand(30, 4), torch.randint(0, 2, (30, 4)).float()
    found = scored(["label_accuracy", "f1"], multi_label(4, threshold=threshold), chances, targets)
    said = (chances > threshold).float()
    assert found["label_accuracy"] == pytest.approx((said == targets).float().mean().item())
    assert found["f1"] == pytest.approx(slow_f1(said, targets))


def test_average_precision_equals_the_slow_loop() -> None:
    chances, targets = torch.rand(30, 4), torch.randint(0, 2, (30, 4))
    found = scored(["average_precision"], multi_label(4), chances, targets)
    slow = [slow_average_precision(*pair) for pair in zip(chances.T, targets.T, strict=True)]
    assert found["average_precision"] == pytest.approx(sum(slow) / 4, rel=1e-5)


@pytest.mark.parametrize(("name", "beta"), [("f0.5", 0.5), ("f1", 1.0), ("f2", 2.0)])
def test_f_beta_decides_by_a_threshold_for_each_label(name: str, beta: float) -> None:
    chances, targets = torch.rand(30, 3), torch.randint(0, 2, (30, 3))
    cuts = [0.2, 0.5, 0.8]
    found = scored([name, "label_accuracy"], multi_label(3, threshold=cuts), chances, targets)
    said = chances > torch.tensor(cuts)
    slow = [fbeta_score(targets[:, at], said[:, at], beta=beta) for at in range(3)]
    assert found[name] == pytest.approx(sum(slow) / 3)
    assert found["label_accuracy"] == pytest.approx((said == targets).float().mean().item())


def test_a_label_that_never_comes_does_not_count_in_the_mean_average_precision() -> None:
    chances, targets = torch.rand(20, 3), torch.randint(0, 2, (20, 3))
    targets[:, 1] = 0
    found = scored(["average_precision"], multi_label(3), chances, targets)
    slow = [slow_average_precision(chances[:, at], targets[:, at]) for at in (0, 2)]
    assert found["average_precision"] == pytest.approx(sum(slow) / 2, rel=1e-5)


def test_metrics_of_labels_are_not_summed_over_processes_a_second_time() -> None:
    scores = Scores(["f1"], task=multi_label(2), device=CPU)
    with alone(scores):
        metric = scores._metrics["f1"]._metric
        assert metric.distributed_available_fn() is False


@pytest.mark.parametrize("shape", [(10,), (10, 1)])
def test_rmse_takes_a_row_or_a_column_of_targets(shape: tuple[int, ...]) -> None:
    values, targets = torch.randn(10, 1), torch.randn(10)
    slow = (sum((a - b) ** 2 for a, b in zip(values[:, 0], targets, strict=True)) / 10) ** 0.5
    assert scored(["rmse"], number(), values, targets.view(shape))["rmse"] == pytest.approx(
        float(slow)
    )


def test_rmspe_is_that_of_a_slow_loop_and_leaves_zeros_out() -> None:
    targets, values = torch.tensor([10.0, 0.0, 4.0, 5.0]), torch.tensor([[9.0], [1], [5], [5]])
    found = scored(["rmspe", "mae"], number(), values, targets)
    assert found["rmspe"] == pytest.approx(math.sqrt((0.1**2 + 0.25**2) / 3))
    assert found["mae"] == pytest.approx(0.75)


@pytest.mark.parametrize("task", [single_label(3), multi_label(3), number()], ids=lambda t: t.name)
def test_every_metric_known_for_a_task_gives_a_number(task: Task) -> None:
    whole = {"single label": torch.tensor([0, 1, 2, 0]), "number": torch.rand(4)}
    targets = whole.get(task.name, torch.tensor([[0.0, 1, 1]] * 2 + [[1.0, 0, 0]] * 2))
    predictions = task.activation(torch.randn(4, task.outputs))
    found = scored(list(METRICS[task.name]), task, predictions, targets)
    assert all(0 <= value < 10 for value in found.values())
    assert set(task.metrics) <= set(found)


def test_names_metrics_and_functions_come_in_the_order_asked_for() -> None:
    probabilities, targets = torch.rand(9, 3).softmax(1), torch.randint(0, 3, (9,))
    given = [mean_largest, MulticlassAccuracy(3, average="micro"), "accuracy"]
    found = scored(given, single_label(3), probabilities, targets)
    assert list(found) == ["mean_largest", "multiclassaccuracy", "accuracy"]
    assert found["multiclassaccuracy"] == found["accuracy"]
    assert found["mean_largest"] == pytest.approx(probabilities.max(1).values.mean().item())


def test_a_second_pass_starts_from_nothing() -> None:
    scores = Scores(["accuracy", mean_largest], task=single_label(2), device=CPU)
    scores.update(torch.tensor([[1.0, 0.0]]), torch.tensor([1]))
    scores.reset()
    scores.update(torch.tensor([[0.75, 0.25]]), torch.tensor([0]))
    assert scores.compute() == {"accuracy": 1.0, "mean_largest": 0.75}


def test_a_metric_of_torchmetrics_for_numbers_works() -> None:
    found = scored([MeanAbsoluteError()], number(), torch.ones(4, 1), torch.zeros(4))
    assert found == {"meanabsoluteerror": 1.0}


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        (
            ["acuracy"],
            "'acuracy' was given; single label knows accuracy, .*did you mean 'accuracy'",
        ),
        (["zzz"], "'zzz' was given; single label knows accuracy, top_5, f1; a torchmetrics Metric"),
        ([3], "3 was given as a metric; allowed is a name, a torchmetrics Metric or a function"),
        (["f1", "f1"], "two metrics are called 'f1'; each is a column"),
    ],
)
def test_a_metric_that_cannot_be_used_is_refused(metrics: list[Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        Scores(metrics, task=single_label(2), device=CPU)


def test_losses_and_errors_are_better_when_smaller() -> None:
    assert lower_is_better("valid_loss") and lower_is_better("rmse") and lower_is_better("rmspe")
    assert not lower_is_better("accuracy")
