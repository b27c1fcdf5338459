"""What a test in the browser gets: Chromium, a JupyterLab and a notebook in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from chromium import ADVICE, QUIET, find_chromium
from lab import Lab, LabNotebook
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; without one the test skips, and fails where CI is set."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(ADVICE)
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture
def open_notebook(browser: Browser, lab: Lab) -> Iterator[Callable[..., LabNotebook]]:
    """`open_notebook("name", "cell", "cell")`; in the end its page has complained of nothing."""
    opened: list[LabNotebook] = []

    def open_it(name: str, *cells: str) -> LabNotebook:
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        opened.append(LabNotebook(page, lab.write(name, *cells)))
        return opened[-1]

    yield open_it
    for one in opened:
        one.page.context.close()
    lab.end_kernels()
    assert [words for one in opened for words in one.complaints] == []
