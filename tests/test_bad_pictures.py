"""Every way in which a folder of pictures can be wrong is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from picture_folders import draw, drawn, load, two_splits
from PIL import Image

from tenfold.device import cache_folder
from tenfold.errors import DataError, SettingError, TenfoldWarning


def stores() -> list[Path]:
    return sorted((cache_folder() / "images").glob("*"))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"valid": 1.5}, "valid=1.5 was given; allowed is a share"),
        ({"size": 0}, "size=0 was given; allowed is a number of pixels from 1"),
        ({"size": 12.5}, "size=12.5 was given"),
        ({"size": (16, 16, 3)}, r"size=\(16, 16, 3\) was given"),
        ({"batch_size": 0}, "batch_size=0 was given; allowed is a whole number from 1"),
        ({"on_bad": "skp"}, "on_bad='skp' was given; .* did you mean 'skip'"),
        ({"memory": "lots"}, "memory='lots' was given; allowed is a number of bytes, or words"),
        ({"memory": -1}, "memory=-1 was given"),
        ({"memory": "-1GB"}, "memory='-1GB' was given"),
        ({"memory": "infGB"}, "memory='infGB' was given"),
        ({"augment": 3}, "augment=3 was given; allowed is an Augment, None, or a function"),
    ],
)
def test_a_setting_out_of_range_is_refused(
    tmp_path: Path, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        load(two_splits(tmp_path), **settings)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere does not exist; give a folder with train/"):
        load(tmp_path / "nowhere")
    draw(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"a.png is a file, not a folder; give a folder"):
        load(tmp_path / "a.png")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds nothing; it needs a folder of pictures for each"):
        load(tmp_path)


def test_loose_pictures_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pictures holds 3 files but no folder; .*from_csv"):
        load(drawn(tmp_path, **{".": 3}))


def test_an_empty_class_is_told(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    (root / "train/fish").mkdir()
    with pytest.raises(DataError, match=r"1 class folder of .*train without a picture: fish; add"):
        load(root)


def test_an_empty_test_folder_is_told(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    (root / "test").mkdir()
    with pytest.raises(DataError, match="test holds no picture; add some, or take"):
        load(root)


@pytest.mark.parametrize("tree", [{"cat": 4}, {"train": {"cat": 4}, "valid": {"cat": 2}}])
def test_a_single_class_is_told(tmp_path: Path, tree: dict[str, int]) -> None:
    with pytest.raises(DataError, match=r"a single class .*\(cat\).*; at least two are needed"):
        load(drawn(tmp_path, **tree))


def test_a_class_in_valid_that_train_lacks_is_told(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    draw(root / "valid/emu/0.png")
    with pytest.raises(DataError, match="valid has 1 class that train lacks: emu; a model cannot"):
        load(root)


def spoil(root: Path) -> None:
    """A text file, a truncated JPEG and an empty PNG among the pictures."""
    (root / "train/cat/notes.txt").write_text("these are cats")
    Image.effect_noise((64, 64), 50).save(root / "train/dog/cut.jpg")
    data = (root / "train/dog/cut.jpg").read_bytes()
    (root / "train/dog/cut.jpg").write_bytes(data[: len(data) // 2])
    (root / "valid/dog/empty.png").touch()


BAD = (
    r"3 of 15 pictures cannot be read.*: .*notes.txt \(not a picture\), .*cut.jpg \(truncated\) "
    r"and .*empty.png \(empty\)"
)


@pytest.mark.parametrize("memory", ["1GB", 0])
def test_all_bad_files_are_named_at_once_and_nothing_stays(
    tmp_path: Path, memory: int | str
) -> None:
    root = two_splits(tmp_path)
    spoil(root)
    with pytest.raises(DataError, match=BAD + '; replace or remove them, .*on_bad="skip"'):
        load(root, memory=memory)
    assert not stores()


@pytest.mark.parametrize("memory", ["1GB", 0])
def test_bad_files_are_left_out_when_asked_and_told(tmp_path: Path, memory: int | str) -> None:
    root = two_splits(tmp_path)
    expected = load(root)
    spoil(root)
    for _ in range(2):  # the second time from the mapped file
        with pytest.warns(TenfoldWarning, match=BAD.replace("read.*", "read and are left out")):
            data = load(root, memory=memory, on_bad="skip")
        assert sorted(file.name for file in data.bad_files) == ["cut.jpg", "empty.png", "notes.txt"]
        assert data.files == expected.files
        assert torch.equal(data.train.inputs, expected.train.inputs)
        assert torch.equal(data.valid.inputs, expected.valid.inputs)


def test_a_mapped_file_with_gaps_is_no_way_around_the_error(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    spoil(root)
    with pytest.warns(TenfoldWarning):
        load(root, memory=0, on_bad="skip")
    with pytest.raises(DataError, match=BAD):
        load(root, memory=0)


def test_of_many_bad_files_ten_are_named(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    for number in range(14):
        (root / f"train/cat/bad{number:02}.png").touch()
    with pytest.raises(DataError, match=r"14 of 26 pictures .*bad09.png \(empty\) and 4 more; "):
        load(root)


def test_a_class_of_which_nothing_can_be_read_is_told(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    (root / "train/emu").mkdir()
    (root / "train/emu/a.png").touch()
    with (
        pytest.warns(TenfoldWarning),
        pytest.raises(DataError, match="no training picture is left of the class emu"),
    ):
        load(root, on_bad="skip")


def test_a_split_of_which_nothing_can_be_read_is_told(tmp_path: Path) -> None:
    root = drawn(tmp_path, train={"cat": 2, "dog": 2})
    (root / "valid/cat").mkdir(parents=True)
    (root / "valid/cat/a.png").touch()
    with (
        pytest.warns(TenfoldWarning),
        pytest.raises(DataError, match="there is no validation picture; at least one is needed"),
    ):
        load(root, on_bad="skip")
