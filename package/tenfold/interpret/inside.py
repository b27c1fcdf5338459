"""What every look inside a model shares: nothing is changed, layers by name, maps and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.text import did_you_mean, listed
from tenfold.train.interrupts import Interrupts
from tenfold.train.state import kept_modes, kept_random
from tenfold.train.training_file import name_of

__all__ = ["Hook", "find_layer", "hooked", "last_maps", "score_of", "untouched"]

Hook = Callable[[nn.Module, Any, Any], Any]
"""Called with a layer, what it is given, and its output."""


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Evaluation mode in which gradients can be taken; afterwards everything is as it was.

    That is modes, grad mode, `requires_grad`, gradients, buffers and random numbers, also after
    an error or an interrupt. Inside, no parameter asks for a gradient, so none gets one.

    >>> layer = nn.Linear(2, 2)
    >>> with untouched(layer):
    ...     layer.training, layer.weight.requires_grad
    (False, False)
    >>> layer.training, layer.weight.requires_grad
    (True, True)
    """
    asking = [parameter for parameter in model.parameters() if parameter.requires_grad]
    with Interrupts() as interrupts, kept_random(), kept_modes(model):
        try:
            with interrupts.raising():
                model.eval()
                torch.set_grad_enabled(True)
                for parameter in asking:
                    parameter.requires_grad_(False)
                yield
        finally:
            for parameter in asking:
                parameter.requires_grad_(True)


@contextmanager
def hooked(hooks: dict[nn.Module, Hook]) -> Iterator[None]:
    """Forward hooks that are gone afterwards, whatever happens inside.

    >>> layer, seen = nn.Linear(2, 3), []
    >>> with hooked({layer: lambda module, inputs, output: seen.append(output.shape)}):
    ...     _ = layer(torch.zeros(1, 2))
    >>> seen, len(layer._forward_hooks)
    ([torch.Size([1, 3])], 0)
    """
    with ExitStack() as stack:
        for module, hook in hooks.items():
            stack.callback(module.register_forward_hook(hook).remove)
        yield


def find_layer(model: nn.Module, name: str) -> nn.Module:
    """The layer `name`, as in `model.named_modules()`; ModelError where there is none.

    >>> find_layer(nn.Sequential(nn.ReLU()), "0")
    ReLU()
    """
    layers = {one: layer for one, layer in model.named_modules() if one}
    if name not in layers:
        raise ModelError(
            f"the layer {name!r} was given; {name_of(model)} has {listed(layers, most=6)}"
            f"{did_you_mean(str(name), layers)}; model.named_modules() lists them"
        )
    return layers[name]


def last_maps(model: nn.Module, inputs: Tensor) -> str:
    """The name of the last layer that gives maps: outputs (N, channels, rows, columns).

    Of a model made by name that is its body. Raises ModelError for a model without maps, and for
    one that goes on with tokens.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    >>> last_maps(net, torch.zeros(1, 3, 8, 8))
    '1'
    """
    if isinstance(getattr(model, "body", None), nn.Module) and hasattr(model, "spec"):
        return "body"
    names = {layer: name for name, layer in model.named_modules() if name}
    found: list[str] = []
    tokens: list[str] = []

    def look(layer: nn.Module, given: Any, output: Any) -> None:
        if is_maps(output):
            found.append(names[layer])
            tokens.clear()
        elif isinstance(output, Tensor) and output.ndim == 3 and output.shape[1] > 1:
            tokens.append(names[layer])

    with untouched(model), hooked(dict.fromkeys(names, look)), torch.no_grad():
        model(inputs[:1])
    if not found or tokens:
        what = f"tokens after {found[-1]}" if found else "no maps with rows and columns"
        raise ModelError(
            f"{name_of(model)} gives {what}, so there is no place in the picture to show; take a "
            'model by name, as vision_learner(data, "resnet34") or (data, "vit_b_16"), or try '
            "learn.occlusion(x), which needs no maps"
        )
    return found[-1]


def is_maps(output: Any) -> bool:
    """Whether this is (N, channels, rows, columns) with more than one place."""
    return isinstance(output, Tensor) and output.ndim == 4 and output.shape[2:].numel() > 1


def score_of(outputs: Any, classes: Tensor) -> Tensor:
    """The raw output of each item's class (N,), of outputs (N, classes); ModelError for others.

    >>> score_of(torch.tensor([[1.0, 5.0], [2.0, 7.0]]), torch.tensor([0, 1]))
    tensor([1., 7.])
    """
    if not isinstance(outputs, Tensor) or outputs.ndim != 2:
        shape = tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__
        raise ModelError(
            f"the model gives outputs of {shape}; to ask why, each picture needs one number for "
            "each class, (pictures, classes); look at what such a model predicts instead"
        )
    return outputs.gather(1, classes[:, None])[:, 0]
