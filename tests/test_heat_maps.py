"""What a look is asked about, and what heat maps say: scores, tables, pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from inside_world import CLASSES, make_learner, make_net, make_pictures
from torch import nn

from tenfold.data.encoders import TensorEncoder
from tenfold.data.plain import PlainData
from tenfold.errors import DataError, SettingError
from tenfold.interpret.asked import ask, asked_classes, spread_items
from tenfold.interpret.heat_maps import HeatMaps
from tenfold.train.task import number, single_label

CPU = torch.device("cpu")


def plain(*shape: int, batches: int = 2) -> PlainData:
    pairs = [(torch.rand(3, *shape), torch.arange(3)) for _ in range(batches)]
    return PlainData(pairs, pairs)


def make_maps(maps: torch.Tensor) -> HeatMaps:
    count = len(maps)
    return HeatMaps(
        torch.rand(count, 3, *maps.shape[1:]), maps, ["cat"] * count, [0.9] * count, "x"
    )


def test_the_score_is_that_of_a_loop_over_pixels() -> None:
    maps, masks = torch.randn(9, 5, 7), np.random.default_rng(0).integers(0, 3, (9, 5, 7))
    found = make_maps(maps).score(masks)
    hits, inside = 0, 0.0
    for map_, mask in zip(maps.numpy(), masks):
        hits += mask[np.unravel_index(map_.argmax(), map_.shape)] != 0
        heat = np.maximum(map_, 0)
        inside += heat[mask != 0].sum() / heat.sum() / 9
    assert found.hits == pytest.approx(hits / 9) and found.inside == pytest.approx(inside)
    assert found.area == pytest.approx((masks != 0).mean())


def test_a_map_without_heat_hits_nothing() -> None:
    found = make_maps(torch.zeros(1, 2, 2)).score(torch.ones(1, 2, 2))
    assert (found.hits, found.inside) == (0.0, 0.0)


@pytest.mark.parametrize("margin", [0, 1, 2])
def test_a_margin_counts_what_is_near(margin: int) -> None:
    maps, masks = torch.rand(40, 6, 6), torch.rand(40, 6, 6) > 0.9
    found = make_maps(maps)
    near = [
        bool(mask[max(0, r - margin) : r + margin + 1, max(0, c - margin) : c + margin + 1].any())
        for (r, c), mask in zip(found.hottest.tolist(), masks)
    ]
    assert found.hits(masks, margin=margin).tolist() == near and 0 < sum(near) < 40


def test_masks_of_another_size_are_refused() -> None:
    words = r"masks of \(1, 4, 4\) were given; the maps are \(1, 2, 2\); give one mask for each"
    with pytest.raises(DataError, match=words):
        make_maps(torch.zeros(1, 2, 2)).score(torch.ones(1, 4, 4))


def test_the_picture_has_each_item_beside_its_map_with_a_ring_at_the_hottest() -> None:
    learn = make_learner()
    found = learn.grad_cam([2, 5, 8], label="owl")
    figure = found.plot()
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles[::2] == ["item 2: owl", "item 5: owl", "item 8: owl"]
    assert all(title.startswith("owl ") for title in titles[1::2])
    for axes, (row, column), map_ in zip(figure.axes[1::2], found.hottest.tolist(), found.maps):
        rings = {tuple(line.get_xydata()[0]) for line in axes.lines}
        assert rings == ({(column, row)} if map_.max() > 0 else set())
    assert "3 pictures" in found.words and found.table[1][:3] == ["2", "owl", "owl"]


def test_a_map_is_drawn_in_colour_where_it_is_hot_and_in_grey_where_not() -> None:
    maps = torch.zeros(1, 4, 4)
    maps[0, 0, 0], maps[0, 3, 3] = 1.0, -1.0
    warm, rest, cold = make_maps(maps)._heated()[0][:, [0, 1, 3], [0, 1, 3]].T
    assert warm[0] > warm[2] and cold[2] > cold[0]
    assert torch.allclose(rest, rest[0].expand(3))


def test_items_come_from_batches_of_any_kind_in_the_order_asked_for() -> None:
    data = plain(3, 8, 8)
    found = ask([4, 0], data=data, encoder=TensorEncoder(), device=CPU)
    assert torch.equal(found.inputs, torch.stack([data.valid[1][0][1], data.valid[0][0][0]]))
    assert found.actual is not None and found.actual.tolist() == [1, 0]
    learn = make_learner()
    x, _ = make_pictures()
    assert torch.allclose(learn.grad_cam([7]).pictures, (x[7:8] * 255).round() / 255, atol=1e-2)


def test_items_are_spread_from_the_first_to_the_last() -> None:
    assert spread_items(plain(3, 8, 8), 3) == [0, 2, 4]
    assert spread_items(plain(3, 8, 8), 99) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("x", "data", "error", "words"),
    [
        (6, plain(3, 8, 8), SettingError, "item 6 was given; there are 6 validation items, allowed "
         "is 0 to 5"),
        ([0, -1], plain(3, 8, 8), SettingError, "item -1 was given"),
        ([], plain(3, 8, 8), SettingError, "no item was given"),
        ([0, torch.rand(3, 8, 8)], plain(3, 8, 8), SettingError, "not both in one call"),
        (0, PlainData([], None), DataError, "there is no validation set"),
        (0, plain(2), DataError, r"PlainData, whose items are \(1, 2\); a look inside"),
        (0, PlainData([], [((1, 2), [0])]), DataError, "the inputs of this data are tuple"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(
    x: Any, data: PlainData, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ask(x, data=data, encoder=TensorEncoder(), device=CPU)


def test_an_item_out_of_range_of_pictures_is_refused() -> None:
    with pytest.raises(SettingError, match="item 20 was given; there are 20 validation items"):
        make_learner().grad_cam(20)


def test_a_class_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"label='owel' was given; there are .*mean 'owl'"):
        make_learner().grad_cam(0, label="owel")


def test_a_model_of_numbers_has_no_class_to_ask_about() -> None:
    with pytest.raises(SettingError, match="label='cat' was given; this model predicts one number"):
        asked_classes("cat", torch.zeros(1, 1), task=number(), classes=["0"])
    chosen = asked_classes(None, torch.zeros(2, 1), task=number(), classes=["0"])
    assert chosen.tolist() == [0, 0]


def test_a_class_is_asked_about_by_its_name() -> None:
    chosen = asked_classes("owl", torch.zeros(2, 3), task=single_label(3), classes=CLASSES)
    assert chosen.tolist() == [2, 2]
    found = make_learner().grad_cam([0, 1], label="owl")
    assert found.labels == ["owl", "owl"]


def test_normalised_pictures_are_stretched_to_be_seen() -> None:
    pairs = [(torch.randn(2, 1, 8, 8) * 3, torch.arange(2))]
    net = nn.Sequential(nn.Conv2d(1, 3, 1), make_net())
    from tenfold.learner import Learner

    learn = Learner((pairs, pairs), net, task=single_label(3), quiet=True, device="cpu")
    shown = [
        axes.images[0].get_array() for axes in learn.occlusion([0, 1]).plot().axes if axes.images
    ]
    assert all(one.min() >= 0 and one.max() <= 1 and one.shape == (8, 8, 3) for one in shown)
