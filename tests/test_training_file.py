from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner, make_net, same, tensors
from safetensors.torch import save_file
from torch import nn

from tenfold.errors import FileError
from tenfold.learner import Learner
from tenfold.techniques.keep_best import KeepBest
from tenfold.techniques.mixup import Mixup
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.task import single_label
from tenfold.train.training_file import frozen_groups, name_of


def everything(learn: Learner) -> list[Any]:
    state = learn._optimizer.state if learn._optimizer else {}
    slots = {name: dict(state.get(value, {})) for name, value in learn.model.named_parameters()}
    trains = [parameter.requires_grad for parameter in learn.model.parameters()]
    history = [learn.history.losses.tolist(), learn.history.rates.tolist(), learn.history.marks]
    return [tensors(learn.model), slots, trains, history]


def timeless(learn: Learner) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in learn.history.rows]


def train_a_little(learn: Learner) -> None:
    learn.freeze_to(1)
    learn.fit_one_cycle(2, "1e-3:1e-2")


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd", "rmsprop"])
def test_loading_and_going_on_equals_never_having_stopped(tmp_path: Path, optimizer: str) -> None:
    whole, resumed = (make_learner(optimizer=optimizer, callbacks=[Mixup()]) for _ in range(2))
    train_a_little(whole)
    whole.save(tmp_path / "x")
    resumed.load(tmp_path / "x")
    assert same(everything(resumed), everything(whole))
    for learn in (whole, resumed):
        learn.fit(2, 0.01, callbacks=[KeepBest()])
    assert same(everything(resumed), everything(whole)) and timeless(resumed) == timeless(whole)


def test_what_is_frozen_and_the_marks_come_back(tmp_path: Path) -> None:
    learn, other = make_learner(), make_learner()
    train_a_little(learn)
    learn.history.marks.append((3, "paused"))
    learn.save(tmp_path / "x")
    other.load(tmp_path / "x")
    assert frozen_groups(other.model) == 1 and other.history.marks[-1] == (3, "paused")


def test_an_untrained_learner_can_be_saved(tmp_path: Path) -> None:
    learn, other = make_learner(), make_learner(model=make_net(seed=5))
    learn.save(tmp_path / "x")
    other.load(tmp_path / "x")
    assert same(tensors(other.model), tensors(learn.model)) and other._optimizer is None


def test_a_learner_that_is_frozen_as_a_whole_can_be_saved(tmp_path: Path) -> None:
    learn, other = make_learner(), make_learner()
    train_a_little(learn)
    learn.freeze_to(3)
    learn.save(tmp_path / "x")
    other.load(tmp_path / "x")
    assert frozen_groups(other.model) == 3


def test_a_number_of_numpy_in_a_row_is_saved_as_a_number(tmp_path: Path) -> None:
    learn = make_learner()
    learn.history.rows.append({"epoch": 1, "mine": torch.tensor(0.5)})
    learn.save(tmp_path / "x")
    learn.load(tmp_path / "x")
    assert learn.history.column("mine") == [0.5]


def spoil_header(path: Path, **changes: Any) -> None:
    tensors, header = read_file(path, kind="training")
    write_file(path, tensors, kind="training", header={**header, **changes})


def leave_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


REFUSED = [
    (
        {"model": nn.Linear(3, 2)},
        None,
        r"holds another model \(Net; this is Linear\).*do not agree",
    ),
    (
        {"model": make_net(3), "task": single_label(3)},
        None,
        r"head.weight and head.bias do not agree; make the learner with",
    ),
    (
        {"optimizer": "sgd"},
        None,
        "holds the state of AdamW; this learner trains with SGD; make the",
    ),
    ({}, leave_half, "is damaged or cut short"),
    ({}, lambda path: spoil_header(path, marks=3), "is damaged: its history is unreadable"),
    ({}, lambda path: spoil_header(path, marks=[3]), "is damaged: its history is unreadable"),
    ({}, lambda path: save_file({"x": torch.ones(1)}, path), "was not written by Tenfold"),
]


@pytest.mark.parametrize(("changes", "spoil", "words"), REFUSED)
def test_a_file_that_does_not_fit_changes_nothing(
    tmp_path: Path, changes: dict[str, Any], spoil: Any, words: str
) -> None:
    saved, learn = make_learner(), make_learner(**changes)
    train_a_little(saved)
    saved.save(tmp_path / "x")
    if spoil:
        spoil(tmp_path / "x")
    learn.fit(1, 0.01)
    before = everything(learn)
    with pytest.raises(FileError, match=words) as caught:
        learn.load(tmp_path / "x")
    assert same(everything(learn), before) and "\n" not in str(caught.value)


def test_a_model_is_called_by_its_architecture_else_its_class() -> None:
    model = make_net()
    assert name_of(model) == "Net"
    model.spec = {"name": "resnet34"}
    assert name_of(model) == "resnet34"
    model.spec = "a word of the user's"
    assert name_of(model) == "Net"


def test_frozen_groups_are_counted() -> None:
    model = make_net()
    assert frozen_groups(model) == 0
    model.early.requires_grad_(False)
    assert frozen_groups(model) == 1
