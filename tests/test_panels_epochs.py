from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tenfold.live.panels.epochs import MOST_ROWS, Progress, epochs_html, epochs_text, status_line

ROWS = [
    {"epoch": 1, "train_loss": 0.9, "valid_loss": 0.5, "accuracy": 0.7, "seconds": 61.0},
    {"epoch": 2, "train_loss": 0.6, "valid_loss": 0.25, "accuracy": 0.8, "seconds": 62.0},
    {"epoch": 3, "train_loss": 0.5, "valid_loss": 0.75, "accuracy": 0.9, "seconds": 60.0},
]
COLUMNS = ["epoch", "train_loss", "valid_loss", "accuracy", "seconds"]
RUNNING = Progress(
    COLUMNS,
    ROWS[:1],
    epoch=2,
    epochs=3,
    step=1500,
    steps=3000,
    loss=0.61234,
    seconds_left=75.0,
)
DONE = Progress(COLUMNS, ROWS, state="finished", epochs=3, step=3000, steps=3000, seconds=183.0)


def test_a_running_fit_says_where_it_is_and_how_long_it_takes() -> None:
    line = "epoch 2 of 3 · training · step 1,500 of 3,000 · loss 0.6123 · 1:15 left"
    assert status_line(RUNNING) == line
    assert "paused" in status_line(replace(RUNNING, state="paused"))
    assert "validation" in status_line(replace(RUNNING, phase="validation"))


def test_a_finished_fit_says_how_long_it_took_and_which_epoch_was_best() -> None:
    assert status_line(DONE) == "3 epochs in 3:03; best epoch 2 (valid_loss 0.2500)"
    highest = replace(DONE, best="accuracy", lowest=False)
    assert status_line(highest).endswith("best epoch 3 (accuracy 0.9000)")
    assert status_line(replace(DONE, rows=ROWS[:1])) == "1 epoch in 3:03"


def test_a_stopped_fit_says_where_and_which_weights_it_left() -> None:
    stopped = replace(
        DONE, state="stopped", message="interrupted", rows=ROWS[:1], step=37, steps=100
    )
    line = "interrupted at step 37 of 100 in 3:03; the weights are those of the last batch"
    assert status_line(stopped) == line
    assert status_line(replace(stopped, weights="")) == "interrupted at step 37 of 100 in 3:03"


def test_a_failed_fit_says_where() -> None:
    failed = replace(DONE, state="failed", rows=[], step=5, steps=9)
    assert status_line(failed) == "ended by an error at step 5 of 9"


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_value_that_is_missing_is_never_the_best(missing: float | None) -> None:
    rows = [{**ROWS[0], "valid_loss": missing}, ROWS[1]]
    assert "best epoch 2" in status_line(replace(DONE, rows=rows))
    assert "best" not in status_line(replace(DONE, rows=[rows[0], rows[0]]))


def test_the_text_is_the_table_and_the_line_below_it() -> None:
    lines = epochs_text(DONE).splitlines()
    assert lines[0].split() == COLUMNS
    assert lines[1].split() == ["1", "0.9000", "0.5000", "0.7000", "1:01"]
    assert lines[-1] == status_line(DONE)
    assert len({len(line) for line in lines[:-1]}) == 1
    assert epochs_text(replace(RUNNING, rows=[])) == status_line(RUNNING)


@pytest.mark.parametrize("progress", [RUNNING, DONE, replace(RUNNING, rows=[])])
def test_the_html_is_well_formed_and_says_what_the_text_says(progress: Progress) -> None:
    page = epochs_html(progress)
    words = " ".join(ElementTree.fromstring(page).itertext())
    for word in epochs_text(progress).split():
        assert word in words


def test_only_a_running_fit_has_a_bar_and_it_has_a_name() -> None:
    bar = ElementTree.fromstring(epochs_html(RUNNING)).find(".//progress")
    assert bar is not None and bar.attrib["value"] == "1500" and bar.attrib["max"] == "3000"
    assert bar.attrib["aria-label"] == "training: 1500 of 3000 steps"
    assert "<progress" not in epochs_html(DONE)


def test_the_best_row_stands_out_in_the_end() -> None:
    rows = ElementTree.fromstring(epochs_html(DONE)).findall(".//tbody/tr")
    bold = ["font-weight:600" in row[0].attrib["style"] for row in rows]
    assert bold == [False, True, False]


def test_every_colour_is_one_of_the_page_with_a_fallback() -> None:
    for page in (epochs_html(RUNNING), epochs_html(DONE)):
        rest = re.sub(r"var\(--jp-[\w-]+,[^()]+\)", "", page)
        assert "#" not in rest and "rgb" not in rest and "background" not in rest


def test_names_are_escaped() -> None:
    rows = [{"epoch": 1, "<script>": 0.5}]
    page = epochs_html(Progress(["epoch", "<script>"], rows, message="<b>", state="stopped"))
    assert "<script>" not in page and "&lt;script&gt;" in page and "&lt;b&gt;" in page


def test_a_long_fit_shows_its_last_epochs_and_says_where_the_rest_is() -> None:
    rows = [{"epoch": number, "valid_loss": 1 / number} for number in range(1, MOST_ROWS + 11)]
    long = Progress(["epoch", "valid_loss"], rows, state="finished")
    assert len(ElementTree.fromstring(epochs_html(long)).findall(".//tbody/tr")) == MOST_ROWS
    assert "the 10 epochs before are in learn.history" in epochs_html(long)
    assert epochs_text(long).startswith("the 10 epochs before are in learn.history\n")
    assert f"best epoch {MOST_ROWS + 10}" in status_line(long)


def test_without_columns_there_is_a_bar_alone() -> None:
    bare = Progress([], step=5, steps=9)
    assert status_line(bare) == "training · step 5 of 9"
    assert "<table" not in epochs_html(bare) and "<progress" in epochs_html(bare)
    assert status_line(replace(bare, state="finished", seconds=2)) == "5 steps in 0:02"
