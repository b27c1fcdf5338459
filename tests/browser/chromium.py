"""Where Chromium is; as a script it ends in 1 where there is none."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "Chromium is needed to click on the panel and there is none; on Debian and Ubuntu run "
    "apt-get install chromium, elsewhere .venv/bin/playwright install chromium"
)
QUIET = [
    "--no-sandbox",  # a container's root may not make one
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium(playwright: Playwright) -> str | None:
    """The Chromium that Playwright installed, or the system's."""
    own = playwright.chromium.executable_path
    return own if Path(own).is_file() else next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    with sync_playwright() as playwright:
        sys.exit(find_chromium(playwright) is None)
