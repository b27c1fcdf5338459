"""Calibration: its error against a loop, its temperature against a search, its way into files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from inside_world import make_learner, make_pictures
from torch import Tensor

import tenfold
from tenfold.errors import DataError, SettingError
from tenfold.interpret.calibration import best_temperature, calibration
from tenfold.train.task import make_task, multi_label, number, single_label


def drawn(items: int = 400, *, sharp: float = 3.0) -> tuple[Tensor, Tensor]:
    """Outputs that are `sharp` times too sure, with targets drawn from what they should say."""
    generator = torch.Generator().manual_seed(1)
    outputs = torch.randn(items, 4, generator=generator) * 1.5
    targets = torch.multinomial(outputs.softmax(1), 1, generator=generator)[:, 0]
    return outputs * sharp, targets


def test_the_error_is_that_of_a_loop_over_items() -> None:
    outputs, targets = drawn()
    found = calibration(outputs, targets, task=single_label(4), bins=10)
    sure = outputs.double().softmax(1).amax(1).numpy()
    right = (outputs.argmax(1) == targets).numpy()
    total = 0.0
    for low in np.linspace(0, 0.9, 10):
        there = (sure > low) & (sure <= low + 0.1)
        if there.any():
            total += there.mean() * abs(sure[there].mean() - right[there].mean())
    assert found.ece == pytest.approx(total, abs=1e-9)
    assert sum(part.count for part in found.parts) == 400


def test_the_temperature_has_the_smallest_loss_of_a_fine_search() -> None:
    outputs, targets = drawn()
    tried = np.geomspace(0.5, 8, 2000)
    losses = [float(F.cross_entropy(outputs.double() / t, targets)) for t in tried]
    best = tried[int(np.argmin(losses))]
    assert best_temperature(outputs, targets) == pytest.approx(best, rel=2e-3)
    assert best == pytest.approx(3, rel=0.2), "the targets were drawn at a temperature of 3"


def test_a_temperature_mends_a_model_that_is_too_sure() -> None:
    found = calibration(*drawn(2000), task=single_label(4))
    assert found.ece > 0.15 and found.ece_after < 0.05
    assert "too sure" in found.summary and f"temperature {found.temperature:.2f}" in found.summary


def test_no_item_is_judged_by_a_temperature_that_it_was_fitted_to() -> None:
    outputs, targets = drawn(200)
    found = calibration(outputs, targets, task=single_label(4))
    first, second = (best_temperature(outputs[half::2], targets[half::2]) for half in (0, 1))
    for half, other in ((0, second), (1, first)):
        wanted = (outputs[half::2].double() / other).softmax(1).amax(1)
        torch.testing.assert_close(found.after[half::2], wanted)


def test_applied_it_is_in_predictions_and_in_exported_files(tmp_path: Path) -> None:
    learn = make_learner()
    before, _ = learn.predictions()
    found = learn.calibrate()
    after, _ = learn.predictions()
    wanted = (before.double().log() / found.temperature).softmax(1)
    torch.testing.assert_close(after.double(), wanted, rtol=1e-4, atol=1e-5)
    assert torch.equal(before.argmax(1), after.argmax(1))
    path = learn.export(tmp_path / "calibrated.tenfold")
    read = tenfold.load(path, model=learn.model)
    picture = make_pictures()[0][0]
    assert read.predict(picture).probabilities == learn.predict(picture).probabilities
    again = learn.calibration()
    assert again.temperature == pytest.approx(found.temperature, rel=1e-3)
    assert again.ece == pytest.approx(learn.calibration().ece)


def test_the_loss_stays_that_without_the_temperature() -> None:
    task = single_label(4, smoothing=0.1).with_temperature(2.0)
    outputs, targets = drawn(8)
    assert torch.equal(
        task.loss(outputs, targets), single_label(4, smoothing=0.1).loss(outputs, targets)
    )
    same = make_task(task.name, dict(task.settings))
    assert torch.equal(same.activation(outputs), (outputs / 2).softmax(1))


def test_the_picture_has_both_curves_and_the_table_the_bins() -> None:
    found = calibration(*drawn(), task=single_label(4), bins=5)
    axes = found.plot().axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "as it is"
    assert found.table[-1][0] == "80% to 100%" and len(found.table) == 1 + len(found.parts)


@pytest.mark.parametrize("task", [multi_label(4), number()])
def test_a_task_without_one_class_an_item_is_refused(task: tenfold.train.task.Task) -> None:
    with pytest.raises(SettingError, match=f"calibration was asked for with {task.name}; it needs"):
        calibration(*drawn(), task=task)


def test_a_wrong_number_of_bins_or_items_or_a_wrong_temperature_is_refused() -> None:
    for bins in (1, 2.0, True):
        with pytest.raises(SettingError, match=f"bins={bins} was given; allowed is 2 and above"):
            calibration(*drawn(), task=single_label(4), bins=bins)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="calibration needs two items and more, and there is 1"):
        calibration(*drawn(1), task=single_label(4))
    for temperature in (0.0, float("inf"), float("nan")):
        with pytest.raises(SettingError, match=r"temperature=.* was given; allowed is above 0"):
            single_label(4, temperature=temperature)
