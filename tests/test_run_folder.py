from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_net, make_pairs
from resume_world import Kill, killed, learner, make_batches

from tenfold.errors import FileError, SettingError, StateError
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.lock import FolderLock
from tenfold.train.run_folder import RunFolder

TENSORS = {"x": torch.ones(1000)}


def write(folder: RunFolder, *, score: float | None = None, run: str = "a", **more: Any) -> str:
    words = {"score": score, "run": {"id": run, "state": "running", "epoch": 0, "epochs": 3}}
    return folder.write(TENSORS, words, **{"keep": 2, "budget": 1e9, **more}).name


def names(folder: RunFolder) -> list[int]:
    return [int(file.name[11:17]) for file in folder.files()]


def test_the_last_ones_and_the_best_are_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for score in (0.9, 0.2, 0.5, 0.4, None, 0.3):
        write(folder, score=score)
    assert names(folder) == [2, 5, 6]
    write(RunFolder(tmp_path), score=0.1)  # another process that goes on with it
    assert names(folder) == [6, 7]


def test_those_of_another_run_go_once_a_new_one_is_written(tmp_path: Path) -> None:
    write(RunFolder(tmp_path), score=0.1)
    folder = RunFolder(tmp_path)
    assert folder.unfinished() == "epoch 1 of 3"
    write(folder, run="b")
    assert names(folder) == [2]


def test_a_budget_is_kept_and_the_last_one_stays(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for _ in range(4):
        write(folder, keep=3, budget=13_000)
        assert sum(file.stat().st_size for file in folder.files()) <= 13_500
    assert names(folder) == [2, 3, 4]
    with pytest.raises(FileError, match="beside the last one is more than the budget of 0 MB for"):
        write(folder, budget=7_000)
    assert names(folder) == [2, 3, 4]


def test_a_damaged_one_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write(folder), write(folder)
    newest = folder.files()[-1]
    newest.write_bytes(newest.read_bytes()[:-9])
    assert folder.newest()[0].name == "checkpoint-000001.safetensors"
    folder.files()[0].write_bytes(b"")
    with pytest.raises(FileError, match=r"none of the 2 checkpoints in .* can be read; the newest"):
        folder.newest()


def test_what_a_crash_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".checkpoint-000003.safetensors.77.part").write_text("half")
    folder = RunFolder(tmp_path)
    folder.open()
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
    folder.lock.release()


def hold(folder: Path, held: Any, done: Any) -> None:
    lock = FolderLock(folder)
    lock.acquire()
    held.set()
    done.wait(20)


def test_two_processes_on_one_folder_are_told(tmp_path: Path) -> None:
    world = multiprocessing.get_context("fork")
    held, done = world.Event(), world.Event()
    other = world.Process(target=hold, args=(tmp_path, held, done))
    other.start()
    assert held.wait(20)
    with pytest.raises(StateError, match=rf"is in use by process {other.pid} on .*; two runs"):
        learner().fit(1, checkpoint=tmp_path)
    other.kill()  # a dead process holds nothing
    other.join()
    learner().fit(1, checkpoint=tmp_path)


def test_two_learners_of_one_kernel_are_told(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire(), lock.acquire()
    with pytest.raises(StateError, match="is in use by another learner of this kernel; two runs"):
        learner().resume(tmp_path)
    lock.release(), lock.release()
    other = FolderLock(tmp_path)
    other.acquire()
    other.release()


def test_a_folder_with_an_unfinished_run_is_not_written_over(tmp_path: Path) -> None:
    def fit(learn: Any, **more: Any) -> Any:
        return learn.fit(3, 0.05, **more)

    killed(learner(), fit, tmp_path, callbacks=[Kill("before_batch", 9)])
    with pytest.raises(StateError, match=r"a run that was not finished \(epoch 2 of 3\); go on"):
        learner().fit(3, checkpoint=tmp_path)
    learner().resume(tmp_path)
    again = learner()
    again.fit(3, checkpoint=tmp_path)  # it has finished now
    assert len(again.history) == 3


def test_without_a_checkpoint_nothing_can_go_on(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(FileError, match=r"there is no checkpoint in .*checkpoint=.* first"):
            learner().resume(folder)
    assert not (tmp_path / "none").exists()


OTHERS = [
    ({"model": make_net(3)}, r"the model Net \(it was Net\), in head.weight and head.bias"),
    ({"optimizer": "sgd"}, r"differs from this one: the optimizer SGD \(it was AdamW\)"),
    ({"weight_decay": 0.5}, r"weight decay 0.5 \(it was 0.01\)"),
    ({"data": make_batches(batch_size=9)}, r"batch size 9 \(it was 8\); batches 7 \(it was 8\)"),
    ({"data": make_batches(items=60)}, r"training items 60 \(it was 61\)"),
    ({"data": (make_pairs(8), make_pairs(3))}, r"training items None \(it was 61\)"),
    ({"callbacks": [KeepBest()]}, r"callbacks with a state KeepBest \(it was none\); make the"),
]


@pytest.mark.parametrize(("changes", "words"), OTHERS)
def test_another_learner_is_told_what_differs_and_is_left_alone(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    learner().fit(1, 0.05, checkpoint=tmp_path)
    other = learner(**changes)
    other.model.early.requires_grad_(False)
    before = [parameter.requires_grad for parameter in other.model.parameters()]
    weights = {name: value.clone() for name, value in other.model.state_dict().items()}
    with pytest.raises(FileError, match=words) as caught:
        other.resume(tmp_path)
    assert "\n" not in str(caught.value)
    assert before == [parameter.requires_grad for parameter in other.model.parameters()]
    assert all(torch.equal(weights[n], value) for n, value in other.model.state_dict().items())


def test_data_of_the_same_size_with_other_content_are_refused(tmp_path: Path) -> None:
    learner().fit(1, 0.05, checkpoint=tmp_path)
    data = make_batches()
    data[0].targets[3] = 1 - data[0].targets[3]
    with pytest.raises(FileError, match="differs from this one: the content of the data; make"):
        learner(data=data).resume(tmp_path)


def test_a_checkpoint_of_another_kind_of_tenfold_is_refused(tmp_path: Path) -> None:
    write(RunFolder(tmp_path))
    with pytest.raises(FileError, match="has not what a checkpoint has"):
        learner().resume(tmp_path)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"minutes": -1}, "minutes=-1 was given; allowed is 0 and above; try 5"),
        ({"keep": 0}, "keep=0 was given; allowed is 1 and above; try 2"),
        ({"budget": 0}, "budget=0 was given; allowed are bytes above 0; try 20e9"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        Checkpoints("runs", **settings)


def test_other_torch_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learner().fit(1, 0.05, checkpoint=tmp_path)
    folder = RunFolder(tmp_path)
    _, tensors, words = folder.newest()
    words["about"]["torch"] = "1.0"
    folder.write(tensors, words, keep=1, budget=1e9)
    again = learner()
    again.quiet = False
    again.resume(tmp_path)
    said = capsys.readouterr().out
    assert "had finished; its weights are loaded" in said and "begun with torch 1.0, and" in said
