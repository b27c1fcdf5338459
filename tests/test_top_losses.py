"""The items with the largest losses: which they are, how they read and their pictures."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
import torch
from factories import make_learner
from table_worlds import make_frame, make_tabular_learner
from torch import Tensor, nn

from tenfold.data.images import ImageData
from tenfold.data.ratings import RatingsData
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.interpret.top_losses import TopLoss, TopLosses, item_losses, raw_outputs, top_losses
from tenfold.learners import ratings_learner
from tenfold.train.plan import Plan
from tenfold.train.task import Task, multi_label, number, single_label

PICTURES = torch.rand(10, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = [0, 1] * 5


def picture_data() -> ImageData:
    return ImageData.from_arrays(
        PICTURES, LABELS, PICTURES, LABELS, classes=["cat", "dog"], batch_size=4, device="cpu"
    )


def picture_learner(data: Any = None, **more: Any) -> Any:
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    return make_learner(data or picture_data(), model, task=None, **more)


def random_outputs(task: Task) -> tuple[Tensor, Tensor]:
    outputs = torch.randn(12, task.outputs)
    if task.name == "single label":
        return outputs, torch.randint(0, task.outputs, (12,))
    if task.name == "number":
        return outputs, torch.rand(12) * 5
    return outputs, torch.randint(0, 2, (12, task.outputs)).float()


def slow_cross_entropy(row: list[float], target: int) -> float:
    return math.log(sum(math.exp(value) for value in row)) - row[target]


def test_the_losses_equal_a_slow_loop_and_come_largest_first() -> None:
    outputs, targets = random_outputs(single_label(4))
    rows, labels = outputs.double().tolist(), targets.tolist()
    slow = [slow_cross_entropy(row, label) for row, label in zip(rows, labels, strict=True)]
    order = sorted(range(12), key=lambda item: -slow[item])
    found = top_losses(outputs, targets, task=single_label(4), n=5).items
    assert [item.index for item in found] == order[:5]
    assert [item.loss for item in found] == pytest.approx([slow[i] for i in order[:5]], rel=1e-5)


@pytest.mark.parametrize(
    "task",
    [single_label(4), single_label(4, smoothing=0.2), multi_label(3), number(), number(0, 5)],
    ids=str,
)
def test_the_losses_of_the_items_have_the_loss_of_the_batch_as_their_mean(task: Task) -> None:
    outputs, targets = random_outputs(task)
    losses = item_losses(outputs, targets, task=task)
    assert losses.shape == (12,)
    assert losses.mean().item() == pytest.approx(task.loss(outputs, targets).item(), rel=1e-5)


def test_rows_of_a_table_show_their_values_and_their_place_in_the_frame() -> None:
    learn, frame = make_tabular_learner("price"), make_frame()
    found = learn.top_losses(5)
    head, *rows = (line.split() for line in str(found).splitlines())
    assert head[:7] == ["item", "loss", "actual", "predicted", "row", "size", "doors"]
    for words in rows:
        _, _, actual, _, place, size, doors, *rest = words
        row = frame.iloc[int(place)]
        assert (size, doors) == (row["size"], str(row["doors"]))
        assert float(actual) == pytest.approx(row["price"], rel=1e-3)
        missing = math.isnan(row["age"])
        assert (f"{row['age']:.6g}" in rest) is not missing
        assert any(word.startswith("(") for word in rest) is missing
    assert '<th scope="col">doors</th>' in found._repr_html_()


def test_ratings_show_who_rated_what_and_what_is_new() -> None:
    frame = {"user": [1, 1, 2, 2, 3], "item": ["Alien", "Heat", "Alien", "Heat", "Dune"],
             "rating": [5, 3, 4, 2, 1], "held": [0, 0, 0, 1, 1]}  # fmt: skip
    data = RatingsData.from_frame(frame, valid="held", scale=(1, 5), device="cpu")
    learn = ratings_learner(data, quiet=True)
    found = {words.split()[0]: words.split()[-2:] for words in str(learn.top_losses()).splitlines()}
    assert found == {"item": ["user", "item"], "0": ["2", "Heat"], "1": ["new", "new"]}


def test_an_item_has_both_classes_and_their_probabilities() -> None:
    outputs, targets = random_outputs(single_label(4))
    for item in top_losses(outputs, targets, task=single_label(4), n=12).items:
        shares = torch.softmax(outputs[item.index], 0).tolist()
        label, best = int(targets[item.index]), max(range(4), key=shares.__getitem__)
        assert (item.actual, item.predicted) == (str(label), str(best))
        assert item.probability == pytest.approx(shares[label])
        assert item.predicted_probability == pytest.approx(shares[best])
        assert item.loss == pytest.approx(-math.log(shares[label]), rel=1e-4)


def test_several_labels_and_numbers_are_named_without_a_probability() -> None:
    outputs, targets = torch.tensor([[9.0, 9.0], [-9.0, -9.0]]), torch.tensor([[1, 1], [1, 1]])
    data = type("Data", (), {"classes": ["cat", "dog"]})()
    first, second = top_losses(outputs, targets, task=multi_label(2), data=data).items
    assert (first.index, first.actual, first.predicted) == (1, "cat and dog", "no label")
    assert (second.predicted, second.probability) == ("cat and dog", None)
    found = top_losses(torch.tensor([[3.0]]), torch.tensor([1.5]), task=number())
    item = TopLoss(0, 2.25, "1.5", "3")
    assert found.items == (item,) and item.title == "1.5 / 3 / 2.25"
    assert repr(found).split() == ["item", "loss", "actual", "predicted", "0", "2.2500", "1.5", "3"]


def test_a_loss_that_is_no_number_is_the_worst() -> None:
    outputs = torch.tensor([[0.0, 1.0], [math.nan, 1.0], [0.0, 5.0]])
    found = top_losses(outputs, torch.zeros(3, dtype=torch.int64), task=single_label(2)).items
    assert [item.index for item in found] == [1, 2, 0] and math.isnan(found[0].loss)


def test_a_loss_of_ones_own_is_taken() -> None:
    task = single_label(2).with_loss(lambda outputs, targets: outputs[:, 0].mean())
    outputs = torch.tensor([[1.0, 9.0], [3.0, 0.0], [2.0, 0.0]])
    found = top_losses(outputs, torch.zeros(3, dtype=torch.int64), task=task, n=2).items
    assert [(item.index, item.loss) for item in found] == [(1, 3.0), (2, 2.0)]


@pytest.mark.parametrize("n", [0, -1, True, 2.5, "9"])
def test_a_number_of_items_that_is_none_is_refused(n: Any) -> None:
    with pytest.raises(SettingError, match="was given; allowed is 1 and above; try 9"):
        make_learner().top_losses(n)


def test_more_than_there_are_gives_all() -> None:
    learn = make_learner()
    assert len(learn.top_losses()) == 9 and len(learn.top_losses(100)) == 16


def test_targets_that_are_no_classes_are_refused() -> None:
    with pytest.raises(ModelError, match="a target is class 2"):
        top_losses(torch.randn(2, 2), torch.tensor([2, 0]), task=single_label(2))


def test_data_without_a_batch_is_refused() -> None:
    with pytest.raises(DataError, match="there is nothing to look at: the data gave no batch"):
        raw_outputs(nn.Linear(2, 2), [], plan=Plan(threads=1))


@pytest.mark.parametrize("precompute", [False, True])
def test_a_learner_looks_at_its_validation_set_and_stays_as_it_was(precompute: bool) -> None:
    from tenfold.learners import vision_learner

    data = ImageData.from_arrays(
        PICTURES, LABELS, PICTURES, LABELS, augment=None, batch_size=4, device="cpu"
    )
    learn = vision_learner(data, "nano", device="cpu", precompute=precompute, quiet=True)
    predictions, targets = learn.predictions()
    losses = -predictions.gather(1, targets[:, None])[:, 0].log()
    found = learn.top_losses(4).items
    assert [item.index for item in found] == losses.argsort(descending=True)[:4].tolist()
    assert [item.loss for item in found] == pytest.approx(
        losses.sort(descending=True).values[:4].tolist(), rel=1e-4
    )
    assert learn.run is None and learn.model.training


def test_the_pass_can_be_watched_and_stopped_as_any_other() -> None:
    learn = picture_learner()
    seen: list[tuple[str, int]] = []

    class Watcher:
        def before_fit(self, control: Any) -> None:
            seen.append((control.kind, control.total_steps))

        def on_tick(self, control: Any) -> None: ...

        def after_fit(self, control: Any) -> None:
            seen.append((control.state, control.step))

    learn.observers = [Watcher()]
    learn.top_losses()
    assert seen == [("predictions", 3), ("finished", 3)]


def test_it_reads_as_a_table_and_its_html_is_escaped() -> None:
    found = TopLosses((TopLoss(4, 2.3026, "<b>", "dog", 0.1, 0.9),))
    head, row = repr(found).splitlines()
    names = ["item", "loss", "actual", "predicted", "probability of actual", "of predicted"]
    assert " ".join(head.split()) == " ".join(names)
    assert row.split() == ["4", "2.3026", "<b>", "dog", "10.0%", "90.0%"]
    page = found._repr_html_()
    assert "<b>" not in page and "<td>&lt;b&gt;</td>" in page
    assert "<caption>the 1 validation item with the largest loss" in page


def test_its_pictures_are_those_of_the_items_under_their_titles() -> None:
    learn = picture_learner()
    found = learn.top_losses(3)
    shown = [axes for axes in found.plot().axes if axes.images]
    for axes, item in zip(shown, found.items, strict=True):
        assert axes.get_title() == f"{item.actual} / {item.predicted} / {item.loss:.2f}"
        expected = learn.data.valid.take(10)[0][item.index].permute(1, 2, 0).numpy()
        assert np.array_equal(axes.images[0].get_array(), expected)


def test_a_long_title_takes_several_lines() -> None:
    names = ["Small-flowered Cranesbill", "Shepherds Purse"]
    item = TopLoss(0, 2.5, *names, 0.1, 0.9)
    (axes,) = TopLosses((item,), picture_data()).plot().axes
    assert axes.get_title() == "Small-flowered\nCranesbill / Shepherds\nPurse / 2.50"
    endless = TopLosses((TopLoss(0, 2.5, "x" * 200, "dog"),), picture_data()).plot()
    endless.savefig(io.BytesIO())
    assert len(endless.axes[0].get_title().splitlines()) == 4


def test_data_without_pictures_is_refused_a_figure() -> None:
    with pytest.raises(DataError, match="this data is PlainData, which has no pictures to show"):
        make_learner().top_losses().plot()


def test_pictures_are_shown_by_number_under_their_labels() -> None:
    data = picture_data()
    shown = [axes for axes in data.show_items([9, 2]).axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["dog", "cat"]


@pytest.mark.parametrize("items", [[], [10], [-1, 2]])
def test_pictures_that_are_not_there_are_refused(items: list[int]) -> None:
    words = "item (none at all|10|-1) was given; allowed are the numbers of .*, 0 to 9"
    with pytest.raises(SettingError, match=words):
        picture_data().show_items(items)
