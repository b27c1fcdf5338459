from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_net, make_pairs, same, tensors
from torch import nn

from tenfold.device import cache_folder
from tenfold.errors import SettingError
from tenfold.train.plan import Plan
from tenfold.train.probe import Planner, make_plan
from tenfold.train.state import kept_random


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    Planner().choose(auto=True)


def make_convolution() -> tuple[nn.Module, torch.Tensor]:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.LazyLinear(2))
    inputs = torch.rand(2, 3, 6, 6)
    model(inputs)
    return model, inputs


def test_a_plan_says_what_it_is_and_why() -> None:
    plan = Plan(precision="bfloat16", channels_last=True, threads=2, why=("set by hand",))
    assert str(plan) == "bfloat16, channels last, 2 threads\n  set by hand"
    assert plan.mixed and not Plan(threads=1).mixed


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"precision": "half"},
            "precision='half' was given; allowed are float32, bfloat16",
        ),
        ({"threads": 0}, "threads=0 was given; allowed is 1 and above"),
        ({"threads": True}, "threads=True was given"),
        ({"threads": 1.5}, "threads=1.5 was given"),
    ],
)
def test_a_plan_out_of_range_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        Plan(**settings)


def test_only_pictures_are_laid_out_with_channels_last() -> None:
    plan, pictures = Plan(threads=1, channels_last=True), torch.rand(2, 3, 4, 4)
    assert plan.lay_out(pictures).is_contiguous(memory_format=torch.channels_last)
    rows, pair = torch.rand(2, 3), (pictures, pictures)
    assert plan.lay_out(rows) is rows and plan.lay_out(pair) is pair
    assert Plan(threads=1).lay_out(pictures) is pictures


def test_a_model_without_convolutions_is_not_timed() -> None:
    assert Planner().plan(make_net(), make_pairs()) == Plan(threads=1)


def test_the_probe_leaves_the_model_and_random_numbers_as_they_were() -> None:
    model, inputs = make_convolution()
    before = tensors(model)
    with kept_random():
        expected = torch.rand(3)
    plan = make_plan(model, inputs, chosen={})
    assert same(tensors(model), before) and torch.equal(torch.rand(3), expected)
    assert model.training and model[0].weight.grad is None
    assert "a step takes" in plan.why[0]


def test_a_second_plan_is_the_first_one_read_from_the_cache() -> None:
    model, inputs = make_convolution()
    plan = make_plan(model, inputs, chosen={})
    assert len(list((cache_folder() / "plans").glob("*.json"))) == 1
    Planner().choose(auto=True)
    assert make_plan(model, inputs, chosen={}) == plan


def test_a_spoilt_cache_is_timed_again() -> None:
    model, inputs = make_convolution()
    make_plan(model, inputs, chosen={"threads": 1})
    file = next((cache_folder() / "plans").glob("*.json"))
    file.write_text('{"precision": "half"}')
    Planner().choose(auto=True)
    assert make_plan(model, inputs, chosen={"threads": 1}).threads == 1
    assert "half" not in file.read_text()


def test_a_choice_made_on_a_busy_machine_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (100.0, 0.0, 0.0))
    plan = make_plan(*make_convolution(), chosen={"threads": 1})
    assert "other work was running, so this was not kept" in plan.why[-1]
    assert not list((cache_folder() / "plans").glob("*.json"))


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("a file where the folder should be")
    model, inputs = make_convolution()
    chosen = {"precision": "float32", "threads": 1}
    assert make_plan(model, inputs, chosen=chosen).precision == "float32"


def test_what_is_set_by_hand_is_kept_and_said() -> None:
    planner = Planner()
    planner.choose(precision="bfloat16", channels_last=True, threads=1)
    plan = planner.plan(*make_convolution_data())
    assert (plan.precision, plan.channels_last) == ("bfloat16", True)
    assert plan.why == tuple(
        f"{name}: set by hand" for name in ("precision", "channels_last", "threads")
    )


def make_convolution_data() -> tuple[nn.Module, list[Any]]:
    model, inputs = make_convolution()
    return model, [(inputs, torch.zeros(2).long())]


def test_auto_forgets_what_was_set_by_hand() -> None:
    planner = Planner()
    planner.choose(precision="bfloat16")
    planner.choose(auto=True, precision="float32")
    assert planner.plan(*make_convolution_data()).why == ("precision: set by hand",)


def test_a_setting_that_a_plan_does_not_have_is_refused() -> None:
    with pytest.raises(
        SettingError, match="precission was given; a plan has precision, channels_last"
    ):
        Planner().choose(precission="float32")


def test_the_probe_works_where_gradients_are_off() -> None:
    model, inputs = make_convolution()
    with torch.no_grad():
        assert make_plan(model, inputs, chosen={"threads": 1}).threads == 1
        assert not torch.is_grad_enabled()


def test_choosing_the_threads_leaves_their_number_as_it_was() -> None:
    torch.set_num_threads(2)
    try:
        plan = make_plan(make_net(), make_pairs()[0][0], chosen={})
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert plan.threads in {1, 2}
