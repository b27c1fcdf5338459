"""`tenfold doctor` on a healthy environment and on broken ones: what is wrong, what mends it."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from environments import doctor, environment

from tenfold.cli.doctor import ask


def faults(out: str) -> list[str]:
    """The faults in what the doctor printed, each with the line below it."""
    lines = out.splitlines()
    pairs = pairwise(lines)
    return [f"{one.strip()}\n{mend.strip()}" for one, mend in pairs if one.startswith("  FAULT")]


def test_a_healthy_environment_is_said_to_be_healthy() -> None:
    status, out = doctor(sys.executable)
    assert faults(out) == []
    assert status == 0 and out.endswith("\nhealthy\n")
    for words in ("torch 2.", "extension anywidget", "the kernel python3 is this Python", "CPU: "):
        assert f"  ok    {words}" in out


def test_the_ipykernel_that_is_excluded(tmp_path: Path) -> None:
    about = {"ipykernel": "Metadata-Version: 2.1\nName: ipykernel\nVersion: 7.0.1\n"}
    python = environment(tmp_path / "e", without=r"ipykernel-.*", metadata=about)
    status, out = doctor(python)
    assert status == 1
    (fault,) = faults(out)
    assert "ipykernel 7.0.1: Tenfold needs !=7.0.*,>=6.30; 7.0 cannot show output" in fault
    assert fault.endswith(f"{python} -m pip install 'ipykernel!=7.0.*,>=6.30'")


def test_no_anywidget(tmp_path: Path) -> None:
    python = environment(tmp_path / "e", without=r"anywidget.*")
    status, out = doctor(python)
    assert status == 1
    missing, extension = faults(out)
    assert "anywidget is not installed" in missing
    assert missing.endswith(f"{python} -m pip install 'anywidget>=0.9.13'")
    assert "JupyterLab lacks the extension anywidget, so no panel shows" in extension
    assert "2 faults; the line under each mends it" in out


def test_torchvision_of_another_torch(tmp_path: Path) -> None:
    requires = (
        "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.30\nRequires-Dist: torch==9.1\n"
    )
    code = "raise RuntimeError('operator torchvision::nms does not exist')"
    python = environment(
        tmp_path / "e",
        without=r"torchvision.*",
        metadata={"torchvision": requires},
        modules={"torchvision.py": code},
    )
    status, out = doctor(python)
    assert status == 1
    pair, broken = faults(out)
    assert "torchvision 0.30 is built for torch==9.1, and torch is " in pair
    assert pair.endswith(f"{python} -m pip install --upgrade torch torchvision")
    assert "torchvision cannot be imported: RuntimeError: operator torchvision::nms does" in broken


def test_a_torch_that_crashes_and_data_that_is_nowhere(tmp_path: Path) -> None:
    """The doctor itself goes on, and still says all else."""
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    python = environment(tmp_path / "e", without="torch", modules={"torch.py": code})
    (tmp_path / "data").mkdir()
    (tmp_path / "file").touch()
    places = {"TENFOLD_DATA": str(tmp_path / "dada"), "TENFOLD_CACHE": str(tmp_path / "file")}
    status, out = doctor(python, **places)
    assert status == 1
    torch, data, cache = faults(out)
    assert "torch cannot be imported: its process was killed by SIGSEGV" in torch
    assert f"TENFOLD_DATA is {tmp_path / 'dada'}, which is no folder; did you mean 'data'?" in data
    assert "the cache cannot be written to: " in cache and "export TENFOLD_CACHE=" in cache
    assert "  note  not known: torch cannot be imported" in out
    assert "  ok    weights of nano (" in out


def test_a_package_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import threading\nthreading.Event().wait(60)\n"
    (tmp_path / "hangs.py").write_text(code)
    (tmp_path / "prints.py").write_text("print('hello')\nprint('{}')\nprint('[1]')\n")
    monkeypatch.chdir(tmp_path)
    answers = ask(("prints", "hangs", "json"), limit=1.5)
    assert answers["prints"]["facts"]["file"].endswith("prints.py")
    assert answers["hangs"]["error"] == "it took more than 2 s"
    assert answers["json"]["error"] == "not reached"


def test_a_python_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    answers = ask(["lab"], python=str(tmp_path / "python"))
    assert "does not start" in answers["lab"]["error"]
