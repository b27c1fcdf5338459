"""The panel on texts, tables and ratings: what it tells its page, and what it leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from magics_world import make_shell
from panel_world import World, picture_world
from table_worlds import make_tabular_learner
from text_world import make_language_learner, make_text_learner

from tenfold.data.samples.films import ratings
from tenfold.errors import SettingError
from tenfold.learner import Learner
from tenfold.learners import ratings_learner
from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.payloads import data_facts, learner_facts
from tenfold.live.widgets.results import MAKERS, pieces
from tenfold.live.widgets.still import report_of
from tenfold.magics.panel import CLICKABLE, read


def make_ratings_learner() -> Learner:
    data = ratings(150, users=20, items=15)
    return ratings_learner(data, factors=4, quiet=True, device="cpu")


def facts(learner: Learner) -> tuple[str, list[str], list[str]]:
    told = learner_facts(learner, name="learn", option="")
    return told["asks"], told["fields"], told["shows"]


def only(name: str, line: str, value: Any, learner: Learner) -> Any:
    (piece,) = pieces(name, line, value, learner=learner)
    return piece


def test_each_kind_says_what_it_takes_and_what_looks_fit_it() -> None:
    fields = ["size", "doors", "age", "sold"]
    ideas = ["compare_optimizers", "optimizers", "widths", "decays"]
    always = ["top_losses", "summary", "landscape", "sharpness", *ideas]
    classes = ["confusion", "calibration", *always]
    assert facts(make_text_learner()) == ("text", [], classes)
    assert facts(make_language_learner()) == ("", [], ["generate", *always])
    assert facts(make_tabular_learner())[::2] == ("row", classes)
    asks, given, shows = facts(make_tabular_learner("price"))
    assert asks == "row" and sorted(given) == sorted(fields)
    assert shows == ["residuals", *always]
    looks = ["residuals", "factors", *always]
    assert facts(make_ratings_learner()) == ("row", ["member", "film"], looks)


def test_data_is_told_in_its_own_words_and_with_its_classes() -> None:
    text = make_text_learner()
    told = data_facts(text.data)
    assert told["words"].startswith("TextData: ") and told["counts"] == {"no": 19, "yes": 19}
    table = data_facts(make_tabular_learner().data)
    assert sum(table["counts"].values()) == 160 and set(table["counts"]) == {"no", "yes"}
    for learner in (make_language_learner(), make_tabular_learner("price"), make_ratings_learner()):
        assert data_facts(learner.data)["counts"] is None


def test_a_batch_is_told_as_its_table() -> None:
    for learner in (make_text_learner(), make_tabular_learner(), make_ratings_learner()):
        shown = learner.data.show_batch(4, epoch=2)
        piece = only("show_batch", "%show_batch 4 --epoch 2", shown, learner)
        assert piece.facts["table"] == shown.rows and piece.facts["words"] == shown.caption
        assert (piece.facts["epoch"], piece.facts["labels"], piece.png) == (2, [], b"")


def test_top_losses_and_cells_have_their_items_in_words() -> None:
    learner = make_text_learner()
    found = learner.top_losses(3)
    told = only("top_losses", "", found, learner).facts
    places = [item.index for item in found.items]
    assert told["heads"] == ["text"]
    wanted = learner.data.item_words(places)["text"]
    assert [item["words"] for item in told["items"]] == [[text] for text in wanted]
    confusion = learner.confusion()
    cell = next(c for a in ("no", "yes") for b in ("no", "yes") if (c := confusion.cell(a, b)))
    rows = only("confusion", "", cell, learner).facts["table"]
    assert rows[0] == [f"probability of {cell.predicted}", "text"]
    assert [row[1] for row in rows[1:]] == learner.data.item_words(cell.items)["text"]


def test_a_language_model_tells_its_words_and_what_it_wrote() -> None:
    learner = make_language_learner()
    found = learner.top_losses(2)
    told = only("top_losses", "", found, learner).facts
    assert told["words"] == found.summary and told["heads"] == ["before"]
    assert [item["words"] for item in told["items"]] == [[one.before] for one in found.items]
    text = learner.generate("the film", words=5)
    assert only("generate", "", text, learner).facts["words"] == text


def test_numbers_and_ratings_tell_their_pictures_and_tables() -> None:
    learner = make_ratings_learner()
    found = learner.residuals()
    piece = only("residuals", "%residuals", found, learner)
    assert piece.facts["words"] == found.summary and piece.png[:4] == b"\x89PNG"
    assert piece.facts["tables"] == [{"caption": "the error by stars", "rows": found.table}]
    line = "%factors 3 --least 2"
    piece = only("factors", line, learner.factors(), learner)
    (table,) = piece.facts["tables"]
    best = learner.factors().best(3, least=2).names
    assert [row[0] for row in table["rows"][1:]] == best and piece.png[:4] == b"\x89PNG"
    film = learner.data.items.values[0]
    found = learner.predict((3, film))
    told = only("predict", f"%predict member=3 film='{film}' --learner mine", found, learner)
    assert told.facts["label"] == f"{found.label:.4g}"
    assert told.facts["name"].startswith("member=3 film='")


def test_what_was_looked_at_stays_in_the_notebook() -> None:
    world = World(make_ratings_learner())
    learn, took = world.learn, world.panel.took
    took("show_batch", "%show_batch 2", learn.data.show_batch(2))
    took("top_losses", "%top_losses 2", learn.top_losses(2))
    took("residuals", "%residuals", learn.residuals())
    took("factors", "%factors 2", learn.factors())
    report = report_of(world.panel)
    text, html = report_text(report), report_html(report)
    films = [learn.data.item_words([one.index])["film"][0] for one in learn.top_losses(2).items]
    for words in ("training rating", learn.residuals().summary, "the error by stars", *films):
        assert words in text and words in html
    world.panel.close()


def test_texts_in_the_notebook_begin_at_the_left() -> None:
    world = World(make_text_learner())
    world.panel.took("show_batch", "%show_batch 2", world.learn.data.show_batch(2))
    html = report_html(report_of(world.panel))
    assert 'style="text-align:left">xxbos' in html
    world.panel.close()


def test_a_page_may_predict_words_but_no_files(tmp_path: Path) -> None:
    shell = make_shell(tmp_path)
    line = "%predict 'a good film'"
    one, call = read(shell, line, names={"learn": make_text_learner()})
    assert one.name == "predict" and call["items"] == ["a good film"]
    world = picture_world(tmp_path)
    with pytest.raises(SettingError, match="drop the picture on the panel instead"):
        read(shell, "%predict photo.png", names={"learn": world.learn})
    world.panel.close()


def test_a_page_may_ask_for_everything_that_it_can_show() -> None:
    assert set(MAKERS) - set(CLICKABLE) == set()
