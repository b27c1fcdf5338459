"""The magics on texts: shown, thawed group by group, predicted."""

from __future__ import annotations

from typing import Any

import pytest
from magics_world import refusal, run
from text_world import make_language_learner, make_text_learner


@pytest.fixture
def shell(shell: Any) -> Any:
    shell.user_ns["learn"] = make_text_learner()
    return shell


def test_show_batch_shows_rows_of_text(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(run(shell, "view = %show_batch 3\nview")) == 3
    assert "film" in capsys.readouterr().out


def test_unfreeze_gradually_says_how_much_trains(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "%unfreeze --gradually")
    assert "training 2 of 4 layer groups" in capsys.readouterr().out
    run(shell, "%unfreeze")
    assert "training 4 of 4 layer groups" in capsys.readouterr().out


def test_a_quoted_text_is_predicted(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = shell.user_ns["learn"].predict("a good film")
    assert str(run(shell, 'found = %predict "a good film"\nfound')) == str(wanted)
    run(shell, "%predict 'a good film'")
    assert str(wanted) in capsys.readouterr().out


def test_a_fit_and_the_rate_finder_work_as_everywhere(shell: Any) -> None:
    assert run(shell, "run = %fit_one_cycle 1 --lr 1e-2\nrun").state == "finished"
    assert len(run(shell, "curve = %lr_find --steps 12\ncurve").rates) > 0


def test_confusion_and_top_losses_work_on_texts(shell: Any) -> None:
    learn = shell.user_ns["learn"]
    assert learn.confusion().matrix.sum() == learn.data.valid.items
    assert len(learn.top_losses(3)) == 3


def test_a_cell_and_the_top_losses_have_the_texts_in_them(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = shell.user_ns["learn"]
    said = next(name for name in ("no", "yes") if len(learn.confusion().cell(name, name)))
    run(shell, f"%confusion --actual {said} --predicted {said}")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[-1] == "text" and "The film it was" in lines[1]
    assert lines[-1].startswith(str(learn.confusion().cell(said, said)))
    run(shell, "%top_losses 2")
    assert "The film it was" in capsys.readouterr().out


def test_a_language_model_writes_on_and_shows_its_hardest_words(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["learn"] = learn = make_language_learner()
    run(shell, "%generate 'the film' --words 9")
    wanted = learn.generate("the film", words=9)
    assert capsys.readouterr().out.split() == wanted.split()
    assert run(shell, "text = %generate 'the film' --words 9\ntext") == wanted
    run(shell, "%top_losses 2")
    assert "perplexity" in capsys.readouterr().out
    shell.user_ns["learn"] = make_text_learner()
    assert "only a language model can" in refusal(shell, "%generate film")
