"""How a search stands, as text and HTML: the line, the curves, what runs."""

from __future__ import annotations

import math
from dataclasses import replace
from xml.etree import ElementTree

from search_world import make_search

from tenfold.live.panels.search import (
    BOTTOM,
    TOP,
    curves_svg,
    curves_words,
    search_html,
    search_line,
    search_text,
)
from tenfold.trials.result import Search, Tried

CURVES = (
    Tried(0, {"lr": 0.1}, 0.5, "finished", 3, curve=(2.0, 1.0, 0.5)),
    Tried(1, {"lr": 0.9}, 9.0, "pruned", 2, curve=(8.0, 9.0)),
    Tried(2, {"lr": 0.2}, 0.7, "finished", 3, curve=(1.5, math.nan, 0.7)),
)
RUNNING = Tried(3, {"lr": 0.05}, math.nan, "running", 2, curve=(1.2, 0.8))
GOING = Search(CURVES, {}, running=RUNNING)


def drawn(found: Search) -> ElementTree.Element:
    return ElementTree.fromstring(curves_svg(found))


def shapes(found: Search) -> list[dict[str, str]]:
    return [one.attrib for one in drawn(found).iter() if one.tag.endswith("polyline")]


def test_the_line_says_where_it_is_or_how_it_ended() -> None:
    assert search_line(GOING, 20) == (
        "trial 4 of 20 after 2 epochs, best valid_loss 0.5000, 1 pruned"
    )
    assert search_line(Search((), {}, running=Tried(0, {}, math.nan)), 5) == "trial 1 of 5"
    assert search_line(replace(GOING, running=None), 20) == GOING.summary


def test_each_trial_is_a_line_and_the_best_and_the_running_stand_out() -> None:
    pruned, other, best, running = shapes(GOING)
    assert pruned["stroke-dasharray"] == "3 3" and "stroke-dasharray" not in other
    assert "brand" in best["stroke"] and "warn" in running["stroke"]
    assert len(other["points"].split()) == 2  # an epoch without a score is left out
    corners = [tuple(map(float, one.split(","))) for one in best["points"].split()]
    assert corners[-1][1] == BOTTOM and corners[0][0] < corners[1][0] < corners[2][0]
    assert all(TOP <= y <= BOTTOM for x, y in corners)


def test_a_trial_that_explodes_leaves_the_rest_readable_only_where_lower_is_better() -> None:
    heights = [float(one.split(",")[1]) for one in shapes(GOING)[2]["points"].split()]
    assert heights[0] < (TOP + BOTTOM) / 2
    higher = replace(GOING, lower=False)
    assert "9" in [one.text for one in drawn(higher).iter() if one.tag.endswith("text")]


def test_one_epoch_is_a_dot_and_no_curve_no_picture() -> None:
    first = Search(CURVES[:1], {}, running=Tried(3, {}, math.nan, "running", 1, curve=(0.7,)))
    assert [one.tag[-6:] for one in drawn(first).iter()].count("circle") == 1
    assert curves_svg(make_search(13)) == "" and curves_svg(Search((), {})) == ""


def test_the_picture_is_told_in_words() -> None:
    words = (
        "valid_loss by epoch, a line for each of 4 trials; the best, trial 0, ends at 0.5; "
        "trial 3 runs and is at 0.8"
    )
    assert curves_words(GOING) == words == drawn(GOING).attrib["aria-label"]


def test_while_it_goes_on_it_says_how_to_end_it_and_what_is_tried() -> None:
    html, text = search_html(GOING, 20), search_text(GOING, 20)
    assert "%stop ends the search, the same line goes on" in html and "now: lr 0.05" in html
    assert text.startswith("trial 4 of 20 after 2 epochs") and GOING.summary in text
    ended = replace(GOING, running=None)
    assert "%stop" not in search_html(ended, 20) and search_text(ended, 20) == repr(ended)
    ElementTree.fromstring(html)
