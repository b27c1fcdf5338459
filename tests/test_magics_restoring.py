"""The magics on pairs of pictures, in a shell and on a panel's page."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from magics_world import refusal
from panel_world import World
from PIL import Image
from restoration_world import make_pairs, make_pictures, make_restorer

from tenfold.live.panels.report import report_html, report_text
from tenfold.live.widgets.payloads import learner_facts
from tenfold.live.widgets.results import pieces, predicted
from tenfold.live.widgets.still import report_of
from tenfold.magics.panel import read


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_restorer(make_pairs(20, valid=0.5))
    return shell


def said(shell: Any, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    shell.run_cell(line).raise_error()
    return capsys.readouterr().out


def test_a_validation_picture_is_shown_before_and_after(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "validation picture 2: " in said(shell, "%before_after 2", capsys)
    assert said(shell, "found = %before_after", capsys) == ""
    assert shell.user_ns["found"].name == "validation picture 0"
    assert "item 99 was given; allowed are the numbers" in refusal(shell, "%before_after 99")


def test_predict_shows_the_picture_and_gives_it(
    shell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.png"
    Image.fromarray(make_pictures(1)[0].permute(1, 2, 0).numpy()).save(file)
    assert "mine.png: before and after, 16 x 16 pixels" in said(shell, f"%predict {file}", capsys)
    assert said(shell, f"made = %predict {file} {file}", capsys) == ""
    assert [one.size for one in shell.user_ns["made"]] == [(16, 16)] * 2


def test_batches_and_top_losses_are_drawn(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    words = said(shell, "%show_batch 4", capsys)
    assert words.startswith("4 training pictures: ") and words.count(" dB") == 4
    lines = said(shell, "%top_losses 2", capsys)
    assert "the 2 validation pictures with the largest loss" in lines and "PSNR (dB)" in lines
    lines = said(shell, "found = %tta", capsys)
    assert "psnr" in lines and "with TTA" in lines
    learn = shell.user_ns["learn"]
    assert torch.equal(shell.user_ns["found"][0], learn.tta()[0])


def test_a_page_is_told_what_looks_fit_pictures(shell: Any) -> None:
    learn = shell.user_ns["learn"]
    told = learner_facts(learn, name="learn", option="")
    assert {"before_after", "top_losses", "tta"} <= set(told["shows"]) and told["classes"] is None
    assert not {"confusion", "residuals"} & set(told["shows"])
    assert told["asks"] == "picture" and told["pictures"]
    _, call = read(shell, "%before_after 1", names={"learn": learn})
    assert call["item"] == 1


def test_a_strip_of_pictures_goes_to_the_page_as_it_is() -> None:
    learn = make_restorer()
    (piece,) = pieces("before_after", "%before_after 1", learn.before_after(1), learner=learn)
    assert (piece.facts["pictures"], piece.facts["width"]) == (3, 16)
    assert piece.facts["tables"][0]["rows"][0] == ["", "PSNR (dB)", "SSIM"]
    strip = np.asarray(Image.open(io.BytesIO(piece.png)))
    assert strip.shape == (16, 48, 3)
    inputs, targets = (part[0].mul(255).byte() for part in learn.data.pairs([1]))
    assert np.array_equal(strip[:, :16], inputs.permute(1, 2, 0).numpy())
    assert np.array_equal(strip[:, 32:], targets.permute(1, 2, 0).numpy())
    mine = make_pictures(1)[0]
    (piece,) = predicted("mine.png", mine, learn.predict(mine), learn)
    assert (piece.facts["pictures"], piece.facts["tables"]) == (2, [])


def test_before_and_after_stay_in_the_notebook_side_by_side() -> None:
    world = World(make_restorer())
    learn, took = world.learn, world.panel.took
    took("before_after", "%before_after 1", learn.before_after(1))
    took("top_losses", "%top_losses 2", learn.top_losses(2))
    report = report_of(world.panel)
    text, html = report_text(report), report_html(report)
    for words in (str(learn.before_after(1)), "nearness to the target", "PSNR (dB)"):
        assert words in text and words in html
    assert 'alt="validation picture 1: before, after and target" width="192"' in html
    assert "actual" not in text
    world.panel.close()
