"""Pairs of pictures: read from everywhere, moved alike, refused where they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from restoration_world import make_pairs, make_pictures

from tenfold.data.augment import Augment
from tenfold.data.images import ImageData
from tenfold.data.picture_pairs import Alike, WholePictureEncoder
from tenfold.errors import DataError, SettingError


def save(folder: Path, pictures: torch.Tensor, *, suffix: str = ".png") -> Path:
    folder.mkdir()
    for number, picture in enumerate(pictures):
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(folder / f"{number}{suffix}")
    return folder


def test_batches_are_floats_of_both_and_validation_is_in_order() -> None:
    clean = make_pictures(12)
    data = make_pairs(12, valid=(clean[:3] // 2, clean[:3]))
    inputs, targets = next(iter(data.valid))
    assert torch.equal(inputs, (clean[:3] // 2).float() / 255)
    assert torch.equal(targets, clean[:3].float() / 255)
    assert (data.train.items, data.scale, data.size) == (12, 1.0, (16, 16))
    assert "12 training, 3 validation pairs of 16x16" in repr(data)


def test_augmentation_moves_both_pictures_alike_and_comes_again_with_its_epoch() -> None:
    augment = Augment(dihedral=True, rotate=30, zoom=1.5, lighting=0)
    data = make_pairs(12, augment=augment)
    for epoch in (0, 1):
        data.train.epoch = epoch
        for inputs, targets in data.train:
            assert (inputs - targets / 2).abs().max() < 0.01
    assert torch.equal(data.train.at_epoch(1).take(4)[0], data.train.at_epoch(1).take(4)[0])
    assert not torch.equal(data.train.at_epoch(0).take(4)[0], data.train.at_epoch(1).take(4)[0])


def test_a_pair_moves_as_one_picture_of_six_channels_would() -> None:
    pair = torch.rand(3, 3, 8, 8), torch.rand(3, 3, 8, 8)
    augment = Augment(cutout=0.5)
    moved = Alike(augment).together(*pair, torch.Generator().manual_seed(4))
    wanted = augment(torch.cat(pair, 1), torch.Generator().manual_seed(4))
    assert torch.equal(torch.cat(moved, 1), wanted)


def test_without_augment_pairs_are_only_mirrored() -> None:
    clean = make_pictures(4)
    data = ImageData.from_pairs(clean, clean, valid=(clean, clean), device="cpu", batch_size=4)
    for picture in data.train.take(4)[0]:
        both = torch.cat([clean, clean.flip(-1)]).float() / 255
        assert any(torch.equal(picture, one) for one in both)
    plain = ImageData.from_pairs(clean, clean, augment=None, device="cpu")
    assert plain.train.take(1)[0].dtype == torch.float32


def test_folders_are_matched_by_name_and_lists_by_order(tmp_path: Path) -> None:
    clean = make_pictures(6)
    small = save(tmp_path / "small", clean[:, :, ::2, ::2], suffix=".bmp")
    large = save(tmp_path / "large", clean)
    told: dict[str, Any] = {"size": 16, "valid": 0.34, "device": "cpu", "progress": False}
    data = ImageData.from_pairs(small, large, **told)
    assert (data.scale, data.train.items, data.valid.items) == (2.0, 4, 2)
    assert [file.suffix for file in data.files["valid"]] == [".bmp", ".bmp"]
    numbers = [int(file.stem) for file in data.files["valid"]]
    assert torch.equal(next(iter(data.valid))[1], clean[numbers].float() / 255)
    lists = [sorted(folder.iterdir()) for folder in (small, large)]
    assert torch.equal(ImageData.from_pairs(*lists, **told).valid.inputs, data.valid.inputs)
    assert data.resized(8, batch_size=2).size == (8, 8)


def test_inputs_that_are_smaller_are_enlarged_to_their_targets() -> None:
    data = ImageData.from_pairs(make_pictures(8, side=8), make_pictures(8, side=32), device="cpu")
    assert (data.scale, data.train.inputs.shape[2:]) == (4.0, (32, 32))
    made = data.encoder.encode([make_pictures(1, side=8)[0, :, :, :5]])
    assert made.shape == (1, 3, 32, 20) and made.dtype == torch.float32
    again = WholePictureEncoder.from_state(data.encoder.state())
    assert again == data.encoder and again.many([1]) and not again.many("a.png")


def test_pairs_are_drawn_side_by_side() -> None:
    data = make_pairs(12)
    figure = data.show_batch(4)
    assert figure.axes[0].get_title().endswith(" dB") and figure.get_suptitle()
    assert figure.axes[0].images[0].get_array().shape == (16, 33, 4)
    assert len(data.show_items([0, 2], ["one", "two"]).axes) == 2
    assert data.read(make_pictures(1, side=40)[0]).shape == (3, 16, 16)


def refused(inputs: Any, targets: Any, **settings: Any) -> str:
    with pytest.raises((DataError, SettingError)) as caught:
        ImageData.from_pairs(inputs, targets, device="cpu", progress=False, **settings)
    return str(caught.value)


def test_pairs_that_do_not_fit_together_are_refused() -> None:
    clean = make_pictures(6)
    assert "6 inputs came with 5 targets; each input needs" in refused(clean, clean[:5])
    valid = (clean, clean[:2])
    assert "6 validation inputs came with 2 validation targets" in refused(
        clean, clean, valid=valid
    )
    assert "1 pair of other proportions: 16 x 8 for 16 x 16" in refused(clean[..., :8], clean)
    assert "valid has 1 part; allowed is a share, or two" in refused(clean, clean, valid=[clean])
    assert "valid=2 was given; allowed is a share" in refused(clean, clean, valid=2)
    assert "a int was given as inputs; allowed are two folders" in refused(3, clean)
    words = "the pairs at 32x32 take 0 MiB more; 0 may be used; give a smaller size, memory=, or"
    assert words in refused(clean, clean, memory=10, size=32)
    # what lies in memory already takes no more of it
    assert make_pairs(6, memory=0).train.items == 4


def test_files_without_a_partner_or_that_are_no_pictures_are_named(tmp_path: Path) -> None:
    clean = make_pictures(3)
    one, other = save(tmp_path / "a", clean), save(tmp_path / "b", clean)
    (other / "2.png").rename(other / "x.png")
    words = refused(one, other)
    assert "2 pictures of" in words and "without a partner: 2 and x" in words
    (other / "x.png").rename(other / "2.png")
    (other / "2.png").write_bytes(b"no picture")
    assert "1 picture cannot be read" in refused(one, other, size=16)
    assert f"there is no folder {tmp_path / 'c'}" in refused(one, tmp_path / "c")


def test_numbers_that_no_pair_has_and_pictures_too_large_are_refused() -> None:
    data = make_pairs(12)
    with pytest.raises(SettingError, match="item 3 was given; allowed are the numbers of valid"):
        data.pairs([3])
    with pytest.raises(SettingError, match="item none at all was given"):
        data.show_items([])
    huge = torch.zeros(3, 8, 1000, dtype=torch.uint8)
    with pytest.raises(DataError, match="800 x 100,000 pixels would be made; at most 4,000,000"):
        WholePictureEncoder(100.0).encode([huge])
