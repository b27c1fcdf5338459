from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from search_world import make_search
from sklearn.inspection import partial_dependence

from tenfold.errors import MissingPackageError, SettingError, StateError
from tenfold.trials.forest import Importance, fitted, matrix
from tenfold.trials.ranges import Choice, Range
from tenfold.trials.result import Tried


def test_the_settings_that_make_the_score_are_the_important_ones() -> None:
    found = make_search().importance()
    assert found.names == ("lr", "act", "idle")
    lr, act, idle = found.means
    assert lr > 0.5 and 0.05 < act < lr and abs(idle) < 0.05
    assert all(spread > 0 for spread in found.spreads) and found.explained > 0.6


def test_scores_of_chance_are_not_explained() -> None:
    search = make_search()
    scores = np.random.default_rng(0).permutation([one.score for one in search.trials])
    tried = tuple(replace(one, score=s) for one, s in zip(search.trials, scores, strict=True))
    found = replace(search, trials=tried).importance()
    assert found.explained < 0.2 and "too little to trust the order" in found.summary


def test_one_diverged_trial_does_not_hide_the_others() -> None:
    search = make_search()
    wild = replace(search.trials[0], score=1e9)
    found = replace(search, trials=(wild, *search.trials[1:])).importance()
    assert found.names == ("lr", "act", "idle") and found.explained > 0.5


def test_pruned_trials_count_and_failed_ones_do_not() -> None:
    search = make_search(14)
    pruned = tuple(replace(one, state="pruned") for one in search.trials)
    failed = Tried(14, search.trials[0].settings, float("nan"), state="failed")
    inputs, scores = matrix(replace(search, trials=(*pruned, failed)))
    assert inputs.shape == (14, 3) and np.isfinite(scores).all()
    assert inputs[0].tolist() == pytest.approx(
        [np.log10(pruned[0].settings["lr"]), 1.0, pruned[0].settings["idle"]]
    )


def test_dependence_is_that_of_scikit_learn() -> None:
    search = make_search()
    found = search.dependence("lr", points=9)
    inputs, scores = matrix(search)
    forest = fitted(inputs, scores, seed=0)
    grid = np.linspace(-4, 0, 9)
    theirs = partial_dependence(forest, inputs, [0], custom_values={0: grid}, method="brute")
    assert found.means == pytest.approx(theirs["average"][0].tolist())
    assert np.log10(found.values) == pytest.approx(grid)
    assert found.values[int(np.argmin(found.means))] == pytest.approx(1e-2)


def test_its_spread_is_that_of_the_trees() -> None:
    search = make_search()
    found, (inputs, scores) = search.dependence("act"), matrix(search)
    forest = fitted(inputs, scores, seed=0)
    changed = inputs.copy()
    changed[:, 1] = 1
    trees = [tree.predict(changed).mean() for tree in forest.estimators_]
    assert found.values == ("relu", "gelu") and found.means[1] > found.means[0]
    assert (found.means[1], found.spreads[1]) == pytest.approx(
        (np.mean(trees), np.std(trees, ddof=1))
    )


def test_the_same_seed_gives_the_same_forest() -> None:
    one, two = make_search(20).importance(), make_search(20).importance()
    assert one.means == two.means and make_search(20).importance(seed=1).means != one.means


@pytest.mark.parametrize("look", ["importance", "dependence"])
def test_too_few_trials_are_refused(look: str) -> None:
    arguments = ["lr"] if look == "dependence" else []
    with pytest.raises(
        StateError, match="11 trials with a score were given to the forest; it needs"
    ):
        getattr(make_search(11), look)(*arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"setting": "rate"}, "the setting 'rate' was asked for; this search has lr, act and idle"),
        ({"setting": "lr", "points": 1}, "points=1 was given; allowed is 2 and above"),
    ],
)
def test_a_dependence_that_cannot_be_drawn_is_refused(arguments: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make_search().dependence(**arguments)


@pytest.mark.parametrize("look", ["importance", "dependence"])
def test_without_scikit_learn_it_is_named(monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingPackageError, match=r"needs scikit-learn, .*tenfold\[search\]"):
        getattr(make_search(), look)(*["lr"] * (look == "dependence"))


def test_a_grid_goes_from_end_to_end() -> None:
    assert Range(0.0, 1.0).grid(3) == [0.0, 0.5, 1.0]
    assert Range(1e-2, 1.0, log=True).grid(3) == pytest.approx([0.01, 0.1, 1])
    assert Range(1, 3, whole=True).grid(9) == [1, 2, 3]
    assert Choice(("a", "b")).grid(9) == ["a", "b"]


def test_both_are_drawn_and_said() -> None:
    search = make_search(20)
    bars = search.importance().plot().axes[0]
    assert [label.get_text() for label in bars.get_yticklabels()] == list(search.importance().names)
    line = search.dependence("lr").plot().axes[0]
    assert (line.get_xscale(), line.get_xlabel(), line.get_ylabel()) == ("log", "lr", "valid_loss")
    points = search.dependence("act").plot().axes[0]
    assert [label.get_text() for label in points.get_xticklabels()] == ["relu", "gelu"]
    assert repr(search.dependence("act")).startswith("valid_loss by act: ")
    found = Importance(("lr",), (0.8,), (0.1,), explained=0.7)
    assert "<caption>the settings explain 70% of" in found._repr_html_()
