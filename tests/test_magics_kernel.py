"""The magics in a real kernel, over the wire, as a notebook speaks to them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_world import Notebook, shown

pytestmark = pytest.mark.filterwarnings("default")

SETUP = """
import torch
from torch import nn
from tenfold.learner import Learner
from tenfold.train.task import single_label

torch.set_num_threads(1)
torch.manual_seed(0)
items = [(torch.randn(4, 2), torch.tensor([0, 1, 0, 1])) for _ in range(4)]
learn = Learner((items, items), nn.Linear(2, 2), task=single_label(2), metrics=[], device="cpu")
learn.plan(threads=1, precision="float32", channels_last=False)
%load_ext tenfold
"""


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    notebook = Notebook()
    try:
        status, outputs = notebook.run(SETUP)
        assert status == "ok", outputs
        yield notebook
    finally:
        notebook.close()


def test_a_fit_is_redrawn_in_one_place_and_echoes_nothing(notebook: Notebook) -> None:
    status, outputs = notebook.run("%fit 2 --lr 1e-2")
    kinds = [one["msg_type"] for one in outputs if one["msg_type"].endswith("display_data")]
    assert (
        status == "ok" and kinds[0] == "display_data" and set(kinds[1:]) == {"update_display_data"}
    )
    assert "execute_result" not in {one["msg_type"] for one in outputs}
    assert "2 epochs in" in shown(outputs)[-1]["text/plain"]
    assert shown(outputs)[-1]["text/html"].startswith('<div class="tenfold-epochs"')


def test_a_mistake_is_an_error_message_of_one_line(notebook: Notebook) -> None:
    status, outputs = notebook.run("%fit 2 --lrr 1e-2")
    errors = [one["content"] for one in outputs if one["msg_type"] == "error"]
    assert status == "error" and len(errors) == 1 and errors[0]["ename"] == "MagicError"
    assert len(errors[0]["traceback"]) == 1 and "did you mean --lr?" in errors[0]["traceback"][0]


def test_an_interrupt_ends_a_fit_cleanly_and_the_next_cell_works(notebook: Notebook) -> None:
    status, outputs = notebook.run("%fit 1000000", interrupt_at="update_display_data")
    assert status == "ok"
    assert "interrupted at step" in shown(outputs)[-1]["text/plain"]
    assert "the weights are those of the last batch" in shown(outputs)[-1]["text/plain"]
    status, outputs = notebook.run("run = %fit 1\nprint(run.state)")
    assert status == "ok" and outputs[-1]["content"]["text"] == "finished\n"


def test_a_fit_called_as_python_reports_in_the_same_way(notebook: Notebook) -> None:
    _, outputs = notebook.run("run = learn.fit(1)")
    assert "1 epoch in" in shown(outputs)[-1]["text/plain"]
    _, outputs = notebook.run("%unload_ext tenfold\nrun = learn.fit(1)")
    assert [one["msg_type"] for one in outputs if one["msg_type"] != "execute_input"][
        -1
    ] == "stream"
    assert notebook.run("%load_ext tenfold")[0] == "ok"


def test_lr_find_shows_a_picture_with_words(notebook: Notebook) -> None:
    status, outputs = notebook.run("%lr_find --steps 20")
    picture = outputs[-1]["content"]
    assert status == "ok" and "learning rates tried" in picture["data"]["text/plain"]
    assert picture["metadata"]["image/png"]["alt"] == picture["data"]["text/plain"]


def test_a_figure_of_the_api_shows_as_a_picture(notebook: Notebook) -> None:
    _, outputs = notebook.run("learn.history.plot_lr()")
    assert "image/png" in shown(outputs)[-1]


def test_completion_goes_over_the_wire_with_its_range(notebook: Notebook) -> None:
    reply = notebook.complete("x = 1\n%fit_sgdr 3 --cy")
    assert reply["matches"] == ["--cycle-len", "--cycle-mult"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (18, 22)
    assert notebook.complete("%fit 3 --learner ")["matches"] == ["learn"]
    assert notebook.complete("%fit 3 --schedule co")["matches"] == ["constant", "cosine"]


def test_a_notebook_with_a_magic_mistake_fails_under_nbval_lax(tmp_path: Path) -> None:
    cells = ["%load_ext tenfold", "%fit 3 --lrr 1e-2", "%tenfold"]
    notebook = {
        "cells": [
            {"cell_type": "code", "source": code, "metadata": {}, "outputs": [], "id": f"cell{n}"}
            | {"execution_count": None}
            for n, code in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python", "language": "p"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "mistake.ipynb").write_text(json.dumps(notebook))
    options = ["-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "mistake.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert "there is no option --lrr" in done.stdout
