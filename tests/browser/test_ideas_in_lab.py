"""Ideas in JupyterLab: they move once, again when asked, and not for who wants no motion."""

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
from tenfold import Learner
from tenfold.train.task import single_label
%load_ext tenfold
pairs = [(torch.randn(8, 2), torch.randint(2, (8,))) for _ in range(4)]
learn = Learner((pairs, pairs), torch.nn.Linear(2, 2), task=single_label(2), quiet=True)
learn.plan(threads=1, precision="float32", channels_last=False);
""".strip()
BUTTONS = {
    "Past a saddle": "%optimizers saddle",
    "Sigmoid units": "%widths --activation sigmoid",
    "More and more weight decay": "%decays",
    "Compare optimizers": "%compare_optimizers",
}
KIND = "async one => (await (await fetch(one.currentSrc)).blob()).type"


def test_ideas_move_once_and_stand_still_for_who_wants_no_motion(
    open_notebook: Callable[..., LabNotebook],
) -> None:
    panel = PanelPage(open_notebook("ideas", SETUP, "%panel"))
    panel.page.set_viewport_size({"width": 1280, "height": 2400})
    for cell in (0, 1):
        assert panel.notebook.run(cell) == ""
    panel.tab("Results").click()
    for button, line in BUTTONS.items():
        panel.button(button).click()
        ended = re.compile(f"{re.escape(line)} finished")
        expect(panel.root.get_by_role("status")).to_contain_text(ended, timeout=120_000)
        assert panel.line == line
    moving = panel.root.locator(".tenfold-moving")
    expect(moving.locator("img").filter(visible=True)).to_have_count(3)
    image, again = moving.locator("img").first, moving.get_by_role("button", name="Play again")
    assert image.evaluate(KIND) == "image/gif"
    before = image.get_attribute("src")
    again.first.click()
    expect(image).not_to_have_attribute("src", before or "")
    for theme in ("Dark", "Light"):
        panel.notebook.theme(theme)
        shot(panel.page, f"ideas-{theme}".lower(), of=panel.root)
        assert panel.faint() == [] == panel.overflows(), theme
    panel.page.emulate_media(reduced_motion="reduce")
    expect(again.first).to_be_hidden()
    assert image.evaluate(KIND) == "image/png"
