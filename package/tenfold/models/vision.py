"""The vision model: normalise, body, pool, head; made by name, or again from its description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.models.backbone import create_backbone
from tenfold.models.body import Backbone, check_sides
from tenfold.models.head import ConcatPool, create_head, dropout_rates

_SPEC = {"kind", "name", "outputs", "dropout", "hidden", "seed"}


class Normalise(nn.Module):
    """Pictures [N, 3, h, w] in [0, 1] to those with the mean 0 and deviation 1 of `mean`, `std`.

    >>> Normalise((0.5,), (0.25,))(torch.ones(1, 1, 1, 1)).item()
    2.0
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class VisionModel(nn.Module):
    """Pictures [N, 3, h, w] in [0, 1] to raw logits [N, outputs].

    `spec` is all that `build_vision` needs, as JSON, to make the same network with random
    weights. Raises ModelError for pictures smaller or larger than the body takes.
    """

    def __init__(self, backbone: Backbone, head: nn.Module, *, spec: dict[str, Any]) -> None:
        super().__init__()
        self.normalise = Normalise(backbone.mean, backbone.std)
        self.body = backbone.module
        self.pool = ConcatPool()
        self.head = head
        self.spec = spec
        self.sides = backbone.sides
        self._body_groups = backbone.groups

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """What the head sees: pooled features [N, 2 * channels] of pictures [N, 3, h, w]."""
        check_sides(*x.shape[-2:], sides=self.sides, name=self.spec["name"])
        return self.pool(self.body(self.normalise(x)))

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: early body, late body, head. Each parameter is in exactly one."""
        return [*self._body_groups, [self.head]]


def create_vision_model(
    name: str,
    outputs: int,
    *,
    pretrained: bool = True,
    dropout: float | Sequence[float] = 0.5,
    hidden: Sequence[int] = (512,),
    seed: int = 0,
) -> VisionModel:
    """The network `name` with a new head for `outputs` classes or numbers.

    `name` as in `create_backbone`, `dropout` and `hidden` as in `create_head`. What is random
    comes from `seed`. Raises ModelError for an unknown name and for weights that cannot be had,
    SettingError for a setting that is out of range.

    >>> model = create_vision_model("nano", 12)
    >>> model(torch.rand(4, 3, 96, 96)).shape
    torch.Size([4, 12])
    """
    rates = dropout_rates(dropout, len(hidden) + 1)
    backbone = create_backbone(name, pretrained=pretrained, seed=seed)
    head = create_head(2 * backbone.channels, outputs, dropout=rates, hidden=hidden, seed=seed)
    spec = {
        "kind": "vision",
        "name": backbone.name,
        "outputs": outputs,
        "dropout": rates,
        "hidden": list(hidden),
        "seed": seed,
    }
    return VisionModel(backbone, head, spec=spec)


def build_vision(spec: dict[str, Any]) -> VisionModel:
    """The network that `spec` describes, with random weights; needs no download.

    >>> build_vision(create_vision_model("nano", 12).spec).spec["outputs"]
    12
    """
    if not isinstance(spec, dict) or spec.get("kind") != "vision" or set(spec) != _SPEC:
        raise ModelError(
            f"{spec!r} does not describe a vision model; allowed is the .spec of a VisionModel, "
            f"with {', '.join(sorted(_SPEC))}; save the model again"
        )
    settings = {key: value for key, value in spec.items() if key not in ("kind", "name")}
    return create_vision_model(spec["name"], settings.pop("outputs"), pretrained=False, **settings)
