"""What a test in the browser gets: Chromium, a JupyterLab and a notebook in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chromium import ADVICE, QUIET, find_chromium
from lab import Lab, LabNotebook, LabPage
from playwright.sync_api import Browser, Page, sync_playwright


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
def open_page(browser: Browser, lab: Lab) -> Iterator[Callable[..., LabPage]]:
    """`open_page(address)` of a page in `lab`; in the end no page has complained of anything."""
    opened: list[LabPage] = []

    def open_it(
        address: str,
        *,
        kind: type[LabPage] = LabPage,
        width: int = 1280,
        before: Callable[[Page], object] = lambda page: None,
    ) -> LabPage:
        page = browser.new_context(viewport={"width": width, "height": 1000}).new_page()
        before(page)
        opened.append(kind(page, address))
        return opened[-1]

    yield open_it
    for one in opened:
        one.page.context.close()
    lab.end_kernels()
    assert [words for one in opened for words in one.complaints] == []


@pytest.fixture
def open_notebook(open_page: Callable[..., Any], lab: Lab) -> Callable[..., LabNotebook]:
    """`open_notebook("name", "cell", "cell")`: a new notebook in a page of its own."""

    def open_it(name: str, *cells: str) -> LabNotebook:
        notebook: LabNotebook = open_page(lab.write(name, *cells), kind=LabNotebook)
        return notebook

    return open_it
