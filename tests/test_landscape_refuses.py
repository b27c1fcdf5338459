"""What a landscape and a sharpness refuse, each in one line."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import make_learner, make_net
from torch import Tensor, nn

from tenfold.errors import DataError, FileError, ModelError, SettingError

SIZES = {"points": 5, "items": 16}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"dimensions": 3}, "dimensions=3 was given; allowed are 1, a few lines, and 2, a plane"),
    ({"points": 4}, "points=4 was given; allowed are odd numbers.*try 5"),
    ({"points": 1}, "points=1 was given; allowed is 3 and above"),
    ({"radius": 0}, "radius=0 was given; allowed is above 0, in lengths of the filters"),
    ({"items": 0}, "items=0 was given; allowed is 1 and above"),
    ({"directions": True}, "directions=True was given; allowed is 1 and above"),
    ({"of": "test"}, "of='test' was given; allowed are 'train' and 'valid'"),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_what_is_out_of_range_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make_learner().landscape(**settings)


def test_a_distance_without_points_and_a_line_without_a_rise_are_refused() -> None:
    learn = make_learner()
    with pytest.raises(SettingError, match=r"radius=5 was given; .* this landscape goes to 1 and"):
        learn.landscape(**SIZES).rise(5)
    with pytest.raises(SettingError, match="is a line to another solution; see its barrier"):
        learn.landscape(to=make_net(), **SIZES).rise()


def test_another_solution_has_to_be_one(tmp_path: Any) -> None:
    learn = make_learner()
    with pytest.raises(ModelError, match=r"other layers: .*weight.* do not agree; the line"):
        learn.landscape(to=nn.Linear(3, 2))
    with pytest.raises(ModelError, match="int was given as the other solution; allowed are a lear"):
        learn.landscape(to=3)
    with pytest.raises(FileError, match="no such file"):
        learn.landscape(to=tmp_path / "nothing.tenfold")


def test_a_set_that_is_not_there_or_empty_is_refused() -> None:
    learn = make_learner((make_learner().data.train, None))
    with pytest.raises(DataError, match="there is no validation set; give data with one, or leave"):
        learn.landscape(of="valid")
    pairs = make_learner().data.train
    learn = make_learner((pairs, []))
    with pytest.raises(DataError, match="there is nothing to measure: the data gave no batch"):
        learn.sharpness(of="valid")


class Uncopied(nn.Linear):
    """Keeps what it computed, which cannot be copied."""

    def forward(self, inputs: Tensor) -> Tensor:
        self.seen = super().forward(inputs)
        return self.seen


class Once(torch.autograd.Function):
    """Twice what comes in; its slope has no slope."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, *slopes: Any) -> Any:
        if torch.is_grad_enabled():
            raise RuntimeError("its derivative is not implemented")
        return slopes[0] * 2


class Doubled(nn.Linear):
    def forward(self, inputs: Tensor) -> Tensor:
        return Once.apply(super().forward(inputs))


def test_a_model_that_cannot_be_copied_or_differentiated_twice_says_so() -> None:
    learn = make_learner(model=Uncopied(3, 2))
    learn.model(torch.zeros(2, 3))
    with pytest.raises(ModelError, match=r"Uncopied cannot be copied .* out of its attributes"):
        learn.landscape(**SIZES)
    learn = make_learner(model=Doubled(3, 2))
    assert learn.sharpness(directions=1, items=8).eigenvalue is None
    with pytest.raises(ModelError, match="torch cannot differentiate this model twice"):
        learn.sharpness(directions=1, items=8, hessian=True)
