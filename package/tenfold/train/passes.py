"""A pass over data: batches on the device, forward, predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import DataError
from tenfold.train.control import Pass
from tenfold.train.interrupts import Interrupts
from tenfold.train.plan import PRECISIONS, Plan
from tenfold.train.state import kept_modes, kept_random

__all__ = ["batches_of", "forward", "length_of", "placed", "predict_batches", "steps_in"]

Use = Callable[[Tensor, Tensor], "bool | None"]
_SMALL = {torch.uint8, torch.int8, torch.int16, torch.int32}


def forward(model: nn.Module, inputs: Any, plan: Plan) -> Tensor:
    """The model's raw outputs, in float32 whatever the precision inside.

    A model with `low_outputs` is trained on outputs as they are: its loss reads every precision.
    """
    if not plan.mixed:
        return model(*inputs) if isinstance(inputs, tuple | list) else model(inputs)
    kind = next(model.parameters()).device.type
    with torch.autocast(kind, PRECISIONS[plan.precision]):
        outputs = model(*inputs) if isinstance(inputs, tuple | list) else model(inputs)
    return outputs if model.training and getattr(model, "low_outputs", False) else outputs.float()


def predict_batches(
    model: nn.Module, data: Any, *, use: Use, plan: Plan, control: Pass | None = None
) -> None:
    """Call `use(outputs, targets)` for every batch: raw outputs, made in evaluation mode.

    Ends early when `use` returns True. Between batches `control` is asked whether to go on;
    raises StoppedError when it was stopped. Modes, grad mode and thread count are what they were
    afterwards, also after an error or an interrupt.
    """
    device = next(model.parameters()).device
    with Interrupts() as interrupts, kept_modes(model), interrupts.raising():
        model.eval()
        torch.set_num_threads(plan.threads)
        for inputs, targets in batches_of(data, device=device, plan=plan, epoch=0):
            with torch.no_grad():
                outputs = forward(model, inputs, plan)
            if use(outputs, targets):
                break
            if control is not None:
                control.advance()


def batches_of(
    data: Any, *, device: torch.device, plan: Plan, epoch: int, start: int = 0
) -> Iterator[tuple[Any, Any]]:
    """The batches of a pass from number `start` on, on the device and in the layout of the plan.

    Where data cannot begin there by itself, the batches before are run through: by this call.
    """
    if hasattr(data, "epoch"):
        data.epoch = epoch
    if start and hasattr(data, "starting_at"):
        pairs = data.starting_at(start)
    else:
        pairs = iter(data)
        for _ in range(start):
            next(pairs, None)
    return _laid_out(pairs, device=device, plan=plan, there=getattr(data, "device", None))


def _laid_out(
    pairs: Iterator[Any], *, device: torch.device, plan: Plan, there: torch.device | None
) -> Iterator[tuple[Any, Any]]:
    if there == device and not plan.channels_last:
        yield from pairs
        return
    for inputs, targets in pairs:
        yield plan.lay_out(placed(inputs, device)), _long(placed(targets, device))


def placed(values: Any, device: torch.device) -> Any:
    """Tensors on the device; lists and tuples keep their shape; arrays become tensors."""
    if isinstance(values, Tensor):
        return values.to(device, non_blocking=True)
    if isinstance(values, tuple | list) and any(hasattr(value, "shape") for value in values):
        return type(values)(placed(value, device) for value in values)
    if values is None:  # items without targets
        return None
    tensor = torch.as_tensor(values)
    # numpy's floats are double, no model's weights are
    double = tensor.dtype == torch.float64
    return tensor.to(device, torch.get_default_dtype() if double else None)


def _long(targets: Any) -> Any:
    """Whole numbers of any size as int64, which torch's losses want of class numbers."""
    small = isinstance(targets, Tensor) and targets.dtype in _SMALL
    return targets.long() if small else targets


def length_of(data: Any) -> int:
    """How many batches the data says that a pass has; 0 when it does not say."""
    try:
        return len(data)
    except TypeError:  # also a DataLoader over a stream, which has __len__ and refuses it
        return 0


def steps_in(data: Any) -> int:
    """How many batches a pass has; counted once when the data does not say."""
    steps = length_of(data)
    if not steps:
        with kept_random():
            steps = sum(1 for _ in data)
    if not steps:
        raise DataError("the training data gave no batch; it must be repeatable and not empty")
    return steps
