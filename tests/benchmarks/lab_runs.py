"""What the runs panel costs the page: fifty runs of a million steps, in a real JupyterLab.

The kernel has records as its monitor makes them, without training: a run of any length comes in
some two thousand points, and the last of the fifty goes on. Measured are how soon the panel is
drawn after its command, what one frame of it takes, what it costs while it is hidden, and whether
the page's memory grows over 3,600 updates: an hour at the kernel's calm pace, played faster.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from ..browser.chromium import QUIET, find_chromium
from ..browser.lab import Lab, LabNotebook, wait_until
from .harness import Table, Target, load_average

RUNS, STEPS, UPDATES = 50, 1_000_000, 3600
# messages and frames a second while the hour is played
PACE = 30
SECONDS = 20
PLAY = f"""
player = threading.Thread(target=play, args=(10**6, {PACE}), daemon=True)
player.start()
""".strip()

RECORDS = f"""
%load_ext tenfold
import threading, weakref
import numpy as np, torch
from tenfold import Learner, single_label
from tenfold.live import publisher
from tenfold.live.monitor import monitor
from tenfold.live.record import Record
from tenfold.live.series import Series

class Going:
    ended = False
going, rng = Going(), np.random.default_rng(0)
names = ["body 1", "body 2", "head"]
columns = ["epoch", "train_loss", "valid_loss", "accuracy", "seconds"]

def added(series, steps):
    at = np.arange(series.steps + 1, series.steps + steps + 1)
    losses = 3 / np.log1p(at) + 0.05 * rng.standard_normal(steps)
    series.append(losses, np.outer(1e-3 * (1 + np.cos(at / 4e5)), [0.01, 0.1, 1]))

pairs = [(torch.zeros(4, 2), torch.zeros(4, dtype=torch.long))]
Learner((pairs, pairs), torch.nn.Linear(2, 2), task=single_label(2), quiet=True).fit(1, 1e-3)
real = monitor.records()[-1].facts

def told(series, state):
    return real | {{"line": "%fit_one_cycle 20 --lr 1e-3", "learner": "learn", "state": state,
        "columns": columns, "groups": names, "epoch": 12, "epochs": 20, "step": series.steps,
        "steps": {STEPS}, "loss": 0.2, "seconds": 3600.0, "seconds_left": 60.0, "best": 11,
        "items_per_second": 900.0, "rates": [1e-5, 1e-4, 1e-3]}}

