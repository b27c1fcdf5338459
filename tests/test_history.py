from __future__ import annotations

import threading
import tracemalloc

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


def random_history(seed: int) -> tuple[History, np.ndarray, np.ndarray]:
    """A history made of chunks of any size, and the same kept in the simplest way."""
    draw = np.random.default_rng(seed)
    history, losses, rates = History(), np.zeros(0, np.float32), np.zeros((0, 3))
    for count in draw.integers(0, 9000, size=12):
        new, factors = draw.normal(size=count).astype(np.float32), draw.random(count)
        bases = draw.choice([[1e-5, 1e-4, 1e-3], [0.1, 0.2, 0.3]]).tolist()
        table = factors[:, None] * np.array(bases)
        if draw.random() < 0.5:
            history.add_steps(new, factors, bases=bases)
        else:
            history.add_steps(new, table)
        losses, rates = np.concatenate([losses, new]), np.concatenate([rates, table])
    return history, losses, rates


@pytest.mark.parametrize("seed", range(5))
def test_chunks_of_any_size_join_to_exactly_what_was_added(seed: int) -> None:
    history, losses, rates = random_history(seed)
    assert np.array_equal(history.losses, losses) and np.array_equal(history.rates, rates)
    assert history.rates.dtype == np.float64 and history.steps == len(losses)
    for count in (0, 1, 20, 8191, 8192, 8193, 30_000, len(losses), len(losses) + 1):
        begin = max(len(losses) - count, 0)
        assert np.array_equal(history.tail(count), losses[begin:])
        assert np.array_equal(history.tail_rates(count), rates[begin:])


def test_what_was_joined_does_not_change_later() -> None:
    history = make_history()
    losses, tail = history.losses, history.tail(1)
    history.losses[:] = 9
    history.add_steps(np.array([0.1]), np.array([[1.0, 2.0]]))
    assert losses.tolist() == pytest.approx([0.9, 0.6, 0.5, 0.5]) and tail.tolist() == [0.5]


def test_a_million_steps_of_three_groups_take_little_memory_and_no_time_to_read() -> None:
    tracemalloc.start()
    try:
        history = History()
        for start in range(0, 1_000_000, 500):
            factors = np.arange(start, start + 500) / 1e6
            history.add_steps(factors, factors, bases=[1e-5, 1e-4, 1e-3])
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert history.steps == 1_000_000 and used < 13e6
    assert history.tail_rates(1).tolist() == [[999_999 / 1e6 * rate for rate in (1e-5, 1e-4, 1e-3)]]


def test_steps_may_be_read_while_they_are_added() -> None:
    history, done = History(), threading.Event()

    def add() -> None:
        for step in range(20_000):
            history.add_steps(np.array([step]), np.array([1.0]), bases=[float(step // 1000), 1.0])
        done.set()

    thread = threading.Thread(target=add)
    thread.start()
    while not done.is_set():
        losses, rates = history.losses, history.rates
        assert losses.tolist() == list(range(len(losses))) and len(rates) >= len(losses)
        assert (rates[:, 0] == np.arange(len(rates)) // 1000).all()
    thread.join()


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
