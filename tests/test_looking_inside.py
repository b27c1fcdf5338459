"""Looks inside a learner leave it as it was, whatever happens in them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest
import torch
from inside_world import CLASSES, make_learner, make_net, unchanged, unsettle
from torch import Tensor, nn

from tenfold.errors import DataError, SettingError, StateError
from tenfold.learner import Learner
from tenfold.train.task import multi_label, number

LOOKS: dict[str, Callable[[Learner], Any]] = {
    "grad_cam": lambda learn: learn.grad_cam([0, 5]),
    "guided": lambda learn: learn.grad_cam([0, 5], guided=True),
    "axiomatic": lambda learn: learn.grad_cam([0, 5], axiomatic=True),
    "layer": lambda learn: learn.grad_cam([0, 5], layer="3"),
    "occlusion": lambda learn: learn.occlusion([0, 5], patch=4),
    "integrated_gradients": lambda learn: learn.integrated_gradients([0, 5], steps=3),
    "top_losses": lambda learn: learn.top_losses(2, heat=True),
    "activations": lambda learn: learn.activations(),
    "embeddings": lambda learn: learn.embeddings(),
    "calibration": lambda learn: learn.calibration(),
}


class Falls(nn.Module):
    """The last layer, which does something else than its work after some calls."""

    def __init__(self, act: Callable[[], None], after: int) -> None:
        super().__init__()
        self.linear, self.act, self.left = nn.Linear(80, 3), act, after

    def forward(self, x: Tensor) -> Tensor:
        if self.left == 0:
            self.act()
        self.left -= 1
        torch.rand(1)  # a model that draws random numbers of its own
        return self.linear(x)


def make_falling(act: Callable[[], None], after: int) -> Learner:
    net = make_net()
    net[7] = Falls(act, after)
    return make_learner(net)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def fail() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_changes_nothing(name: str) -> None:
    learn = make_falling(fail, after=-1)
    before = unsettle(learn.model)
    first = LOOKS[name](learn)
    assert unchanged(before, learn.model)
    assert repr(LOOKS[name](learn)) == repr(first), "looking twice shows the same"


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize(
    ("act", "error"), [(fail, ZeroDivisionError), (interrupt, KeyboardInterrupt)]
)
@pytest.mark.parametrize("name", LOOKS)
def test_a_look_that_is_cut_off_changes_nothing(
    name: str, act: Callable[[], None], error: type[BaseException], after: int
) -> None:
    learn = make_falling(act, after)
    before = unsettle(learn.model)
    if after == 1 and name in ("activations", "embeddings", "calibration"):
        learn.model[7].left = 0  # one batch holds all
    with pytest.raises(error):
        LOOKS[name](learn)
    assert unchanged(before, learn.model)
    assert learn.run is None


def test_without_an_item_nine_are_shown_and_a_picture_of_ones_own_is_taken() -> None:
    learn = make_learner()
    assert learn.grad_cam().items == [0, 2, 4, 6, 8, 11, 13, 15, 17]
    own = learn.grad_cam(torch.rand(3, 8, 8))
    assert own.items is None and own.actual is None and own.table[0][0] == "picture"
    assert [len(learn.grad_cam([torch.rand(3, 8, 8)] * n)) for n in (1, 2)] == [1, 2]


def test_integrated_gradients_add_up_on_the_map_too() -> None:
    learn = make_learner(nn.Sequential(nn.Flatten(), nn.Linear(192, 3)))
    found = learn.integrated_gradients([3], label="owl")
    with torch.no_grad():
        x = found.pictures
        whole = (learn.model(x) - learn.model(torch.zeros_like(x)))[0, CLASSES.index("owl")]
    torch.testing.assert_close(found.maps.sum(), whole)


def test_a_model_of_several_labels_and_one_of_numbers_can_be_asked() -> None:
    net, pairs = make_net(), [(torch.rand(4, 3, 8, 8), torch.ones(4, 3))]
    learn = Learner((pairs, pairs), net, task=multi_label(3), quiet=True, device="cpu")
    assert learn.grad_cam([1, 2], label="1").labels == ["1", "1"]
    pairs = [(torch.rand(4, 3, 8, 8), torch.rand(4))]
    learn = Learner((pairs, pairs), make_net(outputs=1), task=number(), quiet=True, device="cpu")
    found = learn.occlusion([1])
    assert found.labels == ["the number"] and found.probabilities == [None]
    assert found.plot().axes[1].get_title() == "the number"


def test_heat_maps_of_the_top_losses_are_those_of_their_items() -> None:
    learn = make_learner()
    found = learn.top_losses(3, heat=True)
    assert found.heat is not None and found.heat.items == [one.index for one in found.items]
    assert list(found.heat.labels) == [one.predicted for one in found.items]
    titles = [axes.get_title() for axes in found.plot().axes if axes.images]
    assert [title.replace("\n", " ") for title in titles[::2]] == [one.title for one in found.items]


def test_data_without_pictures_or_a_validation_set_is_refused() -> None:
    pairs = [(torch.rand(4, 3, 8, 8), torch.arange(4) % 3)]
    learn = Learner((pairs, pairs), make_net(), task=make_learner().task, quiet=True, device="cpu")
    with pytest.raises(SettingError, match="heat maps were asked for, and this data is PlainData"):
        learn.top_losses(2, heat=True)
    alone = Learner((pairs, None), make_net(), task=learn.task, quiet=True, device="cpu")
    for look in (alone.activations, alone.embeddings, alone.calibration):
        with pytest.raises(DataError, match="there is no validation set"):
            look()


def test_a_learner_that_is_busy_is_not_looked_into() -> None:
    learn = make_learner()

    class Job:
        thread = 0

    learn.holder = Job()
    for name in LOOKS:
        with pytest.raises(StateError, match="this learner is busy"):
            LOOKS[name](learn)
    with pytest.raises(StateError, match="this learner is busy"):
        learn.calibrate()
