"""What is left when a rank dies, or the kernel: a traceback, a checkpoint, and no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from factories import make_learner, make_pairs, same, tensors
from launch_world import Slow, Still, ranks_alive, still, until
from torch import Tensor

from tenfold.errors import TrainingError
from tenfold.learner import Learner
from tenfold.parallel.pools import close_all
from tenfold.train.events import Callback

pytestmark = pytest.mark.filterwarnings("default")


class Faulty(Callback):
    """Fails on one rank only."""

    def after_step(self, run: Any) -> None:
        if run.step == 3 and run.group.rank == 1:
            raise ZeroDivisionError("the second rank has had enough")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    close_all()
    assert not ranks_alive()


def killed(learn: Learner, rank: int, *, at: int) -> threading.Thread:
    """Kill a rank of this learner's run at a step, from another thread."""

    def kill() -> None:
        until(learn, lambda run: run.step >= at)
        os.kill(ranks_alive()[rank], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def told(learn: Learner) -> Any:
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in learn.history.rows]
    return rows, learn.history.losses.tolist(), tensors(learn.model)


def test_after_a_death_new_ranks_go_on_from_the_checkpoint_bit_for_bit(tmp_path: Path) -> None:
    whole, learn = still(norm=True), still(norm=True, callbacks=[Slow()])
    whole.launch(2).fit(4, 0.1)
    thread = killed(learn, 1, at=7)
    run = learn.launch(2).fit(4, 0.1, checkpoint=tmp_path)
    thread.join()
    assert run.state == "finished" and same(told(learn), told(whole))
    assert len(ranks_alive()) == 2

    again = still(norm=True, callbacks=[Slow()])  # without a folder it is over, and said
    before, thread = tensors(again.model), killed(again, 0, at=3)
    with pytest.raises(TrainingError, match=r"rank 0 of 2 \(process \d+\) died at step \d+ of 20"):
        again.launch(2).fit(4, 0.1)
    thread.join()
    assert not ranks_alive() and same(tensors(again.model), before)
    assert again.run is not None and again.run.state == "failed"


def test_a_run_that_is_over_is_resumed_on_two_processes_or_on_one(tmp_path: Path) -> None:
    learn = still(optimizer="sgd", callbacks=[Slow()])
    thread = killed(learn, 1, at=7)
    with pytest.raises(TrainingError, match=r"learn\.resume\(.*\) goes on from the last"):
        learn.launch(2, restarts=0).fit(3, 0.1, checkpoint=tmp_path)
    thread.join()
    alone = still(optimizer="sgd", callbacks=[Slow()])
    assert alone.resume(tmp_path).state == "finished"
    whole = still(optimizer="sgd")
    whole.fit(3, 0.1)
    assert alone.history.losses == pytest.approx(whole.history.losses, abs=1e-5)


def test_an_error_on_one_rank_ends_all_with_its_own_traceback() -> None:
    with pytest.raises(ZeroDivisionError, match="the second rank has had enough") as found:
        still().launch(2).fit(3, 0.1, callbacks=[Faulty()])
    assert "in after_step" in str(found.value.__cause__) and not ranks_alive()


class Short(Still):
    """On one rank it has memory for no more than three items."""

    def forward(self, inputs: Tensor) -> Tensor:
        if self.training and torch.distributed.get_rank() == 1 and len(inputs) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory\nand more words")
        return super().forward(inputs)


def test_a_rank_without_memory_ends_all_with_one_line(tmp_path: Path) -> None:
    learn = make_learner((make_pairs(4), make_pairs(2, seed=2)), Short(), metrics=["accuracy"])
    learn.plan(threads=1, precision="float32", channels_last=False)
    words = r"^a process has no memory for its share of 4 items \(CUDA out of memory\), and the "
    with pytest.raises(TrainingError, match=words) as found:
        learn.launch(2).fit(1, 0.1, checkpoint=tmp_path)
    assert "\n" not in str(found.value) and "in forward" in str(found.value.__cause__)
    assert learn.run.state == "failed" and not ranks_alive()


KERNEL = """
import sys
sys.path.insert(0, {tests!r})
from launch_world import Slow, ranks_alive, still
import os, threading
learn = still(callbacks=[Slow()])
def die():
    while learn.run is None or learn.run.step < 3:
        threading.Event().wait(0.01)
    print(*ranks_alive(), flush=True)
    os.kill(os.getpid(), 9)
threading.Thread(target=die, daemon=True).start()
learn.launch(2).fit(1000)
"""


def test_ranks_end_with_their_kernel_also_when_it_is_killed() -> None:
    code = KERNEL.format(tests=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    pids = [int(word) for word in done.stdout.split()]
    assert done.returncode == -signal.SIGKILL and len(pids) == 2
    _, alive = psutil.wait_procs([psutil.Process(p) for p in pids if psutil.pid_exists(p)], 10)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
