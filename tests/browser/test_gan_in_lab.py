"""A GAN in JupyterLab: its sheet appears in the panel while it trains, and survives a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import LabNotebook, shot
from lab_panel import PanelPage
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("default")

Open = Callable[..., LabNotebook]

SETUP = """
from threading import Event
from tenfold import Callback, gan_learner
from tenfold.data.samples import seedlings
%load_ext tenfold

class Slowly(Callback):
    def after_step(self, run):
        Event().wait(0.1)

data = seedlings(pictures=240, size=32, batch_size=8)
""".strip()
LEARNER = """
learn = gan_learner(data, channels=8, every=5, callbacks=[Slowly()])
learn.plan(threads=1, precision="float32", channels_last=False);
""".strip()
SHOWN = "print(learn.run.state, learn.run.shown.step > 0)"


def test_the_sheet_appears_while_it_trains_and_survives_a_reload(open_notebook: Open) -> None:
    panel = PanelPage(open_notebook("gan", SETUP, LEARNER, "%panel"))
    panel.page.set_viewport_size({"width": 1280, "height": 1800})
    panel.open()
    panel.tab("Train").click()
    panel.button("Start").click()
    panel.tab("Results").click()
    sheet = panel.root.get_by_role("img", name="64 pictures from seed 0, after")
    expect(sheet).to_be_visible()
    first = sheet.get_attribute("alt")
    expect(sheet).not_to_have_attribute("alt", first or "")
    panel.tab("Train").click()
    panel.button("Pause").click()
    expect(panel.state("Paused")).to_be_visible()
    assert panel.notebook.ask(SHOWN) == "paused True"
    panel.tab("Results").click()
    words = sheet.get_attribute("alt")
    panel.notebook.reload()
    panel.tab("Results").click()
    expect(sheet).to_have_attribute("alt", words or "")
    assert sheet.evaluate("one => one.naturalWidth") > 500
    shot(panel.page, "gan-results", of=panel.root)
    assert panel.faint() == [] == panel.overflows()
    panel.tab("Train").click()
    panel.button("Stop").click()
    expect(panel.state("Stopped.*")).to_be_visible()
