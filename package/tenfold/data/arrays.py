"""Picture sets that are arrays already: pictures and targets, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.pixels import as_pictures
from tenfold.data.sources import Source, Sources
from tenfold.errors import DataError
from tenfold.text import counted, listed

__all__ = ["sources_from_arrays"]


def sources_from_arrays(
    x_train: Any,
    y_train: Any,
    x_valid: Any,
    y_valid: Any,
    *,
    x_test: Any = None,
    classes: Sequence[str] | None = None,
) -> Sources:
    """Two or three splits from arrays; see ImageData.from_arrays."""
    labels = {"y_train": _values(y_train, "y_train"), "y_valid": _values(y_valid, "y_valid")}
    names = _names(labels, classes)
    targets = {name: _as_targets(values, names, name) for name, values in labels.items()}
    if targets["y_train"].ndim != targets["y_valid"].ndim:
        raise DataError(
            "y_train and y_valid differ: one has a label for each picture, the other a matrix of "
            "0 and 1; give both in the same form"
        )
    train = _paired(as_pictures(x_train, name="x_train"), targets["y_train"], "train")
    valid = _paired(as_pictures(x_valid, name="x_valid"), targets["y_valid"], "valid")
    test = None if x_test is None else Source(as_pictures(x_test, name="x_test"))
    return Sources(train, valid, test, names).checked()


def _values(labels: Any, name: str) -> np.ndarray:
    """Labels as words or whole numbers (N,), or as a matrix of 0 and 1 (N, classes)."""
    values = labels.detach().cpu().numpy() if isinstance(labels, Tensor) else np.asarray(labels)
    if values.ndim == 2 and values.shape[1] > 1:
        if not np.isin(values, (0, 1)).all():
            raise _not_labels(name, f"a matrix of {values.shape} with more than 0 and 1 in it")
        return values.astype(np.float32)
    if values.ndim not in (1, 2) or values.dtype.kind not in "biufUO":
        raise _not_labels(name, f"{values.dtype} of shape {values.shape}")
    values = values.reshape(-1)
    if values.dtype.kind in "UO":
        return values.astype(str)
    if not (values >= 0).all() or (values != np.floor(values)).any():
        raise _not_labels(name, "numbers that are negative, missing or not whole")
    return values.astype(np.int64)


def _not_labels(name: str, given: str) -> DataError:
    return DataError(
        f"{name} holds {given}; allowed are class numbers from 0, names of classes, or a matrix "
        "of 0 and 1 with a column for each class; change the labels to one of these"
    )


def _names(labels: dict[str, np.ndarray], classes: Sequence[str] | None) -> list[str]:
    if classes is not None:
        return [str(name) for name in classes]
    values = [split for split in labels.values() if len(split)]
    if any(split.dtype.kind == "U" for split in values):
        return sorted({str(label) for split in values for label in split})
    count = max((split.shape[1] if split.ndim == 2 else int(split.max()) + 1) for split in values)
    return [str(number) for number in range(count)]


def _as_targets(values: np.ndarray, names: list[str], name: str) -> Tensor:
    if values.dtype.kind == "U":
        strange = sorted(set(values.tolist()) - set(names))
        if strange:
            raise DataError(f"{name} holds {listed(strange)}; the classes are {listed(names)}")
        numbers = {label: number for number, label in enumerate(names)}
        return torch.tensor([numbers[label] for label in values.tolist()])
    if values.ndim == 2 and values.shape[1] != len(names):
        raise DataError(
            f"{name} has {values.shape[1]} columns for {counted(len(names), 'class')}; give one "
            "column for each class"
        )
    if values.ndim == 1 and len(values) and values.max() >= len(names):
        raise DataError(
            f"{name} holds class {values.max()}; allowed is 0 to {len(names) - 1} for "
            f"{counted(len(names), 'class')}; check the labels or classes="
        )
    return torch.from_numpy(values)


def _paired(pictures: Tensor, targets: Tensor, name: str) -> Source:
    if len(pictures) != len(targets):
        raise DataError(
            f"x_{name} has {counted(len(pictures), 'picture')} and y_{name} "
            f"{counted(len(targets), 'label')}; each picture needs its own; check how they were cut"
        )
    return Source(pictures, targets)
