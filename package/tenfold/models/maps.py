"""The maps inside a body: which unit makes the last map of each size, found by tracing shapes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.models.body import Backbone
from tenfold.models.cut import on_meta

__all__ = ["Trace", "captured", "trace_maps", "units_of"]

_SIDE = 224  # every network of torchvision takes it


@dataclass(frozen=True)
class Trace:
    """A unit of a body, and its map [N, channels, h / 2**level, w / 2**level].

    `last` says that the unit gives [N, h, w, channels], as Swin's do.
    """

    unit: nn.Module
    channels: int
    level: int
    last: bool = False

    def map(self, outputs: Tensor) -> Tensor:
        """What the unit gave, with the channels first."""
        return outputs.permute(0, 3, 1, 2) if self.last else outputs


def units_of(modules: Sequence[nn.Module]) -> list[nn.Module]:
    """The units that run one after the other: every `nn.Sequential` replaced by what is in it.

    What such a unit gives is all that the next one gets, so a map taken there holds everything
    known at its size; inside a residual block that would not be so.

    >>> units_of([nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh()))])
    [ReLU(), Tanh()]
    """
    units: list[nn.Module] = []
    for module in modules:
        units += units_of(list(module)) if isinstance(module, nn.Sequential) else [module]
    return units


@contextmanager
def captured(units: Iterable[nn.Module]) -> Iterator[dict[nn.Module, Tensor]]:
    """What each of `units` gives while the block runs; of a unit that runs twice, the last."""
    kept: dict[nn.Module, Tensor] = {}

    def keep(unit: nn.Module, inputs: Any, outputs: Any) -> None:
        kept.pop(unit, None)  # so that the order is that of the last time each ran
        if isinstance(outputs, Tensor):
            kept[unit] = outputs

    hooks = [unit.register_forward_hook(keep) for unit in dict.fromkeys(units)]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()


def trace_maps(backbone: Backbone) -> tuple[list[Trace], int]:
    """The last map of each level above the features, the largest first; the features' level.

    Level 1 is half the picture's side, level 2 a quarter. The shapes come from a picture on the
    meta device: nothing is computed. Raises ModelError for a body whose features are no maps.
    """
    units = units_of([module for group in backbone.groups for module in group])
    with captured(units) as kept:
        features = on_meta(backbone.module, side=_SIDE)
    if features.ndim != 4 or features.shape[2] == 1:
        raise ModelError(
            f"{backbone.name} turns a picture of {_SIDE} x {_SIDE} pixels into features of shape "
            f"{tuple(features.shape)}; a U-Net needs maps, (N, channels, h, w); choose a network "
            'that keeps places, as "nano" or "resnet34"'
        )
    bottom = _level(features.shape[2])
    found = [_trace(unit, outputs) for unit, outputs in kept.items()]
    by_level = {trace.level: trace for trace in found if trace is not None}
    return [by_level[level] for level in sorted(by_level) if level < bottom], bottom


def _trace(unit: nn.Module, outputs: Tensor) -> Trace | None:
    if outputs.ndim != 4:
        return None
    _, a, b, c = outputs.shape
    if b == c:
        return Trace(unit, channels=a, level=_level(b))
    return Trace(unit, channels=c, level=_level(a), last=True) if a == b else None


def _level(side: int) -> int:
    """How often the side was halved; stems without padding make it a little smaller than that."""
    return round(math.log2(_SIDE / side))
