"""%confusion and %top_losses: what they show, what they give, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from magics_world import make_learner, refusal, run
from torch import nn

from tenfold.data.images import ImageData
from tenfold.interpret.confusion import Cell, Confusion
from tenfold.interpret.top_losses import TopLosses
from tenfold.learner import Learner
from tenfold.train.task import number

PICTURES = torch.rand(20, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = ["cat"] * 18 + ["a dog"] * 2


class Constant(nn.Module):
    """Says "a dog" of every picture, the surer the lighter it is."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([1.0, 0.0]))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.mean((1, 2, 3))[:, None] * self.slope


@pytest.fixture
def shell(shell: Any) -> Any:
    data = ImageData.from_arrays(PICTURES, LABELS, PICTURES, LABELS, device="cpu")
    shell.user_ns["learn"] = Learner(data, Constant(), quiet=True, device="cpu")
    return shell


@pytest.fixture
def plain(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner()
    return shell


def test_confusion_shows_the_matrix_and_what_is_most_confused(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shell, "%confusion") is None
    shown = capsys.readouterr().out
    assert "2 of 20 validation items are right (10.0%)" in shown
    assert "most confused: cat taken for a dog: 18" in shown
    assert run(shell, "%confusion ;") is None and capsys.readouterr().out == ""
    run(shell, "found = %confusion")
    assert isinstance(shell.user_ns["found"], Confusion) and capsys.readouterr().out == ""


def test_confusion_says_when_nothing_is_confused(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["a dog"] * 2  # what Constant says of everything
    data = ImageData.from_arrays(PICTURES, LABELS, PICTURES[:2], said, device="cpu")
    shell.user_ns["learn"] = Learner(data, Constant(), quiet=True, device="cpu")
    run(shell, "%confusion")
    assert "nothing is confused" in capsys.readouterr().out


def test_a_cell_shows_its_pictures(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shell, "%confusion --actual cat --predicted 'a dog'") is None
    shown = capsys.readouterr().out
    assert (
        "16 validation pictures\n18 validation items of class cat were predicted as a dog" in shown
    )
    assert shown.endswith("; the 16 surest are shown\n")
    run(shell, "cell = %confusion --actual 'a dog' --predicted 'a dog'")
    cell = shell.user_ns["cell"]
    assert isinstance(cell, Cell) and sorted(cell.items) == [18, 19]
    assert capsys.readouterr().out == ""
    run(shell, "%confusion --actual cat --predicted cat")
    assert capsys.readouterr().out == "no validation item of class cat was predicted as cat\n"


def test_a_cell_of_data_without_pictures_is_said_in_words(
    plain: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    found = plain.user_ns["learn"].confusion()
    run(plain, "%confusion --actual 0 --predicted 1")
    assert capsys.readouterr().out == f"{found.cell('0', '1')}\n"


def test_confusion_refuses_half_a_cell_a_misspelt_class_and_other_tasks(shell: Any) -> None:
    half = "--predicted is missing; --actual and --predicted name a cell together"
    assert half in refusal(shell, "%confusion --actual cat")
    assert "--actual is missing" in refusal(shell, "%confusion --predicted cat")
    misspelt = refusal(shell, "%confusion --actual cart --predicted cat")
    assert "the class 'cart' was given" in misspelt and "did you mean 'cat'?" in misspelt
    assert (
        "--label and --cell were given with single label, whose cells have other names; use "
        in (refusal(shell, "%confusion --label cat --cell hits"))
    )
    shell.user_ns["learn"].task = number()
    assert "a confusion matrix was asked for with number" in refusal(shell, "%confusion")


def test_top_losses_shows_pictures_where_there_are_some(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shell, "%top_losses 3") is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("item") and len(lines) == 4
    run(shell, "found = %top_losses")
    found = shell.user_ns["found"]
    assert isinstance(found, TopLosses) and len(found) == 9 and capsys.readouterr().out == ""
    assert "n=0 was given; allowed is 1 and above" in refusal(shell, "%top_losses 0")


def test_top_losses_of_other_data_is_a_table(
    plain: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(plain, "%top_losses 2") is None
    expected = plain.user_ns["learn"].top_losses(2)
    assert capsys.readouterr().out == f"{expected}\n"
