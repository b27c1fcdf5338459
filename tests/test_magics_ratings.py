"""The magics on ratings: what they show of data and model."""

from __future__ import annotations

from typing import Any

import pytest
from magics_world import refusal

from tenfold.data.samples.films import ratings
from tenfold.learners import ratings_learner


@pytest.fixture
def shell(shell: Any) -> Any:
    data = ratings(600, users=40, items=30)
    shell.user_ns["learn"] = ratings_learner(data, factors=4, quiet=True, device="cpu")
    return shell


def said(shell: Any, line: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    shell.run_cell(line).raise_error()
    return capsys.readouterr().out.splitlines()


def test_show_batch_is_a_table(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(shell, "%show_batch 4", capsys)
    assert lines[0].split() == ["member", "film", "stars"] and len(lines) == 5


def test_a_pair_in_a_variable_is_predicted(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    film = shell.user_ns["learn"].data.items.values[0]
    shell.user_ns.update(pair=(3, film), new=(None, film))
    (line,) = said(shell, "%predict pair", capsys)
    assert line.startswith("stars: ") and 0.5 < float(line.removeprefix("stars: ")) < 5
    assert len(said(shell, "%predict pair new", capsys)) == 2
    assert said(shell, f"%predict member=3 film='{film}'", capsys) == [line]
    assert said(shell, f"%predict film='{film}'", capsys)[1] == "taken as not known: member"
    shell.user_ns["pair"] = ("3", film)
    assert "'3' was given for 'member'; allowed are whole numbers" in refusal(
        shell, "%predict pair"
    )


def test_factors_shows_the_best_the_worst_and_a_map(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(shell, "%factors 3 --least 2", capsys)
    assert lines[0].split() == ["best", "bias", "worst", "bias"] and len(lines) == 5
    found = shell.user_ns["learn"].factors().best(3, least=2)
    assert [line.split("  ")[0] for line in lines[1:4]] == found.names
    assert lines[4].startswith("a map of 30 names")
    shell.run_cell("found = %factors --of users").raise_error()
    assert len(shell.user_ns["found"]) == 40 and capsys.readouterr().out == ""
    assert "least=99 was given" in refusal(shell, "%factors --least 99")


def test_residuals_shows_the_error_by_rating(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(shell, "%residuals", capsys)
    assert lines[0].startswith("predictions over actual stars") and lines[1].startswith("rmse ")
    assert lines[2].split()[:2] == ["stars", "items"]


def test_training_and_looking_work_unchanged(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said(shell, "%fit_one_cycle 1 --lr 5e-3", capsys)
    assert "rmse" in shell.user_ns["learn"].history.columns()
    assert len(said(shell, "%top_losses 3", capsys)) == 4
    assert "rates tried" in said(shell, "%lr_find --steps 20", capsys)[-1]
    assert any("fewer than 1,000,000" in line for line in said(shell, "%plan", capsys))
