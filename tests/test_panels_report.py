from __future__ import annotations

import base64
import math
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from tenfold.live.panels.looked import tables
from tenfold.live.panels.report import (
    BOTTOM,
    LEFT,
    MOST_POINTS,
    RIGHT,
    TOP,
    Report,
    curve_svg,
    curve_words,
    report_html,
    report_text,
)

RUN: dict[str, Any] = {
    "run": 3,
    "kind": "fit",
    "line": "%freeze_to 1\n%fit_sgdr 2 --lr 0.01",
    "state": "stopped",
    "phase": "training",
    "epoch": 3,
    "epochs": 3,
    "step": 250,
    "steps": 300,
    "loss": 0.5,
    "seconds": 65.0,
    "seconds_left": None,
    "columns": ["epoch", "train_loss", "valid_loss", "seconds"],
    "rows": [
        {"epoch": 1, "train_loss": 0.75, "valid_loss": 0.5, "seconds": 20.0},
        {"epoch": 2, "train_loss": 0.5, "valid_loss": None, "seconds": 20.0},
    ],
    "marks": [[40, "rate 0.003"], [1100, "paused"]],
    "best": 1,
    "suggestions": {},
    "repeat": "%freeze_to 1\n%fit_sgdr 2 --lr 0.01 --changes 40:0.003 --stop-at 250",
    "message": "stopped",
    "error": "",
}
POINTS = [(1.0, 2.0), (2.0, math.nan), (3.0, 1.0), (250.0, 1.5)]
RESULTS: dict[str, Any] = {
    "scores": {
        "ways": ["plain", "with TTA"],
        "names": ["accuracy"],
        "values": [[0.5], [None]],
    },
    "confusion": {
        "classes": ["cat", "<dog>"],
        "matrix": [[3, 1], [0, 4]],
        "cells": [],
        "words": "",
    },
    "cell": None,
    "top": {
        "words": "the validation item with the largest loss",
        "heads": ["text"],
        "items": [
            {"label": "cat", "predicted": "dog", "loss": 2.5, "probability": 0.1, "words": ["a<b"]}
        ],
    },
    "prediction": {"name": "a.jpg", "label": "cat", "probabilities": [["cat", 0.75]]},
    "exported": "plants.tenfold",
}
FULL = Report("learn", RUN, POINTS, RESULTS)


def tree(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(report_html(report))


def words(report: Report) -> str:
    return re.sub(r"\s+", " ", " ".join(tree(report).itertext()))


def test_before_anything_was_trained_it_says_so_the_same_each_time() -> None:
    text = "Tenfold panel of learn: nothing has been trained yet"
    assert report_text(Report("learn")) == text == words(Report("learn")).strip()


def test_text_and_html_say_the_same() -> None:
    said = [
        "Tenfold panel of learn: %freeze_to 1; %fit_sgdr 2 --lr 0.01",
        "stopped at step 250 of 300 in 1:05; the weights are those of the last batch",
        "best epoch: 1",
        "on the way: rate 0.003 (step 40) and paused (step 1,100)",
        "the same again:",
        "%fit_sgdr 2 --lr 0.01 --changes 40:0.003 --stop-at 250",
        "7 of 8 validation items right (87.5%)",
        "the validation item with the largest loss",
        "a.jpg: cat",
        "exported to plants.tenfold",
    ]
    for report in (report_text(FULL), words(FULL)):
        assert [line for line in said if line not in report] == []


def test_the_text_has_the_curve_and_the_tables() -> None:
    text = report_text(FULL)
    assert "training loss over 250 steps: from 2 to 1.5, lowest 1" in text
    assert re.search(r"plain +0\.5000\nwith TTA +–", text)
    assert re.search(r"cat +3 +1\n<dog> +0 +4", text)
    assert re.search(r"cat +dog +2\.5000 +10\.0% +a<b", text) and re.search(r"cat +75\.0%", text)


def test_the_html_is_well_formed_and_can_be_hidden_as_a_whole() -> None:
    root = tree(FULL)
    assert root.get("class") == "tenfold-still"
    picture = root.find(".//img")
    assert picture is not None and picture.get("alt", "").startswith("training loss over 250 steps")
    drawing = base64.b64decode(picture.get("src", "").removeprefix("data:image/svg+xml;base64,"))
    assert ElementTree.fromstring(drawing).find("{http://www.w3.org/2000/svg}polyline") is not None
    assert len(root.findall(".//table")) == 5
    assert root.findtext(".//pre") == RUN["repeat"]
    assert "<dog>" not in report_html(FULL) and "&lt;dog&gt;" in report_html(FULL)


def test_a_run_that_failed_says_why() -> None:
    run = {**RUN, "state": "failed", "error": "RuntimeError: out of memory", "repeat": ""}
    text = report_text(replace(FULL, run=run))
    assert "RuntimeError: out of memory at step 250 of 300" in text
    assert "the same again" not in text


def test_a_rate_finder_shows_its_suggestions_over_a_logarithmic_axis() -> None:
    run = {**RUN, "kind": "lr_find", "suggestions": {"valley": 1e-3, "steep": 0.02}, "best": None}
    points = [(1e-6, 2.0), (1e-3, 1.0), (1.0, 50.0)]
    report = Report("learn", run, points)
    assert "suggested rates: valley 1.00e-03 and steep 2.00e-02" in report_text(report)
    assert curve_words(report).startswith("loss at rates from 1.0e-06 to 1.0e+00: from 2 to 50")
    corners = curve_svg(points, words="w", rates=True).split('points="')[1].split('"')[0]
    across, down = zip(*(map(float, corner.split(",")) for corner in corners.split()))
    assert across == (LEFT, (LEFT + RIGHT) / 2, RIGHT)
    assert down == ((BOTTOM + TOP) / 2, BOTTOM, TOP)  # the explosion is cut off at 3


def test_a_long_curve_is_drawn_with_few_points_and_both_ends() -> None:
    points = [(float(step), 1 / step) for step in range(1, 10_000)]
    corners = curve_svg(points, words="w").split('points="')[1].split('"')[0].split()
    assert MOST_POINTS / 2 < len(corners) <= MOST_POINTS + 1
    assert corners[0].startswith(f"{LEFT}.0,{TOP}.0")
    assert corners[-1] == f"{RIGHT}.0,{BOTTOM}.0"


@pytest.mark.parametrize("points", [[], [(1.0, 2.0)], [(1.0, math.inf), (2.0, math.nan)]])
def test_without_two_points_there_is_no_curve(points: list[tuple[float, float]]) -> None:
    report = Report("learn", RUN, points)
    assert curve_svg(points, words="w") == "" and curve_words(report) == ""
    assert "svg" not in report_html(report)


def test_equal_losses_are_a_line_in_the_middle() -> None:
    assert f",{(TOP + BOTTOM) / 2}" in curve_svg([(1, 0.5), (1, 0.5)], words="w")


def test_with_many_classes_the_matrix_is_left_out() -> None:
    names = [str(n) for n in range(16)]
    many = {"classes": names, "matrix": [[1] * 16] * 16, "cells": [], "words": ""}
    assert tables({"confusion": many}) == [("16 of 256 validation items right (6.2%)", [])]
    assert "<p>16 of 256" in report_html(Report("learn", results={"confusion": many}))


def test_a_prediction_without_probabilities_is_one_line() -> None:
    told = {"name": "a.jpg", "label": "0.5", "probabilities": []}
    assert tables({"prediction": told}) == [("a.jpg: 0.5", [])]
    assert tables({"prediction": None, "exported": None}) == []
