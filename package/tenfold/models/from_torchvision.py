"""Backbones from torchvision: its registry of classification networks, its weights."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torchvision import models
from torchvision.models import VisionTransformer

from tenfold.errors import ModelError
from tenfold.models.body import ANY_SIDE, Backbone
from tenfold.models.cut import cut_network, halves, measure_channels
from tenfold.models.vision_transformer import TransformerBody

# These two turned pictures normalised with ImageNet's statistics into [-1, 1] by themselves.
_SYMMETRIC = ("googlenet", "inception_v3")
# Their functions of the same size, applied between the units and the classifier.
_LAST: dict[str, Callable[[], nn.Module]] = {"densenet": nn.ReLU}
_NO_PICTURE_SIZE = ("swin", "regnet")  # they take any, whatever their weights were checked with
_ONE_SIZE = ("maxvit",)


def names() -> list[str]:
    """The classification networks of the torchvision that is installed."""
    return models.list_models(module=models)


def create(name: str, *, pretrained: bool) -> Backbone:
    """The torchvision network `name` without its classifier."""
    weights = models.get_model_weights(name).DEFAULT
    network = _network(name, weights, pretrained)
    statistics = weights.transforms()
    mean, std = tuple(statistics.mean), tuple(statistics.std)
    if name in _SYMMETRIC:
        mean = std = (0.5, 0.5, 0.5)
    module = _body(name, network)
    return Backbone(
        module=module,
        channels=measure_channels(module),
        groups=[[module.early], [module.late]],
        mean=mean,
        std=std,
        name=name,
        pretrained=pretrained,
        sides=_sides(name, network, weights),
    )


def _body(name: str, network: nn.Module) -> Any:
    if isinstance(network, VisionTransformer):
        return TransformerBody(network)
    last = [make() for family, make in _LAST.items() if name.startswith(family)]
    early, late = halves([*cut_network(network), *last])
    body = nn.Sequential()
    body.add_module("early", nn.Sequential(*early))
    body.add_module("late", nn.Sequential(*late))
    return body


def _sides(name: str, network: nn.Module, weights: Any) -> tuple[int, int]:
    smallest = min(weights.meta["min_size"])
    if isinstance(network, VisionTransformer):
        return network.patch_size, ANY_SIDE[1]
    if name.startswith(_ONE_SIZE):
        return smallest, smallest
    return 1 if name.startswith(_NO_PICTURE_SIZE) else smallest, ANY_SIDE[1]


def _network(name: str, weights: Any, pretrained: bool) -> nn.Module:
    options: dict[str, Any] = {}
    if name.startswith("vit"):  # the same number of positions with and without weights
        options["image_size"] = min(weights.meta["min_size"])
    if not pretrained:
        if name in _SYMMETRIC:
            options.update(aux_logits=False, init_weights=True)
        return models.get_model(name, weights=None, **options)
    file = Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rsplit("/", 1)[1]
    try:
        # torchvision would run any code in the file; this reading refuses one that has any.
        weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
        return models.get_model(name, weights=weights, progress=False, **options)
    except (OSError, HTTPException, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ModelError(_without_weights(name, file, error)) from error


def _without_weights(name: str, file: Path, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    if file.exists():
        return (
            f'the pretrained weights of "{name}" in {file} cannot be read ({reason}); '
            'delete the file to download it again, or use "nano", whose weights are bundled'
        )
    return (
        f'the pretrained weights of "{name}" could not be downloaded ({reason}); go online, or '
        f'put {file.name} in {file.parent} (TORCH_HOME moves it), or use "nano", whose weights '
        "are bundled, or pretrained=False"
    )
