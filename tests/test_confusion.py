"""The confusion matrix: its counts, its cells, how it reads and how it looks."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
from factories import make_learner, make_net
from matplotlib.colors import to_rgba
from torch import Tensor
from torchmetrics.functional.classification import multiclass_confusion_matrix

from tenfold.data.images import ImageData
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.interpret.confusion import Cell, Confusion, confusion
from tenfold.interpret.heat import luminance, shades
from tenfold.train.task import number, single_label

NAMES = ["cat", "dog", "<b>", "a$b$", "e"]


def chances(items: int = 60, classes: int = 5, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Probabilities and targets that agree more often than by chance."""
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(0, classes, (items,), generator=generator)
    raw = torch.randn(items, classes, generator=generator)
    raw[torch.arange(items), targets] += 1.5
    return raw.softmax(1), targets


class Named:
    """Data that only has names."""

    classes = NAMES


def made(**more: Any) -> Confusion:
    return confusion(*chances(), task=single_label(5), data=Named(), **more)


def slow_items(actual: int, predicted: int) -> list[int]:
    """Those of one cell, by looking at every item."""
    rows, targets = (part.tolist() for part in chances())
    found = [
        item
        for item, row in enumerate(rows)
        if targets[item] == actual and max(range(5), key=row.__getitem__) == predicted
    ]
    return sorted(found, key=lambda item: -rows[item][predicted])


def test_the_counts_equal_a_slow_loop_and_those_of_torchmetrics() -> None:
    (shares, targets), matrix = chances(), made().matrix
    slow = [[len(slow_items(actual, predicted)) for predicted in range(5)] for actual in range(5)]
    assert matrix.tolist() == slow and matrix.dtype == torch.int64
    assert matrix.equal(multiclass_confusion_matrix(shares, targets, num_classes=5))


def test_a_class_that_never_comes_has_its_row_and_column() -> None:
    found = confusion(torch.eye(3)[:2], torch.tensor([0, 1]), task=single_label(3))
    assert found.matrix.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert found.classes == ["0", "1", "2"]


def test_the_items_of_a_cell_are_the_surest_first() -> None:
    found = made()
    for actual, name in enumerate(NAMES):
        for predicted, other in enumerate(NAMES):
            assert found.items(name, other) == slow_items(actual, predicted)
    first, *_ = found.most_confused()
    cell = found.cell(first.actual, first.predicted)
    assert len(cell) == first.times > 1
    assert cell.probabilities == sorted(cell.probabilities, reverse=True)


def test_the_most_confused_are_the_largest_counts_beside_the_diagonal() -> None:
    found = made()
    off = found.matrix.clone().fill_diagonal_(0).flatten().sort(descending=True).values
    assert [pair.times for pair in found.most_confused(100)] == off[off > 0].tolist()
    assert len(found.most_confused(2)) == 2
    assert all(pair.actual != pair.predicted for pair in found.most_confused())
    with pytest.raises(SettingError, match="n=0 was given; allowed is 1 and above"):
        found.most_confused(0)


def test_a_misspelt_class_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"the class 'cta' was given; .*did you mean 'cat'\?"):
        made().items("cta", "dog")


def test_other_tasks_are_refused_with_what_is_possible_before_any_pass() -> None:
    learn = make_learner(task=number(), model=make_net(1), metrics=[])
    learn.data.valid = None  # a pass would fail for want of it
    with pytest.raises(SettingError, match=r"with number.*learn.top_losses\(\) shows"):
        learn.confusion()


def test_targets_that_are_no_classes_are_refused() -> None:
    with pytest.raises(ModelError, match="a target is class 7; allowed is 0 to 4"):
        confusion(chances()[0], torch.full((60,), 7), task=single_label(5))


def test_a_learner_compares_its_predictions_with_the_targets() -> None:
    learn = make_learner()
    predictions, targets = learn.predictions()
    found = learn.confusion()
    assert found.matrix.equal(multiclass_confusion_matrix(predictions, targets, num_classes=2))
    assert found.probabilities.equal(predictions.max(1).values)
    assert learn.run is None


