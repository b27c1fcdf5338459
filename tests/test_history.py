from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import SettingError
from tenfold.train.history import History, smoothed


def make_history() -> History:
    history = History(
        rows=[
            {"epoch": 1, "train_loss": 0.75, "valid_loss": 0.5, "seconds": 65.0, "step": 2},
            {"epoch": 2, "train_loss": 0.5, "seconds": 1.0, "step": 4},
        ]
    )
    rates = np.array([[1.0, 2.0], [0.5, 1.0], [1.0, 2.0], [0.5, 1.0]])
    history.add_steps(np.array([0.9, 0.6, 0.5, 0.5]), rates)
    return history


def test_a_column_is_there_for_every_epoch() -> None:
    assert make_history().column("valid_loss") == [0.5, None]
    assert make_history().columns() == ["epoch", "train_loss", "valid_loss", "seconds", "step"]


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (
            make_history(),
            "'valid_los' was asked for; there are epoch, .*did you mean 'valid_loss'?",
        ),
        (History(), "'valid_los' was asked for; there are none: nothing has been trained"),
    ],
)
def test_an_unknown_column_is_refused(history: History, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        history.column("valid_los")


def test_the_table_is_the_same_in_text_and_html() -> None:
    history = make_history()
    words = [word for row in history.table() for word in row]
    assert words[5:10] == ["1", "0.7500", "0.5000", "1:05", "2"]
    assert "–" in str(history)
    assert all(f">{word}<" in history._repr_html_() for word in words)


def test_the_frame_has_the_same_rows() -> None:
    frame = make_history().frame()
    assert frame["step"].tolist() == [2, 4]
    assert frame["valid_loss"].isna().tolist() == [False, True]


def test_an_empty_history_says_so_and_draws() -> None:
    assert str(History()) == "nothing has been trained"
    assert len(History()) == History().steps == 0
    assert History().plot() and History().plot_lr()


def test_names_are_escaped_in_html() -> None:
    assert "<b>" not in History(rows=[{"<b>": 1.0}])._repr_html_()


def test_steps_are_appended_and_may_change_their_number_of_groups() -> None:
    history = make_history()
    history.add_steps(np.array([0.1]), np.array([[1.0, 2.0, 3.0]]))
    assert history.steps == 5 and history.losses.dtype == np.float32
    assert history.rates[[0, -1]].tolist() == [[2.0, 2.0, 2.0], [1.0, 2.0, 3.0]]


def test_the_losses_are_drawn_at_their_steps() -> None:
    lines = make_history().plot().axes[0].lines
    assert lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert (lines[1].get_xdata(), lines[1].get_ydata()) == ([2], [0.5])


def test_the_rate_of_each_different_group_is_drawn() -> None:
    lines = make_history().plot_lr().axes[0].lines
    assert [line.get_ydata().tolist() for line in lines] == [[1, 0.5, 1, 0.5], [2, 1, 2, 1]]


def test_smoothing_equals_the_corrected_average() -> None:
    values = np.random.default_rng(0).normal(size=20)
    expected = [
        sum(0.9 ** (i - j) * values[j] for j in range(i + 1)) / sum(0.9**j for j in range(i + 1))
        for i in range(20)
    ]
    assert smoothed(values, weight=0.9) == pytest.approx(expected, rel=1e-9)


def test_smoothing_passes_over_what_is_no_number() -> None:
    values = np.array([np.nan, 1.0, np.inf, 1.0])
    assert smoothed(values).tolist()[1:] == pytest.approx([1, 1, 1])
    assert np.isnan(smoothed(values)[0])
