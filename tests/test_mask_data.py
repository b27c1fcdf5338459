from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mask_pairs import NAMES, SMALL, agree, arrays, load, write
from PIL import Image
from torch import Tensor

from tenfold.data.mask_files import as_masks, fitted_mask, mask_files
from tenfold.data.masks import MaskData
from tenfold.data.overlays import draw_overlays
from tenfold.errors import DataError, SettingError, TenfoldWarning


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures of 12 x 16 pixels with masks; what a mask says stands in the red channel."""
    for number in range(10):
        mask = np.random.default_rng(number).integers(0, 3, (12, 16), dtype=np.uint8)
        write(tmp_path / "images" / f"{number}.png", np.stack([mask * 100] * 3, -1))
        write(tmp_path / "masks" / f"{number}_mask.png", mask)
    return tmp_path


def test_pictures_and_masks_come_in_pairs_as_batches(folder: Path) -> None:
    data = load(folder, augment=None)
    assert (data.train.items, data.valid.items, data.classes) == (8, 2, NAMES)
    for batches in (data.train, data.valid):
        for pictures, masks in batches:
            assert pictures.dtype == torch.float32 and masks.dtype == torch.uint8
            assert pictures.shape[-2:] == masks.shape[-2:] == (12, 16)
            assert agree(pictures, masks)


def test_the_files_are_those_of_the_items(folder: Path) -> None:
    data = load(folder)
    for row, file in enumerate(data.files["valid"]):
        mask = np.asarray(Image.open(folder / "masks" / f"{file.stem}_mask.png"))
        assert np.array_equal(data.valid.targets[row].numpy(), mask)


def test_a_split_comes_from_a_share_from_names_or_from_marks(folder: Path) -> None:
    assert load(folder, valid=0.5).valid.items == 5
    assert [file.stem for file in load(folder, valid=["3", "7.png"]).files["valid"]] == ["3", "7"]
    marks = [number in (0, 9) for number in range(10)]
    assert [file.stem for file in load(folder, valid=marks).files["valid"]] == ["0", "9"]
    halves = [load(folder, valid=0.5, seed=seed).files["valid"] for seed in (1, 1, 2)]
    assert halves[0] == halves[1] != halves[2]


@pytest.mark.parametrize("how", ["list", "function"])
def test_masks_come_from_a_list_or_a_function_too(folder: Path, how: str) -> None:
    files = sorted((folder / "images").iterdir())
    named: Callable[[Path], Path] = lambda file: folder / "masks" / f"{file.stem}_mask.png"  # noqa: E731
    masks = named if how == "function" else [named(file) for file in files]
    data = load(folder, images=files, masks=masks, augment=None)
    assert agree(*next(iter(data.train)))


def test_arrays_keep_their_size() -> None:
    data = MaskData.from_masks(*arrays(), **SMALL)
    assert data.size == (12, 16) and data.files == {"train": [], "valid": []}


def test_a_mask_is_fitted_as_its_picture_without_new_classes() -> None:
    from tenfold.data.decode import fitted

    mask = torch.zeros(40, 60, dtype=torch.uint8)
    mask[10:30, 15:45] = 2
    small = fitted_mask(mask, (20, 20))
    picture = fitted(mask[None].expand(3, -1, -1) * 100, (20, 20))[0]
    assert small.shape == (20, 20) and set(small.unique().tolist()) <= {0, 2}
    assert (picture.float() / 100 - small).abs().mean() < 0.1


def test_another_size_is_read_again_with_the_same_split(folder: Path) -> None:
    data = load(folder)
    larger = data.resized((24, 32), batch_size=2)
    assert larger.files == data.files and larger.train.batch_size == 2
    twice = data.valid.targets.repeat_interleave(2, 1).repeat_interleave(2, 2)
    assert torch.equal(larger.valid.targets, twice)


def test_pixels_and_words_say_what_the_data_is(folder: Path) -> None:
    data = load(folder, ignore="pebble")
    counts = torch.bincount(data.train.targets.flatten(), minlength=3).tolist()
    assert list(data.pixel_counts.values()) == counts
    assert "8 training, 2 validation pictures of 12x16 with a class for each" in repr(data)
    assert repr(data).endswith("soil, plant and pebble; pebble does not count")
    assert not repr(load(folder)).endswith("count")


def test_a_fingerprint_changes_with_the_split_and_the_masks(folder: Path) -> None:
    first = load(folder).fingerprint
    assert load(folder).fingerprint == first != load(folder, valid=0.5).fingerprint
    write(folder / "masks" / "2_mask.png", np.zeros((12, 16), np.uint8))
    assert load(folder).fingerprint != first
    pictures, masks = arrays()
    prints = [MaskData.from_masks(pictures, masks * n, **SMALL).fingerprint for n in (1, 1, 0)]
    assert prints[0] == prints[1] != prints[2]


def test_pictures_that_cannot_be_read_are_left_out_with_their_masks(folder: Path) -> None:
    (folder / "images" / "4.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"1 of 10 pictures cannot be read"):
        load(folder)
    with pytest.warns(TenfoldWarning, match="left out"):
        data = load(folder, on_bad="skip", augment=None)
    assert data.train.items + data.valid.items == 9
    assert [file.name for file in data.bad_files] == ["4.png"]
    assert all(agree(*pair) for batches in (data.train, data.valid) for pair in batches)


def test_batches_items_and_masks_are_drawn(folder: Path) -> None:
    data = load(folder)
    figure = data.show_batch(4)
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert len(titles) == 4 and all(name in NAMES for name in titles[0].split(", "))
    assert [axes.get_title() for axes in data.show_items([1], ["worst"]).axes] == ["worst"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(legend) == sorted(NAMES)
    with pytest.raises(SettingError, match=r"item 7 was given; .* 0 to 1; give at least one"):
        data.show_items([7])


@pytest.mark.parametrize("columns", [1, 3, 6])
def test_the_names_below_are_wholly_in_sight(columns: int) -> None:
    names = [f"a class of number {number}" for number in range(13)]
    masks = torch.arange(13, dtype=torch.uint8).repeat(6, 1)[:, None]
    figure = draw_overlays(
        torch.rand(6, 3, 1, 13), masks, ["here"] * 6, classes=names, ignore=255, columns=columns
    )
    figure.canvas.draw()
    legend = figure.legends[0].get_window_extent()
    assert 0 <= legend.x0 < legend.x1 <= figure.bbox.width
    assert len(figure.legends[0].get_texts()) == 12


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"images": "nowhere"}, "there is no folder nowhere; give one with pictures"),
        ({"images": []}, r"\[\] holds no picture; give a folder with some"),
        ({"masks": "nowhere"}, "there is no folder nowhere with masks; check the path"),
        ({"masks": ["a.png"]}, "10 pictures came with 1 mask; each picture needs one"),
        ({"masks": lambda file: "no.png"}, "10 pictures of 10 without a mask: 0.png, .*masks=lam"),
        ({"classes": ["soil"]}, r"classes=\['soil'\] was given; allowed is a list of 2 to 255"),
        ({"classes": "soil"}, "classes='soil' was given; allowed is a list"),
        ({"classes": NAMES[:2]}, "holds 2; allowed is 0 to 1 for 2 classes, and 255 .* name every"),
        ({"valid": ["0", "77"]}, "2 entries for 10 pictures, and no picture is named 77; allowed"),
        ({"valid": [True]}, "1 entry for 10 pictures; allowed is a share, the names"),
        ({"valid": [True] * 10}, "10 of 10 pictures would validate; allowed is at least one and"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    folder: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        load(folder, **changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"ignore": "plnt"}, "ignore='plnt' was given; .* soil, plant and pebble; did you mean"),
        ({"ignore": 256}, "ignore=256 was given; allowed is one of the classes"),
        ({"valid": 1.5}, "valid=1.5 was given; allowed is a share"),
        ({"augment": 3}, "augment=3 was given"),
        ({"size": 0}, "size=0 was given"),
    ],
)
def test_settings_out_of_range_are_refused(
    folder: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        load(folder, **changes)


def test_masks_of_another_size_than_their_picture_are_refused(folder: Path) -> None:
    write(folder / "masks" / "2_mask.png", np.zeros((6, 8), np.uint8))
    with pytest.raises(DataError, match=r"2_mask.png has 6 x 8 pixels and its picture 2.png 12 x"):
        load(folder)


def test_masks_in_colour_are_refused(folder: Path) -> None:
    write(folder / "masks" / "2_mask.png", np.zeros((12, 16, 3), np.uint8))
    with pytest.raises(DataError, match=r"2_mask.png is in colour \(RGB\); allowed is one channel"):
        load(folder)


def test_masks_that_cannot_be_read_are_refused(folder: Path) -> None:
    (folder / "masks" / "2_mask.png").write_bytes(b"no mask")
    with pytest.raises(DataError, match=r"2_mask.png cannot be read .*replace it by a whole PNG"):
        load(folder)


@pytest.mark.parametrize(
    "images, masks, words",
    [
        (torch.zeros(4, 3, 8, 8), torch.zeros(3, 8, 8), "4 pictures came with 3 masks; each"),
        (torch.zeros(4, 3, 8, 8), torch.zeros(4, 8, 9), "masks of 8 x 9 .* pictures of 8 x 8; ea"),
        (torch.zeros(4, 3, 8, 8), torch.rand(4, 8, 8), "float32 and shape .*class numbers"),
        (torch.zeros(4, 3, 8, 8), torch.zeros(4, 2, 8, 8), "shape .*take the argmax"),
        (torch.zeros(4, 3, 8, 8), torch.full((4, 8, 8), -1), "masks hold -1 to -1; allowed is 0"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(
    images: Tensor, masks: Tensor, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        MaskData.from_masks(images, masks, **SMALL)


def test_masks_may_have_a_channel_and_any_kind_of_whole_number() -> None:
    masks = torch.randint(3, (4, 8, 8))
    for given in (masks[:, None].float(), masks[..., None].numpy(), masks.short()):
        assert torch.equal(as_masks(given).long(), masks)


def test_the_mask_of_a_picture_is_the_file_whose_name_goes_on_after_its_own(tmp_path: Path) -> None:
    pictures = [tmp_path / f"{name}.jpg" for name in ("a1", "a10", "b")]
    for name in ("a1_P", "a10_P", "b", "b_more"):
        write(tmp_path / "masks" / f"{name}.png", np.zeros((2, 2), np.uint8))
    found = mask_files(tmp_path / "masks", pictures)
    assert [file.stem for file in found] == ["a1_P", "a10_P", "b"]


def test_camvid_tiny_can_be_read(needs_data: Callable[[str], Path]) -> None:
    home = needs_data("camvid_tiny")
    names = (home / "codes.txt").read_text().split()
    data = load(home, images=home / "images", masks=home / "labels", classes=names, ignore="Void")
    assert (data.train.items, data.valid.items, len(data.classes)) == (80, 20, 32)
