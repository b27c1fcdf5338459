"""Cut a network before its classifier, split it in an early and a late half, count its channels."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_END = (nn.AdaptiveAvgPool2d, nn.Linear, nn.Dropout)  # where a classifier begins


def cut_network(network: nn.Module) -> list[nn.Module]:
    """The units of a network, in order, up to its last pooling or its classifier.

    For networks that run their children one after the other, as all of torchvision's do except
    the vision transformers. Heads that only help in training (`aux1`, `AuxLogits`) are left out.
    """
    units: list[nn.Module] = []
    for name, child in network.named_children():
        if type(child).__name__.endswith("Aux"):
            continue
        if isinstance(child, _END) or name == "classifier":
            break
        units.append(child)
    return opened(units)


def opened(units: list[nn.Module]) -> list[nn.Module]:
    """Units, with a container that holds nearly the whole network replaced by what is in it."""
    whole = depth(units)
    while True:
        large = [
            place
            for place, unit in enumerate(units)
            if isinstance(unit, nn.Sequential | nn.ModuleList) and depth([unit]) > 0.75 * whole
        ]
        if not large:
            return units
        units = [*units[: large[0]], *units[large[0]].children(), *units[large[0] + 1 :]]


def depth(units: Iterable[nn.Module]) -> int:
    """Number of weight matrices and kernels in the units.

    >>> depth([nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Conv2d(3, 8, 3)])
    2
    """
    return sum(weight.ndim > 1 for unit in units for weight in unit.parameters())


def halves(units: list[nn.Module]) -> tuple[list[nn.Module], list[nn.Module]]:
    """Units split where half of the depth is nearest: the early and the late ones.

    For ResNet-18 to 152 this is after `layer2`, where fastai and the literature split.

    >>> early, late = halves([nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)])
    >>> early
    [Linear(in_features=2, out_features=2, bias=True), ReLU()]
    """
    middle = depth(units) / 2
    sums = [depth(units[:place]) for place in range(1, len(units))]
    best = min(abs(total - middle) for total in sums)
    # The last of equals, so that what follows a weight (its norm, its pooling) stays with it.
    place = max(place for place, total in enumerate(sums, 1) if abs(total - middle) == best)
    return units[:place], units[place:]


def measure_channels(body: nn.Module, *, side: int = 224) -> int:
    """Channels of the features that `body` gives, found on the meta device: nothing is computed.

    >>> measure_channels(nn.Conv2d(3, 8, 3))
    8
    """
    return on_meta(body, side=side).shape[1]


def on_meta(body: nn.Module, *, side: int) -> Tensor:
    """What `body` gives for one picture of `side` pixels, on the meta device: shapes alone.

    >>> on_meta(nn.Conv2d(3, 8, 3), side=32).shape
    torch.Size([1, 8, 30, 30])
    """
    tensors = {**dict(body.named_parameters()), **dict(body.named_buffers())}
    empty = {name: torch.empty_like(tensor, device="meta") for name, tensor in tensors.items()}
    modes = [(module, module.training) for module in body.modules()]
    body.eval()
    with torch.no_grad():
        picture = torch.empty(1, 3, side, side, device="meta")
        features: Tensor = torch.func.functional_call(body, empty, (picture,))
    for module, mode in modes:
        module.training = mode
    return features
