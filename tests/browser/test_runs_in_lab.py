"""The runs panel in JupyterLab: steered while the kernel is at work, over reloads and restarts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from access import unreached, violations
from lab import LabNotebook, shot
from lab_panel import FAINT, OVERFLOWS
from lab_runs import BUSY, INTERRUPT, LOAD, LONG, RESTART, SETUP, SHORT, RunsPage
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("default")

Open = Callable[..., LabNotebook]
FOUR = "%fit_one_cycle 2 --lr 1e-3 --learner other --background"
# a second learner, so that two runs can be told apart by name
BOTH = f"{SETUP}\nother = made()"


def test_two_runs_are_compared_and_one_is_stopped_while_the_kernel_is_at_work(
    open_notebook: Open,
) -> None:
    runs = RunsPage(open_notebook("steered", LOAD, BOTH, SHORT + " --learner learn", FOUR, BUSY))
    runs.open()
    runs.says("Tenfold is not loaded")
    runs.button("Insert %load_ext tenfold").click()
    assert runs.notebook.source(0) == LOAD
    runs.notebook.run(1)
    runs.says("Nothing has run yet")
    for cell in (2, 3, 4):
        runs.notebook.run(cell)
    expect(runs.state("Running")).to_be_visible()
    runs.start(5)
    runs.at_work(5)
    runs.reach(runs.step() + 5)
    expect(runs.status).to_contain_text("epoch 1/2")
    runs.compare(1, 2)
    expect(runs.root.get_by_role("button", name="Compare 2")).to_be_visible()
    rows = runs.root.get_by_role("region", name="What is compared").get_by_role("row")
    expect(rows).to_have_count(3)
    runs.choose(2)
    runs.button("Stop").click()
    expect(runs.state("Stopped")).to_be_visible()
    runs.at_work(5)  # the cell goes on
    expect(runs.status).to_be_hidden()
    runs.page.evaluate(INTERRUPT)
    runs.ended(5)
    runs.button("Insert as cell").click()
    line = runs.root.get_by_label("Magic of this run").inner_text()
    assert "--stop-at" in line
    active = runs.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")
    assert runs.notebook.source(active) == line
    with runs.page.expect_download() as saved:
        runs.button("Save picture").click()
    assert b"<svg" in saved.value.path().read_bytes()
    for theme in ("Dark", "Light"):
        runs.notebook.theme(theme)
        for choice in ("Run", "Compare 2"):
            runs.button(choice).click()
            shot(runs.page, f"runs-{choice}-{theme}".lower().replace(" ", "-"))
            assert runs.root.evaluate(FAINT) == [] == runs.root.evaluate(OVERFLOWS), theme
            assert violations(runs.root) == [] == unreached(runs.root), theme


def test_a_reload_while_the_kernel_is_at_work_keeps_the_whole_history(
    open_notebook: Open,
) -> None:
    runs = RunsPage(open_notebook("reloaded", LOAD, SETUP, LONG, BUSY))
    runs.open()
    for cell in range(3):
        runs.notebook.run(cell)
    runs.reach(10)
    runs.button("Pause").click()
    expect(runs.state("Paused")).to_be_visible()
    curve, step = runs.numbers("Loss"), runs.step()
    runs.start(3)
    runs.at_work(3)
    runs.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    runs.page.reload()
    expect(runs.state("Paused")).to_be_visible()
    assert runs.numbers("Loss") == curve and runs.step() == step
    runs.button("Resume").click()
    runs.reach(step + 5)
    runs.button("Stop").click()
    expect(runs.state("Stopped")).to_be_visible()
    shot(runs.page, "runs-reloaded")


def test_a_kernel_that_is_killed_and_comes_back_begins_anew(open_notebook: Open) -> None:
    runs = RunsPage(open_notebook("killed", LOAD, SETUP, LONG, "import os; os._exit(1)"))
    runs.open()
    for cell in range(3):
        runs.notebook.run(cell)
    runs.reach(3)
    runs.start(3)
    runs.page.get_by_role("button", name="Ok").click()
    runs.says("Tenfold is not loaded")
    expect(runs.status).to_be_hidden()
    runs.notebook.run(0)
    runs.says("Nothing has run yet")
    runs.notebook.run(1)
    runs.start(2)
    expect(runs.items).to_have_count(1)
    runs.reach(3)
    runs.page.evaluate(RESTART)
    runs.says("Tenfold is not loaded")
    shot(runs.page, "runs-restarted")
    runs.forgive("Connection lost, reconnecting")


def test_each_notebook_has_the_runs_of_its_kernel_and_two_pages_share_one(
    open_notebook: Open,
) -> None:
    first = RunsPage(open_notebook("first", LOAD, SETUP, LONG))
    first.open()
    for cell in range(3):
        first.notebook.run(cell)
    first.reach(3)
    second = RunsPage(open_notebook("second", LOAD, "1 + 1"))
    page = second.page
    second.open()
    second.notebook.run(0)
    second.says("Nothing has run yet")
    page.evaluate("jupyterapp.commands.execute('docmanager:open', {path: 'first.ipynb'})")
    second.notebook.ready()
    expect(second.state("Running")).to_be_visible()
    page.get_by_role("tab", name="second.ipynb").click()
    second.says("Nothing has run yet")
    page.get_by_role("tab", name="first.ipynb").click()
    second.button("Pause").click()
    for runs in (first, second):  # two pages on one kernel
        expect(runs.state("Paused")).to_be_visible()
    assert first.numbers("Loss") == second.numbers("Loss")
    shot(page, "runs-second-page")
    first.button("Stop").click()
    expect(second.state("Stopped")).to_be_visible()
    # the kernel closes the comm on which the widgets of the second page were asked for
    first.forgive("Comm not found")
