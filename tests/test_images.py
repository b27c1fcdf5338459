"""ImageData: layouts of folders, batches, what it says and shows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from picture_folders import draw, drawn, load, two_splits

from tenfold.data.augment import Augment
from tenfold.data.show import draw_pictures


@pytest.mark.parametrize("name", ["valid", "val"])
def test_train_and_valid_folders_are_the_splits(tmp_path: Path, name: str) -> None:
    data = load(drawn(tmp_path, train={"cat": 5, "dog": 3}, **{name: {"cat": 2, "dog": 2}}))
    assert data.classes == ["cat", "dog"] and data.class_counts() == {"cat": 5, "dog": 3}
    assert (data.train.items, data.valid.items, data.test) == (8, 4, None)
    assert data.valid.targets.tolist() == [0, 0, 1, 1]


def test_a_test_folder_gives_pictures_without_labels(tmp_path: Path) -> None:
    data = load(two_splits(tmp_path, test=3))
    assert [targets for _, targets in data.test] == [None]
    assert [file.name for file in data.files["test"]] == ["0.png", "1.png", "2.png"]


def test_one_folder_is_split_by_the_seed(tmp_path: Path) -> None:
    root = drawn(tmp_path, cat=10, dog=5)
    first, again, other = (load(root, valid=0.2, seed=seed) for seed in (0, 0, 3))
    assert (first.train.items, first.valid.items) == (12, 3)
    assert first.files == again.files != other.files
    assert torch.bincount(first.valid.targets).tolist() == [2, 1]


def test_train_without_valid_is_split_too(tmp_path: Path) -> None:
    data = load(drawn(tmp_path, train={"cat": 5, "dog": 5}, test=2), valid=0.4)
    assert (data.train.items, data.valid.items, data.test.items) == (6, 4, 2)


def test_another_folder_can_be_the_test(tmp_path: Path) -> None:
    data = load(drawn(tmp_path, cat=4, dog=4, unknown=2), test="unknown")
    assert data.classes == ["cat", "dog"] and data.test.items == 2


def test_hidden_files_and_what_file_managers_leave_are_passed_over(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    for name in (".DS_Store", "Thumbs.db", "._0.png", "desktop.ini"):
        (root / "train/cat" / name).write_text("no picture")
    draw(root / "train/.ipynb_checkpoints/0.png")
    assert load(root).class_counts() == {"cat": 5, "dog": 3}


def test_pictures_in_folders_below_a_class_belong_to_it(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    draw(root / "train/cat/more/9.png")
    assert load(root).class_counts() == {"cat": 6, "dog": 3}


def test_batches_are_floats_from_0_to_1_of_the_size_asked_for(tmp_path: Path) -> None:
    data = load(two_splits(tmp_path), size=(16, 24), augment=None)
    inputs, targets = next(iter(data.valid))
    assert inputs.dtype == torch.float32 and inputs.shape == (4, 3, 16, 24)
    assert targets.dtype == torch.int64 and data.size == (16, 24)
    assert torch.allclose(inputs[1, :, 8, 8] * 255, torch.tensor([13.0, 242, 40]))


def test_only_training_is_shuffled_and_augmented(tmp_path: Path) -> None:
    data = load(two_splits(tmp_path), augment=Augment(lighting=0.5))
    assert data.train.shuffle and not data.valid.shuffle
    assert data.train.transform is data.augment and data.valid.transform is None
    assert torch.equal(next(iter(data.valid))[0], next(iter(data.valid.plain()))[0])


def test_it_knows_whether_augmentation_was_asked_for(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    assert (load(root).augment, load(root).augment_asked) == (Augment(), False)
    assert (load(root, augment=None).augment, load(root, augment=None).augment_asked) == (
        None,
        False,
    )
    assert load(root, augment=Augment()).augment_asked


def test_single_labels_are_a_single_label_task(tmp_path: Path) -> None:
    task = load(two_splits(tmp_path)).task
    assert (task.name, task.outputs) == ("single label", 2)


def test_resizing_keeps_the_splits(tmp_path: Path) -> None:
    data = load(drawn(tmp_path, cat=6, dog=6), valid=0.5)
    larger = data.resized(24, batch_size=2)
    assert larger.files == data.files and larger.classes == data.classes
    assert larger.size == (24, 24) and larger.train.batch_size == 2
    assert larger.fingerprint != data.fingerprint


def test_the_fingerprint_changes_with_a_file_and_not_without(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    first = load(root).fingerprint
    assert load(root).fingerprint == first
    draw(root / "train/cat/0.png", size=(30, 30))
    assert load(root).fingerprint != first


def test_read_gives_what_training_sees(tmp_path: Path) -> None:
    data = load(two_splits(tmp_path))
    for file, picture in zip(data.files["valid"], data.valid.inputs, strict=True):
        assert torch.equal(data.read(file), picture)


def test_a_class_with_two_dollar_signs_is_no_formula() -> None:
    figure = draw_pictures(torch.rand(1, 3, 8, 8), ["$x_ or $"])
    figure.savefig(io.BytesIO(), format="png")
    assert figure.axes[0].get_title() == "$x_ or $"


def test_show_batch_draws_augmented_pictures_under_their_class(tmp_path: Path) -> None:
    figure = load(two_splits(tmp_path)).show_batch(5)
    titles = [axes.get_title() for axes in figure.axes]
    assert len(titles) == 6 and set(titles) == {"cat", "dog", ""}
    assert figure.axes[0].images[0].get_array().shape == (16, 16, 3)
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_it_says_what_it_holds(tmp_path: Path) -> None:
    assert repr(load(two_splits(tmp_path, test=1))) == (
        "ImageData: 8 training, 4 validation, 1 test pictures of 16x16, 0 MiB in memory (cpu)\n"
        "2 classes: cat and dog"
    )
