"""The U-Net: a body that reads the picture, and a head that draws at the picture's size.

On its way up the head takes in the body's maps of each size (Ronneberger et al. 2015, "U-Net",
https://arxiv.org/abs/1505.04597). Which maps those are is found by tracing the body's shapes, so
any backbone will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.backbone import create_backbone
from tenfold.models.body import Backbone, check_sides
from tenfold.models.maps import Trace, captured, trace_maps
from tenfold.models.vision import Normalise

__all__ = ["UNet", "build_unet", "create_unet"]

NARROWEST = 32  # channels of a head at the picture's own size; of a wide one twice as many
_SPEC = {"kind", "name", "outputs", "wide", "seed"}


class Shuffle(nn.Sequential):
    """Maps of twice the side: [N, inputs, h, w] to [N, outputs, 2 h, 2 w].

    Four values for each place come from one convolution and are put side by side (Shi et al.
    2016, https://arxiv.org/abs/1609.05158). At first the four are equal, so nothing is checkered
    (ICNR: Aitken et al. 2017, https://arxiv.org/abs/1707.02937).

    >>> made = Shuffle(3, 1)(torch.rand(1, 3, 2, 2))
    >>> torch.equal(made[..., ::2, ::2], made[..., 1::2, 1::2])
    True
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        convolution = nn.Conv2d(inputs, 4 * outputs, 1)
        one = nn.init.kaiming_normal_(torch.empty(outputs, inputs, 1, 1), nonlinearity="relu")
        with torch.no_grad():
            convolution.weight.copy_(one.repeat_interleave(4, dim=0))
        nn.init.zeros_(convolution.get_parameter("bias"))
        super().__init__(convolution, nn.ReLU(inplace=True), nn.PixelShuffle(2))


class Up(nn.Module):
    """One step of the head: maps doubled `times`, joined with the body's map of that size.

    [N, inputs, h, w] and a map [N, skip, H, W] to [N, outputs, H, W]; where H is not quite
    2**times h, as with odd sizes, the doubled map is fitted to it.
    """

    def __init__(self, inputs: int, skip: int, outputs: int, *, times: int = 1) -> None:
        super().__init__()
        widths = [inputs, *[outputs] * times]
        self.shuffle = nn.Sequential(*map(Shuffle, widths[:-1], widths[1:]))
        self.norm = nn.BatchNorm2d(skip)
        self.relu = nn.ReLU(inplace=True)
        self.convolutions = nn.Sequential(
            *_convolution(widths[-1] + skip, outputs), *_convolution(outputs, outputs)
        )

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.shuffle(x)
        if x.shape[-2:] != skip.shape[-2:]:
            x = F.interpolate(x, skip.shape[-2:], mode="bilinear", align_corners=False)
        return self.convolutions(torch.cat([x, self.relu(self.norm(skip))], 1))


class Upwards(nn.Module):
    """The head: features and the maps of each size, smallest first, to [N, outputs, h, w]."""

    def __init__(self, ups: list[Up], outputs: int, *, width: int) -> None:
        super().__init__()
        self.ups = nn.ModuleList(ups)
        self.last = nn.Conv2d(width, outputs, 1)
        nn.init.kaiming_normal_(self.last.weight, nonlinearity="linear")
        nn.init.zeros_(self.last.get_parameter("bias"))

    def forward(self, x: Tensor, maps: list[Tensor]) -> Tensor:
        for up, skip in zip(self.ups, maps, strict=True):
            x = up(x, skip)
        return self.last(x)


class UNet(nn.Module):
    """Pictures [N, 3, h, w] in [0, 1] to raw outputs for each pixel [N, outputs, h, w].

    Any height and width will do, odd ones too, and another one later. The picture itself is the
    largest map that the head takes in, unless the body has a map of its size. `spec` is all that
    `build_unet` needs, as JSON, to make the same network with random weights. Raises ModelError
    for pictures smaller or larger than the body takes.
    """

    def __init__(
        self, backbone: Backbone, traces: list[Trace], head: nn.Module, *, spec: dict[str, Any]
    ) -> None:
        super().__init__()
        self.normalise = Normalise(backbone.mean, backbone.std)
        self.body = backbone.module
        self.head = head
        self.spec = spec
        self.sides = backbone.sides
        self._traces = traces
        self._body_groups = backbone.groups

    def forward(self, x: Tensor) -> Tensor:
        check_sides(*x.shape[-2:], sides=self.sides, name=self.spec["name"])
        picture = self.normalise(x)
        with captured(trace.unit for trace in self._traces) as kept:
            features = self.body(picture)
        maps = [trace.map(kept[trace.unit]) for trace in reversed(self._traces)]
        return self.head(features, maps if self._whole else [*maps, picture])

    @property
    def _whole(self) -> bool:
        """Whether the body has a map of the picture's own size."""
        return bool(self._traces) and self._traces[0].level == 0

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: early body, late body, head. Each parameter is in exactly one."""
        return [*self._body_groups, [self.head]]


def create_unet(
    name: str, outputs: int, *, pretrained: bool = True, wide: bool = False, seed: int = 0
) -> UNet:
    """A U-Net on the network `name` that gives `outputs` numbers for each pixel.

    The channels of the head are halved at each size; those of a `wide` one are half of those
    below and all of the body's map, which learns masks in fewer epochs. `name` as in
    `create_backbone`. What is random comes from `seed`, and the global random
    numbers stay as they are. Raises ModelError for an unknown name, for weights that cannot be
    had and for a network without maps, SettingError for a number of outputs below 1.

    >>> model = create_unet("nano", 5)
    >>> model(torch.rand(2, 3, 61, 80)).shape
    torch.Size([2, 5, 61, 80])
    """
    if isinstance(outputs, bool) or not isinstance(outputs, int) or outputs < 1:
        raise SettingError(
            f"a U-Net with {outputs!r} outputs was asked for; allowed is a whole number from 1; "
            "give the number of classes, or 3 for a picture"
        )
    backbone = create_backbone(name, pretrained=pretrained, seed=seed)
    traces, bottom = trace_maps(backbone)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        head = _head(backbone.channels, traces, bottom, outputs, wide=wide)
    told = {"name": backbone.name, "outputs": outputs, "wide": wide, "seed": seed}
    spec = {"kind": "unet", **told}
    return UNet(backbone, traces, head, spec=spec)


def build_unet(spec: dict[str, Any]) -> UNet:
    """The network that `spec` describes, with random weights; needs no download.

    >>> build_unet(create_unet("nano", 5).spec).spec["outputs"]
    5
    """
    if not isinstance(spec, dict) or spec.get("kind") != "unet" or set(spec) != _SPEC:
        raise ModelError(
            f"{spec!r} does not describe a U-Net; allowed is the .spec of a UNet, with "
            f"{', '.join(sorted(_SPEC))}; save the model again"
        )
    settings = {key: value for key, value in spec.items() if key in ("wide", "seed")}
    return create_unet(spec["name"], spec["outputs"], pretrained=False, **settings)


def _head(channels: int, traces: list[Trace], bottom: int, outputs: int, *, wide: bool) -> Upwards:
    steps = [(trace.channels, trace.level) for trace in reversed(traces)]
    if not steps or steps[-1][1] > 0:
        steps.append((3, 0))  # the picture
    ups, width, level = [], channels, bottom
    for skip, above in steps:
        times = level - above
        narrower = max(width // 2**times, NARROWEST * (1 + wide))
        if wide and above:
            narrower = min(width, narrower + skip)
        ups.append(Up(width, skip, narrower, times=times))
        width, level = narrower, above
    return Upwards(ups, outputs, width=width)


def _convolution(inputs: int, outputs: int) -> Iterator[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    yield from (convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))
