"""Pictures that do not fit the memory: mapped files, used again, noticed when stale."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from picture_folders import draw, drawn, load, two_splits

from tenfold.data.settings import bytes_of
from tenfold.device import cache_folder
from tenfold.errors import FileError


def stores() -> list[Path]:
    return sorted((cache_folder() / "images").glob("*"))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))


def test_what_does_not_fit_the_memory_is_mapped_and_equal(tmp_path: Path) -> None:
    root = two_splits(tmp_path, test=2)
    inside, mapped = load(root), load(root, memory=1000)
    assert "in a mapped file" in repr(mapped) and len(stores()) == 1
    for name in ("train", "valid", "test"):
        assert torch.equal(getattr(inside, name).inputs, getattr(mapped, name).inputs)
    (batch, targets), (same, too) = (data.train.take(4) for data in (inside, mapped))
    assert torch.equal(batch, same) and torch.equal(targets, too)


def test_a_mapped_file_is_used_again_and_noticed_when_stale(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    load(root, memory=0)
    written = stores()[0].stat().st_mtime_ns, stores()[0].read_bytes()
    load(root, memory=0)
    assert len(stores()) == 1 and stores()[0].read_bytes() == written[1]
    draw(root / "valid/dog/1.png", shade=250)
    os.utime(root / "valid/dog/1.png", ns=(1, 1))
    assert load(root, memory=0).valid.inputs[3, 0, 0, 0] == 250
    assert len(stores()) == 2


def test_a_mapped_file_that_was_cut_is_made_again(tmp_path: Path) -> None:
    root = two_splits(tmp_path)
    expected = load(root, memory=0).train.inputs.clone()
    stores()[0].write_bytes(stores()[0].read_bytes()[:100])
    assert torch.equal(load(root, memory=0).train.inputs, expected)


def test_a_place_keeps_three_mapped_files(tmp_path: Path) -> None:
    root = drawn(tmp_path, cat=10, dog=10)
    for seed in range(5):
        load(root, memory=0, seed=seed)
    assert len(stores()) == 3


def test_a_disk_that_is_too_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    with pytest.raises(
        FileError, match=r"need 0.0 GB in .* and 0.0 GB are free; set TENFOLD_CACHE"
    ):
        load(two_splits(tmp_path), memory=0)
    assert not stores()


def test_memory_can_be_said_in_words() -> None:
    assert bytes_of("4GB") == 4_000_000_000 and bytes_of("1.5 MB") == 1_500_000
    assert bytes_of("10") == bytes_of(10) == bytes_of("10b") == 10
