"""The pictures of lessons 8 to 10: what is drawn is what was given, and the words say it."""

from __future__ import annotations

import pytest
import torch

from tenfold.course.pictures import curves, sheet, strip


def test_a_strip_draws_every_number_in_the_row_of_its_name() -> None:
    picture = strip({"plain": [0.5, 0.6, 0.6], "more": [0.9]}, label="accuracy")
    axes = picture.figure.axes[0]
    drawn = [dots.get_offsets() for dots in axes.collections]
    assert [rows[:, 0].tolist() for rows in drawn] == [[0.5, 0.6, 0.6], [0.9]]
    assert [rows[:, 1].round().tolist() for rows in drawn] == [[0, 0, 0], [1]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["plain", "more"]


@pytest.mark.parametrize("mean", [True, False])
def test_the_mean_of_a_row_is_a_bar_when_it_is_asked_for(mean: bool) -> None:
    picture = strip({"plain": [1.0, 2.0]}, label="loss", mean=mean)
    bars = [list(line.get_xdata()) for line in picture.figure.axes[0].lines]
    assert bars == ([[1.5, 1.5]] if mean else [])
    assert ("mean 1.5" in repr(picture)) is mean


def test_one_number_has_no_bar_and_one_line_no_legend() -> None:
    assert not strip({"plain": [1.0]}, label="loss").figure.axes[0].lines
    one = curves([1, 2], {"a": [3, 2]}, xlabel="views", ylabel="error")
    assert one.figure.axes[0].get_legend() is None


def test_numbers_that_are_equal_stand_one_above_the_other() -> None:
    dots = strip({"one": [1.0] * 5}, label="loss").figure.axes[0].collections[0].get_offsets()
    assert len(set(dots[:, 1].tolist())) == 5


def test_curves_are_the_numbers_given_and_end_in_the_words() -> None:
    picture = curves([1, 2, 4], {"a": [3, 2, 1], "b": [0, 0, 5]}, xlabel="views", ylabel="error")
    axes = picture.figure.axes[0]
    assert [list(line.get_ydata()) for line in axes.lines] == [[3, 2, 1], [0, 0, 5]]
    assert [words.get_text() for words in axes.get_legend().get_texts()] == ["a", "b"]
    assert repr(picture) == "error over views 1 to 4: a from 3 to 1; b from 0 to 5"


def test_a_sheet_shows_each_picture_pixel_for_pixel_under_its_title() -> None:
    given = [torch.rand(3, side, side) for side in (8, 4, 4, 4, 4, 4)]
    picture = sheet(given, list("abcdef"))
    assert repr(picture) == "6 pictures: a, b, c, d, e and f"
    for axes, one, title in zip(picture.figure.axes, given, "abcdef", strict=True):
        shown = axes.images[0].get_array()
        assert torch.equal(torch.as_tensor(shown.data), one.permute(1, 2, 0))
        assert axes.get_title() == title
