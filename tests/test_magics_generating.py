"""The magics of generators, and the panel that shows what they make while they train."""

from __future__ import annotations

import io
from typing import Any

import pytest
import torch
from factories import At, make_learner
from gan_world import make_gan_learner
from magics_world import refusal
from panel_world import World
from PIL import Image

from tenfold.interpret.sheet import Sheet, Sheets
from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.payloads import learner_facts
from tenfold.live.widgets.results import live_pieces, pieces
from tenfold.live.widgets.still import report_of
from tenfold.train.run import Run


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_gan_learner()
    return shell


def test_sheet_shows_pictures_of_a_seed(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%sheet 9 --seed 2").raise_error()
    assert capsys.readouterr().out.strip() == "9 pictures from seed 2, after 0 epochs and 0 steps"
    shell.run_cell("found = %sheet 9 --seed 2").raise_error()
    found = shell.user_ns["found"]
    assert isinstance(found, Sheet) and not capsys.readouterr().out
    assert torch.equal(found.pictures, shell.user_ns["learn"].sheet(9, seed=2).pictures)


def test_sheet_shows_the_epochs_below_each_other(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "there is no sheet of an epoch yet" in refusal(shell, "%sheet --epochs")
    shell.run_cell("%fit 2 --lr 1e-3,2e-3\nfound = %sheet --epochs").raise_error()
    found = shell.user_ns["found"]
    assert isinstance(found, Sheets) and [one.epoch for one in found] == [1, 2]
    words = refusal(shell, "%sheet 9 --epochs")
    assert "--epochs was given with n; it shows what was kept while training" in words


def test_critic_steps_are_changed(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%critic_steps 3").raise_error()
    assert shell.user_ns["learn"].model.critic_steps == 3
    assert capsys.readouterr().out.strip() == "the critic learns 3 to 1 from the next batch on"
    assert "critic_steps=0 was given; allowed is 1 and above" in refusal(shell, "%critic_steps 0")


def test_other_models_are_refused(shell: Any) -> None:
    shell.user_ns["learn"] = make_learner()
    for line in ("%sheet", "%sheet --epochs", "%critic_steps 2"):
        assert "Net makes no pictures; a sheet is of a GAN" in refusal(shell, line)


def test_the_panel_offers_what_fits_a_gan() -> None:
    told = learner_facts(make_gan_learner(), name="learn", option="")
    assert told["shows"] == ["sheet", "summary", "optimizers", "widths", "decays"]
    assert told["asks"] == ""
    assert [group["name"] for group in told["groups"]] == ["generator", "critic"]
    assert "sheet" not in learner_facts(make_learner(), name="learn", option="")["shows"]


def test_a_line_puts_its_sheet_on_the_page() -> None:
    learn = make_gan_learner()
    found = learn.sheet(9)
    (piece,) = pieces("sheet", "%sheet 9", found, learner=learn)
    assert (piece.trait, piece.key, piece.png) == ("results", "sheet", found.png())
    assert piece.facts == {"words": str(found), "picture": str(found), "tables": []}
    assert live_pieces(object(), learn) == []


def test_the_panel_shows_the_sheet_while_it_trains() -> None:
    learn = make_gan_learner(every=2)
    world, seen = World(learn), list[str]()

    def send(run: Run) -> None:
        run.tick()
        world.desk.send(after=2.0)
        told = world.panel.results["sheet"]
        seen.append(told["words"] if told else "")

    with world.desk:
        learn.fit(1, 1e-3, callbacks=[At("after_step", send, step=step) for step in (1, 2, 3, 4)])
    steps = [words.removesuffix("s")[-6:] for words in seen]
    assert steps == ["0 step", "2 step", "2 step", "4 step"]
    world.panel.close()


def test_a_page_that_comes_later_and_a_saved_notebook_have_the_sheet() -> None:
    learn = make_gan_learner()
    world = World(learn)
    with world.desk:
        learn.fit(1, 1e-3)
    world.panel.catch_up()
    words = "64 pictures from seed 0, after 1 epoch and 5 steps"
    # a reload asks for the traits, which the kernel still has
    state = world.panel.get_state(["results", "sheet_png"])
    assert state["results"]["sheet"]["words"] == words
    width, height = Image.open(io.BytesIO(bytes(state["sheet_png"]))).size
    assert width == height > 500
    report = report_of(world.panel)
    assert words in report_html(report) and words in report_text(report)
    world.panel.close()
