"""`torchrun -m tenfold run train.py`: every process runs the script, its fits train together."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from launch_world import still

from tenfold.cli import main

SCRIPT = """
import os, sys
sys.path.insert(0, {tests!r})
from launch_world import still
print("words", *sys.argv[1:])
learn = still(optimizer="sgd", callbacks=[])
if len(sys.argv) > 2 and os.environ["RANK"] == "1":
    raise LookupError("only here")
learn.fit(2, 0.1)
learn.save(sys.argv[1])
learn.load(sys.argv[1])  # on every rank, right after rank 0 wrote it
print("loss", *learn.history.losses)
"""


# what is trained in it is killed once, on its second rank, in the fit that begins after `epochs`
KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from launch_world import still
from resume_world import Often
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.train.events import Callback
folder, epochs, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
anew = int(os.environ["TORCHELASTIC_RESTART_COUNT"])
class Die(Callback):
    def after_step(self, run):
        here = run.first_epoch == epochs and run.step == step and os.environ["RANK"] == "1"
        if here and not anew:
            os.kill(os.getpid(), signal.SIGKILL)
def told(where):
    place = learn.run.place
    print(where, "from", place and (place.epoch, place.step), *learn.history.losses)
learn = still(optimizer="sgd", norm=True, callbacks=[Die()])
def train(name, fit):
    kept = Checkpoints(folder + "/" + name, minutes=0)
    fit(checkpoint=kept, callbacks=[Often(kept)])
    told(name)
train("fit", lambda **more: learn.fit(2, 0.1, **more))
train("tune", lambda **more: learn.fine_tune(1, 0.1, **more))
"""


def run(
    script: Path, *words: str, processes: int = 2, restarts: int = 0, where: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    start += ["--max-restarts", str(restarts), *where]
    package = str(Path(__file__).parents[1] / "package")
    environment = {**os.environ, "PYTHONPATH": package, "OMP_NUM_THREADS": "1"}
    line = [*start, "-m", "tenfold", "run", str(script), *words]
    return subprocess.run(line, capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT.format(tests=str(Path(__file__).parent)))
    return file


def test_a_script_trains_on_two_processes_as_on_one(script: Path, tmp_path: Path) -> None:
    done = run(script, str(tmp_path / "weights"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("words") == 1  # rank 0 alone speaks
    told = next(line for line in done.stdout.splitlines() if line.startswith("loss"))
    alone = still(optimizer="sgd")
    alone.fit(2, 0.1)
    losses = [float(word) for word in told.split()[1:]]
    assert losses == pytest.approx(alone.history.losses.tolist(), abs=1e-6)
    again = still(optimizer="sgd")
    again.load(tmp_path / "weights")
    assert again.score(*again.predictions()) == alone.score(*alone.predictions())


def test_two_agents_train_together_as_two_machines_would(script: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = ["--nnodes", "2", "--rdzv-backend", "c10d", "--rdzv-id", "both"]
    where += ["--rdzv-endpoint", f"127.0.0.1:{port}"]
    with ThreadPoolExecutor(2) as pool:
        words = str(tmp_path / "weights")
        agents = [pool.submit(run, script, words, processes=1, where=where) for _ in range(2)]
        done = [one.result() for one in agents]
    assert [one.returncode for one in done] == [0, 0], done[0].stderr + done[1].stderr
    said = "".join(one.stdout for one in done)
    assert said.count("words") == 1
    alone = still(optimizer="sgd")
    alone.fit(2, 0.1)
    losses = [float(word) for word in said.partition("loss")[2].split()]
    assert losses == pytest.approx(alone.history.losses.tolist(), abs=1e-6)


def test_a_rank_that_fails_ends_all_and_shows_where(script: Path, tmp_path: Path) -> None:
    done = run(script, str(tmp_path / "weights"), "fail")
    assert done.returncode == 1 and "LookupError: only here" in done.stderr
    assert "train.py" in done.stderr and not (tmp_path / "weights").exists()


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a script says that nobody kills."""
    folder = tmp_path_factory.mktemp("unbroken")
    file = folder / "train.py"
    file.write_text(KILLED.format(tests=str(Path(__file__).parent)))
    done = run(file, str(folder / "runs"), "-1", "0")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("epochs", "step", "begun"),
    [(0, 8, ["fit from (1, 8)"]), (3, 3, ["fit from None", "tune from (0, 3)"])],
)
def test_a_script_whose_rank_is_killed_goes_on_from_its_checkpoint(
    tmp_path: Path, unbroken: list[str], epochs: int, step: int, begun: list[str]
) -> None:
    file = tmp_path / "train.py"
    file.write_text(KILLED.format(tests=str(Path(__file__).parent)))
    done = run(file, str(tmp_path / "runs"), str(epochs), str(step), restarts=1)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    losses = [line.split()[-1] for line in unbroken]
    assert [line.split()[-1] for line in said][-2:] == losses
    for line in begun:
        assert any(one.startswith(line) for one in said), said


def test_without_torchrun_a_script_is_a_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "some.py"
    file.write_text("import sys\nprint(__name__, sys.argv[1:])\nsys.exit(3 if sys.argv[1:] else 0)")
    assert main(["run", str(file), "--lr", "1"]) == 3
    assert capsys.readouterr().out == "__main__ ['--lr', '1']\n"
    assert main(["run", str(file)]) == 0


def test_a_script_among_notebooks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "some.py"
    file.write_text("")
    assert main(["run", "05", str(file)]) == 1
    assert "a script runs alone" in capsys.readouterr().err
