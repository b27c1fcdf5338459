"""Several labels one by one: their scores, their two by two, and what was left as it was."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
import torch
from factories import make_learner, same, tensors
from sklearn.metrics import average_precision_score, fbeta_score, precision_score, recall_score
from test_tune_thresholds import chances, several_learner
from torchmetrics.functional.classification import multilabel_confusion_matrix

from tenfold.data.images import ImageData
from tenfold.errors import SettingError
from tenfold.interpret.label_confusion import CELLS, LabelConfusion, label_confusion
from tenfold.interpret.labels import Labels
from tenfold.interpret.top_losses import top_losses
from tenfold.train.state import kept_random
from tenfold.train.task import multi_label

NAMES = ["cat", "dog", "<b>", "a $\\frac{ $"]
CUTS = (0.5, 0.3, 0.7, 0.5)


def made(**more: Any) -> Labels:
    return Labels(*chances(), NAMES, CUTS, **more)


def confused() -> LabelConfusion:
    data = type("Data", (), {"classes": NAMES})()
    return label_confusion(*chances(), task=multi_label(4, threshold=CUTS), data=data)


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_the_scores_of_each_label_are_those_of_scikit_learn(beta: float) -> None:
    found, truth = chances()
    for at, row in enumerate(made(beta=beta).rows):
        there, said = truth[:, at], found[:, at] > CUTS[at]
        assert (row.label, row.threshold) == (NAMES[at], CUTS[at])
        assert (row.items, row.predicted) == (there.sum(), said.sum())
        assert row.precision == pytest.approx(precision_score(there, said))
        assert row.recall == pytest.approx(recall_score(there, said))
        assert row.f == pytest.approx(fbeta_score(there, said, beta=beta))
        average = average_precision_score(there, found[:, at])
        assert row.average_precision == pytest.approx(average, rel=1e-4)


def test_a_label_that_never_comes_or_is_never_said_has_no_such_score() -> None:
    truth = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    found = Labels(torch.tensor([[0.4, 0.1], [0.2, 0.9]]), truth, ["cat", "dog"], (0.5, 0.5))
    cat, dog = found.rows
    assert math.isnan(cat.precision) and (cat.recall, cat.f) == (0, 0)
    assert math.isnan(dog.recall) and math.isnan(dog.average_precision) and dog.precision == 0
    assert found.mean_average_precision == cat.average_precision == 1 and found.mean_f == 0
    assert [row.label for row in found.worst()] == ["cat"]
    assert repr(found).splitlines()[3].split()[1:] == ["0", "1", "0", "0.0000", *"–––", "0.500"]


def test_the_mean_is_the_metric_of_the_learner() -> None:
    learn = several_learner(metrics=["average_precision", "f2"])
    learn.fit(2, 0.01)
    found, scores = learn.labels(beta=2), learn.score(*learn.predictions())
    assert found.mean_average_precision == pytest.approx(scores["average_precision"])
    assert found.mean_f == pytest.approx(scores["f2"])


def test_the_curves_are_drawn_hardest_first_with_their_thresholds() -> None:
    found = made()
    figure = found.plot()
    figure.savefig(io.BytesIO())
    drawn = [axes for axes in figure.axes if axes.get_title()]
    worst = found.worst(4)
    assert [axes.get_title().rsplit("  ")[0] for axes in drawn] == [row.label for row in worst]
    for axes, row in zip(drawn, worst, strict=True):
        curve, dot = axes.lines
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (row.recall, row.precision)
        recall, precision = (part.numpy() for part in found.curve(row.label))
        assert np.array_equal(curve.get_xdata(), recall)
        assert np.array_equal(curve.get_ydata(), precision)


def test_the_two_by_two_is_that_of_torchmetrics() -> None:
    found, truth = chances()
    decided = (found > torch.tensor(CUTS)).long()
    expected = multilabel_confusion_matrix(decided, truth.long(), num_labels=4)
    assert confused().matrix.equal(expected)
    hits, misses, alarms = (torch.tensor(confused().counts(cell)) for cell in CELLS)
    assert (hits + misses).equal(truth.sum(0).long()) and (hits + alarms).equal(decided.sum(0))


@pytest.mark.parametrize("cell", CELLS)
def test_the_items_of_a_cell_are_those_of_a_slow_loop_the_surest_first(cell: str) -> None:
    (found, truth), (there, said) = chances(), CELLS[cell]
    for at, name in enumerate(NAMES):
        slow = [
            item
            for item in range(60)
            if bool(truth[item, at]) == there and bool(found[item, at] > CUTS[at]) == said
        ]
        told = confused().cell(name, cell)
        assert sorted(told.items) == slow and len(told) == len(slow)
        shares = [found[item, at].item() for item in told.items]
        assert told.probabilities == shares == sorted(shares, reverse=said)


def test_the_mistakes_are_told_most_frequent_first() -> None:
    wrong = confused().most_wrong(100)
    counts = [*confused().counts("misses"), *confused().counts("false-alarms")]
    assert [one.times for one in wrong] == sorted((n for n in counts if n), reverse=True)
    assert len(confused().most_wrong(2)) == 2


def test_it_reads_as_a_table_and_draws_a_bar_for_each_count() -> None:
    found = confused()
    lines = repr(found).splitlines()
    assert lines[0].split(" of ")[1].startswith("240 decisions are right (")
    assert lines[2].split()[0] == "cat" and len(lines) == 6 and "&lt;b&gt;" in found._repr_html_()
    figure = found.plot()
    figure.savefig(io.BytesIO())
    widths = [[bar.get_width() for bar in bars] for bars in figure.axes[0].containers]
    assert widths[:2] == [found.counts("hits"), found.counts("misses")]
    assert widths[2] == [-count for count in found.counts("false-alarms")]
    assert repr(LabelConfusion(*[torch.zeros(1, 1).bool()] * 3, ["cat"]).cell("cat", "hits")) == (
        "cat was found in no validation item"
    )


def test_the_pictures_of_a_cell_are_shown() -> None:
    pictures, truth = torch.rand(4, 3, 8, 8), torch.tensor([[1.0, 0], [1, 0], [1, 1], [0, 1]])
    data = ImageData.from_arrays(pictures, truth, pictures, truth, device="cpu")
    shares = torch.tensor([[0.4, 0], [0.1, 0], [0.9, 0.9], [0.2, 0.9]])
    cell = label_confusion(shares, truth, task=data.task, data=data).cell("0", "misses")
    shown = [axes for axes in cell.plot().axes if axes.images]
    assert cell.items == [1, 0] and [axes.get_title() for axes in shown] == ["0 10%", "0 40%"]
    expected = data.valid.take(2)[0][1].permute(1, 2, 0).numpy()
    assert np.array_equal(shown[0].images[0].get_array(), expected)


def test_the_worst_label_of_an_item_is_told_with_its_loss() -> None:
    outputs, targets = torch.tensor([[2.0, -4.0], [0.0, 1.0]]), torch.tensor([[0.0, 1.0], [0, 1]])
    found = top_losses(outputs, targets, task=multi_label(2))
    shares = torch.sigmoid(outputs).tolist()
    expected = [f"misses 1 ({shares[0][1]:.1%})", f"sees 0 ({shares[1][0]:.1%})"]
    assert [item.worst for item in found.items] == expected
    assert found.items[0].title == f"{expected[0]} / {found.items[0].loss:.2f}"
    assert repr(found).splitlines()[0].split()[-2:] == ["worst", "label"]


@pytest.mark.parametrize("look", ["labels", "confusion", "top_losses", "tune_thresholds"])
def test_looking_leaves_model_mode_hooks_gradients_and_random_numbers_alone(look: str) -> None:
    learn = several_learner()
    learn.fit(1, 0.01)
    learn.model.train()
    learn.model.late.eval()
    before, modes = tensors(learn.model), [m.training for m in learn.model.modules()]
    slopes = [weight.grad for weight in learn.model.parameters()]
    with kept_random():
        expected = torch.rand(3), np.random.rand(3)
    with kept_random():
        getattr(learn, look)()
        drawn = torch.rand(3), np.random.rand(3)
    assert torch.equal(drawn[0], expected[0]) and np.array_equal(drawn[1], expected[1])
    assert same(before, tensors(learn.model)) and learn.run.state == "finished"
    assert modes == [module.training for module in learn.model.modules()]
    assert all(a is b for a, b in zip(slopes, (w.grad for w in learn.model.parameters())))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in learn.model.modules())


def test_what_cannot_be_looked_at_is_refused() -> None:
    with pytest.raises(SettingError, match="a table of labels was asked for with single label; it"):
        make_learner().labels()
    with pytest.raises(SettingError, match="beta=0 was given; allowed is a number above 0"):
        several_learner().labels(beta=0)
    with pytest.raises(SettingError, match=r"the label 'cta' was given; .*did you mean 'cat'"):
        confused().cell("cta", "hits")
    with pytest.raises(SettingError, match=r"the cell 'miss' was given; allowed are hits, misses"):
        confused().cell("cat", "miss")
    with pytest.raises(SettingError, match="n=0 was given; allowed is 1 and above"):
        confused().most_wrong(0)
