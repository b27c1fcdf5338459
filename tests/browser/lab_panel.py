"""The world of the panel's tests: a learner that leaves time to click, and what one clicks on."""

from __future__ import annotations

import re
from collections.abc import Callable

from lab import LabNotebook, wait_until
from playwright.sync_api import Locator, expect

SETUP = """
import hashlib
from threading import Event
from tenfold import Callback, vision_learner
from tenfold.data.samples import seedlings
%load_ext tenfold

class Slowly(Callback):
    def after_step(self, run):
        Event().wait(0.04)

data = seedlings(pictures=240, size=48, batch_size=4)
""".strip()
# a plan that was measured could differ from one learner to the next
LEARNER = """
learn = vision_learner(data, callbacks=[Slowly()])
learn.plan(threads=1, precision="float32", channels_last=False);
""".strip()
CELLS = (SETUP, LEARNER, "%panel")
LEARNER_CELL, PANEL_CELL, INSERTED_CELL = 1, 2, 3
STATE = "print(learn.run.state, learn.run.step)"
WEIGHTS = """
kept = [one.numpy().tobytes() for one in learn.model.state_dict().values()]
print(hashlib.sha256(b"".join(kept)).hexdigest())
""".strip()
# drawn on a canvas, because a colour may be written in any of the ways of CSS
FAINT = """
root => {
    const pen = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const over = (layers) => {
        pen.clearRect(0, 0, 1, 1);
        for (const layer of layers) { pen.fillStyle = layer; pen.fillRect(0, 0, 1, 1); }
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map(one => one / 255);
    };
    const light = (layers) => {
        const linear = over(layers).map(
            one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const found = [...root.querySelectorAll('*')].filter(one => one.checkVisibility()
        && !one.closest('[aria-disabled=true], [disabled], .tenfold-unseen')
        && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    return found.map(one => {
        const behind = [];
        for (let at = one; at; at = at.parentElement)
            behind.unshift(getComputedStyle(at).backgroundColor);
        const style = getComputedStyle(one);
        const text = one instanceof SVGElement ? style.fill : style.color;
        const both = [light(behind), light([...behind, text])].sort((a, b) => a - b);
        return [one.textContent, one.className, (both[1] + 0.05) / (both[0] + 0.05)];
    }).filter(([words, place, contrast]) => contrast < 4.5);
}
"""
OVERFLOWS = """
root => [...root.querySelectorAll('svg, table, code, input, button')].filter(one =>
    one.checkVisibility() && !one.closest('.tenfold-scroll')
    && one.getBoundingClientRect().right > root.getBoundingClientRect().right
).map(one => one.outerHTML.slice(0, 80))
"""

expect.set_options(timeout=20_000)


class PanelPage:
    """A notebook with a panel, whose parts are found by what they say."""

    def __init__(self, notebook: LabNotebook) -> None:
        self.notebook, self.page = notebook, notebook.page

    def open(self) -> None:
        """Run the cells, the last of which is the panel's."""
        for cell in range(PANEL_CELL + 1):
            assert self.notebook.run(cell) == ""
        expect(self.root).to_be_visible()
        expect(self.page.locator(".tenfold-still")).to_be_hidden()

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("group", name="Tenfold panel")

    @property
    def line(self) -> str:
        """The magic in the bar."""
        return self.root.get_by_label("Magic that repeats this").inner_text()

    def tab(self, name: str) -> Locator:
        return self.root.get_by_role("tab", name=name)

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def slider(self, name: str) -> Locator:
        return self.root.get_by_role("slider", name=name, exact=True)

    def state(self, words: str) -> Locator:
        """What the run says of itself, such as `Paused · epoch 1 of 3, step 12 of 90`."""
        return self.root.get_by_role("heading", name=re.compile(rf"^{words} · "))

    def step(self) -> int:
        """The step that the run has reached."""
        return int(re.findall(r"step (\d+)", self.state(r"\w+").inner_text())[0])

    def reach(self, step: int) -> None:
        """Wait until the run is that far."""
        wait_until(lambda: self.step() >= step, f"the run did not come to step {step}")

    @property
    def picture(self) -> Locator:
        """A picture of the kernel's, when it is loaded."""
        return self.root.locator("img[src]").filter(visible=True)

    def faint(self) -> list[str]:
        """The texts that stand out too little from what is behind them, by WCAG 2."""
        return list(self.root.evaluate(FAINT))

    def overflows(self) -> list[str]:
        """What is wider than the panel."""
        return list(self.root.evaluate(OVERFLOWS))

    def drag(self, slider: Locator, start: float, end: float) -> None:
        """Press at a share of a slider's length, move and let go."""
        slider.scroll_into_view_if_needed()
        box, mouse = slider.bounding_box(), self.page.mouse
        assert box is not None
        height = box["y"] + box["height"] / 2
        mouse.move(box["x"] + start * box["width"], height)
        mouse.down()
        mouse.move(box["x"] + end * box["width"], height, steps=5)
        mouse.up()

    def tab_to(self, target: Locator) -> None:
        """Press the Tab key until the focus is there, at most about once round the whole page."""
        for _ in range(60):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key never came to {target}")

    def press(self, target: Locator, *keys: str) -> None:
        """Go there with the Tab key and press these keys."""
        self.tab_to(target)
        for key in keys:
            self.page.keyboard.press(key)

    def find_rate(self, press: Callable[[Locator], None]) -> None:
        """Run the finder to its end."""
        press(self.button("Run the finder"))
        expect(self.root.get_by_role("status")).to_have_text("%lr_find finished")

    def numbers(self, title: str) -> list[str]:
        """The lines of the table behind a chart."""
        caption = self.page.get_by_text(title, exact=True)
        figure = self.root.get_by_role("figure").filter(has=caption)
        figure.get_by_text("Numbers").click()
        figure.get_by_role("row").last.wait_for()
        rows = figure.get_by_role("row").all_inner_texts()
        figure.get_by_text("Numbers").click()
        return rows[1:]

    def insert(self, press: Callable[[Locator], None]) -> None:
        """Once the run has ended, put what repeats it into a cell."""
        expect(self.state("Stopped.*")).to_be_visible()
        expect(self.root.get_by_text("Repeats the run")).to_be_visible()
        press(self.button("Insert as cell"))
        expect(self.root.get_by_role("status")).to_have_text("Inserted below as a cell.")

    def check_that_it_repeats(self) -> None:
        """Run the cell that was inserted on a learner made alike: its weights are the same."""
        weights, line = self.notebook.ask(WEIGHTS), self.line
        assert re.search(r" --changes \S+ --stop-at \d+$", line), line
        assert self.notebook.source(INSERTED_CELL) == line
        self.notebook.run(LEARNER_CELL)
        assert self.notebook.ask(WEIGHTS) != weights
        self.notebook.run(INSERTED_CELL)
        assert self.notebook.ask(WEIGHTS) == weights