def test_it_reads_as_a_table_and_with_many_classes_as_a_list_of_mistakes() -> None:
    lines = repr(made()).splitlines()
    right = int(made().matrix.trace())
    assert lines[0] == f"{right} of 60 validation items are right ({right / 60:.1%})"
    assert lines[1].split() == ["actual", "\\", "predicted", *NAMES]
    assert [line.split() for line in lines[2:]] == [
        [name, *map(str, row)] for name, row in zip(NAMES, made().matrix.tolist(), strict=True)
    ]
    many = confusion(*chances(200, 20), task=single_label(20))
    pair = many.most_confused()[0]
    assert repr(many).splitlines()[1].split() == ["actual", "predicted", "items"]
    assert repr(many).splitlines()[2].split() == [pair.actual, pair.predicted, str(pair.times)]


def test_its_html_is_escaped_and_names_rows_and_columns() -> None:
    page = made()._repr_html_()
    assert "<b>" not in page and '<th scope="col">&lt;b&gt;</th>' in page
    assert '<th scope="row">&lt;b&gt;</th>' in page and "are right" in page


def test_a_cell_says_how_many_items_it_has() -> None:
    assert repr(Cell("cat", "dog", [], [])) == (
        "no validation item of class cat was predicted as dog"
    )
    assert repr(Cell("cat", "dog", [4], [0.9])) == (
        "1 validation item of class cat was predicted as dog: item 4"
    )


def contrast(first: Any, second: Any) -> float:
    high, low = sorted((luminance(np.array(first)), luminance(np.array(second))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_number_can_be_read_on_its_cell() -> None:
    figure = made().plot()
    axes = figure.axes[0]
    colours, counts = axes.images[0].get_array(), made().matrix
    assert [text.get_text() for text in axes.texts] == [str(n) for n in counts.flatten().tolist()]
    for text in axes.texts:
        column, row = text.get_position()
        grounds = [colours[row, column]] if counts[row, column] else ["white", "#111111"]
        needed = 4.5 if counts[row, column] else 3
        assert all(
            contrast(to_rgba(text.get_color()), to_rgba(ground)) > needed for ground in grounds
        )


def test_black_and_white_have_the_luminance_that_wcag_gives_them() -> None:
    assert contrast(to_rgba("white"), to_rgba("black")) == pytest.approx(21)
    assert contrast(to_rgba("#767676"), to_rgba("white")) == pytest.approx(4.54, abs=0.01)


def test_nothing_is_drawn_where_nothing_is_and_a_larger_share_is_darker() -> None:
    colours = shades(np.array([[8, 1, 4, 0], [0, 9, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]))
    assert colours[0, 3].tolist() == [0, 0, 0, 0] and not colours[2].any()
    assert luminance(colours[0, 1]) > luminance(colours[0, 2])
    assert luminance(colours[0, 0]) > luminance(colours[1, 1])


@pytest.mark.parametrize(("classes", "numbers", "names"), [(15, 225, 15), (16, 0, 16), (70, 0, 35)])
def test_numbers_are_left_out_with_many_classes(classes: int, numbers: int, names: int) -> None:
    axes = confusion(*chances(200, classes), task=single_label(classes)).plot().axes[0]
    assert len(axes.texts) == numbers and len(axes.get_xticks()) == names


def test_strange_and_long_names_can_be_drawn() -> None:
    names = ["a $\\frac{ $", "x" * 200, "dog"]
    data = type("Data", (), {"classes": names})()
    figure = confusion(*chances(30, 3), task=single_label(3), data=data).plot()
    figure.savefig(io.BytesIO())
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        names[0],
        "x" * 39 + "…",
        "dog",
    ]


def test_a_cell_shows_its_pictures_and_refuses_where_there_are_none() -> None:
    pictures, targets = torch.rand(6, 3, 8, 8), [0, 1, 0, 1, 0, 1]
    data = ImageData.from_arrays(pictures, targets, pictures, targets, device="cpu")
    shares = torch.tensor([[0.2, 0.8]] * 3 + [[0.4, 0.6]] * 3)
    found = confusion(shares, data.valid.targets, task=data.task, data=data)
    cell = found.cell("0", "1")
    assert cell.items == [0, 2, 4]
    shown = [axes for axes in cell.plot(2).axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["1 80%", "1 80%"]
    expected = data.valid.take(3)[0][2].permute(1, 2, 0).numpy()
    assert np.array_equal(shown[1].images[0].get_array(), expected)
    with pytest.raises(DataError, match="this data is Named, which has no pictures to show"):
        made().cell("cat", "dog").plot()
