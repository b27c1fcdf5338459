"""ImageData from arrays."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenfold.data.images import ImageData
from tenfold.errors import DataError


def arrays(x: object, y: object, **settings: object) -> ImageData:
    return ImageData.from_arrays(x, y, x, y, device="cpu", **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "shape", [(6, 8, 9), (6, 8, 9, 1), (6, 8, 9, 3), (6, 8, 9, 4), (6, 1, 8, 9), (6, 3, 8, 9)]
)
def test_arrays_of_any_order_become_pictures(shape: tuple[int, ...]) -> None:
    data = arrays(np.zeros(shape, np.uint8), [0, 1] * 3)
    assert data.train.inputs.shape == (6, 3, 8, 9) and data.size == (8, 9)


def test_floats_and_wide_integers_become_bytes() -> None:
    x = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3))
    expected = torch.tensor(x).permute(0, 3, 1, 2)
    for values in (x, x / 255, (x / 255).astype(np.float32), x.astype(np.uint16)):
        assert torch.equal(arrays(values, [0, 1, 0, 1]).train.inputs.long(), expected)


def test_tensors_have_their_channels_first_where_both_orders_fit() -> None:
    x = torch.zeros(4, 3, 8, 3)
    assert arrays(x, [0, 1, 0, 1]).size == (8, 3)
    assert arrays(x.numpy(), [0, 1, 0, 1]).size == (3, 8)


def test_arrays_can_be_resized_and_read_only() -> None:
    x = np.zeros((4, 8, 8, 3), np.uint8)
    x.flags.writeable = False
    data = arrays(x, [0, 1, 0, 1], size=12)
    assert data.train.inputs.shape == (4, 3, 12, 12)
    assert data.resized(16).size == (16, 16) and data.files["train"] == []


@pytest.mark.parametrize("labels", [[0, 1, 0, 1], [[0], [1], [0], [1]], [0.0, 1.0, 0.0, 1.0]])
def test_labels_are_class_numbers(labels: list[object]) -> None:
    data = arrays(torch.zeros(4, 8, 8), labels)
    assert data.train.targets.tolist() == [0, 1, 0, 1] and data.classes == ["0", "1"]


def test_labels_can_be_names() -> None:
    data = arrays(torch.zeros(4, 8, 8), ["dog", "cat", "dog", "cat"])
    assert data.classes == ["cat", "dog"] and data.train.targets.tolist() == [1, 0, 1, 0]


def test_a_matrix_of_labels_is_several_labels() -> None:
    y = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
    data = arrays(torch.zeros(4, 8, 8), y, classes=["a", "b", "c"])
    assert data.task.name == "multi label" and data.train.targets.dtype == torch.float32
    assert data.valid.targets.tolist() == y.tolist()


def test_arrays_have_a_fingerprint_of_their_bytes() -> None:
    x, y = torch.zeros(4, 8, 8), [0, 1, 0, 1]
    assert arrays(x, y).fingerprint == arrays(x, y).fingerprint
    assert arrays(x + 0.5, y).fingerprint != arrays(x, y).fingerprint
    assert arrays(x, [1, 0, 0, 1]).fingerprint != arrays(x, y).fingerprint


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((4, 8, 8)), [0, 1, 0], "x_train has 4 pictures and y_train 3 labels"),
        (np.zeros((4, 8, 8)), [0, 1, 0, -1], "y_train holds numbers that are negative, missing"),
        (np.zeros((4, 8, 8)), [0, 1, 0, 0.5], "y_train holds numbers that are negative, missing"),
        (np.zeros((4, 8, 8)), [0, 1, 0, np.nan], "y_train holds numbers that are negative"),
        (np.zeros((4, 8, 8)), np.full((4, 2), 2), "a matrix of .* with more than 0 and 1"),
        (np.zeros((4, 8, 8)), np.zeros((4, 2, 2)), "y_train holds float64 of shape"),
        (np.zeros((4, 8, 8)), [0, 0, 0, 0], "a single class was found"),
        (np.zeros((4, 8, 8)) - 1, [0, 1, 0, 1], "x_train holds .* from -1 to -1; allowed are"),
        (np.full((4, 8, 8), np.nan), [0, 1, 0, 1], "x_train holds .* from nan to nan"),
        (np.full((4, 8, 8), 300), [0, 1, 0, 1], "x_train holds .* from 300 to 300"),
        (np.zeros((4, 8)), [0, 1, 0, 1], r"x_train has shape \(4, 8\); allowed are \(N, H, W\)"),
        (np.zeros((4, 5, 8, 8)), [0, 1, 0, 1], "x_train has shape"),
        (["a"] * 4, [0, 1, 0, 1], "x_train holds <U1; allowed are uint8 and floats"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(x: object, y: object, words: str) -> None:
    with pytest.raises(DataError, match=words):
        arrays(x, y)


def test_labels_outside_the_classes_are_refused() -> None:
    x = torch.zeros(4, 8, 8)
    with pytest.raises(DataError, match="y_train holds class 3; allowed is 0 to 1 for 2 classes"):
        arrays(x, [0, 1, 3, 0], classes=["a", "b"])
    with pytest.raises(DataError, match="y_train holds c; the classes are a and b"):
        arrays(x, ["a", "b", "c", "a"], classes=["a", "b"])
    with pytest.raises(DataError, match="y_train has 3 columns for 2 classes"):
        arrays(x, torch.eye(4)[:, :3], classes=["a", "b"])
    with pytest.raises(DataError, match="y_train and y_valid differ: one has a label"):
        ImageData.from_arrays(x, [0, 1, 0, 1], x, torch.eye(4))


def test_a_class_that_only_validates_is_refused_in_arrays() -> None:
    x = torch.zeros(4, 8, 8)
    with pytest.raises(DataError, match="valid has 1 class that train lacks: 2"):
        ImageData.from_arrays(x, [0, 1, 0, 1], x, [0, 1, 2, 1])
