"""What an open panel costs: training in a real JupyterLab, with Chromium drawing it and without.

Both runs are jobs of the same kernel. With the panel, its Train tab is on the screen and the
kernel sends it what is new; without, the page is empty and the monitor sees nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty

from jupyter_client.blocking import BlockingKernelClient
from playwright.sync_api import Page, sync_playwright

from ..browser.chromium import QUIET, find_chromium
from ..browser.lab import Lab, LabNotebook
from .harness import Table, Target, interleave, load_average
from .kernel import Kernel

WITH, WITHOUT = "panel on the screen", "no panel"
# seconds for a page that has just been loaded to come to rest
SETTLE = 4.0

SQUEEZENET = """
import os
from tenfold import ImageData, vision_learner
photos = os.environ["TENFOLD_DATA"] + "/imagenette128"
data = ImageData.from_folder(photos, size=128, progress=False)
learn = vision_learner(data, "squeezenet1_0", quiet=True)
learn.unfreeze()
epochs, items = 1, data.train.items
learn.fit(1, 1e-4)
"""

JOB = """
from tenfold.live.jobs import jobs
job = jobs.submit(lambda: learn.fit(epochs, 1e-4), lines=["%fit"], learner=learn, in_cell=False)
job.wait()
took = sum(row["seconds"] for row in learn.history.rows[-epochs:])
rate = epochs * items / took
"""


def measure(*, rounds: int = 5) -> Table:
    """Pictures per second of squeezenet1_0 on imagenette128, unfrozen, as chosen by the probe."""
    return with_and_without(
        SQUEEZENET,
        rounds=rounds,
        part="panel",
        title="An open panel: squeezenet1_0 unfrozen, 128 pixels",
        unit="pictures/s",
        least=0.98,
    )


def with_and_without(
    setup: str, *, rounds: int, part: str, title: str, unit: str, least: float
) -> Table:
    """The table of one model, made by the cell `setup`."""
    before = load_average()
    with stage(setup) as (page, address, kernel, listener):
        counts: list[float] = []

        def seen() -> float:
            kernel.cell("from tenfold.live.monitor import monitor; monitor.watch()")
            page.goto(address)
            page.get_by_role("tab", name="Train").click(timeout=60_000, no_wait_after=True)
            page.wait_for_timeout(SETTLE * 1000)
            messages(listener)
            rate = run(kernel)
            counts.append(messages(listener) / kernel.number("took"))
            return rate

        def unseen() -> float:
            page.goto("about:blank")
            kernel.cell("monitor.unwatch()")
            page.wait_for_timeout(SETTLE * 1000)
            return run(kernel)

        seen()  # the first fit pays for what is loaded once
        counts.clear()
        samples = interleave({WITHOUT: unseen, WITH: seen}, rounds=rounds)
    table = Table(
        part=part,
        title=title,
        unit=unit,
        baseline=WITHOUT,
        samples=samples,
        columns={WITH: {"messages a second": f"{max(counts):.1f}"}},
        load=(before, load_average()),
    )
    table.targets = [
        Target("training speed with the panel over without", table.ratio(WITH), least, True),
        Target("messages a second, the most of all rounds", max(counts), 5.0),
    ]
    return table


@contextmanager
def stage(setup: str) -> Iterator[tuple[Page, str, Kernel, BlockingKernelClient]]:
    """A page, the address of a notebook whose cells have run, and a second line to its kernel."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        lab = Lab(Path(name), threads=os.cpu_count() or 1)
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=QUIET)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            address = lab.write("panel", f"%load_ext tenfold\n{setup}", "%panel")
            notebook = LabNotebook(page, address)
            for cell in range(2):
                notebook.run(cell)
            page.evaluate("jupyterapp.commands.execute('docmanager:save')")
            client, listener = (connected(Path(name) / "jupyter_runtime_dir") for _ in range(2))
            yield page, address, Kernel(client), listener
            for one in (client, listener):
                one.stop_channels()
        finally:
            browser.close()
            lab.close()


def connected(folder: Path) -> BlockingKernelClient:
    """A client of the kernel whose connection file is in a folder."""
    client = BlockingKernelClient(connection_file=str(next(folder.glob("kernel-*.json"))))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return client


def run(kernel: Kernel) -> float:
    """One fit as a job; items per second."""
    kernel.cell(JOB)
    return kernel.number("rate")


def messages(listener: BlockingKernelClient) -> int:
    """How many comm messages went to the pages since the last call."""
    count = 0
    while True:
        try:
            count += listener.get_iopub_msg(timeout=0.5)["msg_type"] == "comm_msg"
        except Empty:
            return count
