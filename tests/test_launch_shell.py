"""`torchrun -m tenfold run train.py`: every process runs the script, its fits train together."""

from __future__ import annotations

import os
import subprocess
import sys
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


def run(script: Path, *words: str, processes: int = 2) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
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


def test_a_rank_that_fails_ends_all_and_shows_where(script: Path, tmp_path: Path) -> None:
    done = run(script, str(tmp_path / "weights"), "fail")
    assert done.returncode == 1 and "LookupError: only here" in done.stderr
    assert "train.py" in done.stderr and not (tmp_path / "weights").exists()


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
