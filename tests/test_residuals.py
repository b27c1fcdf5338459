"""Predictions against targets: the figures against scikit-learn's, the table, the picture."""

from __future__ import annotations

import pytest
import torch
from sklearn.metrics import mean_absolute_error, mean_squared_error
from table_worlds import make_tabular_learner

from tenfold.data.samples.films import ratings
from tenfold.errors import DataError, SettingError
from tenfold.interpret.residuals import Residuals, residuals
from tenfold.learners import ratings_learner
from tenfold.train.task import number, single_label

ACTUAL = torch.arange(100.0)
PREDICTED = ACTUAL + torch.randn(100, generator=torch.Generator().manual_seed(0))


def test_the_figures_are_those_of_scikit_learn() -> None:
    found = residuals(PREDICTED[:, None], ACTUAL, task=number(), name="price")
    assert found.rmse == pytest.approx(mean_squared_error(ACTUAL, PREDICTED) ** 0.5, rel=1e-6)
    assert found.mean_error == pytest.approx(mean_absolute_error(ACTUAL, PREDICTED), rel=1e-6)
    assert found.bias == pytest.approx(float((PREDICTED - ACTUAL).mean()), abs=1e-6)
    assert len(found) == 100 and found.name == "price"


def test_many_targets_are_taken_in_fifths_and_few_one_by_one() -> None:
    found = Residuals(PREDICTED, ACTUAL)
    assert [part.words for part in found.parts][:2] == ["0 to 19", "20 to 39"]
    assert [part.count for part in found.parts] == [20] * 5
    errors = (PREDICTED - ACTUAL).abs()
    assert found.parts[1].error == pytest.approx(float(errors[20:40].mean()), rel=1e-5)
    assert found.parts[1].predicted == pytest.approx(float(PREDICTED[20:40].mean()), rel=1e-5)
    stars = Residuals(torch.tensor([2.0, 3.0, 4.5]), torch.tensor([1.0, 1.0, 4.5]), "stars")
    assert [(part.words, part.count, part.error) for part in stars.parts] == [
        ("1", 2, 1.5),
        ("4.5", 1, 0.0),
    ]


def test_they_show_as_words_a_table_and_a_picture() -> None:
    found = Residuals(PREDICTED * 1000, ACTUAL * 1000, "price")
    assert repr(found).splitlines()[1].split() == [
        "price", "items", "mean", "prediction", "mean", "error",
    ]  # fmt: skip
    assert "80,000 to 99,000" in repr(found) and found.summary in found._repr_html_()
    cloud, errors = found.plot().axes
    assert cloud.get_xlabel() == "actual price" and len(cloud.collections[0].get_offsets()) == 100
    assert sum(bar.get_height() for bar in errors.patches) == 100
    assert "a point for each of 100 validation items" in found.words
    assert "too low" in Residuals(ACTUAL - 1, ACTUAL).summary


def test_a_learner_names_its_target() -> None:
    assert make_tabular_learner("price").residuals().name == "price"
    data = ratings(150, users=20, items=15)
    found = ratings_learner(data, factors=4, quiet=True, device="cpu").residuals()
    assert found.name == "stars" and len(found) == data.valid.items
    assert {part.words for part in found.parts} <= {f"{half / 2:g}" for half in range(1, 11)}


def test_other_targets_are_refused() -> None:
    with pytest.raises(SettingError, match="asked for with single label; they need targets"):
        residuals(torch.eye(2), torch.tensor([0, 1]), task=single_label(2))
    with pytest.raises(DataError, match="no validation item to compare"):
        residuals(torch.zeros(0, 1), torch.zeros(0), task=number())
