"""Thresholds of several labels: the best one by a slow loop, and what a learner does with them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner, make_net, same, tensors
from sklearn.metrics import fbeta_score
from torch import Tensor

import tenfold
from tenfold.errors import DataError, SettingError
from tenfold.techniques.tune_thresholds import best_thresholds, tune_thresholds
from tenfold.train.task import multi_label, single_label

BETAS = [0.5, 1.0, 2.0]


def chances(items: int = 60, labels: int = 4, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Chances with many that are equal, and truths that they say something about."""
    generator = torch.Generator().manual_seed(seed)
    found = torch.rand(items, labels, generator=generator).mul(20).round().div(20)
    noise = torch.rand(items, labels, generator=generator)
    return found, (found * 0.7 > noise).float()


def slow_best(column: Tensor, truth: Tensor, beta: float) -> float:
    """The largest F-beta of any threshold, by trying one below each chance (scikit-learn)."""
    tried = [float(value) - 1e-4 for value in column.unique() if value > 0]
    return max(fbeta_score(truth, column > cut, beta=beta, zero_division=0) for cut in tried)


@pytest.mark.parametrize("beta", BETAS)
def test_no_other_threshold_gives_a_better_f_beta(beta: float) -> None:
    found, truth = chances()
    best = best_thresholds(found, truth, before=torch.full((4,), 0.5), beta=beta)
    for column, right, cut in zip(found.T, truth.T, best.tolist(), strict=True):
        assert 0 < cut < 1
        score = fbeta_score(right, column > cut, beta=beta)
        assert score == pytest.approx(slow_best(column, right, beta))


@pytest.mark.parametrize("beta", BETAS)
def test_the_scores_that_are_told_are_those_of_scikit_learn(beta: float) -> None:
    found, truth = chances()
    told = tune_thresholds(found, truth, before=[0.5] * 4, labels="abcd", beta=beta)
    for at in range(4):
        before = fbeta_score(truth[:, at], found[:, at] > 0.5, beta=beta, zero_division=0)
        assert told.f_before[at].item() == pytest.approx(before)
        assert told.f_after[at].item() == pytest.approx(slow_best(found[:, at], truth[:, at], beta))
    assert told.items.tolist() == truth.sum(0).tolist()


def test_each_half_is_judged_by_the_thresholds_of_the_other() -> None:
    found, truth = chances()
    old, said = torch.full((4,), 0.5), torch.zeros(60, 4)
    even, odd = slice(0, None, 2), slice(1, None, 2)
    for judged, choose in ((even, odd), (odd, even)):
        said[judged] = (
            found[judged] > best_thresholds(found[choose], truth[choose], before=old)
        ).float()
    told = tune_thresholds(found, truth, before=[0.5] * 4, labels="abcd")
    slow = [fbeta_score(truth[:, at], said[:, at], beta=1) for at in range(4)]
    assert told.f_halves.tolist() == pytest.approx(slow)


def test_of_equally_good_thresholds_the_one_nearest_to_a_half_is_taken() -> None:
    found = torch.tensor([[0.9, 0.2], [0.1, 0.1]])
    best = best_thresholds(found, torch.tensor([[1, 1], [0, 0]]), before=torch.full((2,), 0.5))
    assert best.tolist() == pytest.approx([0.5, 0.15])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1.0, 1.0 - 2**-24], [True, False]),
        ([1.0, 1.0], [True, True]),
        ([1e-30, 0.0], [True, False]),
    ],
)
def test_chances_that_nearly_touch_are_parted_all_the_same(
    column: list[float], expected: list[bool]
) -> None:
    found = torch.tensor(column)[:, None]
    best = best_thresholds(found, torch.tensor([[1.0], [0.0]]), before=torch.tensor([0.5]))
    assert (found > best)[:, 0].tolist() == expected and 0 < best.item() < 1
    assert multi_label(1, threshold=best.tolist()).decode(found)[:, 0].tolist() == expected


