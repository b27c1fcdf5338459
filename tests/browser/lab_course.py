"""The course's sidebar in a page, and the student's folder behind it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lab import LONG, NOTEBOOK, Lab, LabNotebook, wait_until
from lab_panel import FAINT
from playwright.sync_api import Locator, Page, expect


class CoursePage(LabNotebook):
    """JupyterLab in a folder of the server's, with the sidebar shown and no notebook open."""

    def __init__(self, page: Page, lab: Lab, folder: Path) -> None:
        self.folder = folder
        name = folder.relative_to(lab.notebooks).as_posix()
        address = f"{lab.address}/lab/workspaces/{name}/tree/{name}?token={lab.token}"
        super().__init__(page, address)

    def ready(self) -> None:
        """Wait until JupyterLab is there, and show the sidebar by its key, unless it came back."""
        self.page.wait_for_function(
            "() => globalThis.jupyterapp && !document.getElementById('jupyterlab-splash')",
            timeout=LONG * 1000,
        )
        listing = self.page.locator(".jp-DirListing-content")
        expect(listing.or_(self.root).filter(visible=True)).to_be_visible()
        if not self.root.is_visible():
            self.page.keyboard.press("Alt+Shift+C")
        expect(self.root).to_be_visible()

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("region", name="Tenfold course")

    def button(self, name: str) -> Locator:
        """A button by the beginning of its name."""
        return self.root.get_by_role("button", name=re.compile(rf"^{re.escape(name)}"))

    def lesson(self, number: int) -> Locator:
        return self.root.locator(f"[data-key='lesson {number}']")

    def exercise(self, number: str) -> Locator:
        return self.root.locator(f"[data-key='exercise {number}']")

    def open_lesson(self, number: int) -> None:
        """Click on it, and wait for its kernel."""
        self.lesson(number).click()
        self.has_opened(number)

    def has_opened(self, number: int) -> None:
        """The lesson's notebook is the current one, and its kernel answers."""
        expect(self.lesson(number)).to_have_attribute("aria-current", "true")
        super().ready()

    def place_of(self, tag: str) -> int:
        """The place of the cell with a tag."""
        script = f"""tag => {NOTEBOOK}.widgets.findIndex(
            ({{model}}) => (model.getMetadata('tags') ?? []).includes(tag))"""
        return int(self.page.evaluate(script, tag))

    def write(self, number: str, answer: str) -> None:
        """Put an answer in place of the exercise's dots."""
        place = self.place_of(f"exercise-{number}")
        script = f"text => {NOTEBOOK}.model.cells.get({place}).sharedModel.setSource(text)"
        self.page.evaluate(script, answer)

    def progress(self, number: str) -> dict[str, Any]:
        """What the kernel has written of an exercise."""
        record = json.loads((self.folder / "tenfold_progress.json").read_text("utf-8"))
        return dict(record["exercises"][number])

    def wait_for_file(self, pattern: str) -> Path:
        """The one file of the student's folder with such a name."""
        wait_until(lambda: list(self.folder.glob(pattern)), f"there is no {pattern}")
        [file] = self.folder.glob(pattern)
        return file

    def faint(self) -> list[str]:
        """The texts of the sidebar that stand out too little."""
        return list(self.root.evaluate(FAINT))
