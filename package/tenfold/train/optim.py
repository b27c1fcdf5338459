"""Layer groups, differential rates, freezing, and torch's own optimizers over them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast

import torch
from torch import nn

from tenfold.errors import SettingError
from tenfold.text import did_you_mean

__all__ = [
    "OPTIMIZERS",
    "Rate",
    "decays",
    "freeze_to",
    "layer_groups",
    "make_optimizer",
    "quick_step",
    "read_rates",
    "regroup",
]

Rate = float | str | slice | Sequence[float]
Groups = list[list[nn.Module]]

# eps 1e-5 and the second beta of 0.99 follow fastai, whose fine-tuning defaults they are
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adamw": partial(torch.optim.AdamW, betas=(0.9, 0.99), eps=1e-5, fused=True),
    "adam": partial(torch.optim.Adam, betas=(0.9, 0.99), eps=1e-5, fused=True),
    "sgd": partial(torch.optim.SGD, momentum=0.9, fused=True),
    "rmsprop": torch.optim.RMSprop,
}


def layer_groups(model: nn.Module) -> Groups:
    """The layer groups of a model, from the input to the head.

    A model says which they are by a method `groups()`; any other model is one group.
    """
    told = getattr(model, "groups", None)
    return told() if callable(told) and not isinstance(told, nn.Module) else [[model]]


def parameters_of(modules: Sequence[nn.Module]) -> Iterator[nn.Parameter]:
    """Every parameter of a layer group."""
    for module in modules:
        yield from module.parameters()


def freeze_to(model: nn.Module, group: int) -> None:
    """Train only the layer groups from `group` on; negative numbers count from the end.

    A frozen group also runs in evaluation mode while the rest trains: its batch norms keep their
    statistics and its dropout is off, so its features stay what the pretraining made them.
    """
    groups = layer_groups(model)
    if (
        isinstance(group, bool)
        or not isinstance(group, int)
        or not -len(groups) <= group <= len(groups)
    ):
        raise SettingError(
            f"group {group!r} was given; this model has {len(groups)} layer groups, so allowed "
            f"is {-len(groups)} to {len(groups)}; 0 trains everything, -1 the last group"
        )
    first = group % len(groups) if group < 0 else group
    for index, modules in enumerate(groups):
        for parameter in parameters_of(modules):
            parameter.requires_grad_(index >= first)


def set_train_mode(model: nn.Module) -> None:
    """Training mode for what trains, evaluation mode for every frozen layer group."""
    model.train()
    for modules in layer_groups(model):
        parameters = list(parameters_of(modules))
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            for module in modules:
                module.eval()


def read_rates(lr: Rate, groups: int) -> list[float]:
    """One learning rate for each layer group, from any of the forms a person writes.

    A number is the rate of every group; `"1e-5:1e-3"` or `slice(1e-5, 1e-3)` spreads
    geometrically from the first group to the last; `"1e-4,1e-3,1e-2"` or a list gives each its
    own (Howard & Ruder 2018, arXiv:1801.06146).

    >>> read_rates("1e-4:1e-2", 3)
    [0.0001, 0.001, 0.01]
    """
    if isinstance(lr, str) and ":" in lr:
        rates = _spread(lr, [_number(word, lr) for word in lr.split(":")], groups)
    elif isinstance(lr, slice):
        ends = [lr.start if lr.start is not None else lr.stop, lr.stop]
        rates = _spread(lr, [_number(end, lr) for end in ends], groups)
    elif isinstance(lr, str) and "," in lr:
        rates = _one_each([_number(word, lr) for word in lr.split(",")], groups)
    elif isinstance(lr, str) or not hasattr(lr, "__len__") or getattr(lr, "ndim", 1) == 0:
        rates = [_number(lr, lr)] * groups
    else:
        rates = _one_each([_number(word, lr) for word in cast("Sequence[Any]", lr)], groups)
    return rates


def _number(word: Any, given: Any) -> float:
    try:
        rate = math.nan if isinstance(word, bool) else float(word)
    except (TypeError, ValueError):
        rate = math.nan
    if not 0 < rate < math.inf:
        raise SettingError(
            f"the learning rate {given!r} was given; allowed is a number above 0, a spread "
            "'1e-5:1e-3', or one number for each layer group; %lr_find suggests one"
        )
    return rate


def _spread(given: object, ends: list[float], groups: int) -> list[float]:
    if len(ends) != 2:
        raise SettingError(f"the spread {given!r} was given; allowed is 'first:last', as 1e-5:1e-3")
    first, last = ends
    if groups == 1:
        return [last]
    # %.12g: 1e-4 to 1e-2 gives 0.001 and not 0.0010000000000000002
    return [float(f"{first * (last / first) ** (i / (groups - 1)):.12g}") for i in range(groups)]


def _one_each(rates: list[float], groups: int) -> list[float]:
    if len(rates) != groups:
        raise SettingError(
            f"{len(rates)} learning rates were given; this model has {groups} layer groups; give "
            f"{groups} rates, one number for all, or a spread like '1e-5:1e-3'"
        )
    return rates


def make_optimizer(
    name: str | Callable[..., torch.optim.Optimizer],
    model: nn.Module,
    *,
    rates: Sequence[float],
    weight_decay: float = 0.01,
) -> torch.optim.Optimizer:
    """An optimizer of torch over the layer groups, fused where torch has a fused one.

    `name` is one of `OPTIMIZERS` or a callable that takes parameter groups. Weight decay is not
    applied to biases and norms; `techniques/weight_decay.py` says what it does. Groups are merged
    by (rate, weight decay): every group more costs time at every step.
    """
    if isinstance(name, str) and name not in OPTIMIZERS:
        hint = did_you_mean(name, OPTIMIZERS)
        raise SettingError(
            f"the optimizer {name!r} was given; known are {', '.join(OPTIMIZERS)}{hint}"
        )
    if isinstance(weight_decay, bool) or not 0 <= weight_decay < math.inf:
        raise SettingError(
            f"weight_decay={weight_decay} was given; allowed is 0 and above; try 0.01"
        )
    groups = parameter_groups(model, rates=rates, weight_decay=weight_decay)
    if not isinstance(name, str):
        return name(groups)
    return OPTIMIZERS[name](groups)


def parameter_groups(
    model: nn.Module, *, rates: Sequence[float], weight_decay: float
) -> list[dict[str, Any]]:
    """Parameter groups for torch, one for each different (rate, weight decay).

    `layers` says which layer groups each serves, so that a rate can be changed while running.
    """
    merged: dict[tuple[float, float], dict[str, Any]] = {}
    for index, (modules, rate) in enumerate(zip(layer_groups(model), rates, strict=True)):
        for parameter in parameters_of(modules):
            if not parameter.requires_grad:
                continue
            decay = weight_decay if decays(parameter) else 0.0
            new = {"params": [], "lr": rate, "weight_decay": decay, "layers": []}
            group = merged.setdefault((rate, decay), new)
            group["params"].append(parameter)
            if index not in group["layers"]:
                group["layers"].append(index)
    if not merged:
        raise SettingError("every layer group is frozen; call unfreeze() or freeze_to(-1) first")
    return list(merged.values())


def decays(parameter: nn.Parameter) -> bool:
    """Whether weight decay pulls at a parameter: at weights, not at biases, norms and scalars."""
    return parameter.ndim > 1


def regroup(
    optimizer: torch.optim.Optimizer,
    model: nn.Module,
    *,
    rates: Sequence[float],
    weight_decay: float,
) -> None:
    """Give a living optimizer new rates for each layer group; its running averages stay.

    Settings that a schedule moved, as the momentum, are again what the optimizer was made with.

    Parameters that are frozen by now leave the optimizer with their state; they start anew if
    they come back.
    """
    kept = {**optimizer.param_groups[0], **optimizer.defaults}
    groups = parameter_groups(model, rates=rates, weight_decay=weight_decay)
    optimizer.param_groups[:] = [{**kept, **group} for group in groups]
    trained = {parameter for group in groups for parameter in group["params"]}
    for parameter in [p for p in optimizer.state if p not in trained]:
        del optimizer.state[parameter]
    if isinstance(optimizer, torch.optim.SGD) and optimizer.state:
        # torch's fused step takes either no buffer at all or one for every parameter of a group
        for parameter in trained - optimizer.state.keys():
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)


def quick_step(optimizer: torch.optim.Optimizer) -> Callable[[], Any]:
    """The optimizer's step without torch's profiler mark, which costs as much as a fused update.

    An optimizer that somebody hooked into or patched keeps its own.
    """
    plain = getattr(type(optimizer).step, "__wrapped__", None)
    own = [getattr(optimizer, f"_optimizer_step_{when}_hooks", True) for when in ("pre", "post")]
    module = sys.modules[torch.optim.Optimizer.__module__]
    every = [getattr(module, f"_global_optimizer_{when}_hooks", True) for when in ("pre", "post")]
    if plain is None or any(own) or any(every) or "step" in vars(optimizer):
        return optimizer.step
    return partial(plain, optimizer)
