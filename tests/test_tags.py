"""ImageData from folders of tags: one name in several folders is one picture."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from picture_folders import SMALL, draw

from tenfold.data.images import ImageData
from tenfold.errors import DataError

BOTH, SEA, NONE = ["sea", "sun"], ["sea"], list[str]()


def tagged(root: Path, pictures: dict[str, list[str]]) -> Path:
    for number, (name, tags) in enumerate(pictures.items()):
        draw(root / name, shade=9 * number)
        for tag in tags:
            (root / tag).mkdir(exist_ok=True)
            os.link(root / name, root / tag / name)
        if tags:
            (root / name).unlink()
    return root


def loaded(root: Path, **settings: object) -> ImageData:
    return ImageData.from_tags(root, **{**SMALL, **settings})


def labels(data: ImageData, part: str = "train") -> dict[str, list[str]]:
    targets = getattr(data, part).targets
    rows = [[data.classes[at] for at in row.nonzero().flatten().tolist()] for row in targets]
    return {file.name: row for file, row in zip(data.files[part], rows, strict=True)}


def test_a_picture_has_the_tags_of_all_its_folders_and_none_beside_them(tmp_path: Path) -> None:
    pictures = {f"{n}.png": [BOTH, SEA, NONE][n % 3] for n in range(12)}
    data = loaded(tagged(tmp_path, pictures), valid=0.25)
    assert data.classes == ["sea", "sun"] and data.task.name == "multi label"
    assert {**labels(data), **labels(data, "valid")} == pictures
    assert (data.train.items, data.valid.items, data.size) == (9, 3, (16, 16))


def test_train_and_valid_may_be_folders_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "val").mkdir()
    tagged(tmp_path / "train", {"a.png": BOTH, "b.png": NONE})
    tagged(tmp_path / "val", {"a.png": SEA})
    data = loaded(tmp_path)
    assert labels(data) == {"a.png": BOTH, "b.png": NONE}
    assert labels(data, "valid") == {"a.png": SEA}


def test_the_seed_chooses_who_validates(tmp_path: Path) -> None:
    root = tagged(tmp_path, {f"{n}.png": [BOTH, SEA][n % 2] for n in range(20)})
    first, again, other = (loaded(root, seed=seed).files["valid"] for seed in (0, 0, 1))
    assert first == again != other


def test_one_name_for_two_pictures_is_refused_with_both_places(tmp_path: Path) -> None:
    root = tagged(tmp_path, {"a.png": SEA, "b.png": SEA})
    draw(root / "sun" / "a.png", shade=200)
    with pytest.raises(DataError, match=r"sea.a\.png and .*sun.a\.png have one name and are diff"):
        loaded(root)


def test_pictures_without_any_tag_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no folder with pictures; it needs a folder for"):
        loaded(tagged(tmp_path, {"a.png": NONE}))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere does not exist; give a folder with"):
        loaded(tmp_path / "nowhere")
