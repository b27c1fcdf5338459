"""The panel in JupyterLab: by mouse, by keyboard, over a reload of the page, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import LabNotebook, shot
from lab_panel import CELLS, STATE, PanelPage
from playwright.sync_api import expect

pytestmark = pytest.mark.filterwarnings("default")

Open = Callable[..., LabNotebook]


def test_what_was_done_by_mouse_survives_a_reload_and_repeats_bit_for_bit(
    open_notebook: Open,
) -> None:
    panel = PanelPage(open_notebook("mouse", *CELLS))
    panel.open()
    panel.tab("Rate").click()
    panel.find_rate(press=lambda button: button.click())
    panel.drag(panel.slider("Rate"), 0.5, 0.5)
    panel.button("Use this rate").click()
    panel.root.get_by_label("Schedule").select_option("sgdr")
    panel.button("Start").click()
    panel.reach(10)
    panel.drag(panel.slider("Rate, slider"), 0.75, 0.6)
    panel.button("Pause").click()
    expect(panel.state("Paused")).to_be_visible()
    curve = panel.numbers("Loss")
    assert panel.notebook.ask(STATE) == f"paused {len(curve)}"
    panel.notebook.reload()
    expect(panel.state("Paused")).to_be_visible()
    assert panel.numbers("Loss") == curve and panel.step() == len(curve)
    panel.button("Resume").click()
    panel.reach(len(curve) + 5)
    panel.button("Stop").click()
    panel.insert(press=lambda button: button.click())
    panel.check_that_it_repeats()


def test_the_keyboard_alone_does_the_same(open_notebook: Open) -> None:
    panel = PanelPage(open_notebook("keyboard", *CELLS))
    keys = panel.page.keyboard
    for _ in CELLS:
        keys.press("Shift+Enter")
    expect(panel.root).to_be_visible()
    keys.press("Escape")
    keys.press("ArrowUp")
    panel.press(panel.tab("Data"), "ArrowRight")
    panel.find_rate(press=lambda button: panel.press(button, "Enter"))
    panel.press(panel.slider("Rate"), "Home", "PageUp", "PageUp", "ArrowRight")
    panel.press(panel.button("Use this rate"), "Enter")
    expect(panel.tab("Train")).to_be_focused()
    panel.press(panel.root.get_by_label("Schedule"), "ArrowDown")
    panel.press(panel.button("Start"), "Space")
    panel.reach(5)
    panel.press(panel.slider("Rate, slider"), "PageDown", "ArrowLeft")
    panel.press(panel.button("Pause"), "Enter")
    expect(panel.state("Paused")).to_be_visible()
    panel.press(panel.button("Resume"), "Enter")
    panel.reach(panel.step() + 5)
    panel.press(panel.button("Stop"), "Enter")
    panel.insert(press=lambda button: panel.press(button, "Enter"))
    panel.check_that_it_repeats()


def test_every_tab_shows_what_it_has_in_both_themes(open_notebook: Open) -> None:
    panel = PanelPage(open_notebook("themes", *CELLS))
    panel.open()
    panel.notebook.ask("learn.callbacks.clear()\nlearn.fit(1, 1e-3);")
    panel.button("Draw again").click()
    expect(panel.picture).to_be_visible()
    panel.tab("Results").click()
    for number, name in enumerate(("Confusion matrix", "TTA against plain"), start=1):
        panel.button(name).click()
        expect(panel.root.get_by_role("table")).to_have_count(number)
    panel.root.get_by_role("button", name="taken for").first.click()
    expect(panel.picture).to_be_visible()
    panel.page.set_viewport_size({"width": 1280, "height": 2600})  # a picture shows all of it
    for theme in ("Dark", "Light"):
        panel.notebook.theme(theme)
        for tab in ("Data", "Rate", "Train", "Results"):
            panel.tab(tab).click()
            shot(panel.page, f"{tab}-{theme}".lower(), of=panel.root)
            assert panel.faint() == [] == panel.overflows(), (tab, theme)
