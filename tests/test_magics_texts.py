"""The magics on texts: shown, thawed group by group, predicted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from magics_world import make_shell
from text_world import make_text_learner


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    shell = make_shell(tmp_path)
    shell.user_ns["learn"] = make_text_learner()
    return shell


def run(shell: Any, line: str) -> Any:
    result = shell.run_cell(line)
    result.raise_error()
    return result.result


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
