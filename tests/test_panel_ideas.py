"""The comparisons on a panel: what a click gives its page, and what stays in the notebook."""

from __future__ import annotations

from typing import Any

import pytest
from factories import make_learner
from gan_world import make_gan_learner
from panel_world import World

from tenfold.errors import SettingError
from tenfold.interpret.decays import compare_decays
from tenfold.interpret.optimizers import compare_optimizers
from tenfold.interpret.widths import compare_widths
from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.payloads import learner_facts
from tenfold.live.widgets.results import pieces
from tenfold.live.widgets.still import report_of
from tenfold.magics.panel import read

MAKERS = {
    "optimizers": lambda: compare_optimizers("saddle", ["sgd", "adam"], steps=9, lr=0.1),
    "widths": lambda: compare_widths("corner", [1, 2]),
    "decays": lambda: compare_decays([0, 1e-3, 10], points=5),
}


def shows(learner: Any) -> list[str]:
    return list(learner_facts(learner, name="learn", option="")["shows"])


@pytest.mark.parametrize("name", MAKERS)
def test_an_idea_gives_its_picture_at_rest_and_in_motion(name: str) -> None:
    found: Any = MAKERS[name]()
    (piece,) = pieces(name, f"%{name}", found, learner=make_learner())
    assert (piece.trait, piece.key) == ("results", name)
    assert piece.facts["words"] == found.summary and piece.facts["picture"] == found.words
    assert [one["rows"] for one in piece.facts["tables"]] == [found.table]
    assert piece.png is not None and piece.png.startswith(b"\x89PNG")
    assert piece.gif == found.moving().gif() and piece.gif.startswith(b"GIF89a")


def test_a_line_that_asks_for_no_motion_takes_the_frames_away() -> None:
    world, found = World(), MAKERS["widths"]()
    world.panel.took("widths", "%widths corner", found)
    assert world.panel.widths_gif.startswith(b"GIF89a")
    world.panel.took("widths", "%widths corner --still", found)
    assert world.panel.widths_gif == b"" and world.panel.widths_png.startswith(b"\x89PNG")
    world.panel.close()


def test_other_pictures_come_without_frames() -> None:
    learn = make_learner()
    (piece,) = pieces("landscape", "", learn.landscape(points=3, items=4), learner=learn)
    assert piece.png and piece.gif is None


def test_optimizers_compared_on_the_learner_have_a_picture_and_a_table() -> None:
    learn = make_learner()
    found = learn.compare_optimizers(1, ["sgd", "adam"], lr=0.01)
    (piece,) = pieces("compare_optimizers", "", found, learner=learn)
    assert piece.facts["tables"] == [{"caption": "each optimizer", "rows": found.table}]
    assert piece.facts["picture"] == found.words
    assert piece.png and piece.png.startswith(b"\x89PNG") and piece.gif is None


def test_what_was_compared_stays_in_the_notebook_as_words_and_table() -> None:
    world = World()
    for name, make in MAKERS.items():
        world.panel.took(name, f"%{name}", make())
    report = report_of(world.panel)
    text, html = report_text(report), report_html(report)
    for words in ("9 steps on saddle", "steps to 1%", "each width", "rmse", "each decay", "0.001"):
        assert words in text and words in html, words
    world.panel.close()


def test_every_learner_has_the_ideas_and_those_with_a_loss_the_comparison() -> None:
    assert {*MAKERS, "compare_optimizers"} <= set(shows(make_learner()))
    assert set(MAKERS) <= set(shows(make_gan_learner()))
    assert "compare_optimizers" not in shows(make_gan_learner())


def test_a_page_may_run_ideas_but_name_no_learner_in_them(shell: Any) -> None:
    names = {"learn": make_learner()}
    one, call = read(shell, "%optimizers saddle --steps 9", names=names)
    assert one.handler(call).steps == 9
    with pytest.raises(SettingError, match="--learner"):
        read(shell, "%decays --learner learn", names=names)
    one, call = read(shell, "%compare_optimizers 1 --only sgd --learner learn", names=names)
    assert call.learner is names["learn"]
