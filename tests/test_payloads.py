from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner as make_plain
from picture_folders import draw, load, two_splits
from PIL import Image
from test_golden import shape
from torch import nn

from tenfold.data.images import ImageData
from tenfold.errors import DataError, TenfoldWarning
from tenfold.interpret.confusion import Confusion
from tenfold.interpret.top_losses import TopLoss, TopLosses
from tenfold.learner import Learner
from tenfold.live.widgets import payloads
from tenfold.live.widgets.payloads import data_facts, learner_facts, opened
from tenfold.live.widgets.results import Piece, pieces, prediction_facts
from tenfold.live.wire import plain
from tenfold.predictor import Prediction
from tenfold.train.task import multi_label

GOLDEN = Path(__file__).parent / "golden" / "traits.json"


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    """A linear net on the pictures of a small folder."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2))
    learn = Learner(load(two_splits(tmp_path)), model, quiet=True, device="cpu")
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn


def as_file(kind: str = "PNG", size: tuple[int, int] = (20, 16)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(file, format=kind)
    return file.getvalue()


def size_of(png: bytes | None) -> tuple[int, int]:
    image = Image.open(io.BytesIO(png or b""))
    assert image.format == "PNG" and image.mode == "RGBA"
    return image.size


def only(found: list[Piece]) -> Piece:
    (piece,) = found
    return piece


def test_a_learner_is_told_with_what_its_lines_depend_on(learner: Learner) -> None:
    told = learner_facts(learner, name="learn", option=" --learner learn")
    assert told["groups"] == [{"name": "model", "parameters": 1538, "frozen": False}]
    assert told["steps_per_epoch"] == 2 and told["classes"] == ["cat", "dog"]
    assert told["pictures"] is True and told["metrics"] == ["accuracy"]
    assert told["precompute"] == {"on": False, "possible": False}
    assert (told["owner"], told["option"]) == (str(id(learner)), " --learner learn")
    json.dumps(told, allow_nan=False)


def test_frozen_groups_and_precision_are_those_of_the_next_run() -> None:
    learn = make_plain(metrics=["accuracy", torch.nn.functional.cosine_similarity])
    learn.freeze_to(1)
    told = learner_facts(learn, name="learn", option="")
    assert [one["frozen"] for one in told["groups"]] == [True, False, False]
    assert [one["name"] for one in told["groups"]] == ["body 1", "body 2", "head"]
    assert told["metrics"] == ["accuracy", "cosine_similarity"] and told["classes"] is None
    assert told["precision"] == "float32"
    learn.plan(precision="bfloat16")
    assert learner_facts(learn, name="learn", option="")["precision"] == "bfloat16"


def test_a_plan_that_was_made_by_timing_is_known_too() -> None:
    learn = make_plain()
    learn.fit(1, 0.1)
    assert payloads.precision_of(learn) == learn.plan().precision


def test_steps_that_the_data_does_not_count_are_those_of_the_last_run() -> None:
    class Stream:
        def __iter__(self) -> Any:
            yield from [(torch.zeros(2, 3), torch.zeros(2).long())] * 3

    learn = make_plain((Stream(), None))
    assert learner_facts(learn, name="learn", option="")["steps_per_epoch"] == 0
    assert data_facts(learn.data)["words"] == "PlainData: batches without a number"
    learn.fit(1, 0.1)
    assert learner_facts(learn, name="learn", option="")["steps_per_epoch"] == 3


def test_data_is_told_with_its_classes_and_the_pictures_that_failed(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    (root / "train" / "cat" / "broken.png").write_bytes(as_file()[:60])
    with pytest.warns(TenfoldWarning, match="1 of 13 pictures"):
        told = data_facts(load(root, on_bad="skip"))
    assert told["counts"] == {"cat": 5, "dog": 3} and told["batch"] is None
    (bad,) = told["bad"]
    assert bad["file"] == "cat/broken.png" and bad["why"]
    assert told["words"].startswith("ImageData: 8 training, 4 validation pictures of 16x16")
    assert "; 2 classes: cat and dog" in told["words"]


def test_a_bad_picture_that_is_gone_or_mended_is_told_as_it_is_now(tmp_path: Path) -> None:
    assert payloads.why_bad(tmp_path / "gone.png") == "cannot be opened"
    draw(tmp_path / "whole.png")
    assert payloads.why_bad(tmp_path / "whole.png") == "can be read by now"


def test_a_batch_is_told_by_its_labels_and_its_mosaic(learner: Learner) -> None:
    figure = learner.data.show_batch(5, epoch=3)
    told = only(pieces("show_batch", "%show_batch 5 --epoch 3", figure, learner=learner))
    assert (told.trait, told.key) == ("data", "batch")
    assert told.facts["epoch"] == 3 and told.facts["columns"] == 3
    assert len(told.facts["labels"]) == 5 and set(told.facts["labels"]) <= {"cat", "dog"}
    assert told.facts["words"].startswith("5 training pictures: ")
    assert min(size_of(told.png)) > 300
    first = only(pieces("show_batch", "%show_batch", learner.data.show_batch(1), learner=learner))
    assert first.facts["epoch"] == 0


def test_a_large_mosaic_keeps_to_a_size_that_a_page_can_bear(learner: Learner) -> None:
    pictures = torch.rand(36, 3, 16, 16)
    many = ImageData.from_arrays(pictures, [0, 1] * 18, pictures[:4], [0, 1, 0, 1])
    told = only(pieces("show_batch", "%show_batch 36", many.show_batch(36), learner=learner))
    assert max(size_of(told.png)) <= 1801


def test_a_confusion_matrix_clears_the_cell_of_the_one_before(learner: Learner) -> None:
    found = learner.confusion()
    matrix, cell = pieces("confusion", "%confusion", found, learner=learner)
    counts = {"classes": ["cat", "dog"], "matrix": found.matrix.tolist()}
    assert matrix.facts == {**counts, "cells": [], "words": ""}
    assert (cell.key, cell.facts, cell.png) == ("cell", None, b"")


def test_a_cell_is_told_with_its_pictures(learner: Learner) -> None:
    found = learner.confusion()
    actual, predicted = next(
        (a, b) for a in found.classes for b in found.classes if found.items(a, b)
    )
    told = only(pieces("confusion", "", found.cell(actual, predicted), learner=learner))
    assert told.facts["count"] == len(found.items(actual, predicted))
    assert told.facts["words"].endswith(f"item {found.items(actual, predicted)[0]}") or told.png
    assert size_of(told.png)
    empty = Confusion(torch.zeros(1).long(), torch.zeros(1).long(), torch.ones(1), ["a", "b"])
    none = only(pieces("confusion", "", empty.cell("b", "a"), learner=learner))
    assert none.facts["count"] == 0 and none.png == b""


def test_a_cell_says_when_it_has_more_than_is_shown(learner: Learner) -> None:
    zeros = torch.zeros(20).long()
    cell = Confusion(zeros, zeros, torch.ones(20), ["a", "b"]).cell("a", "a")
    told = only(pieces("confusion", "", cell, learner=learner))
    assert told.facts["words"].endswith("; the 16 surest are shown") and told.png == b""


def test_top_losses_are_told_with_their_pictures(learner: Learner) -> None:
    found = learner.top_losses(2)
    told = only(pieces("top_losses", "%top_losses 2", found, learner=learner))
    assert told.facts["words"] == "the 2 validation items with the largest loss"
    item = told.facts["items"][0]
    assert item["loss"] == found.items[0].loss and item["label"] == found.items[0].actual
    assert size_of(told.png)
    strange = TopLosses((TopLoss(0, float("nan"), "cat", "dog"),))
    told = only(pieces("top_losses", "", strange, learner=learner))
    assert told.facts["items"][0]["loss"] is None and told.png == b""


def test_scores_compare_with_plain_predictions(learner: Learner) -> None:
    found = learner.tta(n=1)
    told = only(pieces("tta", "%tta --n 1", found, learner=learner))
    plain_score = learner.score(*learner.predictions())["accuracy"]
    assert told.facts["ways"] == ["plain", "with TTA"] and told.facts["names"] == ["accuracy"]
    assert told.facts["values"] == [[plain_score], [learner.score(*found)["accuracy"]]]
    learner.metrics = []
    assert pieces("tta", "%tta", found, learner=learner) == []


def test_other_lines_add_nothing_but_an_export_its_path(learner: Learner, tmp_path: Path) -> None:
    path = learner.export(tmp_path / "plants.tenfold")
    told = only(pieces("export", "%export plants.tenfold", path, learner=learner))
    assert told == Piece("results", "exported", str(path))
    assert pieces("fit", "%fit 1", object(), learner=learner) == []
    assert pieces("confusion", "%confusion", None, learner=learner) == []


@pytest.mark.parametrize(
    ("label", "words"), [("cat", "cat"), ([], "no label"), (0.123456, "0.1235"), (["a"], "a")]
)
def test_a_prediction_is_told_in_words(label: Any, words: str) -> None:
    told = prediction_facts("photo.jpg", Prediction(label, {"cat": 0.75, "dog": float("nan")}))
    assert told["label"] == words and told["probabilities"] == [["cat", 0.75], ["dog", None]]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_picture_of_a_page_is_decoded(kind: str) -> None:
    assert opened(as_file(kind), name="photo").size == (20, 16)


def test_a_file_that_is_no_picture_is_refused_by_its_name() -> None:
    noise = random.Random(0).randbytes(4000)
    for file in (b"", b"GIF89a", noise, as_file()[:70], b"\x89PNG\r\n\x1a\n" + noise):
        with pytest.raises(DataError, match=r"a\.png cannot be read as a picture; drop a whole"):
            opened(file, name="a.png")


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(DataError, match=r"8,000 x 8,000 pixels; at most 60,000,000"):
        opened(as_file(size=(8000, 8000)), name="huge.png")


def pieces_of_labels() -> list[Piece]:
    """What a learner of several labels tells besides."""
    pairs = [(torch.rand(8, 3), (torch.rand(8, 2) > 0.5).float())]
    learn = make_plain((pairs, pairs), task=multi_label(2))
    found = {"labels": learn.labels(), "tune_thresholds": learn.tune_thresholds()}
    return [pieces(name, f"%{name}", one, learner=learn)[0] for name, one in found.items()]


def test_the_golden_traits_are_made_as_those_of_today(learner: Learner) -> None:
    traits: dict[str, Any] = {
        "learner": {**learner_facts(learner, name="learn", option=""), "owner": "1"},
        "data": data_facts(learner.data),
        "results": {"exported": "plants.tenfold"},
    }
    found = learner.confusion()
    values = {
        "show_batch": learner.data.show_batch(4),
        "confusion": found,
        "top_losses": learner.top_losses(2),
        "tta": learner.tta(n=1),
    }
    for name, value in values.items():
        for piece in pieces(name, f"%{name}", value, learner=learner):
            traits[piece.trait][piece.key] = piece.facts
    cell = only(pieces("confusion", "", found.cell("cat", "dog"), learner=learner))
    prediction = prediction_facts("photo.jpg", learner.predict(opened(as_file(), name="photo.jpg")))
    traits["results"] |= {"cell": cell.facts, "prediction": prediction}
    traits["results"] |= {piece.key: piece.facts for piece in pieces_of_labels()}
    if os.environ.get("TENFOLD_GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(plain(traits), indent=1) + "\n", "utf-8")
    assert shape(json.loads(GOLDEN.read_text("utf-8"))) == shape(plain(traits))
