from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from factories import same
from safetensors.torch import save_file

from tenfold.errors import FileError
from tenfold.train.checkpoint import FORMAT, read_file, torch_bytes, write_file

TENSORS = {"half": torch.rand(3).half(), "none": torch.zeros(0, 2), "one": torch.tensor(3)}


def write(path: Path, **header: object) -> Path:
    return write_file(path, TENSORS, kind="training", header=header)


def forge(path: Path, words: str) -> Path:
    save_file(TENSORS, path, metadata={"tenfold": words})
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = write(tmp_path / "new" / "state.safetensors", rows=[{"loss": 0.5}], number=np.float32(2))
    tensors, header = read_file(file, kind="training")
    assert same(tensors, TENSORS)
    assert header == {"rows": [{"loss": 0.5}], "number": 2, "format": FORMAT, "kind": "training"}


def test_numbers_that_are_none_survive(tmp_path: Path) -> None:
    header = read_file(write(tmp_path / "x", a=float("nan"), b=float("inf")), kind="training")[1]
    assert np.isnan(header["a"]) and header["b"] == float("inf")


def test_tensors_that_share_memory_or_are_views_are_written_whole(tmp_path: Path) -> None:
    base = torch.arange(6.0).view(2, 3)
    views = {"whole": base, "turned": base.T, "again": base}
    file = write_file(tmp_path / "x", views, kind="training", header={})
    assert same(read_file(file, kind="training")[0], views)


def test_only_the_file_itself_is_left_in_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "x"), write(tmp_path / "x")
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_a_home_folder_may_be_written_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert write(Path("~/x")) == tmp_path / "x"
    assert read_file("~/x", kind="training")


def test_a_file_whose_parent_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    old = write(tmp_path / "old").read_bytes()
    with pytest.raises(
        FileError, match=r"could not be written.*nothing was changed there; choose a"
    ):
        write(tmp_path / "old" / "x")
    assert (tmp_path / "old").read_bytes() == old


def test_a_folder_in_the_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x" / "inner").mkdir(parents=True)
    with pytest.raises(FileError, match="could not be written"):
        write(tmp_path / "x")
    assert [path.name for path in tmp_path.rglob("*")] == ["x", "inner"]


def test_a_write_that_is_interrupted_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*paths: object) -> None:
        raise KeyboardInterrupt

    old = write(tmp_path / "x", epochs=1).read_bytes()
    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "x", epochs=2)
    assert (tmp_path / "x").read_bytes() == old and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path, share: float) -> None:
    whole = write(tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FileError, match=r"x is damaged or cut short \(.*\); take another copy"):
        read_file(tmp_path / "x", kind="training")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('{"format": 1', "is damaged or cut short"),
        ("[1]", "is damaged: its header is unreadable; take another copy"),
        ('{"kind": "training"}', "is damaged: its header is unreadable"),
        ('{"format": 99, "kind": "training"}', "has format 99; this Tenfold reads up to 2; update"),
        ('{"format": 1, "kind": "predictor"}', r"a predictor and not a training; use tenfold.load"),
        ('{"format": 1, "kind": "features"}', "holds a features and .*use the call that wrote it"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, words: str, told: str) -> None:
    with pytest.raises(FileError, match=told):
        read_file(forge(tmp_path / "x", words), kind="training")


def test_a_training_state_given_as_a_predictor_is_told_how_to_load(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"holds a training and not a predictor; use learn.load"):
        read_file(write(tmp_path / "x"), kind="predictor")


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "x")
    with pytest.raises(FileError, match="was not written by Tenfold; load it with safetensors"):
        read_file(tmp_path / "x", kind="training")


@pytest.mark.parametrize("name", ["none", "."])
def test_a_path_without_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match="there is no such file; check the path"):
        read_file(tmp_path / name, kind="training")


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    torch.save({"x": torch.ones(1)}, tmp_path / "x")
    with pytest.raises(FileError, match="is damaged or cut short"):
        read_file(tmp_path / "x", kind="training")


def test_the_file_is_safetensors_with_its_words_as_json(tmp_path: Path) -> None:
    raw = write(tmp_path / "x", epochs=3).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    assert json.loads(header["__metadata__"]["tenfold"])["epochs"] == 3


def test_reading_never_unpickles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "x")
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, None)
    monkeypatch.setattr(torch, "load", None)
    assert read_file(tmp_path / "x", kind="training")


def test_what_was_read_does_not_hang_on_the_file(tmp_path: Path) -> None:
    file = write(tmp_path / "x")
    tensors, _ = read_file(file, kind="training")
    with file.open("r+b") as opened:
        opened.truncate(0)
    assert same(tensors, TENSORS)


def test_the_bytes_of_a_tensor_are_those_of_its_numbers() -> None:
    turned = torch.arange(6, dtype=torch.int16).view(2, 3).T
    assert torch_bytes(turned) == turned.numpy().tobytes()
