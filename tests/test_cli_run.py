"""`tenfold run`: what it prints, what it leaves alone, and its exit status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from tenfold.cli import main
from tenfold.cli.run import find_notebook, summary
from tenfold.cli.runner import Outcome, run_notebook
from tenfold.errors import FileError, MissingPackageError


def written(file: Path, *cells: str, kernel: str = "python3") -> Path:
    spec = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A title")], metadata=spec)
    notebook.cells += [v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, file)
    return file


def test_a_notebook_that_runs_is_told_cell_by_cell_and_left_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "good.ipynb", "x = 1", "print(x)\nopen('beside', 'w').close()")
    before = file.read_bytes()
    assert main(["run", str(file)]) == 0
    out = capsys.readouterr().out
    assert "1/2  x = 1" in out and "2/2  print(x) …" in out
    assert out.splitlines()[-1].split()[0:2] == ["good.ipynb", "2/2"]
    assert file.read_bytes() == before
    assert (tmp_path / "beside").exists()


def test_it_runs_where_an_event_loop_runs_already(tmp_path: Path) -> None:
    file = written(tmp_path / "good.ipynb", "x = 1")

    async def inside() -> int:
        return main(["run", str(file)])

    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of its own
        assert pool.submit(lambda: asyncio.run(inside())).result() == 0


def test_a_failure_is_told_by_its_line_and_its_error_and_the_rest_is_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "def f():\n    return 1 / 0\n\nf()"
    bad = written(tmp_path / "bad.ipynb", "x = 1", code, "open('late', 'w')")
    good = written(tmp_path / "good.ipynb", "x = 1")
    assert main(["run", str(bad), str(good), "--save", str(tmp_path / "out")]) == 1
    out = capsys.readouterr().out
    assert "bad.ipynb: cell 2, line 4: f()\n    ZeroDivisionError: division by zero" in out
    assert not (tmp_path / "late").exists()
    saved = nbformat.read(tmp_path / "out" / "bad.ipynb", as_version=4)
    assert saved.cells[2].outputs[0].ename == "ZeroDivisionError"
    assert (tmp_path / "out" / "good.ipynb").exists()


def test_a_cell_that_may_fail_does_not_end_the_run(tmp_path: Path) -> None:
    file = written(tmp_path / "may.ipynb", "1 / 0", "x = 1")
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, file)
    outcome, _ = run_notebook(file)
    assert (outcome.ran, outcome.failure) == (2, "")


def test_a_cell_that_takes_too_long_is_a_failure(tmp_path: Path) -> None:
    file = written(tmp_path / "slow.ipynb", "import threading\nthreading.Event().wait(60)")
    outcome, _ = run_notebook(file, timeout=1)
    assert outcome.failure == "cell 1, took more than 1 s; --timeout 2 gives it more"


def test_a_kernel_that_dies_is_a_failure(tmp_path: Path) -> None:
    code = "import os, sys\nos.write(2, b'out of luck')\nos._exit(1)"
    outcome, _ = run_notebook(written(tmp_path / "dies.ipynb", code))
    assert outcome.failure.startswith("cell 1, the kernel died: ")


def test_a_kernel_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels" / "broken"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", "import no_such_module", "{connection_file}"]
    about = {"argv": argv, "display_name": "broken", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(about))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    outcome, _ = run_notebook(written(tmp_path / "a.ipynb", "1"), kernel="broken")
    assert "did not start (ModuleNotFoundError: No module named 'no_such" in outcome.failure


def test_an_unknown_kernel_says_which_there_are(tmp_path: Path) -> None:
    file = written(tmp_path / "a.ipynb", "1", kernel="nowhere")
    with pytest.raises(FileError, match=r"kernel 'nowhere' is not installed; there are .*python3"):
        run_notebook(file)


def test_training_in_the_background_is_waited_for(tmp_path: Path) -> None:
    code = "import os\nassert os.environ['TENFOLD_SYNCHRONOUS'] == '1'"
    assert not run_notebook(written(tmp_path / "a.ipynb", code))[0].failure


def test_what_is_no_notebook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "junk.ipynb"
    file.write_text("hello")
    with pytest.raises(FileError, match=r"junk.ipynb is not a notebook \("):
        run_notebook(file)


def test_without_nbclient_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(MissingPackageError, match=r'pip install "nbclient'):
        run_notebook(tmp_path / "a.ipynb")


def test_a_lesson_is_found_by_its_number(tmp_path: Path) -> None:
    mine = written(tmp_path / "01_mine.ipynb", "1")
    assert find_notebook("1", folder=tmp_path) == mine
    assert find_notebook("01", folder=tmp_path / "none").name == "01_the_toolbox.ipynb"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("01_mime.ipynb", r"is not a file; did you mean '01_mine.ipynb'\?; give a notebook"),
        ("77", "there is no lesson 77; the course has 01_the_toolbox"),
    ],
)
def test_a_notebook_that_is_not_there_is_refused(word: str, message: str, tmp_path: Path) -> None:
    written(tmp_path / "01_mine.ipynb", "1")
    with pytest.raises(FileError, match=message):
        find_notebook(word, folder=tmp_path)


def test_several_notebooks_are_not_saved_to_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(written(tmp_path / name, "1")) for name in ("a.ipynb", "b.ipynb")]
    assert main(["run", *files, "--save", str(tmp_path / "c.ipynb")]) == 1
    assert "is one file for 2 notebooks; name a folder" in capsys.readouterr().err


def test_a_time_limit_is_a_whole_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", "a.ipynb", "--timeout", "soon"])
    assert "'soon' is not a whole number of seconds" in capsys.readouterr().err


def test_the_summary_names_the_slowest_cells() -> None:
    times = {1: 0.5, 2: 3.0, 3: 2.0}
    lines = summary([Outcome("a.ipynb", cells=3, ran=3, seconds=5.5, times=times)]).splitlines()
    assert lines[1].split() == ["a.ipynb", "3/3", "5.5", "ran"]
    assert lines[2] == "slowest: a.ipynb cell 2 (3.0 s), a.ipynb cell 3 (2.0 s)"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
def test_ctrl_c_ends_the_run_and_its_kernel(tmp_path: Path) -> None:
    tell = "import os\nwith open('tell', 'w') as file: file.write(str(os.getpid()))"
    file = written(tmp_path / "slow.ipynb", tell + "\nimport threading\nthreading.Event().wait(60)")
    os.mkfifo(tmp_path / "tell")  # opening it waits for the cell
    command = [sys.executable, "-m", "tenfold.cli", "run", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        kernel = int((tmp_path / "tell").read_text())
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=50)
    assert run.returncode == 130
    assert "slow.ipynb    0/1" in out and "stopped" in out
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)
