from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tenfold.device import cache_folder, default_device, free_memory


def test_the_default_device_can_hold_a_tensor() -> None:
    assert torch.ones(1, device=default_device()).item() == 1


def test_a_gpu_is_preferred_where_there_is_one() -> None:
    assert (default_device().type == "cuda") == torch.cuda.is_available()


def test_free_memory_is_a_number_of_bytes() -> None:
    assert 1 << 20 < free_memory(torch.device("cpu")) < 1 << 50


def test_the_cache_folder_is_made_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "a" / "b"))
    assert cache_folder() == tmp_path / "a" / "b"
    assert cache_folder().is_dir()


def test_without_the_variable_the_cache_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENFOLD_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().is_dir()
    assert "tenfold" in cache_folder().parts
