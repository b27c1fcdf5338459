"""Training in the background of a real kernel. `make kernels` repeats this on older ipykernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kernel_world import SETUP, Notebook, shown

pytestmark = pytest.mark.filterwarnings("default")

STEP = "print(learn.run is not None and learn.run.step > {})"
STATE = "print(job.state)"


@pytest.fixture(scope="module")
def shared() -> Iterator[Notebook]:
    notebook = Notebook(SETUP)
    try:
        yield notebook
    finally:
        notebook.close()


@pytest.fixture
def notebook(shared: Notebook) -> Iterator[Notebook]:
    """A kernel with a fresh learner, and no job when the test has ended."""
    shared.text("learn = make(Slow())")
    yield shared
    shared.text("from tenfold.live.jobs import jobs; jobs.stop()\nfor one in jobs.all: one.wait(9)")


def test_the_kernel_stays_usable_while_a_job_trains(notebook: Notebook) -> None:
    notebook.text("job = %fit 1000 --lr 1e-2 --background")
    notebook.until(STEP.format(2), "True")
    _, outputs = notebook.run("1 + 1")
    assert {"text/plain": "2"} in shown(outputs)
    _, outputs = notebook.run("%plot_loss")
    assert "image/png" in shown(outputs)[-1]
    notebook.text("%pause")
    notebook.until("print(learn.run.state)", "paused")
    step = notebook.text("print(learn.run.step)")
    assert "paused, training (epoch" in notebook.text("%status")
    assert notebook.text("print(learn.run.step)") == step
    notebook.text("%rate --group 1 1e-4\n%resume")
    notebook.until(STEP.format(int(step) + 3), "True")
    assert "stopped at step" in notebook.text("%stop")
    marks = notebook.text("print(*[words for _, words in learn.history.marks], sep='; ')")
    assert marks == "paused; resumed; rate 0.0001 for group 1"
    assert notebook.text("print(learn.history.rates[-1])") == "[0.01   0.0001]"


def test_after_a_stop_the_model_is_as_one_trained_so_far_and_goes_on(notebook: Notebook) -> None:
    notebook.text("job = %fit 1000 --lr 1e-2 --background")
    notebook.until(STEP.format(2), "True")
    notebook.text("%rate 3e-3")
    notebook.until("print(bool(learn.run.changes))", "True")
    notebook.text("%stop")
    notebook.text(
        "from tenfold.live.monitor import monitor\n"
        "line = monitor.records(owner=id(learn))[-1].facts['repeat']\n"
        "other = make()\nother.quiet = True"
    )
    line = notebook.text("print(line)")
    assert " --changes " in line and " --stop-at " in line
    notebook.text(f"{line} --learner other")
    notebook.text("%fit 1 --learner learn;\n%fit 1 --learner other;")
    weights = "learn.model.parameters(), other.model.parameters()"
    assert notebook.text(f"print(all(map(torch.equal, {weights})))") == "True"
    notebook.text("del other")


def test_what_would_change_a_busy_learner_is_refused(notebook: Notebook) -> None:
    notebook.text("job = %fit 1000 --background")
    notebook.until(STEP.format(0), "True")
    for line in ("%fit 1", "%freeze", "%lr_find", "learn.fit(1)", "learn.predictions()"):
        assert "busy with job" in notebook.error(line) and "%wait" in notebook.error(line)


def test_an_interrupt_stops_a_job_also_while_the_kernel_is_idle(notebook: Notebook) -> None:
    notebook.text("job = %fit 1000 --background")
    notebook.until(STEP.format(0), "True")
    list(notebook.messages(0.3))
    notebook.manager.interrupt_kernel()
    notebook.until(STATE, "stopped")
    assert notebook.text("print(learn.run.message)") == "interrupted"
    notebook.text("%fit 1")


def test_an_interrupt_in_a_cell_leaves_the_job_alone(notebook: Notebook) -> None:
    notebook.text("job = %fit 1000 --background")
    notebook.until(STEP.format(0), "True")
    cell = "print('here', flush=True)\nwhile True: threading.Event().wait(0.01)"
    status, _ = notebook.run(cell, interrupt_at="stream")
    assert status == "error" and notebook.text(STATE) == "running"


def test_outputs_of_a_job_go_to_the_cell_that_started_it(notebook: Notebook) -> None:
    notebook.text(
        "class Say(Callback):\n    def after_epoch(self, run):\n"
        "        print('epoch', run.epoch)\n        display(run.epoch)\n"
        "learn.callbacks.append(Say())"
    )
    begun = len(notebook.seen)
    number = notebook.client.execute("job = %fit 3 --background")
    _, waited = notebook.run("%wait;\ndisplay('mine')")
    assert shown(waited) == [{"text/plain": "'mine'"}]
    mine = [o for o in notebook.seen[begun:] if o["parent_header"].get("msg_id") == number]
    said = "".join(one["content"]["text"] for one in mine if one["msg_type"] == "stream")
    assert said == "epoch 0\nepoch 1\nepoch 2\n"
    numbers = [one["text/plain"] for one in shown(mine) if len(one["text/plain"]) == 1]
    assert numbers == ["0", "1", "2"]


def test_wait_raises_what_ended_a_job(notebook: Notebook) -> None:
    notebook.text(
        "class Fail(Callback):\n    def after_epoch(self, run): raise ValueError('no more')\n"
        "learn.callbacks.append(Fail())\njob = %fit 3 --background"
    )
    assert "no more" in notebook.error("%wait")
    assert "failed: no more" in shown(notebook.run("%jobs")[1])[-1]["text/plain"]
    notebook.text("learn.callbacks.pop()\n%fit 1")


def test_a_line_that_needs_the_learner_waits_for_its_job(notebook: Notebook) -> None:
    notebook.text("job = %fit 2 --background")
    assert "waiting for job" in notebook.text("%confusion --actual 0 --predicted 1")
    assert notebook.text(STATE) == "finished"


def test_config_makes_everything_synchronous(notebook: Notebook) -> None:
    notebook.text("%config Tenfold.synchronous = True")
    assert notebook.text("run = %fit 1 --background\nprint(run.state)") == "finished"
    notebook.text("%config Tenfold.synchronous = False")


def test_a_hundred_starts_and_stops_leave_nothing(notebook: Notebook) -> None:
    notebook.text(
        "def hundred(n):\n"
        "    for _ in range(n):\n"
        "        shell.run_line_magic('fit', '1000 --background;')\n"
        "        shell.run_line_magic('stop', ';')\n"
        "shell = get_ipython()\nlearn = make()\nimport gc, os, psutil\n"
        "def counted():\n"
        "    gc.collect()\n"
        "    tensors = sum(isinstance(one, torch.Tensor) for one in gc.get_objects())\n"
        "    return threading.active_count(), len(os.listdir('/proc/self/task')), tensors"
    )
    notebook.text("%fit 1;\nhundred(25)\nbefore = counted()")
    notebook.text("hundred(100)")
    notebook.until("print(counted()[:2] == before[:2])", "True")
    assert notebook.text("print(counted()[2] - before[2])") == "0"
