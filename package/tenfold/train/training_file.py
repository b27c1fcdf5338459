"""A whole training state as one file: weights, optimizer, history, what is frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import FileError, TenfoldError
from tenfold.text import listed
from tenfold.train.checkpoint import read_file, write_file
from tenfold.train.history import History
from tenfold.train.optim import layer_groups, make_optimizer, parameters_of
from tenfold.train.task import Task
from tenfold.train.tuned import tuned, with_tuned

__all__ = ["load_training", "name_of", "save_training"]

Optimizer = torch.optim.Optimizer


def save_training(
    path: str | Path,
    model: nn.Module,
    optimizer: Optimizer | None,
    *,
    task: Task,
    history: History,
) -> Path:
    """Write model, optimizer, history and what was tuned of the task to `path` in one step."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    names: dict[Tensor, str] = {value: name for name, value in model.named_parameters()}
    for parameter, slots in optimizer.state.items() if optimizer else ():
        for slot, value in slots.items():
            if value is not None:
                tensors[f"optimizer.{names[parameter]}:{slot}"] = torch.as_tensor(value)
    tensors["history.losses"] = torch.from_numpy(history.losses)
    tensors["history.rates"] = torch.from_numpy(history.rates)
    header = {
        "model": name_of(model),
        "optimizer": type(optimizer).__name__ if optimizer else None,
        "trains": [parameter.requires_grad for parameter in model.parameters()],
        "rows": history.rows,
        "marks": history.marks,
        "tuned": tuned(task),
    }
    return write_file(path, tensors, kind="training", header=header)


def load_training(
    path: str | Path, model: nn.Module, *, task: Task, make: Any, weight_decay: float
) -> tuple[Optimizer | None, History, Task]:
    """Put a saved state into `model`; returns the optimizer (by `make`), history, tuned task.

    Everything is checked first: a file of another model changes nothing.
    """
    tensors, header = read_file(path, kind="training")
    weights = {
        name.removeprefix("model."): value
        for name, value in tensors.items()
        if name.startswith("model.")
    }
    _check_weights(path, model, weights, header)
    history, task = _history(path, tensors, header), with_tuned(task, _tuned(header))
    trained = [parameter.requires_grad for parameter in model.parameters()]
    try:
        set_trained(model, header["trains"])
        optimizer = _make_optimizer(path, model, header, make=make, weight_decay=weight_decay)
    except TenfoldError:
        set_trained(model, trained)
        raise
    model.load_state_dict(weights)
    _fill_optimizer(optimizer, model, tensors)
    return optimizer, history, task


def _tuned(header: dict[str, Any]) -> dict[str, Any]:
    """Files of before have thresholds alone, or nothing."""
    before = {"threshold": header["thresholds"]} if header.get("thresholds") else {}
    return header.get("tuned", before)


def _history(path: str | Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> History:
    try:
        return History(
            rows=header["rows"],
            losses=tensors["history.losses"].numpy(),
            rates=tensors["history.rates"].numpy(),
            marks=[(step, words) for step, words in header["marks"]],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(
            f"{path} is damaged: its history is unreadable ({error}); take another copy"
        ) from error


def set_trained(model: nn.Module, trained: list[bool]) -> None:
    """Say of each parameter whether it trains."""
    for parameter, trains in zip(model.parameters(), trained, strict=True):
        parameter.requires_grad_(trains)


def _check_weights(
    path: str | Path, model: nn.Module, weights: dict[str, Tensor], header: dict[str, Any]
) -> None:
    mine = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    theirs = {name: tuple(value.shape) for name, value in weights.items()}
    if mine != theirs:
        differ = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
        raise FileError(
            f"{path} holds another model ({header.get('model')}; this is {name_of(model)}): "
            f"{listed(differ, most=3)} do not agree; make the learner with that model and that "
            "number of classes"
        )


def _make_optimizer(
    path: str | Path, model: nn.Module, header: dict[str, Any], *, make: Any, weight_decay: float
) -> Optimizer | None:
    """An empty optimizer of the kind in the file; None when nothing was trained or trains."""
    kind = header.get("optimizer")
    if kind is None or not any(header["trains"]):
        return None
    rates = [1e-3] * len(layer_groups(model))  # each fit sets its own
    optimizer = make_optimizer(make, model, rates=rates, weight_decay=weight_decay)
    if type(optimizer).__name__ != kind:
        raise FileError(
            f"{path} holds the state of {kind}; this learner trains with "
            f"{type(optimizer).__name__}; make the learner with the optimizer of the file"
        )
    return optimizer


def _fill_optimizer(
    optimizer: Optimizer | None, model: nn.Module, tensors: dict[str, Tensor]
) -> None:
    parameters = dict(model.named_parameters())
    for name, value in tensors.items():
        if optimizer is not None and name.startswith("optimizer."):
            parameter, slot = name.removeprefix("optimizer.").rsplit(":", 1)
            own = parameters[parameter]
            # torch keeps the step count of a fused optimizer beside its parameter
            optimizer.state[own][slot] = value.to(own.device)


def name_of(model: nn.Module) -> str:
    """A model's name for messages: its architecture when it says, else its class."""
    spec = getattr(model, "spec", None)
    told = spec.get("name") if isinstance(spec, dict) else None
    return str(told or type(model).__name__)


def frozen_groups(model: nn.Module) -> int:
    """How many layer groups do not train."""
    return sum(
        not any(parameter.requires_grad for parameter in parameters_of(modules))
        for modules in layer_groups(model)
    )
