from __future__ import annotations

import math
from typing import Any

import pytest
from search_world import make_search

from tenfold.errors import SettingError, StateError
from tenfold.trials.ranges import Choice, Range, read_range, read_ranges
from tenfold.trials.result import Search, Tried


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ((1, 8), Range(1, 8, whole=True)),
        ((1, 8.0), Range(1, 8.0)),
        ((1e-4, 1e-1, "log"), Range(1e-4, 1e-1, log=True)),
        ("1e-4:1e-1:log", Range(1e-4, 1e-1, log=True)),
        ("2:64:log", Range(2, 64, log=True, whole=True)),
        (["a", None, 2], Choice(("a", None, 2))),
        ("64,128", Choice((64, 128))),
        ("True,False", Choice((True, False))),
        (Range(0.0, 1.0), Range(0.0, 1.0)),
    ],
)
def test_a_range_is_read_in_every_form(given: Any, read: Any) -> None:
    assert read_range(given, name="x") == read


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((1.0, 1.0), "the range 1 to 1 was given; allowed are two rising numbers; for"),
        ((0.0, 1.0, "log"), "the range 0 to 1 was given; allowed are two rising numbers above 0"),
        ((0.0, math.inf), "allowed are two rising numbers"),
        ((0.0, 1.0, "lin"), r"x=\(0.0, 1.0, 'lin'\) was given; allowed is a range, as \(1e-4"),
        ((True, False), "allowed is a range"),
        ("relu", "x='relu' was given; allowed is a range"),
        (["relu"], r"the choice \['relu'\] was given; allowed are two and more different"),
        ([[1], [2]], "allowed are two and more different words, numbers"),
        (0.5, "x=0.5 was given; allowed is a range"),
    ],
)
def test_what_is_no_range_is_refused(given: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        read_ranges({"x": given})


def test_a_search_is_a_table_of_the_best() -> None:
    tried = [Tried(n, {"lr": 10.0**-n, "act": "relu"}, float(n)) for n in range(12)]
    ranges = read_ranges({"lr": (1e-12, 1.0, "log"), "act": ["relu", "gelu"]})
    found = Search((*tried, Tried(12, {"lr": 1.0, "act": "gelu"}, -1, state="pruned")), ranges)
    lines = repr(found).splitlines()
    assert lines[0] == "13 trials (1 pruned); best valid_loss 0.0000 with lr 1 and act relu"
    assert lines[1].split() == ["trial", "lr", "act", "valid_loss"] and len(lines) == 12
    assert found._repr_html_().count("<tr>") == 11
    frame = found.frame()
    assert list(frame.columns) == ["trial", "lr", "act", "valid_loss", "state", "epochs", "seconds"]
    assert len(frame) == 13


def test_the_picture_has_every_trial_and_the_best_until_then() -> None:
    scores = [3.0, 1.0, 2.0, 0.5]
    tried = tuple(Tried(n, {"lr": 0.1}, score) for n, score in enumerate(scores))
    for lower, best in ((True, [3.0, 1.0, 1.0, 0.5]), (False, [3.0] * 4)):
        axes = Search(tried, {"lr": Range(0.0, 1.0)}, lower=lower).plot().axes[0]
        assert axes.lines[0].get_ydata().tolist() == best
        assert axes.collections[0].get_offsets()[:, 1].tolist() == scores


def test_parallel_coordinates_go_from_the_foot_to_the_top_of_each_axis() -> None:
    ranges = read_ranges({"lr": (1e-4, 1.0, "log"), "act": ["a", "b", "c"]})
    tried = (Tried(0, {"lr": 1e-3, "act": "b"}, 2.0), Tried(1, {"lr": 1.0, "act": "a"}, 6.0),
             Tried(2, {"lr": 1e-4, "act": "c"}, math.nan, state="failed"))  # fmt: skip
    shown = Search(tried, ranges).parallel()
    assert shown.heights() == [pytest.approx([0.25, 0.5, 0]), pytest.approx([1, 0, 1])]
    axes = shown.plot().axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["lr", "act", "valid_loss"]
    assert {"0.0001", "1", "a", "b", "c", "2", "6"} == {text.get_text() for text in axes.texts}
    with pytest.raises(StateError, match="no trial has a score, so there is no line to draw"):
        Search(tried[2:], ranges).parallel().plot()


def test_the_best_fifth_is_drawn_in_colour_before_the_others() -> None:
    axes = make_search(20).parallel().plot().axes[0]
    colours = [line.get_color() for line in axes.lines[:20]]
    assert len(set(colours[:16])) == 1 and len(set(colours[16:])) == 1
    assert colours[15] != colours[16]
    best = sorted(one.score for one in make_search(20).trials)
    assert axes.lines[19].get_ydata()[-1] == 0 and len(best) == 20
