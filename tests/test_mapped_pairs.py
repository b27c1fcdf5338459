"""Pairs of pictures, and masks, that do not fit the memory: mapped files with the same content."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mask_world import CLASSES, squares
from PIL import Image
from restoration_world import Gain, make_pictures
from test_picture_pairs import save
from torch import Tensor

from tenfold.data.batches import Batches
from tenfold.data.images import ImageData
from tenfold.data.likeness import described
from tenfold.data.plain import PlainData
from tenfold.device import cache_folder
from tenfold.errors import DataError
from tenfold.picture_learners import restoration_learner

Load = Callable[..., Any]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))


def stores(kind: str) -> list[Path]:
    return sorted((cache_folder() / "images").glob(f"*.{kind}"))


@pytest.fixture
def pairs(tmp_path: Path) -> Load:
    """Loads twelve pairs of files, of which the inputs are half as large."""
    clean = make_pictures(12)
    folders = save(tmp_path / "small", clean[:, :, ::2, ::2]), save(tmp_path / "large", clean)

    def load(**settings: Any) -> Any:
        given: dict[str, Any] = {"size": 16, "valid": 0.25, "batch_size": 4, "device": "cpu"}
        return ImageData.from_pairs(*folders, **{**given, "progress": False, **settings})

    return load


@pytest.fixture
def masks(tmp_path: Path) -> Load:
    """Loads twelve pictures with masks, as files."""
    pictures, drawn = squares(12)
    (tmp_path / "masks").mkdir()
    images = save(tmp_path / "images", pictures.mul(255).byte())
    for number, mask in enumerate(drawn):
        Image.fromarray(mask.numpy()).save(tmp_path / "masks" / f"{number}.png")

    def load(**settings: Any) -> Any:
        given: dict[str, Any] = {"classes": CLASSES, "size": 24, "valid": 0.25, "device": "cpu"}
        told = {**given, "progress": False, **settings}
        return ImageData.from_masks(images, tmp_path / "masks", **told)

    return load


def held(data: Any) -> list[Tensor]:
    return [rows for split in (data.train, data.valid) for rows in (split.inputs, split.targets)]


def same(first: Any, second: Any) -> bool:
    return all(torch.equal(*rows) for rows in zip(held(first), held(second), strict=True))


@pytest.mark.parametrize("kind", ["pairs", "masks"])
def test_what_does_not_fit_is_mapped_equal_and_used_again(
    kind: str, request: pytest.FixtureRequest
) -> None:
    load: Load = request.getfixturevalue(kind)
    inside = load()
    assert not stores(kind) and "in memory" in repr(inside)
    mapped = load(memory=1000)
    assert "in a mapped file" in repr(mapped) and same(inside, mapped)
    (store,) = stores(kind)
    written = store.stat().st_ino, store.read_bytes()
    assert same(load(memory=0), inside)
    assert (stores(kind)[0].stat().st_ino, stores(kind)[0].read_bytes()) == written
    assert same(load(memory=0, seed=3), load(seed=3)) and len(stores(kind)) == 2
    assert same(mapped.resized(8), inside.resized(8)) and len(stores(kind)) == 3


@pytest.mark.parametrize("kind", ["pairs", "masks"])
def test_what_fits_exactly_stays_in_memory(kind: str, request: pytest.FixtureRequest) -> None:
    load: Load = request.getfixturevalue(kind)
    needed = {"pairs": 12 * 6 * 16 * 16, "masks": 12 * 4 * 24 * 24}[kind]
    load(memory=needed)
    assert not stores(kind)
    load(memory=needed - 1)
    assert len(stores(kind)) == 1


@pytest.mark.parametrize(("kind", "name"), [("pairs", "large"), ("masks", "masks")])
def test_a_file_that_changed_is_noticed(
    kind: str, name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    load: Load = request.getfixturevalue(kind)
    before = load(memory=0)
    for file in (tmp_path / name).iterdir():
        pixels = np.asarray(Image.open(file))
        Image.fromarray(np.zeros_like(pixels)).save(file)
        os.utime(file, ns=(1, 1))
    after = load(memory=0)
    assert before.train.targets.any() and not after.train.targets.any()
    assert torch.equal(before.train.inputs, after.train.inputs)


@pytest.mark.parametrize(("kind", "name"), [("pairs", "large"), ("masks", "masks")])
def test_what_cannot_be_read_is_named_and_leaves_no_file(
    kind: str, name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    load: Load = request.getfixturevalue(kind)
    (tmp_path / name / "2.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"cannot be read.*; replace"):
        load(memory=0)
    assert not stores(kind) and not stores("unfinished")


def test_classes_are_looked_at_in_a_mapped_file_too(masks: Load) -> None:
    masks(memory=0)
    for _ in range(2):  # written, and used again
        with pytest.raises(DataError, match=r"holds 2; allowed is 0 to 1 for 2 classes"):
            masks(memory=0, classes=CLASSES[:2])
    assert masks(memory=0).pixel_counts == masks().pixel_counts


def test_a_model_learns_the_same_from_a_mapped_file(pairs: Load) -> None:
    gains = []
    for memory in (None, 0):
        learn = restoration_learner(pairs(memory=memory), Gain(), quiet=True, device="cpu")
        learn.plan(threads=1, precision="float32", channels_last=False)
        learn.fit(2, 0.01)
        gains.append(learn.model.gain.item())
    assert gains[0] == gains[1] != 1


def test_files_train_where_arrays_validate(pairs: Load) -> None:
    clean = make_pictures(3, seed=4)
    found = [pairs(valid=(clean // 2, clean), memory=memory) for memory in (None, 0)]
    assert same(*found) and torch.equal(found[1].valid.targets, clean)


def test_many_masks_are_known_by_some_of_them() -> None:
    keys = []
    for value in (0, 0, 1):  # one byte that stands for 1.1 GB
        whole = torch.full((1, 1, 1), value, dtype=torch.uint8).expand(70_000, 128, 128)
        keys.append(described(PlainData(Batches(torch.zeros(70_000, 1), whole)))["content"])
    assert keys[0] == keys[1] != keys[2]
