"""The pictures of lessons 04 to 06: what is drawn is what was given, and the words say it."""

from __future__ import annotations

import math

import pytest
import torch

from tenfold.course.pictures import landscape, traces


def test_traces_draw_every_value_over_its_own_steps() -> None:
    rows = {"short": [3.0, 1.0], "long": torch.tensor([0.5, 0.25, 0.125])}
    picture = traces(rows, xlabel="step", ylabel="rate")
    short, long = picture.figure.axes[0].lines
    assert short.get_xdata().tolist() == [1, 2] and list(short.get_ydata()) == [3.0, 1.0]
    assert long.get_xdata().tolist() == [1, 2, 3]
    assert list(long.get_ydata()) == [0.5, 0.25, 0.125]


def test_traces_over_an_axis_of_ones_own() -> None:
    x = torch.linspace(-1, 1, 3)
    picture = traces({"square": x**2}, xlabel="x", ylabel="x squared", x=x)
    assert list(picture.figure.axes[0].lines[0].get_xdata()) == [-1.0, 0.0, 1.0]
    assert repr(picture) == "x squared over x: square from 1 to 1 (3 points)"


@pytest.mark.parametrize(("log", "scale"), [(False, "linear"), (True, "log")])
def test_traces_are_logarithmic_when_asked(log: bool, scale: str) -> None:
    picture = traces({"loss": [1.0, 0.1]}, xlabel="step", ylabel="loss", log=log)
    assert picture.figure.axes[0].get_yscale() == scale


def test_a_landscape_has_the_same_line_in_each_panel_and_the_walkers_of_its_row() -> None:
    walkers = {"start": torch.tensor([2.0]), "end": torch.tensor([0.0, 1.0])}
    picture = landscape(torch.square, walkers, span=(-2.0, 2.0))
    first, second = picture.figure.axes
    assert list(first.lines[0].get_ydata()) == list(second.lines[0].get_ydata())
    assert first.collections[0].get_offsets().tolist() == [[2.0, 4.0]]
    assert second.collections[0].get_offsets().tolist() == [[0.0, 0.0], [1.0, 1.0]]


def test_a_landscape_says_where_the_walkers_stand() -> None:
    picture = landscape(torch.square, {"end": torch.tensor([0.0, 1.0])}, span=(-2.0, 2.0))
    assert repr(picture) == (
        "a loss over one weight from -2 to 2, with walkers on it: end, 2 walkers, mean loss 0.5"
    )


def test_both_write_a_picture_with_its_words_beside_it() -> None:
    for picture in (
        traces({"wave": [math.sin(one) for one in range(9)]}, xlabel="step", ylabel="wave"),
        landscape(torch.square, {"start": torch.tensor([1.0])}, span=(-1.0, 1.0)),
    ):
        bundle, metadata = picture._repr_mimebundle_()
        assert bundle["text/plain"] == repr(picture) == metadata["image/png"]["alt"]
