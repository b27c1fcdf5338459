from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner, make_pairs, same, tensors
from resume_world import equal, killed, learner, make_batches
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from tenfold.errors import DataError, TrainingError
from tenfold.learner import Learner
from tenfold.train.task import number


class Files(Dataset):
    """Items that are read from files, one of which may be gone, or whose worker may die."""

    def __init__(self, folder: Path, *, dies: bool = False) -> None:
        self.files, self.dies = [folder / f"{number}.pt" for number in range(24)], dies
        for file in self.files:
            file.write_text("1")

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, item: int) -> tuple[Tensor, int]:
        if self.dies and item == 17:
            os.kill(os.getpid(), signal.SIGKILL)
        return torch.full((3,), float(self.files[item].read_text())) + item, item % 2


def make(data: Any) -> Learner:
    return make_learner((data, make_pairs(2, seed=2)))


def test_a_file_that_is_gone_is_one_line_and_the_run_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "files").mkdir()
    files = Files(tmp_path / "files")
    whole, broken, again = (make(DataLoader(files, batch_size=8)) for _ in range(3))
    whole.fit(2, 0.01)
    files.files[17].unlink()
    with pytest.raises(DataError, match=r"at batch 3 of epoch 1 \(FileNotFoundError: .*17\.pt"):
        broken.fit(2, 0.01, checkpoint=tmp_path / "run")
    files.files[17].write_text("1")
    again.resume(tmp_path / "run")
    assert equal(again, whole)


WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_faults import *
folder = Path(sys.argv[2])
def made(workers, *, dies=False):
    (folder / "files").mkdir(exist_ok=True)
    files = Files(folder / "files", dies=dies)
    ahead = {"prefetch_factor": 1} if workers else {}
    learn = make(DataLoader(files, batch_size=8, num_workers=workers, **ahead))
    learn.plan(precision="float32", channels_last=False, threads=1)
    learn.model.eval()
    return learn
broken, before, whole, again = made(1, dies=True), made(0), made(0), made(1)
try:
    broken.fit(2, 0.01, checkpoint=folder / "run")
except DataError as error:
    print(broken.run.state, broken.model.training, torch.is_grad_enabled(), error)
before.fit(2, 0.01, stop_at=broken.run.batches_done)
print("weights", same(tensors(broken.model), tensors(before.model)))
whole.fit(2, 0.01)
again.resume(folder / "run")
print("resumed", equal(again, whole))
"""


def test_a_worker_that_dies_is_one_line_and_the_run_goes_on_with_others(tmp_path: Path) -> None:
    # in a process of its own: torch's iterator may complain on stderr when it is thrown away
    line = [sys.executable, "-c", WORKER, str(Path(__file__).parent), str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    said = done.stdout.splitlines()
    assert len(said) == 3, done.stderr
    assert said[0].startswith("failed False True the data broke off at batch 3 of epoch 1 (Runt")
    assert "DataLoader worker" in said[0] and "weights are those of the batch before" in said[0]
    assert said[1:] == ["weights True", "resumed True"]


def test_data_that_refuse_by_themselves_keep_their_words() -> None:
    class Refusing(list[Any]):
        def __iter__(self) -> Any:
            yield from make_pairs(1)
            raise DataError("of their own")

    with pytest.raises(DataError, match=r"^of their own$"):
        make(Refusing(make_pairs(2))).fit(1)


def spoilt(what: Any, *, at: int) -> Learner:
    """A learner whose training data hold `what` in one batch."""
    train, valid = make_batches()
    train.transform, train.shuffle = None, False
    train.inputs[8 * at] = what
    return learner(data=(train, valid))


@pytest.mark.parametrize("what", [float("nan"), float("inf")])
def test_data_that_are_no_numbers_are_named_as_the_cause(what: float) -> None:
    learn = spoilt(what, at=5)
    before = tensors(learn.model)
    with pytest.raises(TrainingError, match=r"step 6 with .*; the data of this batch hold nan or"):
        learn.fit(1, 0.01)
    assert same(tensors(learn.model), before)


def test_a_rate_that_is_too_high_is_named_and_a_lower_one_suggested() -> None:
    learn = make_learner(model=nn.Linear(3, 1), task=number(), optimizer="sgd")
    learn.data.train = [(inputs, inputs.sum(1)) for inputs, _ in make_pairs(99)]
    learn.data.valid = None
    with pytest.raises(TrainingError, match=r"had grown to .*too high; .*; try 0\.5, or let"):
        learn.fit(1, 5.0)


def test_a_loss_that_is_suddenly_no_number_is_said_to_be_so() -> None:
    with pytest.raises(TrainingError, match="; it came at once: a rate that is too high, or a"):
        learner(optimizer="sgd").fit(1, 1e30)


def test_a_clock_that_jumps_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    whole, jumped, hours = learner(), learner(), iter(range(0, 10**9, 5000))

    def fit(learn: Learner, **more: Any) -> Any:
        return learn.fit(2, 0.01, **more)

    fit(whole)
    monkeypatch.setattr(time, "time", lambda: 1e9 * (-1) ** next(hours))
    killed(jumped, fit, tmp_path)
    assert equal(jumped, whole) and jumped.history.rows[0]["seconds"] < 60
