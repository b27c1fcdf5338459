"""Several labels in JupyterLab: what each hits and misses, its curves, its thresholds."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab import LabNotebook, shot
from lab_panel import PanelPage
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("default")

SETUP = """
import torch
from tenfold import ImageData, Learner
%load_ext tenfold

pictures = torch.rand(40, 3, 16, 16)
truth = (torch.rand(40, 3) > 0.6).float()
names = ["cat", "two words", "dog"]
data = ImageData.from_arrays(pictures, truth, pictures, truth, classes=names)
learn = Learner(data, torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(768, 3)), quiet=True)
learn.plan(threads=1, precision="float32", channels_last=False);
""".strip()

BUTTONS = {
    "Tune thresholds": "%tune_thresholds",
    "Confusion matrix": "%confusion",
    "Precision and recall": "%labels",
    "Top losses": "%top_losses 9",
}


def test_several_labels_are_looked_at_by_pressing_numbers(
    open_notebook: Callable[..., LabNotebook],
) -> None:
    panel = PanelPage(open_notebook("labels", SETUP, "%panel"))
    panel.page.set_viewport_size({"width": 1280, "height": 2200})
    for cell in (0, 1):
        assert panel.notebook.run(cell) == ""
    panel.tab("Results").click()
    for button, magic in BUTTONS.items():
        panel.button(button).click()
        status = panel.root.get_by_role("status")
        expect(status).to_contain_text(f"{magic} finished", timeout=60_000)
    matrix = panel.root.locator("table.tenfold-matrix")
    expect(matrix.locator("thead th")).to_have_text(["hits", "misses", "false alarms"])
    matrix.get_by_role("button", name=re.compile("^two words, hits")).click()
    shown = panel.root.locator(".tenfold-cell-shown")
    expect(shown).to_contain_text("two words was found in")
    expect(shown.locator("img")).to_be_visible()
    expect(panel.root.locator("table.tenfold-rows caption").first).to_have_text("each label")
    for theme in ("Dark", "Light"):
        panel.notebook.theme(theme)
        shot(panel.page, f"labels-{theme}".lower(), of=panel.root)
        assert panel.faint() == [] == panel.overflows(), theme
