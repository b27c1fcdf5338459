"""The two ways in which the other tests look for barriers find what they should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from access import unreached, violations
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("default")

GOOD = """
<main><button>One</button><input aria-label="Two"><button disabled>Off</button>
<div role="tablist" aria-label="Tabs"
  onkeydown="const next = event.key === 'ArrowRight' && (document.activeElement
    .nextElementSibling ?? this.firstElementChild); next && next.focus()"
><button role="tab" aria-selected="true">A</button><button role="tab" aria-selected="false"
  tabindex="-1">B</button></div>
<details><summary>More</summary><button>Hidden</button></details></main>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_what_tab_and_arrows_lead_to_is_reached(page: Page) -> None:
    page.set_content(GOOD)
    assert unreached(page.locator("main")) == [] == violations(page.locator("main"))


@pytest.mark.parametrize(
    "barrier",
    [
        '<span role="button" tabindex="-1">No key comes here</span>',
        '<button tabindex="-1">Nor here</button>',
        '<span role="slider">This has no place in the order</span>',
    ],
)
def test_what_no_key_leads_to_is_named(barrier: str, page: Page) -> None:
    page.set_content(GOOD.replace("</main>", f"{barrier}</main>"))
    assert unreached(page.locator("main")) == [barrier]


@pytest.mark.parametrize(
    ("barrier", "rule"),
    [
        ("<input>", "label"),
        ("<button></button>", "button-name"),
        ('<p style="color: #ccc; background: #fff">Faint</p>', "color-contrast"),
    ],
)
def test_a_serious_violation_is_named(barrier: str, rule: str, page: Page) -> None:
    page.set_content(GOOD.replace("</main>", f"{barrier}</main>"))
    (found,) = violations(page.locator("main"))
    assert found.startswith(f"{rule}: ")
