"""Notebooks with panels where there is no page: nbclient runs them, and nbval checks them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.filterwarnings("default")

LEARNER = """
import torch
from torch import nn
from tenfold.learner import Learner
from tenfold.train.task import single_label

items = [(torch.randn(4, 2), torch.tensor([0, 1, 0, 1])) for _ in range(4)]
learn = Learner((items, items), nn.Linear(2, 2), task=single_label(2), metrics=[], device="cpu")
plan = learn.plan(threads=1, precision="float32", channels_last=False)
%load_ext tenfold
""".strip()
PANEL, AGAIN = 1, 2
CELLS = (
    LEARNER,
    "%panel",
    "learn.panel()",
    "job = %fit_sgdr 2 --lr 1e-2 --background",
    "%wait;",
    "# NBVAL_CHECK_OUTPUT\nprint(job.state, learn.run.step)",
)
MISTAKE = (LEARNER, "%panel", "%fit 2 --lrr 1e-2")


def made(*cells: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


def executed(*cells: str) -> nbformat.NotebookNode:
    return NotebookClient(made(*cells), timeout=60, kernel_name="python3").execute()


def validated(notebook: nbformat.NotebookNode, folder: Path) -> subprocess.CompletedProcess[str]:
    """What nbval says to a notebook, in a process without the settings of this one."""
    nbformat.write(notebook, folder / "notebook.ipynb")
    flags = ["-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    command = [sys.executable, "-m", "pytest", "-W", "default", *flags, "notebook.ipynb"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_both_run_all_of_a_notebook_with_panels(tmp_path: Path) -> None:
    notebook = executed(*CELLS)
    assert notebook.cells[-1].outputs[0].text == "finished 8\n"
    for number in (PANEL, AGAIN):
        widget, report = notebook.cells[number].outputs
        assert widget.data["text/plain"] == "Tenfold panel of learn"
        assert "%fit_sgdr 2 --lr 1e-2" in report.data["text/plain"]
        assert '<div class="tenfold-still"' in report.data["text/html"]
    result = validated(notebook, tmp_path)
    assert result.returncode == 0 and f"{len(CELLS)} passed" in result.stdout, result.stdout


def test_a_mistake_in_a_magic_fails_the_cell_in_both(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="did you mean --lr"):
        executed(*MISTAKE)
    result = validated(made(*MISTAKE), tmp_path)
    assert result.returncode == 1 and "did you mean --lr" in result.stdout
    assert "1 failed, 2 passed" in result.stdout
