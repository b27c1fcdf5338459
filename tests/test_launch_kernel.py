"""%launch from a cell of a real kernel that has trained already, with a model of the notebook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kernel_world import SETUP, Notebook, shown

pytestmark = pytest.mark.filterwarnings("default")

# OpenMP has run with two threads: a fork of this kernel would hang
TRAINED = "torch.set_num_threads(2)\ntorch.randn(900, 900) @ torch.randn(900, 900)\n%fit 1"


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    notebook = Notebook(SETUP + TRAINED)
    try:
        yield notebook
    finally:
        notebook.close()


def test_a_trained_kernel_launches_its_own_classes_and_goes_on(notebook: Notebook) -> None:
    status, outputs = notebook.run("run = %launch --processes 2 %fit 2 --lr 1e-2")
    assert status == "ok", outputs
    assert "epoch" in shown(outputs)[-1]["text/plain"]
    assert (
        notebook.text("print(run.state, len(run.memories), len(learn.history))") == "finished 2 3"
    )
    notebook.text(
        "import copy\nfirst = copy.deepcopy(learn.history.losses)\nimport time\n"
        "begun = time.perf_counter()\n%launch --processes 2 %fit 1\n"
        "took = time.perf_counter() - begun"
    )
    assert float(notebook.text("print(took)")) < 5  # no process was started
    notebook.text("%fit 1")
    assert notebook.text("print(len(learn.history))") == "5"


def test_an_interrupt_and_the_magics_steer_it(notebook: Notebook) -> None:
    notebook.text("job = %launch --processes 2 %fit 1000 --lr 1e-2 --background")
    notebook.until("print(learn.run.step > 2)", "True")
    assert "training (epoch" in notebook.text("%status")
    notebook.text("%rate 3e-3\n%pause")
    notebook.until("print(learn.run.state)", "paused")
    notebook.text("%resume")
    assert "stopped at step" in notebook.text("%stop")
    repeat = (
        "from tenfold.live.monitor import monitor\nprint(monitor.records()[-1].facts['repeat'])"
    )
    line = notebook.text(repeat)
    assert line.startswith("%launch --processes 2 %fit 1000 --lr 1e-2 --changes")
    status, _ = notebook.run("%launch --processes 2 %fit 1000", interrupt_at="display_data")
    assert status == "ok"
    assert notebook.text("print(learn.run.state, learn.run.message)") == "stopped interrupted"
