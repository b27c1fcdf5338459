"""Texts, tables, ratings and a search in JupyterLab: what the panel shows of each, and its stop."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab import LabNotebook, shot
from lab_panel import PanelPage
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.filterwarnings("default")

Open = Callable[..., LabNotebook]

SETUP = """
from threading import Event
from tenfold import ratings_learner, tabular_learner, text_classifier_learner, Callback, TextData
from tenfold.data.samples import ratings, sales
%load_ext tenfold

texts = [f"the film was {word}" for word in ("good", "bad", "lovely", "dull")] * 12
""".strip()
TEXT = """
data = TextData.from_texts(texts, ["yes", "no"] * 24)
learn = text_classifier_learner(data, pretrained=False, quiet=True)
learn.plan(threads=1, precision="float32", channels_last=False);
learn.fit(1, 1e-2);
""".strip()
TABLE = """
learn = tabular_learner(sales(stores=4, days=60), layers=[8], quiet=True)
learn.fit(1, 1e-2);
""".strip()
RATINGS = """
learn = ratings_learner(ratings(600, users=40, items=30), factors=4, quiet=True)
learn.fit(1, 5e-3);
""".strip()
SEARCH = """
class Slowly(Callback):
    def after_step(self, run):
        Event().wait(0.05)

def train(trial):
    learn = tabular_learner(data, layers=[8], quiet=True)
    learn.plan(threads=1, precision="float32", channels_last=False)
    learn.fit(4, trial["lr"], callbacks=[*trial.callbacks, Slowly()])
    return learn

data = sales(stores=4, days=60)
""".strip()
LINE = "job = %search train lr=1e-3:1e-1:log --trials 9 --storage found.db --background"


class LastPanel(PanelPage):
    """The last of several panels in a notebook."""

    @property
    def root(self) -> Locator:
        return super().root.last


def looked_at(panel: PanelPage, name: str, *buttons: str) -> None:
    """Draw a batch and press every button of the Results tab; both tabs read in both themes."""
    panel.button("Draw again").click()
    expect(panel.root.locator("table.tenfold-rows tbody tr")).to_have_count(9)
    panel.tab("Results").click()
    for button in buttons:
        panel.button(button).click()
        expect(panel.root.get_by_role("status")).to_contain_text("finished")
    for theme in ("Dark", "Light"):
        panel.notebook.theme(theme)
        for tab in ("Data", "Results"):
            panel.tab(tab).click()
            shot(panel.page, f"{name}-{tab}-{theme}".lower(), of=panel.root)
            assert panel.faint() == [] == panel.overflows(), (name, tab, theme)


def predicted(panel: PanelPage, label: str, words: str, answer: str) -> None:
    """Type something of one's own and read what the model says."""
    panel.root.get_by_label(label, exact=True).fill(words)
    panel.button("Predict").click()
    expect(panel.root.get_by_role("heading", name=re.compile(answer))).to_be_visible()


def test_texts_tables_and_ratings_have_their_batch_and_their_results(open_notebook: Open) -> None:
    cells = [SETUP, *(part for one in (TEXT, TABLE, RATINGS) for part in (one, "%panel"))]
    panel = LastPanel(open_notebook("kinds", *cells))
    panel.page.set_viewport_size({"width": 1280, "height": 1800})
    for cell in (0, 1, 2):
        assert panel.notebook.run(cell) == ""
    looked_at(panel, "text", "Confusion matrix", "Top losses")
    predicted(panel, "Text", "a good film", "a good film: (yes|no)")
    panel.root.get_by_role("button", name=" right: ").first.click()
    expect(panel.root.locator(".tenfold-cell-shown")).to_contain_text("the film was")
    for cell in (3, 4):
        assert panel.notebook.run(cell) == ""
    looked_at(panel, "table", "Predicted against actual", "Top losses")
    predicted(panel, "Row", "Store=1 Promo=1", "Store=1 Promo=1: ")
    for cell in (5, 6):
        assert panel.notebook.run(cell) == ""
    looked_at(panel, "ratings", "Predicted against actual", "Top losses", "Best, worst and map")
    expect(panel.picture).to_have_count(2)


def test_a_search_is_stopped_by_its_button_and_goes_on_by_its_line(open_notebook: Open) -> None:
    notebook = open_notebook("search", SETUP, SEARCH, LINE, f"{LINE} --seed 1")
    page = notebook.page
    for cell in (0, 1, 2):
        assert notebook.run(cell) == ""
    bar = page.get_by_role("group", name="Tenfold search")
    expect(bar.get_by_role("status")).to_contain_text("of 9")
    assert re.search(r"trial \d of 9", notebook.ask("%status"))
    shot(page, "search-running")
    bar.get_by_role("button", name="Stop").click()
    expect(bar).to_have_count(0)
    state, done = notebook.ask("print(job.state, len(job.value()))").split()
    assert state == "stopped" and int(done) < 9
    notebook.ask("train = lambda trial: trial['lr']")
    notebook.run(3)
    assert notebook.ask("%wait\nprint(job.state, len(job.value()))").endswith("finished 9")
    expect(page.locator("img[alt*='as lines through']")).to_be_visible()
    shot(page, "search-ended")
