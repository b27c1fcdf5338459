"""The pictures of lessons 1 to 3: what is drawn is what was given, and the words say it."""

from __future__ import annotations

import pytest
import torch

from tenfold.course.pictures import answers, layer_groups, rate_curves, sweep

RATES, LOSSES = [1e-3, 1e-2, 1e-1], [2.5, 1.0, 90.0]


def test_rate_curves_are_the_numbers_given_over_a_logarithmic_axis() -> None:
    short = ([1e-3, 1e-2], [2.0, 1.5])
    axes = rate_curves({"long": (RATES, LOSSES), "short": short}).figure.axes[0]
    assert [list(line.get_ydata()) for line in axes.lines] == [LOSSES, short[1]]
    assert [list(line.get_xdata()) for line in axes.lines] == [RATES, short[0]]
    assert axes.get_xscale() == "log"


def test_a_rate_curve_says_where_it_is_lowest_and_what_is_marked() -> None:
    picture = rate_curves({"a net": (RATES, LOSSES)}, marks={"steep": 0.005})
    assert repr(picture) == (
        "loss over the learning rate: a net from 2.5 down to 1 at 0.01; marked: steep 0.005"
    )
    assert list(picture.figure.axes[0].lines[1].get_xdata()) == [0.005, 0.005]


def test_an_explosion_does_not_flatten_the_rest_of_a_rate_curve() -> None:
    low, high = rate_curves({"a net": (RATES, LOSSES)}).figure.axes[0].get_ylim()
    assert low < 1.0 and 2.5 < high < 5


def test_a_sweep_draws_every_run_and_a_line_through_the_means_in_order() -> None:
    picture = sweep({0.1: [0.5, 0.7], 0.01: [0.2]}, label="accuracy", marks={"valley": 0.05})
    axes = picture.figure.axes[0]
    dots = [dots.get_offsets().tolist() for dots in axes.collections]
    assert dots == [[[0.1, 0.5], [0.1, 0.7]], [[0.01, 0.2]]]
    assert list(axes.lines[0].get_xdata()) == [0.01, 0.1]
    assert list(axes.lines[0].get_ydata()) == pytest.approx([0.2, 0.6])
    assert list(axes.lines[1].get_xdata()) == [0.05, 0.05]
    assert repr(picture) == (
        "accuracy by learning rate, a dot a run: 0.01 mean 0.2, 0.1 mean 0.6; marked: valley 0.05"
    )


def test_a_sweep_without_marks_has_no_legend_and_says_nothing_of_them() -> None:
    picture = sweep({0.1: [0.5]}, label="accuracy")
    assert picture.figure.axes[0].get_legend() is None and "marked" not in repr(picture)


def test_layer_groups_are_bars_from_the_input_to_the_head_and_0_leaves_none() -> None:
    runs = {"one rate": [0.5, 0.5], "frozen body": [0.0, 0.4]}
    picture = layer_groups(["body", "head"], runs, "moved")
    axes = picture.figure.axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.5, 0.5, 0.0, 0.4]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["body", "head"]
    assert axes.get_ylim()[0] < 0.4
    assert repr(picture) == (
        "moved, by layer group: one rate body 0.5, head 0.5; frozen body body 0, head 0.4"
    )


def test_answers_show_the_picture_once_and_the_first_maps_of_each_row() -> None:
    photo, early, late = torch.rand(3, 8, 8), torch.rand(5, 4, 4), torch.rand(1, 2, 2)
    picture = answers(photo, {"early": early, "late": late}, most=2)
    drawn = [
        torch.as_tensor(one.images[0].get_array().data) for one in picture.figure.axes if one.images
    ]
    expected = [photo.permute(1, 2, 0), early[0], early[1], late[0]]
    assert all(torch.equal(a, b) for a, b in zip(drawn, expected, strict=True))
    assert repr(picture) == (
        "a picture of 8 x 8 pixels and the answers of early (2 maps of 4 x 4), "
        "late (1 map of 2 x 2)"
    )