for number in range({RUNS}):
    series, last = Series(groups=3), number == {RUNS} - 1
    added(series, {STEPS} // 2 if last else {STEPS})
    record = Record(weakref.ref(going), series, ended=not last)
    record.facts = told(series, "running" if last else "finished")
    record.rows = [dict(zip(columns, [n, 1 / n, 1.1 / n, 1 - 1 / n, 60.0])) for n in range(1, 12)]
    record.marks = [(200_000, "paused"), (200_000, "resumed"), (300_000, "rate 0.0003")]
    record.revision = 1
    monitor._records.add(record)

def update():
    with monitor._records.lock:
        added(series, 100)
        record.facts = told(series, "running")
        record.revision += 1
    monitor.publisher.changed(record)

playing = threading.Event()
def play(updates, pace):
    publisher.PERIOD = publisher.CALM_PERIOD = 0.9 / pace
    for _ in range(updates):
        if playing.wait(1 / pace): break
        update()
"""
OPEN = """async () => {
    const begun = performance.now();
    await jupyterapp.commands.execute('tenfold-runs:show');
    const drawn = () => document.querySelector('#tenfold-runs .tenfold-plot .tenfold-line-main')
        ?.getAttribute('d') && document.querySelectorAll('#tenfold-runs li').length === RUNS;
    while (!drawn()) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}""".replace("RUNS", str(RUNS))
WATCHED = """() => {
    globalThis.changesSeen = 0;
    const all = {subtree: true, childList: true, attributes: true, characterData: true};
    new MutationObserver(seen => { changesSeen += seen.length; })
        .observe(document.querySelector('#tenfold-runs .tenfold-runs-view'), all);
}"""
DRAWN = """() => {
    globalThis.curvesDrawn = 0;
    new MutationObserver(() => { curvesDrawn += 1; }).observe(
        document.querySelector('#tenfold-runs .tenfold-plot .tenfold-line-main'),
        {attributeFilter: ['d']});
}"""
STEP = """() => Number(document.querySelector('#tenfold-runs .tenfold-headline').textContent
    .replaceAll(',', '').match(/step (\\d+)/)[1])"""
LINKED = """() => document.querySelector('.tenfold-status-button')?.textContent.includes('loss')"""


def measure(*, rounds: int = 5) -> Table:
    """Milliseconds until the panel is drawn, each round in a page that was just loaded."""
    before = load_average()
    with stage() as (page, address, notebook):
        opened = []
        for _ in range(rounds):
            # the layout is kept over a reload once JupyterLab has saved it
            page.evaluate("jupyterapp.shell.collapseRight()")
            page.wait_for_timeout(3000)
            page.goto(address)
            page.wait_for_function(LINKED, timeout=60_000)
            opened.append(float(page.evaluate(OPEN)))
        session = page.context.new_cdp_session(page)
        notebook.ready()
        notebook.ask(PLAY)
        page.evaluate(DRAWN)
        shown = cost(page, session)
        pace = page.evaluate("curvesDrawn") / (SECONDS + 1)  # one goes by before it is measured
        page.evaluate("jupyterapp.shell.collapseRight()")
        page.evaluate(WATCHED)
        hidden = cost(page, session)
        drawn = page.evaluate("changesSeen")
        notebook.ask("playing.set(); player.join()")
        silent = cost(page, session)
        page.evaluate("jupyterapp.commands.execute('tenfold-runs:show')")
        heaps = hour(page, session, notebook)
    told = {
        name: f"{sum(work):.0f} ms a second, {work[0]:.0f} of them script, style and layout"
        for name, work in {"shown": shown, "hidden": hidden, "no updates": silent}.items()
    }
    columns = {
        "fifty runs": {
            **{f"page at work, {name}": words for name, words in told.items()},
            "frames a second, shown": f"{pace:.1f}",
            "heap over the hour": ", ".join(f"{heap:.1f}" for heap in heaps) + " MB",
        }
    }
    table = Table(
        part="lab_runs",
        title=f"The runs panel: {RUNS} runs of {STEPS:,} steps",
        unit="ms to open",
        baseline="fifty runs",
        samples={"fifty runs": opened},
        columns=columns,
        load=(before, load_average()),
    )
    half = len(heaps) // 2
    growth = statistics.mean(heaps[half:]) / statistics.mean(heaps[1:half]) - 1
    table.targets = [
        Target("milliseconds until the panel is drawn, median", statistics.median(opened), 300),
        Target("milliseconds a frame: script, style and layout", (shown[0] - silent[0]) / pace, 8),
        Target("milliseconds a frame: all of it", (sum(shown) - sum(silent)) / pace, 8),
        Target("changes of the panel while it is hidden", drawn, 0),
        Target("growth of the heap, second half of the hour over the first", growth, 0.05),
    ]
    return table


@contextmanager
def stage() -> Iterator[tuple[Page, str, LabNotebook]]:
    """A page whose notebook has the runs."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        chosen = folder / "jupyterlab_settings_dir" / "tenfold" / "runs.jupyterlab-settings"
        chosen.parent.mkdir(parents=True)
        chosen.write_text(json.dumps({"refreshRate": PACE}))
        lab = Lab(folder)
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=QUIET)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            address = lab.write("runs", RECORDS)
            notebook = LabNotebook(page, address)
            assert notebook.run(0) == "", notebook.run(0)
            page.evaluate("jupyterapp.commands.execute('docmanager:save')")
            yield page, address, notebook
        finally:
            browser.close()
            lab.close()


def cost(page: Page, session: CDPSession) -> tuple[float, float]:
    """Milliseconds a second of the page's main thread: script, style and layout; all the rest.

    The rest is mostly painting, without a graphics card.
    """
    session.send("Performance.enable")
    page.wait_for_timeout(1000)
    before = metrics(session)
    page.wait_for_timeout(SECONDS * 1000)
    after = metrics(session)
    spent = {name: (after[name] - before[name]) * 1000 / SECONDS for name in after}
    ours = sum(spent[name] for name in ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration"))
    return ours, spent["TaskDuration"] - ours


def hour(page: Page, session: CDPSession, notebook: LabNotebook) -> list[float]:
    """Megabytes of the heap after each twelfth of the updates of an hour."""
    notebook.ask("playing.clear()")
    page.wait_for_timeout(2000)
    begun, heaps = page.evaluate(STEP), []
    notebook.ask(f"threading.Thread(target=play, args=({UPDATES}, {PACE})).start()")
    for _ in range(12):
        page.wait_for_timeout(1000 * UPDATES / 12 / PACE)
        session.send("HeapProfiler.collectGarbage")
        heaps.append(metrics(session)["JSHeapUsedSize"] / 1e6)
    wait_until(lambda: page.evaluate(STEP) - begun == 100 * UPDATES, "updates are missing")
    return heaps


def metrics(session: CDPSession) -> dict[str, float]:
    """What Chromium counts of a page."""
    found = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}
