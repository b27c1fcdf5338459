from __future__ import annotations

from typing import Any

import pytest
import torch
from magics_world import make_learner, refusal, run
from matplotlib.figure import Figure
from table_worlds import make_frame, make_tabular_learner

from tenfold.figures import Picture, new_figure
from tenfold.magics.looking import Predictions, Scoreboard


class Album:
    """Data that can show itself, as ImageData does."""

    train = valid = ()

    def __init__(self) -> None:
        self.asked = 0

    def show_batch(self, n: int = 9) -> Figure:
        self.asked = n
        figure, axes = new_figure()
        axes.set_title("poppy")
        return figure


@pytest.fixture
def pictures(shell: Any) -> Any:
    shell.user_ns["learn"] = make_learner(3, 6, 6)
    return shell


def test_tta_gives_predictions_and_targets_and_shows_what_it_gains(
    pictures: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run(pictures, "preds, targets = %tta --n 2 --beta 0.5 --seed 3")
    expected = pictures.user_ns["learn"].tta(n=2, beta=0.5, seed=3)
    assert pictures.user_ns["preds"].equal(expected[0])
    assert pictures.user_ns["targets"].equal(expected[1])
    shown = capsys.readouterr().out
    assert "plain" in shown and "with TTA" in shown and "accuracy" in shown


def test_a_bare_tta_dumps_no_tensors(pictures: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(pictures, "%tta --corners") is None
    assert "tensor" not in capsys.readouterr().out
    assert run(pictures, "%tta;") is None and capsys.readouterr().out == ""
    pictures.user_ns["learn"].metrics = []
    run(pictures, "%tta")
    assert capsys.readouterr().out == "predictions (8, 2) and targets (8,)\n"


def test_predictions_show_as_one_line_and_unpack_as_two() -> None:
    first, second = found = Predictions(torch.zeros(5, 2), torch.zeros(5))
    assert repr(found) == "predictions (5, 2) and targets (5,)"
    assert first.shape == (5, 2) and second.shape == (5,)


def test_tta_refuses_what_it_cannot_do(pictures: Any) -> None:
    assert "n=0 was given" in refusal(pictures, "%tta --n 0")
    assert "beta=2.0 was given" in refusal(pictures, "%tta --beta 2")
    pictures.user_ns["learn"] = make_learner()
    assert "turns and crops pictures" in refusal(pictures, "%tta")


def test_a_scoreboard_is_a_table_of_text_and_html() -> None:
    board = Scoreboard({"plain": {"a<b": 0.5}, "with TTA": {"a<b": 0.75}})
    lines = ["             a<b", "plain     0.5000", "with TTA  0.7500"]
    assert repr(board) == "\n".join(lines)
    assert "a&lt;b" in board._repr_html_() and "<td>0.7500</td>" in board._repr_html_()


def test_predict_takes_variables(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.user_ns.update(learn=make_learner(), x=torch.zeros(2), many=[torch.zeros(2)] * 3)
    run(shell, "%predict x")
    assert capsys.readouterr().out.startswith(("0 (0 ", "1 (1 "))
    run(shell, "%predict many")
    assert len(capsys.readouterr().out.splitlines()) == 3
    run(shell, "found = %predict x $x")
    assert len(shell.user_ns["found"]) == 2 and capsys.readouterr().out == ""


def test_predict_refuses_a_name_that_is_nothing(shell: Any) -> None:
    shell.user_ns["learn"] = make_learner()
    assert "there is no variable photo, and this model takes" in refusal(shell, "%predict photo")
    assert "there is no variable photo" in refusal(shell, "%predict $photo")


@pytest.mark.parametrize("name", ["plot_lr", "plot_loss"])
def test_a_plot_is_shown_or_given(
    shell: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["learn"] = make_learner()
    assert "nothing has been trained yet; train first" in refusal(shell, f"%{name}")
    shell.user_ns["learn"].fit(1)
    capsys.readouterr()
    assert run(shell, f"%{name}") is None
    assert "over 2 steps" in capsys.readouterr().out
    run(shell, f"figure = %{name}")
    assert isinstance(shell.user_ns["figure"], Figure) and capsys.readouterr().out == ""
    assert run(shell, f"%{name};") is None and capsys.readouterr().out == ""


def test_a_picture_is_a_png_with_words_and_nothing_random() -> None:
    data, metadata = Picture(new_figure()[0], words="a line")._repr_mimebundle_()
    assert data["text/plain"] == "a line" and data["image/png"].startswith("iVBOR")
    assert metadata["image/png"] == {"width": 600, "height": 300, "alt": "a line"}


def test_show_batch_shows_the_data_named_or_the_only_one_before_there_is_a_learner(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["album"] = album = Album()
    run(shell, "%show_batch 4")
    assert album.asked == 4 and capsys.readouterr().out == "1 training picture: poppy\n"
    run(shell, "figure = %show_batch --data album")
    assert album.asked == 9 and isinstance(shell.user_ns["figure"], Figure)


def test_show_batch_shows_the_data_of_the_learner(shell: Any) -> None:
    shell.user_ns.update(learn=make_learner(), album=Album())
    assert "PlainData, which has nothing to show" in refusal(shell, "%show_batch")
    assert "n=0 was given; allowed is 1" in refusal(shell, "%show_batch 0 --data album")


def test_show_batch_without_data_or_with_two_asks_for_a_learner(shell: Any) -> None:
    assert "there is no learner yet" in refusal(shell, "%show_batch")
    shell.user_ns.update(first=Album(), second=Album())
    assert "there is no learner yet" in refusal(shell, "%show_batch")


def test_rows_of_a_table_are_shown_and_predicted(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    learner = make_tabular_learner()
    shell.user_ns.update(learn=learner, row=make_frame().iloc[0])
    run(shell, "%show_batch 2")
    assert capsys.readouterr().out.split()[:3] == ["dear", "size", "doors"]
    run(shell, "shown = %show_batch 2")
    assert len(shell.user_ns["shown"]) == 2
    run(shell, "%predict row")
    assert str(learner.predict(make_frame().iloc[0])) in capsys.readouterr().out


def test_a_row_is_written_as_columns_with_their_values(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["learn"] = learner = make_tabular_learner("price")
    row = {"size": "M", "doors": 3, "age": 30.0, "sold": "2020-02-01"}
    run(shell, "%predict size=M doors=3 age=30 sold=2020-02-01")
    wanted = f"price: {learner.predict(row).label:.4g}"
    assert capsys.readouterr().out == f"{wanted}\n"
    run(shell, "%predict size=M sold=2020-02-01 age=")
    lines = capsys.readouterr().out.splitlines()
    part = learner.predict({**row, "doors": None, "age": None}).label
    assert lines == [f"price: {part:.4g}", "taken as not known: doors"]
    assert "did you mean size?" in refusal(shell, "%predict sise=M")
    assert "size was given twice" in refusal(shell, "%predict size=M size=L")
    assert "allowed is COLUMN=VALUE with the columns" in refusal(shell, "%predict M")
