"""The world of the runs' tests: learners that leave time to click, and the panel of runs."""

from __future__ import annotations

import re

from lab import LabNotebook, wait_until
from playwright.sync_api import Locator, expect

LOAD = "%load_ext tenfold"
SETUP = """
from threading import Event
from tenfold import Callback, vision_learner
from tenfold.data.samples import seedlings

class Slowly(Callback):
    def after_step(self, run):
        Event().wait(0.03)

data = seedlings(pictures=240, size=48, batch_size=4)
def made(**given):
    learn = vision_learner(data, callbacks=[Slowly()], **given)
    learn.plan(threads=1, precision="float32", channels_last=False)
    return learn
learn = made()
""".strip()
LONG = "%fit 50 --lr 1e-2 --background"
SHORT = "%fit_one_cycle 1 --lr 1e-2"
BUSY = "Event().wait(600)"
KERNEL = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
INTERRUPT, RESTART = f"{KERNEL}.interrupt()", f"{KERNEL}.restart()"


class RunsPage:
    """The runs panel beside a notebook, whose parts are found by what they say."""

    def __init__(self, notebook: LabNotebook) -> None:
        self.notebook, self.page = notebook, notebook.page

    def open(self) -> None:
        """Show the panel, by its command."""
        self.page.evaluate("jupyterapp.commands.execute('tenfold-runs:show')")
        expect(self.root).to_be_visible()

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("region", name="Runs", exact=True)

    @property
    def items(self) -> Locator:
        """The runs in the list, newest first."""
        return self.root.get_by_role("list", name="Runs").get_by_role("listitem")

    @property
    def status(self) -> Locator:
        """The button in the status bar."""
        return self.page.locator(".tenfold-status-button")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def state(self, words: str) -> Locator:
        """What the run says of itself."""
        return self.root.get_by_role("heading", name=re.compile(rf"^{words}"))

    def says(self, title: str) -> None:
        """Wait until this reason is given for showing nothing."""
        expect(self.root.get_by_role("heading", name=title, exact=True)).to_be_visible()

    def step(self) -> int:
        """The step that the shown run has reached; 0 without one."""
        words = self.root.locator(".tenfold-headline").inner_text()
        found = re.search(r"step ([\d,]+) of", words)
        return int(found[1].replace(",", "")) if found else 0

    def reach(self, step: int) -> None:
        wait_until(lambda: self.step() >= step, f"step {step} was not reached")

    def choose(self, number: int) -> None:
        """Look at one run."""
        self.items.filter(has_text=f"#{number}").get_by_role("button").click()

    def compare(self, *numbers: int) -> None:
        """Lay runs over each other."""
        for number in numbers:
            self.root.get_by_role("checkbox", name=f"Compare run {number}", exact=True).check()

    def numbers(self, title: str) -> list[str]:
        """The lines of the table behind a chart."""
        figure = self.root.get_by_role("figure").filter(
            has=self.page.get_by_text(title, exact=True)
        )
        figure.get_by_text("Numbers").click()
        figure.get_by_role("row").last.wait_for()
        rows = figure.get_by_role("row").all_inner_texts()
        figure.get_by_text("Numbers").click()
        return rows[1:]

    def start(self, cell: int) -> None:
        """Run a cell and do not wait for its end."""
        self.page.evaluate(
            f"""() => {{
                const {{content}} = jupyterapp.shell.currentWidget;
                content.activeCellIndex = {cell};
                void jupyterapp.commands.execute('notebook:run-cell');
            }}"""
        )

    def at_work(self, cell: int) -> None:
        """Wait until a cell runs; the status of the kernel tells of other threads too."""
        expect(self.prompt(cell)).to_have_text("[*]:")

    def ended(self, cell: int) -> None:
        """Wait until a cell has run."""
        expect(self.prompt(cell)).not_to_have_text("[*]:")

    def forgive(self, words: str) -> None:
        """Pass over what JupyterLab itself says in the console of what a test does on purpose."""
        said = self.notebook.complaints
        said[:] = [one for one in said if not one.startswith(words)]

    def prompt(self, cell: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-InputPrompt")
