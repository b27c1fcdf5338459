"""Masks in the notebook: the magics that show them, and what a panel tells its page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from magics_world import make_learner as make_numbers_learner
from magics_world import refusal, run
from mask_world import make_learner, squares

from tenfold.interpret.iou import Iou
from tenfold.interpret.items import draw_masks
from tenfold.interpret.mask_prediction import MaskPrediction
from tenfold.learner import Learner
from tenfold.live.panels.looked import tables
from tenfold.live.widgets.payloads import data_facts, learner_facts
from tenfold.live.widgets.results import pieces


@pytest.fixture(scope="module")
def learn() -> Learner:
    return make_learner()


@pytest.fixture
def shell(shell: Any, learn: Learner) -> Any:
    shell.user_ns.update(learn=learn, photo=squares()[0][0])
    return shell


def only(name: str, line: str, value: Any, learner: Learner) -> Any:
    (piece,) = pieces(name, line, value, learner=learner)
    return piece


def test_iou_is_shown_as_bars_and_a_table_and_can_be_kept(
    shell: Any, learn: Learner, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%iou")
    shown = capsys.readouterr().out
    expected = learn.iou()
    assert shown.count(expected.summary) == 2 and "most often taken for" in shown
    run(shell, "found = %iou")
    assert isinstance(shell.user_ns["found"], Iou) and capsys.readouterr().out == ""
    assert shell.user_ns["found"].by_class == expected.by_class


def test_a_predicted_mask_is_shown_with_what_covers_most(
    shell: Any, learn: Learner, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%predict photo")
    words = str(learn.predict(squares()[0][0]))
    assert capsys.readouterr().out.count(words) == 2
    run(shell, "mask = %predict photo")
    assert isinstance(shell.user_ns["mask"], MaskPrediction) and capsys.readouterr().out == ""


def test_batches_and_the_worst_masks_are_shown(
    shell: Any, learn: Learner, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%show_batch 4")
    assert capsys.readouterr().out.startswith("4 training pictures: soil")
    run(shell, "%top_losses 2")
    assert repr(learn.top_losses(2)) in capsys.readouterr().out


@pytest.mark.parametrize(
    "cell", ["", " --actual background --predicted square", " --label square --cell hits"]
)
def test_confusion_of_masks_is_refused_and_names_iou(cell: str, shell: Any) -> None:
    assert refusal(shell, f"%confusion{cell}") == (
        "%confusion: a confusion matrix was asked for with pixel labels; it needs one class for "
        "each item; %iou or learn.iou() shows how well each class of the pixels is found"
    )


def test_iou_of_other_learners_is_refused_in_one_line(shell: Any) -> None:
    shell.user_ns["learn"] = make_numbers_learner()
    assert "asked for with single label; it needs a class for each pixel" in refusal(shell, "%iou")


def test_a_panel_knows_what_fits_masks(learn: Learner) -> None:
    told = learner_facts(learn, name="learn", option="")
    assert told["pictures"] and told["asks"] == "picture"
    assert {"iou", "top_losses", "tta"} <= set(told["shows"])
    assert not {"confusion", "labels", "before_after", "sheet"} & set(told["shows"])
    facts = data_facts(learn.data)
    assert facts["counts"] is None and facts["words"].startswith("MaskData: 9 training")


def test_what_was_looked_at_reaches_the_page_with_its_picture(learn: Learner) -> None:
    found = learn.iou()
    piece = only("iou", "%iou", found, learn)
    assert (piece.trait, piece.key, piece.png[:4]) == ("results", "iou", b"\x89PNG")
    (table,) = piece.facts["tables"]
    assert piece.facts["words"] == found.summary and table["rows"] == found.table
    worst = only("top_losses", "%top_losses 2", learn.top_losses(2), learn)
    assert len(worst.facts["items"]) == 2 and worst.png[:4] == b"\x89PNG"
    batch = only("show_batch", "%show_batch 4", learn.data.show_batch(4), learn)
    assert len(batch.facts["labels"]) == 4 and batch.png[:4] == b"\x89PNG"
    mask = learn.predict(squares()[0][0])
    told = only("predict", "%predict photo.png", mask, learn)
    assert told.facts == {"name": "photo.png", "label": str(mask), "probabilities": []}
    assert told.png[:4] == b"\x89PNG"
    json.dumps([piece.facts, worst.facts, batch.facts, told.facts])


@pytest.mark.parametrize(("many", "columns"), [(3, 3), (4, 6)])
def test_more_than_three_items_stand_two_in_a_row(many: int, columns: int, learn: Learner) -> None:
    items = [0] * many
    predicted = learn.data.items(items)[1]
    figure = draw_masks(learn.data, items, predicted, ["worst"] * many)
    assert figure.axes[0].get_gridspec().ncols == columns
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles == ["worst", "target", "prediction"] * many


def test_labels_of_several_classes_are_told_apart(learn: Learner) -> None:
    batch = only("show_batch", "%show_batch 4", learn.data.show_batch(4), learn)
    assert batch.facts["words"] == f"4 training pictures: {'; '.join(batch.facts['labels'])}"


def test_the_next_prediction_without_pixels_takes_the_picture_away() -> None:
    other = make_numbers_learner(3, 4, 4)
    (inputs, _), *_ = other.data.train
    assert only("predict", "%predict x", other.predict(inputs[0]), other).png == b""


def test_a_saved_notebook_keeps_the_tables(learn: Learner) -> None:
    found = learn.iou()
    results = {"iou": only("iou", "%iou", found, learn).facts}
    assert [rows for _, rows in tables(results)] == [[], found.table]
