"""The parts of convolutional networks, each with a switch: take one away and see what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.text import did_you_mean, listed

__all__ = ["ACTIVATIONS", "STEMS", "DenseLayer", "Parts", "Residual", "Scale", "chosen", "stem"]

# not in place: what a hook saw of the layer before stays as it was
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.1),
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}
STEMS = ("plain", "stride", "pool")
SHORTCUTS = ("pad", "convolution")


class Scale(nn.Module):
    """The second half of batch norm alone: each channel times a weight, plus a bias.

    >>> Scale(2)(torch.ones(1, 2, 1, 1)).flatten()
    tensor([1., 1.], grad_fn=<ViewBackward0>)
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight[:, None, None] + self.bias[:, None, None]


@dataclass(frozen=True)
class Parts:
    """The switches that every block of a network shares.

    `skips` are the connections around layers: additions in a residual net (He et al. 2015,
    arXiv:1512.03385), concatenations in a dense one (Huang et al. 2016, arXiv:1608.06993). Batch
    norm (Ioffe & Szegedy 2015, arXiv:1502.03167) has two halves: `normalise` brings each channel
    to mean 0 and variance 1, `scale` lets the network learn another scale and shift. Without
    either the convolutions have a bias. `activation` is a key of `ACTIVATIONS`. Raises
    SettingError for another name, and for a switch that is neither True nor False.

    >>> Parts(scale=False).norm(8).affine, Parts(normalise=False).norm(8)
    (False, Scale())
    """

    skips: bool = True
    normalise: bool = True
    scale: bool = True
    activation: str = "relu"

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.type == "bool"):
            if not isinstance(getattr(self, name), bool):
                raise SettingError(
                    f"{name}={getattr(self, name)!r} was given; allowed is True or False; it "
                    "switches that part on or off"
                )
        chosen("activation", self.activation, ACTIVATIONS)

    def norm(self, channels: int) -> nn.Module:
        """What stands for batch norm: both halves, one of them, or nothing."""
        if self.normalise:
            return nn.BatchNorm2d(channels, affine=self.scale)
        return Scale(channels) if self.scale else nn.Identity()

    def act(self) -> nn.Module:
        """The activation."""
        return ACTIVATIONS[self.activation]()

    def convolution(
        self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1
    ) -> nn.Conv2d:
        """A convolution [N, inputs, h, w] to [N, outputs, h / stride, w / stride]."""
        bias = not (self.normalise or self.scale)
        return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias)

    def unit(
        self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1
    ) -> list[nn.Module]:
        """Convolution, norm, activation: the order of a residual net."""
        convolution = self.convolution(inputs, outputs, kernel=kernel, stride=stride)
        return [convolution, self.norm(outputs), self.act()]

    def unit_before(self, inputs: int, outputs: int, *, kernel: int = 3) -> list[nn.Module]:
        """Norm, activation, convolution: the order of a dense net."""
        convolution = self.convolution(inputs, outputs, kernel=kernel)
        return [self.norm(inputs), self.act(), convolution]


class Pad(nn.Module):
    """A shortcut without weights: every second pixel, and channels of zeros for the new ones.

    Option A of He et al. 2015, section 3.3.
    """

    def __init__(self, inputs: int, outputs: int, *, stride: int) -> None:
        super().__init__()
        self.more, self.stride = outputs - inputs, stride

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))


class Residual(nn.Module):
    """Two 3x3 convolutions, or 1x1, 3x3, 1x1 as a bottleneck, and a shortcut around them.

    [N, inputs, h, w] to [N, outputs, h / stride, w / stride]; without skips there is no shortcut.

    >>> Residual(16, 32, stride=2, parts=Parts())(torch.zeros(1, 16, 8, 8)).shape
    torch.Size([1, 32, 4, 4])
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        parts: Parts,
        stride: int = 1,
        bottleneck: bool = False,
        shortcut: str = "convolution",
    ) -> None:
        super().__init__()
        if bottleneck:
            inner = outputs // 4
            units = [
                *parts.unit(inputs, inner, kernel=1),
                *parts.unit(inner, inner, stride=stride),
                *parts.unit(inner, outputs, kernel=1),
            ]
        else:
            units = [*parts.unit(inputs, outputs, stride=stride), *parts.unit(outputs, outputs)]
        self.convolutions = nn.Sequential(*units[:-1])
        same = inputs == outputs and stride == 1
        self.shortcut: nn.Module | None = None
        if parts.skips and same:
            self.shortcut = nn.Identity()
        elif parts.skips and shortcut == "pad":
            self.shortcut = Pad(inputs, outputs, stride=stride)
        elif parts.skips:
            joint = parts.unit(inputs, outputs, kernel=1, stride=stride)[:-1]
            self.shortcut = nn.Sequential(*joint)
        self.activation = parts.act()

    @property
    def last_scale(self) -> Tensor:
        """The scale of the last norm before the addition."""
        return self.convolutions[-1].get_parameter("weight")

    def forward(self, x: Tensor) -> Tensor:
        y = self.convolutions(x)
        return self.activation(y if self.shortcut is None else y + self.shortcut(x))


class DenseLayer(nn.Module):
    """`growth` new channels behind those that came in: [N, inputs, h, w] to [N, .. + growth, h, w].

    A bottleneck first makes 4 * growth channels by a 1x1 convolution. Without skips the new
    channels go on alone.

    >>> DenseLayer(24, 12, parts=Parts())(torch.zeros(1, 24, 8, 8)).shape
    torch.Size([1, 36, 8, 8])
    """

    def __init__(self, inputs: int, growth: int, *, parts: Parts, bottleneck: bool = False) -> None:
        super().__init__()
        first = parts.unit_before(inputs, 4 * growth, kernel=1) if bottleneck else []
        inner = 4 * growth if bottleneck else inputs
        self.convolutions = nn.Sequential(*first, *parts.unit_before(inner, growth))
        self.skips = parts.skips
        self.outputs = growth + (inputs if parts.skips else 0)

    def forward(self, x: Tensor) -> Tensor:
        new = self.convolutions(x)
        return torch.cat([x, new], 1) if self.skips else new


def stem(how: str, outputs: int, *, parts: Parts, bare: bool = False) -> nn.Sequential:
    """Pictures [N, 3, h, w] to [N, outputs, h', w'].

    "plain" is one 3x3 convolution at full size, for small pictures. "pool" is the 7x7 convolution
    of stride 2 and the max pooling of the first residual nets; "stride" reaches the same size
    with a second convolution of stride 2 instead of the pooling. `bare` leaves norm and activation
    of the plain one out, for a net whose every layer begins with them.
    """
    chosen("stem", how, STEMS)
    if how == "plain" and bare:
        return nn.Sequential(parts.convolution(3, outputs))
    if how == "plain":
        return nn.Sequential(*parts.unit(3, outputs))
    first = parts.unit(3, outputs, kernel=7, stride=2)
    if how == "pool":
        return nn.Sequential(*first, nn.MaxPool2d(3, 2, 1))
    return nn.Sequential(*first, *parts.unit(outputs, outputs, stride=2))


def chosen(name: str, given: object, allowed: object) -> None:
    """Refuse a name that is not one of those `allowed`."""
    names = list(allowed)  # type: ignore[call-overload]
    if given not in names:
        raise SettingError(
            f"{name}={given!r} was given; allowed are {listed(names)}"
            f"{did_you_mean(str(given), names)}"
        )
