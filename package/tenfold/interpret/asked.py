"""What a look inside is asked about: which pictures, and why which class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tenfold.data.batches import Batches
from tenfold.data.encoders import Encoder
from tenfold.errors import DataError, SettingError
from tenfold.text import counted, did_you_mean, listed
from tenfold.train.passes import placed
from tenfold.train.task import Task

__all__ = ["Asked", "ask", "asked_classes", "spread_items"]


@dataclass(frozen=True)
class Asked:
    """Pictures (N, channels, h, w) on the device, and what is known of each.

    `items` are their numbers in the validation set and `actual` the targets; None for others.
    """

    inputs: Tensor
    items: list[int] | None = None
    actual: Tensor | None = None


def ask(x: Any, *, data: Any, encoder: Encoder, device: torch.device) -> Asked:
    """Validation items by their number, one or several, or pictures as `predict` takes them.

    Raises DataError for items that are no pictures, SettingError for a number out of range.

    >>> from tenfold.data.encoders import TensorEncoder
    >>> from tenfold.data.plain import PlainData
    >>> items = [(torch.rand(2, 3, 8, 8), torch.tensor([0, 1]))]
    >>> device = torch.device("cpu")
    >>> ask(1, data=PlainData(items, items), encoder=TensorEncoder(), device=device).items
    [1]
    """
    many = isinstance(x, list | tuple)
    given = list(x) if many else [x]
    if not given:
        raise SettingError(
            "no item was given; allowed are numbers of validation items, as 0 or [3, 5], and "
            "pictures as learn.predict takes them"
        )
    numbers = [one for one in given if isinstance(one, int) and not isinstance(one, bool)]
    if len(numbers) == len(given):
        inputs, targets = _rows(data.valid, numbers)
        found = Asked(placed(inputs, device), numbers, targets)
    elif numbers:
        raise SettingError(
            f"{listed(given, most=4)} were given; allowed are numbers of validation items or "
            "pictures, not both in one call"
        )
    else:
        found = Asked(placed(encoder.encode(x if many else [x]), device))
    _check_pictures(found.inputs, data)
    return found


def spread_items(data: Any, n: int) -> list[int]:
    """`n` numbers of validation items, from the first to the last in equal steps.

    >>> from tenfold.data.plain import PlainData
    >>> items = [(torch.rand(4, 2), torch.zeros(4))] * 3
    >>> spread_items(PlainData(items, items), 3)
    [0, 4, 8]
    """
    valid = data.valid
    many = valid.items if isinstance(valid, Batches) else sum(len(one[1]) for one in valid or ())
    n = max(1, min(n, many))
    return [place * many // n for place in range(n)]


def asked_classes(
    label: str | None, outputs: Tensor, *, task: Task, classes: Sequence[str]
) -> Tensor:
    """The class (N,) that each picture is asked about: `label`, or what the outputs say.

    Raises SettingError for a class that is not there, and for one of a model of numbers.

    >>> from tenfold.train.task import single_label
    >>> asked_classes(None, torch.eye(2), task=single_label(2), classes=["cat", "dog"]).tolist()
    [0, 1]
    """
    if label is None or task.name == "number":
        if label is not None:
            raise SettingError(
                f"label={label!r} was given; this model predicts one number and has no classes; "
                "leave label out"
            )
        return outputs.flatten(1).argmax(1)
    if str(label) not in classes:
        raise SettingError(
            f"label={label!r} was given; there are {listed(classes)}"
            f"{did_you_mean(str(label), classes)}"
        )
    return torch.full((len(outputs),), list(classes).index(str(label)), device=outputs.device)


def _rows(valid: Any, numbers: Sequence[int]) -> tuple[Any, Tensor | None]:
    """Inputs and targets of validation items by their numbers."""
    if valid is None:
        raise DataError("there is no validation set; give data with one, or pictures themselves")
    if isinstance(valid, Batches):
        _check_range(numbers, valid.items)
        chosen = torch.as_tensor(numbers, device=valid.inputs.device)
        inputs = valid.inputs[chosen]
        targets = None if valid.targets is None else valid.targets[chosen.to(valid.targets.device)]
        return inputs if valid.prepare is None else valid.prepare(inputs), targets
    found, many = dict[int, tuple[Any, Any]](), 0
    for many, pair in enumerate(_pairs(valid), 1):
        if many - 1 in numbers:
            found[many - 1] = pair
    _check_range(numbers, many)
    rows = [found[number] for number in numbers]
    return torch.stack([row[0] for row in rows]), torch.stack([row[1] for row in rows])


def _pairs(valid: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """The items of batches, one by one."""
    for inputs, targets in valid:
        if not hasattr(inputs, "shape"):
            raise DataError(
                f"the inputs of this data are {type(inputs).__name__}; a look inside needs "
                "pictures, (pictures, channels, rows, columns)"
            )
        yield from zip(torch.as_tensor(inputs), torch.as_tensor(targets))


def _check_range(numbers: Sequence[int], many: int) -> None:
    strange = [number for number in numbers if not 0 <= number < many]
    if strange:
        raise SettingError(
            f"item {listed(strange)} was given; there {'is' if many == 1 else 'are'} "
            f"{counted(many, 'validation item')}, allowed is 0 to {many - 1}"
        )


def _check_pictures(inputs: Any, data: Any) -> None:
    if isinstance(inputs, Tensor) and inputs.ndim == 4 and inputs.is_floating_point():
        return
    shape = tuple(inputs.shape) if isinstance(inputs, Tensor) else type(inputs).__name__
    raise DataError(
        f"this data is {type(data).__name__}, whose items are {shape}; a look inside needs "
        "pictures, (pictures, channels, rows, columns), as an ImageData has"
    )
