"""What all of the extension shares, in JupyterLab: menus, help, languages, and nothing too much."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from access import unreached, violations
from lab import LANGUAGE, Lab, LabNotebook, LabPage, shot, wait_until
from playwright.sync_api import expect

from tenfold.magics.extension import MAGICS

pytestmark = pytest.mark.filterwarnings("default")

Open = Callable[..., LabPage]
OpenNotebook = Callable[..., LabNotebook]
OURS = """
() => jupyterapp.listPlugins().filter(id => id.startsWith('tenfold:'))
"""
WHERE = """
(line, word) => {
    const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const at = texts.currentNode.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + word.length);
        const box = range.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
    }
}
"""
# the page makes the app known before it starts it
TIMED = """
let app;
globalThis.tenfoldTimes = {};
Object.defineProperty(globalThis, 'jupyterapp', {configurable: true, get: () => app, set: made => {
    app = made;
    for (const [id, plugin] of made.pluginRegistry._plugins) if (id.startsWith('tenfold:')) {
        const activate = plugin.activate;
        plugin.activate = (...given) => {
            const start = performance.now();
            try { return activate(...given); }
            finally { tenfoldTimes[id] = performance.now() - start; }
        };
    }
}});
"""


def test_jupyterlab_lists_the_extension_as_enabled_and_ok(lab: Lab) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        env=lab.environment,
        capture_output=True,
        text=True,
    )
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "tenfold" in line]
    assert any("enabled" in line and "OK" in line for line in lines), done.stdout + done.stderr


def test_activation_costs_less_than_20_ms(lab: Lab, open_page: Open) -> None:
    page = open_page(lab.page("timed"), before=lambda page: page.add_init_script(TIMED)).page
    times = page.evaluate("tenfoldTimes")
    assert set(times) == set(page.evaluate(OURS))
    print({name: round(taken, 2) for name, taken in times.items()})
    assert 0 < sum(times.values()) < 20, times


def test_launcher_menus_and_palette_lead_to_it(lab: Lab, open_page: Open) -> None:
    lab_page = open_page(lab.page("ways"))
    page = lab_page.page
    card = page.locator(".jp-LauncherCard", has_text="Tenfold course")
    expect(card).to_have_count(1)
    shot(page, "launcher")
    expect(lab_page.menu("Tenfold")).to_contain_text("Tenfold magics")
    page.keyboard.press("Escape")
    lab_page.menu("Help").get_by_text("Tenfold magics").click()
    expect(page.get_by_role("heading", name="Tenfold magics")).to_be_visible()
    page.keyboard.press("Control+Shift+C")
    page.get_by_role("searchbox").or_(page.locator(".lm-CommandPalette-input")).last.fill("tenfold")
    palette = page.locator(".lm-CommandPalette-content")
    expect(palette.get_by_text("Tenfold magics")).to_be_visible()
    page.keyboard.press("Escape")


def test_the_list_of_magics_is_searched_and_read_by_keyboard(lab: Lab, open_page: Open) -> None:
    lab_page = open_page(lab.page("magics"))
    page = lab_page.page
    page.keyboard.press("Alt+Shift+H")
    magics = page.locator(".tenfold-magics")
    expect(magics.get_by_role("status")).to_have_text(f"{len(MAGICS)} magics")
    assert unreached(magics) == []
    magics.get_by_role("searchbox").fill("restarts")
    expect(magics.get_by_role("status")).not_to_have_text(f"{len(MAGICS)} magics")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(magics.get_by_text("usage: %fit_sgdr")).to_be_visible()
    for theme in ("Dark", "Light"):
        lab_page.theme(theme)
        shot(page, f"magics-{theme}".lower())
        assert violations(magics) == []


def test_help_stands_beside_the_mouse_and_comes_with_shift_tab(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("help", "x = 1\nr = %fit_sgdr 3 --cycle-len 1", "%load_ext tenfold")
    page, cell = notebook.page, notebook.page.locator(".jp-Cell").first
    help_text = page.locator(".cm-tooltip .tenfold-help")
    line = cell.locator(".cm-line").nth(1)
    page.mouse.move(*line.evaluate(WHERE, "cycle"))
    expect(help_text).to_contain_text("%fit_sgdr --cycle-len COUNT")
    shot(page, "hover-option")
    page.mouse.move(*line.evaluate(WHERE, "fit_sgdr"))
    expect(help_text).to_contain_text("Train with cosine annealing")
    shot(page, "hover-name")
    notebook.run(1)
    page.mouse.click(*line.evaluate(WHERE, "cycle"))
    page.keyboard.press("Shift+Tab")
    tooltip = page.locator(".jp-Tooltip")
    expect(tooltip).to_contain_text("epochs of the first cycle")
    expect(tooltip).not_to_contain_text("number of items")
    shot(page, "shift-tab")


def test_a_line_is_completed_in_its_middle(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        "middle", "x = 1\nr = %fit_sgdr 3 --cycle-m --lr 1", "%load_ext tenfold"
    )
    notebook.run(1)
    page = notebook.page
    page.mouse.click(*page.locator(".cm-line").nth(1).evaluate(WHERE, "lr"))
    page.keyboard.press("End")
    for _ in " --lr 1":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    expect(page.locator(".jp-Completer-item")).to_have_text(re.compile("--cycle-mult"))
    shot(page, "completion")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Completer")).to_be_hidden()
    assert notebook.source(0) == "x = 1\nr = %fit_sgdr 3 --cycle-mult --lr 1"


def test_it_speaks_chinese_where_jupyterlab_does(lab: Lab, open_page: Open) -> None:
    with lab.settings(LANGUAGE, locale="zh_CN"):
        lab_page = open_page(lab.page("chinese"))
        page = lab_page.page
        expect(page.locator(".jp-LauncherCard", has_text="Tenfold 课程")).to_have_count(1)
        shot(page, "launcher-chinese")
        lab_page.execute("tenfold:magics")
        expect(page.get_by_role("heading", name="Tenfold 魔法命令")).to_be_visible()
        expect(page.locator(".tenfold-magics").get_by_role("status")).to_have_text(
            f"{len(MAGICS)} 个魔法命令"
        )
        lab_page.execute("settingeditor:open", query="Tenfold")
        expect(page.get_by_text("悬停帮助").first).to_be_visible()
        shot(page, "settings-chinese")


def test_the_settings_have_a_form_that_is_kept(lab: Lab, open_page: Open) -> None:
    with lab.settings("tenfold:help", hover=True):
        lab_page = open_page(lab.page("settings"))
        lab_page.execute("settingeditor:open", query="Tenfold: help")
        lab_page.page.get_by_label("Help under the mouse").uncheck()
        shot(lab_page.page, "settings")
        wait_until(lambda: lab.setting("tenfold:help") == {"hover": False}, "it was not kept")


@pytest.mark.parametrize("off", [["tenfold:words", "tenfold:help"], ["tenfold"]], ids=str)
def test_what_is_switched_off_is_not_missed(lab: Lab, open_page: Open, off: list[str]) -> None:
    with lab.disabled(*off):
        lab_page = open_page(lab.page("off"))
        assert not {*off} & {*lab_page.page.evaluate(OURS)}
        expect(lab_page.page.locator(".jp-LauncherCard").first).to_be_visible()
