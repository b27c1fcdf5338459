"""ImageData from boxes as COCO has them: the labels are the classes in a picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from picture_folders import SMALL, draw

from tenfold.data.coco import read_boxes
from tenfold.data.images import ImageData
from tenfold.errors import DataError

NAMES = {3: "dog", 9: "cat", 5: "unseen"}


def boxes(*shown: list[int], first: int = 100) -> dict[str, Any]:
    """A COCO-style mapping: picture n.png shows the classes with these numbers."""
    images = [{"id": first + n, "file_name": f"{first + n}.png"} for n in range(len(shown))]
    found = [
        {"image_id": first + n, "category_id": category, "bbox": [1.0, 2.0, 3.0, 4.0]}
        for n, categories in enumerate(shown)
        for category in categories
    ]
    categories = [{"id": number, "name": name} for number, name in NAMES.items()]
    return {"images": images, "annotations": found, "categories": categories}


def drawn(folder: Path, told: dict[str, Any]) -> Path:
    for number, image in enumerate(told["images"]):
        draw(folder / image["file_name"], shade=7 * number)
    return folder


def loaded(annotations: Any, folder: Path, **settings: object) -> ImageData:
    return ImageData.from_coco(annotations, folder, **{**SMALL, **settings})


def test_the_labels_of_a_picture_are_the_classes_of_its_boxes(tmp_path: Path) -> None:
    told = boxes([3, 3, 9], [], [9], [3], [9, 3], [3], [9], [])
    file = tmp_path / "boxes.json"
    file.write_text(json.dumps(told), "utf-8")
    data = loaded(file, drawn(tmp_path, told), valid=0.25)
    assert data.classes == ["dog", "cat"] and data.task.name == "multi label"
    expected = {"100": [1, 1], "101": [0, 0], "102": [0, 1], "103": [1, 0], "104": [1, 1]}
    rows = {
        path.stem: target.tolist()
        for part in ("train", "valid")
        for path, target in zip(data.files[part], getattr(data, part).targets, strict=True)
    }
    assert len(rows) == 8 and {name: rows[name] for name in expected} == expected
    assert (data.train.items, data.valid.items) == (6, 2)


def test_another_file_may_validate_with_pictures_elsewhere(tmp_path: Path) -> None:
    train, valid = boxes([3], [9], [3, 9]), boxes([9], [3], first=500)
    drawn(tmp_path / "a", train)
    data = loaded(train, tmp_path / "a", valid=valid, valid_folder=drawn(tmp_path / "b", valid))
    assert [file.parent.name for file in data.files["valid"]] == ["b", "b"]
    assert data.valid.targets.tolist() == [[0, 1], [1, 0]]


def test_pictures_that_are_missing_are_named(tmp_path: Path) -> None:
    told = boxes([3], [9], [3])
    drawn(tmp_path, told)
    (tmp_path / "101.png").unlink()
    with pytest.raises(DataError, match=r"1 picture of the boxes cannot be found: .*101\.png; ch"):
        loaded(told, tmp_path)


def test_classes_that_only_validate_are_refused(tmp_path: Path) -> None:
    train, valid = boxes([3], [9]), boxes([5], first=500)
    drawn(drawn(tmp_path, train), valid)
    with pytest.raises(DataError, match="valid has 1 class that train lacks: unseen"):
        loaded(train, tmp_path, valid=valid)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in boxes([3]).items() if name != key}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "no.json", r"there is no file .*no\.json; give the JSON file"),
        (lambda folder: write(folder, "{"), r"bad\.json is no JSON \(Expecting property name"),
        (lambda folder: write(folder, "[1]"), r"bad\.json has another form where COCO has one"),
        (lambda folder: without("categories"), "the mapping has no 'categories' where COCO has"),
        (lambda folder: {**boxes([3]), "images": [{"id": 1}]}, "has no 'file_name' where COCO"),
        (lambda folder: boxes([4]), "has a box of image 100 and category 4, and does not list"),
        (lambda folder: boxes([], []), "has no box, so there is nothing to learn; give a file"),
    ],
)
def test_a_file_of_another_form_is_refused(
    tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        loaded(make(tmp_path), tmp_path)


def write(folder: Path, text: str) -> Path:
    (folder / "bad.json").write_text(text, "utf-8")
    return folder / "bad.json"


def test_the_real_set_is_read(needs_data: Callable[[str], Path]) -> None:
    folder = needs_data("coco_tiny")
    found = read_boxes(folder / "train.json")
    assert len(found.pictures) == 200 and found.classes[:2] == ["chair", "couch"]
    assert sum(len(shown) > 1 for shown in found.pictures.values()) == 40
    data = loaded(folder / "train.json", folder / "train", progress=False)
    assert data.train.items + data.valid.items == 200 and len(data.classes) == 6