def test_a_label_that_no_item_carries_keeps_its_threshold() -> None:
    found, truth = chances()
    truth[:, 1] = 0
    told = tune_thresholds(found, truth, before=[0.5, 0.3, 0.5, 0.5], labels="abcd")
    assert told.after[1].item() == pytest.approx(0.3) and told.f_after[1].item() == 0
    there = told.f_after[[0, 2, 3]].mean().item()
    assert f"{there:.4f} with the new thresholds" in told.summary


def test_it_reads_as_a_table_and_draws_both() -> None:
    told = tune_thresholds(*chances(), before=[0.5] * 4, labels=["a", "b", "<c>", "$d$"], beta=2.0)
    lines = repr(told).splitlines()
    assert lines[0].startswith("mean F2: ")
    assert lines[1].split()[:5] == ["label", "items", "threshold", "it", "was"]
    assert len(lines) == 6 and "&lt;c&gt;" in told._repr_html_()
    names = [label.get_text() for label in told.plot().axes[0].get_yticklabels()]
    assert names == ["a", "b", "<c>", "$d$"]


def several_learner(**more: Any) -> Any:
    """A learner of two labels that an item carries both, one, or none of."""
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(40, 3, generator=generator)
    items = [(inputs, (inputs[:, :2] > 0.8).float())]
    return make_learner((items, items), make_net(2), task=multi_label(2), **more)


def test_a_learner_decides_by_its_new_thresholds_and_exports_them(tmp_path: Path) -> None:
    learn = several_learner()
    learn.fit(2, 0.01)
    before = tensors(learn.model)
    told = learn.tune_thresholds()
    assert same(before, tensors(learn.model)) and learn.run.state == "finished"
    assert learn.task.thresholds == tuple(told.after.tolist())
    predictions, targets = learn.predictions()
    scores = [
        fbeta_score(targets[:, at], predictions[:, at] > told.after[at], beta=1) for at in (0, 1)
    ]
    assert learn.score(predictions, targets)["f1"] == pytest.approx(sum(scores) / 2)
    file = learn.export(tmp_path / "labels")
    assert tenfold.load(file, model=make_net(2)).task.thresholds == learn.task.thresholds


def test_the_loss_of_ones_own_stays(tmp_path: Path) -> None:
    learn = several_learner()
    learn.task = learn.task.with_loss(torch.nn.MultiLabelSoftMarginLoss())
    loss = learn.task.loss
    learn.tune_thresholds(beta=2)
    assert learn.task.loss is loss


def test_saved_weights_bring_their_thresholds(tmp_path: Path) -> None:
    learn, other = several_learner(), several_learner()
    learn.tune_thresholds()
    other.load(learn.save(tmp_path / "state"))
    assert other.task.thresholds == learn.task.thresholds != (0.5, 0.5)


@pytest.mark.parametrize("beta", [0, -1, True, "2", math.inf, math.nan])
def test_a_beta_that_weighs_nothing_is_refused(beta: Any) -> None:
    with pytest.raises(SettingError, match=r"beta=.* was given; allowed is a number above 0; 1 co"):
        several_learner().tune_thresholds(beta=beta)


def test_other_tasks_and_sets_without_labels_are_refused() -> None:
    words = r"tune_thresholds was asked for with single label; it is for several labels, as of"
    with pytest.raises(SettingError, match=words):
        make_learner().tune_thresholds()
    with pytest.raises(DataError, match="none of 60 validation items carries a label, so no thr"):
        tune_thresholds(chances()[0], torch.zeros(60, 4), before=[0.5] * 4, labels="abcd")
    with pytest.raises(SettingError, match="thresholds were given with single label, which has no"):
        single_label(2).with_thresholds(0.3)
    with pytest.raises(SettingError, match="3 thresholds were given for 2 labels; give one number"):
        multi_label(2, threshold=[0.1, 0.2, 0.3])
    with pytest.raises(SettingError, match="threshold=1 for a label was given; allowed is 0 to 1"):
        multi_label(2).with_thresholds([0.5, 1])
