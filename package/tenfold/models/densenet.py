"""Densely connected networks from parts: every layer sees the outputs of all before it.

Huang et al. 2016, "Densely Connected Convolutional Networks", https://arxiv.org/abs/1608.06993.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from tenfold.errors import SettingError
from tenfold.models.blocks import DenseLayer, Parts
from tenfold.models.parts_net import PartsNet, finished, read_depth, rebuilt, whole

__all__ = ["build_densenet", "create_densenet"]


@torch.random.fork_rng(devices=[])  # a layer draws weights when it is made
def create_densenet(
    outputs: int,
    *,
    depth: int | Sequence[int] = 40,
    growth: int = 12,
    width: int | None = None,
    stem: str = "plain",
    bottleneck: bool = False,
    compression: float = 0.5,
    skips: bool = True,
    normalise: bool = True,
    scale: bool = True,
    activation: str = "relu",
    init: str = "kaiming",
    seed: int = 0,
) -> PartsNet:
    """A dense network for `outputs` classes, with a switch for each of its parts.

    Every layer adds `growth` channels to the `width` of the stem, which is 2 * growth without it.
    `depth` is 3 n + 4, as 40 (6 n + 4 with `bottleneck`, as 100), for the nets of three blocks
    that the paper trains on CIFAR-10, or how many layers each block has: [6, 12, 24, 16] with
    `growth=32`, `bottleneck=True` and `stem="pool"` is DenseNet-121. Between blocks a 1x1
    convolution keeps the share `compression` of the channels, and a mean pooling halves the
    picture. Without `skips` a layer sees the one before it alone. The other settings are those
    of `create_resnet`. Raises SettingError for what is out of range.

    >>> import torch
    >>> net = create_densenet(10, depth=100, bottleneck=True)
    >>> net(torch.rand(2, 3, 32, 32)).shape, sum(one.numel() for one in net.parameters())
    (torch.Size([2, 10]), 769162)
    """
    spec = {"kind": "densenet", **locals()}
    channels = width = 2 * growth if width is None else width
    whole(outputs=outputs, growth=growth, width=width)
    if isinstance(compression, bool) or not 0 < compression <= 1:
        raise SettingError(
            f"compression={compression!r} was given; allowed is above 0 to 1; try 0.5"
        )
    parts = Parts(skips=skips, normalise=normalise, scale=scale, activation=activation)
    blocks = read_depth(depth, fixed=4, layers=2 if bottleneck else 1, stages=3)
    stages: list[nn.Module] = []
    for number, count in enumerate(blocks):
        if number:
            kept = max(1, int(channels * compression))
            units = parts.unit_before(channels, kept, kernel=1)
            stages.append(nn.Sequential(*units, nn.AvgPool2d(2)))
            channels = kept
        block: list[nn.Module] = []
        for _ in range(count):
            layer = DenseLayer(channels, growth, parts=parts, bottleneck=bottleneck)
            block.append(layer)
            channels = layer.outputs
        stages.append(nn.Sequential(*block))
    stages.append(nn.Sequential(parts.norm(channels), parts.act()))
    return finished(stages, width=width, channels=channels, parts=parts, spec=spec)


def build_densenet(spec: dict[str, Any]) -> PartsNet:
    """The network that `spec` describes, with new weights.

    >>> build_densenet(create_densenet(10).spec).spec["growth"]
    12
    """
    return rebuilt(spec, create_densenet, kind="densenet")
