"""Pairs of pictures in JupyterLab: before and after, by mouse and by keys, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab import LabNotebook, shot
from lab_panel import PanelPage
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("default")

Open = Callable[..., LabNotebook]

SETUP = """
from tenfold import ImageData, restoration_learner
from tenfold.data.samples import seedling_pairs
%load_ext tenfold

train, valid = (seedling_pairs(60, 48, valid=0.4, part=part) for part in ("train", "valid"))
data = ImageData.from_pairs(*train, valid=valid)
learn = restoration_learner(data, quiet=True)
learn.plan(threads=1, precision="float32", channels_last=False)
learn.fit(1, 3e-3);
""".strip()
SHARE = "one => getComputedStyle(one).getPropertyValue('--tenfold-share')"


def test_a_picture_is_compared_by_mouse_and_by_keys(open_notebook: Open, tmp_path: Path) -> None:
    panel = PanelPage(open_notebook("restoring", SETUP, "%before_after 3", "%panel"))
    panel.page.set_viewport_size({"width": 1280, "height": 1800})
    for cell in (0, 1, 2):
        assert panel.notebook.run(cell) == ""
    shot(panel.page, "restoring-notebook")
    panel.tab("Data").click()
    panel.button("Draw again").click()
    expect(panel.root.get_by_role("status")).to_contain_text("%show_batch 9 --epoch 0 finished")
    panel.tab("Results").click()
    panel.root.get_by_label("Validation picture").fill("3")
    panel.button("Compare").click()
    stage, slider = panel.root.locator(".tenfold-wipe-stage"), panel.root.get_by_role("slider")
    expect(stage).to_be_visible()
    slider.focus()
    for _ in range(10):
        panel.page.keyboard.press("ArrowRight")
    assert stage.evaluate(SHARE) == "60%"
    box = stage.bounding_box()
    assert box is not None
    panel.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 20)
    assert stage.evaluate(SHARE) == "25%"
    expect(slider).to_have_attribute("aria-valuetext", "Before 25 %, After 75 %")
    panel.button("Top losses").click()
    expect(panel.root.get_by_role("status")).to_contain_text("%top_losses 9 finished")
    readable(panel)
    own(panel, tmp_path / "mine.png")


def readable(panel: PanelPage) -> None:
    """Both themes, with the target on the right of the line."""
    panel.root.get_by_label("On the right").select_option("target")
    for theme in ("Dark", "Light"):
        panel.notebook.theme(theme)
        for tab in ("Data", "Results"):
            panel.tab(tab).click()
            shot(panel.page, f"restoring-{tab}-{theme}".lower(), of=panel.root)
            assert panel.faint() == [] == panel.overflows(), (tab, theme)


def own(panel: PanelPage, file: Path) -> None:
    """A picture of one's own is mended and compared, at its own size."""
    Image.linear_gradient("L").resize((90, 60)).save(file)
    panel.root.locator("input[type=file]").set_input_files(file)
    expect(panel.root).to_contain_text("mine.png: before and after, 60 x 90 pixels")
    expect(panel.root.get_by_label("On the right")).to_be_hidden()
    shot(panel.page, "restoring-own", of=panel.root)
