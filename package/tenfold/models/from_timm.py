"""Backbones from timm, when it is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.models.body import ANY_SIDE, Backbone
from tenfold.models.cut import halves, measure_channels, opened

PREFIX = "timm/"


def names() -> list[str]:
    """Every network of the timm that is installed; none when it is not."""
    if importlib.util.find_spec("timm") is None:
        return []
    import timm

    return list(timm.list_models())


def knows(name: str) -> bool:
    """Whether `name`, which may end with a tag as in "resnet50.a1_in1k", is timm's."""
    return name.removeprefix(PREFIX).split(".")[0] in names()


def create(name: str, *, pretrained: bool) -> Backbone:
    """The timm network `name`, without the prefix "timm/", without its classifier."""
    network, fixed = _network(name, pretrained)
    settings = network.pretrained_cfg
    side = int(settings["input_size"][-1])
    module = TimmBody(network)
    return Backbone(
        module=module,
        channels=measure_channels(module, side=side),
        groups=_groups(network),
        mean=tuple(settings["mean"]),
        std=tuple(settings["std"]),
        name=PREFIX + name,
        pretrained=pretrained,
        sides=(side, side) if fixed else ANY_SIDE,
    )


def _network(name: str, pretrained: bool) -> tuple[Any, bool]:
    """The network, and whether it takes pictures of one size only."""
    import timm

    options = {"pretrained": pretrained, "num_classes": 0, "global_pool": ""}
    try:
        try:
            return timm.create_model(name, dynamic_img_size=True, **options), False
        except TypeError:  # convolutional networks know no such option and need none
            network = timm.create_model(name, **options)
            return network, bool(network.pretrained_cfg.get("fixed_input_size"))
    except Exception as error:  # timm and its hub client raise errors of many packages
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ModelError(
            f'timm cannot make "{name}" ({reason}); go online for pretrained weights, choose '
            'another network, or use "nano", whose weights are bundled, or pretrained=False'
        ) from error


class TimmBody(nn.Module):
    """Calls a timm network and turns what it gives, maps or tokens, into [N, C, h, w]."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        try:
            features = self.network(x)
        except AssertionError as error:  # so timm says that a size does not suit its patches
            height, width = x.shape[2:]
            raise ModelError(
                f"pictures of {height} x {width} pixels were given, and timm's network takes "
                f"others: {error}; make the data with another size="
            ) from error
        if features.ndim == 3:
            return self._from_tokens(features, x)
        last = str(getattr(self.network, "output_fmt", "NCHW")).endswith("NHWC")
        return features.permute(0, 3, 1, 2) if last else features

    def _from_tokens(self, features: Tensor, x: Tensor) -> Tensor:
        tokens = features[:, int(getattr(self.network, "num_prefix_tokens", 0)) :]
        rows = round((tokens.shape[1] * x.shape[2] / x.shape[3]) ** 0.5)
        return tokens.transpose(1, 2).unflatten(2, (rows, tokens.shape[1] // rows))


class _Loose(nn.Module):
    """Holds the parameters that belong to a network itself and to none of its children."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        for name, parameter in network.named_parameters(recurse=False):
            self.register_parameter(name, parameter)


def _groups(network: nn.Module) -> list[list[nn.Module]]:
    early, late = halves(opened([child for child in network.children()]))
    return [[_Loose(network), *early], late]
