from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest
import torch
from factories import same
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler

from tenfold.errors import SettingError
from tenfold.train.packing import packed, unpacked
from tenfold.train.random_state import random_state, set_random_state

VALUES = [
    None, True, 3, 2**80, 0.1, float("inf"), "words", (1, (2.5, None)), [1, [2]], {"a": (1, 2)},
    {1: "one", "*tensor": 2}, {}, [], (), torch.arange(3), {"t": [torch.ones(2), {"u": None}]},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_packed_comes_back_as_it_was(value: Any) -> None:
    tensors: dict[str, Tensor] = {}
    words = json.loads(json.dumps(packed(value, tensors, name="v")))
    found = unpacked(words, tensors)
    assert type(found) is type(value) and same(found, value)


def test_arrays_and_numbers_of_numpy_are_packed() -> None:
    tensors: dict[str, Tensor] = {}
    words = packed({"a": np.arange(4, dtype=np.uint32), "b": np.float64(0.5)}, tensors, name="v")
    found = unpacked(words, tensors)
    assert found["a"].dtype == np.uint32 and found["a"].tolist() == [0, 1, 2, 3]
    assert found["b"] == 0.5


def test_what_a_file_cannot_hold_is_refused() -> None:
    with pytest.raises(SettingError, match=r"state\.x\.0 is a function; a file holds numbers"):
        packed({"x": [lambda: 0]}, {}, name="state")


def test_every_generator_comes_back_through_a_file() -> None:
    own = torch.Generator().manual_seed(5)
    loader = DataLoader(range(4), sampler=RandomSampler(range(4), generator=own))
    np.random.randn(), random.gauss(0, 1)  # both keep a second number back
    tensors: dict[str, Tensor] = {}
    words = json.loads(json.dumps(packed(random_state((loader,)), tensors, name="random")))

    def draw() -> list[Any]:
        numpy = np.random.randn(3).tolist()
        return [numpy, random.gauss(0, 1), torch.rand(3).tolist(), [int(x) for x in loader]]

    expected = draw()
    set_random_state(unpacked(words, tensors), (loader,))
    assert draw() == expected
