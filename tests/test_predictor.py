from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from factories import make_learner, make_net, make_pairs, same, tensors
from PIL import Image
from torch import nn

import tenfold
from tenfold.data.images import ImageData
from tenfold.errors import DataError, FileError
from tenfold.learner import Learner
from tenfold.learners import vision_learner
from tenfold.predictor import Prediction, Predictor, load
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.task import multi_label, number, single_label


def make_vision_learner() -> Learner:
    x = torch.rand(6, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    y = ["cat", "dog"] * 3
    data = ImageData.from_arrays(x, y, x, y, device="cpu")
    return vision_learner(data, "nano", pretrained=False, quiet=True, device="cpu")


def make_predictor(task: Any, outputs: list[float], **more: Any) -> Predictor:
    model = nn.Linear(1, len(outputs))
    model.bias.data = torch.tensor(outputs)
    return Predictor(model, task, **more)


def test_one_item_gives_one_prediction_and_a_list_gives_a_list() -> None:
    predictor = make_predictor(single_label(3), [0.0, 2.0, 1.0], classes=["a", "b", "c"])
    one = predictor.predict(torch.zeros(1))
    assert isinstance(one, Prediction) and one.label == "b"
    assert list(one.probabilities) == ["b", "c", "a"]
    assert one.probability == pytest.approx(math.exp(2) / (1 + math.exp(2) + math.exp(1)))
    assert predictor.predict([[0.0], np.zeros(1)]) == [one, one] and predictor.predict([]) == []


def test_several_labels_are_those_above_the_threshold_the_likeliest_first() -> None:
    predictor = make_predictor(multi_label(3, threshold=0.4), [0.0, -2.0, 1.0], classes="abc")
    assert predictor.predict(torch.zeros(1)).label == ["c", "a"]


def test_a_number_has_no_probabilities() -> None:
    found = make_predictor(number(0, 10), [0.0]).predict(torch.zeros(1))
    assert (found.label, found.probabilities) == (5.0, {})
    assert math.isnan(found.probability) and str(found) == "5.0"


def test_a_prediction_prints_its_three_likeliest_classes() -> None:
    shares = {"a": 0.5, "b": 0.25, "c": 0.15, "d": 0.1}
    assert repr(Prediction("a", shares)) == "a (a 50.0%, b 25.0%, c 15.0%)"


def test_many_items_are_predicted_in_pieces_with_one_result() -> None:
    items = list(torch.randn(130, 3))
    predictor = Predictor(make_net().eval(), single_label(2))
    slow = torch.softmax(predictor.model(torch.stack(items)), 1)
    assert torch.allclose(predictor.probabilities(items), slow, atol=1e-6)


def test_predicting_leaves_the_modes_as_they_were() -> None:
    model = make_net().train()
    Predictor(model, single_label(2)).predict(torch.zeros(3))
    assert model.early.training and torch.is_grad_enabled()


def forms(tmp_path: Path) -> list[Any]:
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    tensor = torch.from_numpy(pixels).permute(2, 0, 1)
    return [tmp_path / "x.png", str(tmp_path / "x.png"), Image.fromarray(pixels), pixels, tensor]


def test_a_path_a_picture_and_an_array_give_the_same_prediction(tmp_path: Path) -> None:
    found = make_vision_learner().predict(forms(tmp_path))
    assert len(found) == 5 and all(one == found[0] for one in found)


def test_an_exported_network_of_tenfold_is_built_again(tmp_path: Path) -> None:
    learn = make_vision_learner()
    learn.fit(1, 1e-3)
    predictor = tenfold.load(learn.export(tmp_path / "x"))
    pictures = forms(tmp_path)
    assert [str(one) for one in predictor.predict(pictures)] == [
        str(one) for one in learn.predict(pictures)
    ]
    assert predictor.classes == ["cat", "dog"] and predictor.encoder.size == (32, 32)
    assert repr(predictor) == "Predictor(nano, single label, 2 classes)"


@pytest.mark.parametrize(
    "task", [single_label(2, smoothing=0.1), multi_label(2, threshold=0.3), number(0, 5)]
)
def test_an_exported_network_of_the_users_is_filled_in(tmp_path: Path, task: Any) -> None:
    learn = make_learner(model=make_net(task.outputs), task=task)
    learn.export(tmp_path / "x")
    predictor = load(tmp_path / "x", model=make_net(task.outputs, seed=9))
    items = list(make_pairs(1)[0][0])
    assert predictor.predict(items) == learn.predict(items)
    assert predictor.task.settings == task.settings and not predictor.model.training


def test_a_network_of_the_users_must_be_passed(tmp_path: Path) -> None:
    make_learner().export(tmp_path / "x")
    with pytest.raises(FileError, match=r"a network of your own \(Net\); loading runs no code, so"):
        load(tmp_path / "x")


def test_a_word_called_spec_on_the_users_network_is_no_description(tmp_path: Path) -> None:
    learn = make_learner()
    learn.model.spec = object()
    learn.export(tmp_path / "x")
    with pytest.raises(FileError, match="a network of your own"):
        load(tmp_path / "x")


def test_another_network_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    make_learner().export(tmp_path / "x")
    other = make_net(3)
    before = tensors(other)
    with pytest.raises(
        FileError, match=r"weights of another model \(Net\): head.weight and head.bias"
    ):
        load(tmp_path / "x", model=other)
    assert same(tensors(other), before)


@pytest.mark.parametrize("change", [{"task": "ranking"}, {"settings": {"x": 1}}, {"classes": None}])
def test_a_description_that_cannot_be_read_is_refused(tmp_path: Path, change: Any) -> None:
    make_learner().export(tmp_path / "x")
    parts, header = read_file(tmp_path / "x", kind="predictor")
    header.update(change)
    if change == {"classes": None}:
        del header["classes"]
    write_file(tmp_path / "x", parts, kind="predictor", header=header)
    with pytest.raises(FileError, match="is damaged: its description is unreadable"):
        load(tmp_path / "x", model=make_net())


def test_a_training_state_is_refused(tmp_path: Path) -> None:
    make_learner().save(tmp_path / "x")
    with pytest.raises(FileError, match=r"holds a training and not a predictor; use learn.load"):
        load(tmp_path / "x", model=make_net())


def test_loading_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_vision_learner().export(tmp_path / "x")
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, None)
    monkeypatch.setattr(torch, "load", None)
    assert load(tmp_path / "x").classes == ["cat", "dog"]


def test_a_word_for_a_model_of_numbers_is_refused() -> None:
    predictor = Predictor(nn.Linear(2, 3), single_label(3))
    with pytest.raises(DataError, match=r"'a\.jpg' was given; this model takes tensors and arrays"):
        predictor.predict("a.jpg")
