"""Where the weights of a network start: by name, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.models.blocks import chosen

__all__ = ["INITIALISATIONS", "initialise"]

Layer = nn.Conv2d | nn.Linear


def _kaiming(layer: Layer) -> None:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")


def _xavier(layer: Layer) -> None:
    nn.init.xavier_normal_(layer.weight)


def _orthogonal(layer: Layer) -> None:
    nn.init.orthogonal_(layer.weight)


def _torch(layer: Layer) -> None:
    layer.reset_parameters()


# lsuv goes on from orthogonal weights
INITIALISATIONS: dict[str, Callable[[Layer], None]] = {
    "kaiming": _kaiming,
    "xavier": _xavier,
    "orthogonal": _orthogonal,
    "lsuv": _orthogonal,
    "torch": _torch,
}


def initialise(
    model: nn.Module, how: str = "kaiming", *, inputs: Any = None, seed: int = 0
) -> nn.Module:
    """Give every convolution and linear layer of `model` new weights; its biases become 0.

    "kaiming" keeps the variance through ReLU (He et al. 2015, arXiv:1502.01852), "xavier" that
    of a linear network (Glorot & Bengio 2010), "orthogonal" is Saxe et al. 2013,
    arXiv:1312.6120, "torch" is PyTorch's own, biases included. "lsuv" needs `inputs`, a batch: it
    scales every layer until its outputs have the variance 1 (Mishkin & Matas 2015,
    arXiv:1511.06422). The global random numbers stay as they are. Raises SettingError for
    another name, and for "lsuv" without `inputs`.

    >>> layer = initialise(nn.Linear(400, 300), "xavier")
    >>> round(layer.weight.std().item(), 3), layer.bias.abs().max().item()
    (0.054, 0.0)
    """
    chosen("init", how, INITIALISATIONS)
    if how == "lsuv" and inputs is None:
        raise SettingError(
            "init='lsuv' was given without inputs; it scales each layer by what a batch gives; "
            "call initialise(model, 'lsuv', inputs=batch)"
        )
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # manual_seed would reach the GPUs too
        for layer in _layers(model):
            INITIALISATIONS[how](layer)
            if how != "torch" and layer.bias is not None:
                nn.init.zeros_(layer.bias)
    if how == "lsuv":
        _to_unit_variance(model, inputs)
    return model


def _layers(model: nn.Module) -> list[Layer]:
    return [one for one in model.modules() if isinstance(one, nn.Conv2d | nn.Linear)]


@torch.no_grad()
def _to_unit_variance(model: nn.Module, inputs: Tensor, *, tries: int = 5) -> None:
    """Layer after layer, in the order in which they run; in evaluation mode."""
    modes = [(module, module.training) for module in model.modules()]
    order: list[Layer] = []
    seen = [
        layer.register_forward_hook(lambda one, *_: order.append(one)) for layer in _layers(model)
    ]
    try:
        model.eval()
        model(inputs)
    finally:
        for handle in seen:
            handle.remove()
    try:
        for layer in order:
            for _ in range(tries):
                spread = _spread_of(layer, model, inputs)
                if abs(spread - 1) < 0.05 or not spread > 0:
                    break
                layer.weight.div_(spread)
    finally:
        for module, mode in modes:
            module.training = mode


def _spread_of(layer: Layer, model: nn.Module, inputs: Tensor) -> float:
    """The standard deviation of what a layer gives."""
    found: list[float] = []
    handle = layer.register_forward_hook(lambda *given: found.append(float(given[2].std())))
    try:
        model(inputs)
    finally:
        handle.remove()
    return found[-1]
