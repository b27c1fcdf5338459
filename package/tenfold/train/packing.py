"""Nested values as JSON beside tensors: what a file of safetensors can hold.

Tensors and arrays go among the tensors of the file, and a word takes their place. Tuples, None,
numbers that are none and whole numbers of any size come back as they were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.errors import SettingError

__all__ = ["packed", "unpacked"]

_TENSOR, _ARRAY, _TUPLE, _PAIRS = "*tensor", "*array", "*tuple", "*pairs"


def packed(value: Any, tensors: dict[str, Tensor], *, name: str) -> Any:
    """`value` as JSON; its tensors go into `tensors`, under `name` and where they were found.

    Raises SettingError for what is neither a number, a word, None, a tensor, an array nor a list,
    tuple or dict of such.

    >>> tensors = {}
    >>> packed({"step": 3, "mean": torch.ones(2)}, tensors, name="state")
    {'step': 3, 'mean': {'*tensor': 'state.mean'}}
    >>> unpacked({"step": 3, "mean": {"*tensor": "state.mean"}}, tensors)["mean"]
    tensor([1., 1.])
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Tensor | np.ndarray):
        tensors[name] = torch.as_tensor(value).detach()
        return {_TENSOR if isinstance(value, Tensor) else _ARRAY: name}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple | list):
        items = [packed(one, tensors, name=f"{name}.{at}") for at, one in enumerate(value)]
        return {_TUPLE: items} if isinstance(value, tuple) else items
    if not isinstance(value, dict):
        raise SettingError(
            f"{name} is a {type(value).__name__}; a file holds numbers, words, tensors, arrays, "
            "and lists, tuples and dicts of them; keep those"
        )
    if all(isinstance(key, str) and not key.startswith("*") for key in value):
        return {key: packed(one, tensors, name=f"{name}.{key}") for key, one in value.items()}
    pairs = [list(pair) for pair in value.items()]
    return {_PAIRS: packed(pairs, tensors, name=name)}


def unpacked(value: Any, tensors: dict[str, Tensor]) -> Any:
    """The value that `packed` made JSON of."""
    if isinstance(value, list):
        return [unpacked(one, tensors) for one in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        return tensors[value[_TENSOR]]
    if _ARRAY in value:
        return tensors[value[_ARRAY]].numpy()
    if _TUPLE in value:
        return tuple(unpacked(value[_TUPLE], tensors))
    if _PAIRS in value:
        return {key: one for key, one in unpacked(value[_PAIRS], tensors)}
    return {key: unpacked(one, tensors) for key, one in value.items()}
