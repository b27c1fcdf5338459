"""Looking inside in JupyterLab: heat maps, and a map whose points show their pictures."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab import LabNotebook, shot
from lab_panel import PanelPage
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("default")

SETUP = """
from tenfold import samples, vision_learner
%load_ext tenfold
learn = vision_learner(samples.seedlings(pictures=120, size=48), "nano", quiet=True)
learn.plan(threads=1, precision="float32", channels_last=False);
learn.fit(1, 3e-3);
""".strip()


def test_a_model_is_looked_into_from_the_panel(open_notebook: Callable[..., LabNotebook]) -> None:
    panel = PanelPage(open_notebook("inside", SETUP, "%panel"))
    panel.page.set_viewport_size({"width": 1280, "height": 2400})
    for cell in (0, 1):
        assert panel.notebook.run(cell) == ""
    panel.tab("Results").click()
    panel.root.get_by_label("Validation items").fill("0, 3 17")
    panel.root.get_by_label("Asked about").select_option("clover")
    for name, line in (
        ("Heat maps", "%gradcam 0 3 17 --label clover"),
        ("Map", "%embeddings"),
        ("Calibration", "%calibration"),
        ("Activations by layer", "%activations"),
        ("With heat maps", "%top_losses 9 --heat"),
    ):
        panel.button(name).click()
        ended = re.compile(f"{re.escape(line.split()[0])}.* finished")
        expect(panel.root.get_by_role("status")).to_contain_text(ended, timeout=120_000)
        assert panel.line == line
    dot = panel.root.locator(".tenfold-dot").nth(7)
    dot.hover(force=True)
    expect(panel.root.locator(".tenfold-met")).to_contain_text("Item ")
    expect(panel.root.locator(".tenfold-thumb img")).to_be_visible()
    panel.root.locator(".tenfold-map").press("ArrowRight")
    for theme in ("Dark", "Light"):
        panel.notebook.theme(theme)
        shot(panel.page, f"inside-{theme}".lower(), of=panel.root)
        assert panel.faint() == [] == panel.overflows(), theme
