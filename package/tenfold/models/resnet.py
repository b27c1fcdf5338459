"""Residual networks from parts, of any depth.

He et al. 2015, "Deep Residual Learning for Image Recognition", https://arxiv.org/abs/1512.03385.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from tenfold.errors import SettingError
from tenfold.models.blocks import SHORTCUTS, Parts, Residual, chosen
from tenfold.models.parts_net import PartsNet, finished, read_depth, rebuilt, whole

__all__ = ["build_resnet", "create_resnet"]


@torch.random.fork_rng(devices=[])  # a layer draws weights when it is made
def create_resnet(
    outputs: int,
    *,
    depth: int | Sequence[int] = 20,
    width: int = 16,
    stem: str = "plain",
    bottleneck: bool = False,
    shortcut: str = "pad",
    skips: bool = True,
    normalise: bool = True,
    scale: bool = True,
    activation: str = "relu",
    init: str = "kaiming",
    zero_last: bool = False,
    seed: int = 0,
) -> PartsNet:
    """A residual network for `outputs` classes, with a switch for each of its parts.

    `depth` is 6 n + 2, as 20 or 56, for the nets of three stages that the paper trains on
    CIFAR-10 (9 n + 2 with `bottleneck`), or how many blocks each stage has: [3, 4, 6, 3] with
    `width=64`, `stem="pool"` and `shortcut="convolution"` is ResNet-34. Every stage but the first
    halves the picture and doubles the channels, which are `width` at first. `skips`, `normalise`,
    `scale` and `activation` as in `Parts`, `stem` as in `blocks.stem`, `init` as in `initialise`.
    `zero_last` lets every block begin as its shortcut alone: the last scale in it is 0 (Goyal et
    al. 2017, arXiv:1706.02677). Raises SettingError for what is out of range.

    >>> import torch
    >>> net = create_resnet(10, depth=20)
    >>> net(torch.rand(2, 3, 32, 32)).shape, sum(one.numel() for one in net.parameters())
    (torch.Size([2, 10]), 269722)
    """
    spec = {"kind": "resnet", **locals()}
    whole(outputs=outputs, width=width)
    chosen("shortcut", shortcut, SHORTCUTS)
    _check_zero_last(zero_last, skips=skips, scale=scale)
    parts = Parts(skips=skips, normalise=normalise, scale=scale, activation=activation)
    blocks = read_depth(depth, fixed=2, layers=3 if bottleneck else 2, stages=3)
    more: dict[str, Any] = {"parts": parts, "bottleneck": bottleneck, "shortcut": shortcut}
    stages, inputs = [], width
    for number, count in enumerate(blocks):
        channels = width * 2**number * (4 if bottleneck else 1)
        stage: list[nn.Module] = []
        for place in range(count):
            stride = 2 if number and not place else 1
            stage.append(Residual(inputs, channels, stride=stride, **more))
            inputs = channels
        stages.append(nn.Sequential(*stage))
    net = finished(stages, width=width, channels=inputs, parts=parts, spec=spec)
    if zero_last:
        for block in (one for one in net.modules() if isinstance(one, Residual)):
            nn.init.zeros_(block.last_scale)
    return net


def _check_zero_last(zero_last: bool, *, skips: bool, scale: bool) -> None:
    if zero_last and not (skips and scale):
        raise SettingError(
            f"zero_last=True was given with skips={skips} and scale={scale}; it needs both: the "
            "scale is what becomes 0, and the skip is what is left; leave it out"
        )


def build_resnet(spec: dict[str, Any]) -> PartsNet:
    """The network that `spec` describes, with new weights.

    >>> build_resnet(create_resnet(10).spec).spec["depth"]
    20
    """
    return rebuilt(spec, create_resnet, kind="resnet")
