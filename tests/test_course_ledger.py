"""The ledger of lesson 10: what a run costs, and what a technique buys."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from tenfold.course.ledger import Ledger, seconds_of
from tenfold.errors import SettingError, StateError
from tenfold.train.history import History


def make_ledger(price: float = 3.6, budget: float = 60.0) -> Ledger:
    """A ledger where a second costs a tenth of a cent."""
    return Ledger(price_per_hour=price, budget=budget)


def test_a_run_costs_its_share_of_the_price_of_an_hour() -> None:
    ledger = make_ledger(price=24.0)
    assert ledger.add("an hour", 3600, score=0.5).cents == 2400.0
    assert ledger.cents(1.5) == pytest.approx(1.5 / 3600 * 24 * 100)


def test_the_seconds_of_a_history_are_those_of_all_its_epochs() -> None:
    rows: list[dict[str, Any]] = [{"epoch": 1, "seconds": 1.25}, {"epoch": 2, "seconds": 2.0}]
    entry = make_ledger().add("plain", History(rows=rows), score=0.5, extra=0.75)
    assert seconds_of(History(rows=rows)) == 3.25
    assert entry.seconds == 4.0


def test_the_budget_goes_down_and_a_run_over_it_is_still_written_down() -> None:
    ledger = make_ledger(budget=10)
    ledger.add("a", 4, score=0.1)
    assert (ledger.spent, ledger.left) == (4.0, 6.0)
    assert ledger.account == "1 run: 4.0 of 10.0 seconds spent, 6.0 left; 0.400 cents"
    ledger.add("b", 9, score=0.1)
    assert ledger.account == "2 runs: 13.0 of 10.0 seconds spent, 3.0 over; 1.300 cents"


def test_the_best_mean_score_stands_first() -> None:
    ledger = make_ledger()
    for name, score in [("low", 0.2), ("high", 0.9), ("low", 0.4), ("middle", 0.5)]:
        ledger.add(name, 1, score=score)
    rows = ledger.leaderboard().rows
    assert [(row["name"], row["runs"]) for row in rows] == [("high", 1), ("middle", 1), ("low", 2)]
    assert rows[2]["score"] == pytest.approx(0.3)
    assert rows[2]["deviation"] == pytest.approx(math.sqrt(0.02))
    assert rows[0]["deviation"] is None


def test_the_gain_is_against_the_first_name_and_by_seed_where_both_have_it() -> None:
    ledger = make_ledger()
    for seed, score in [(0, 0.1), (1, 0.5), (2, 0.9)]:
        ledger.add("control", 1, score=score, seed=seed)
    for seed, score in [(1, 0.6), (2, 1.1), (7, 0.0)]:
        ledger.add("technique", 1, score=score, seed=seed)
    ledger.add("without a seed", 1, score=0.7)
    gains = {row["name"]: row["gain"] for row in ledger.leaderboard().rows}
    assert gains["control"] is None
    assert gains["technique"] == pytest.approx((0.1 + 0.2) / 2)
    assert gains["without a seed"] == pytest.approx(0.7 - 0.5)


def test_the_leaderboard_has_the_same_words_as_text_and_as_html() -> None:
    ledger = make_ledger()
    ledger.add("<plain>", 10, score=0.5)
    ledger.add("better", 20, score=0.75)
    text, html = repr(ledger), ledger._repr_html_()
    assert text.splitlines() == [
        "         runs  score  ±   gain  seconds  cents",
        "better      1  0.750  –  0.250     20.0  2.000",
        "<plain>     1  0.500  –      –     10.0  1.000",
        "2 runs: 30.0 of 60.0 seconds spent, 30.0 left; 3.000 cents",
    ]
    assert "&lt;plain&gt;" in html and html.endswith(f"<p>{ledger.account}</p>")
    cells = re.sub("<[^>]+>", " ", html).replace("&lt;", "<").replace("&gt;", ">")
    assert sorted(cells.split()) == sorted(text.split())


def test_an_empty_ledger_shows_its_account() -> None:
    ledger = make_ledger()
    assert repr(ledger) == "0 runs: 0.0 of 60.0 seconds spent, 60.0 left; 0.000 cents"
    assert ledger._repr_html_() == f"<p>{ledger.account}</p>"
    with pytest.raises(StateError, match="the ledger is empty; write a run down first"):
        ledger.leaderboard()


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, "3", True])
def test_prices_budgets_and_seconds_that_are_no_numbers_are_refused(value: Any) -> None:
    with pytest.raises(SettingError, match=r"price_per_hour=.* allowed is a number from 0"):
        make_ledger(price=value)
    with pytest.raises(SettingError, match=r"budget=.* was given; allowed is a number from 0"):
        make_ledger(budget=value)
    with pytest.raises(SettingError, match=r"extra=.* was given; allowed is a number from 0"):
        make_ledger().add("a", 1, score=0.5, extra=value)


def test_a_score_may_be_below_zero_and_must_be_a_number() -> None:
    assert make_ledger().add("loss", 1, score=-2.5).score == -2.5
    with pytest.raises(SettingError, match=r"score=nan was given; allowed is a number; try"):
        make_ledger().add("a", 1, score=math.nan)


@pytest.mark.parametrize("given", [History(), "ten", None])
def test_what_has_no_epochs_has_no_price(given: Any) -> None:
    with pytest.raises(StateError, match=r"was given and has no epochs; train first, then give"):
        make_ledger().add("a", given, score=0.5)
