"""Nano: the small residual network that Tenfold ships with pretrained weights.

Residual blocks as in He et al. 2015, "Deep Residual Learning for Image Recognition",
https://arxiv.org/abs/1512.03385. The model card is `weights/NANO.md`; the script that trained
the weights is `weights/pretrain_nano.py`.
"""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor, nn

WEIGHTS = Path(__file__).parent / "weights" / "nano.safetensors"
CHANNELS = 256


class Residual(nn.Module):
    """Two 3x3 convolutions added to a shortcut: [N, inputs, h, w] to [N, outputs, h/s, w/s]."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            *_convolution(inputs, outputs, stride=stride),
            nn.ReLU(inplace=True),
            *_convolution(outputs, outputs),
        )
        same = inputs == outputs and stride == 1
        self.shortcut = (
            nn.Identity()
            if same
            else nn.Sequential(*_convolution(inputs, outputs, stride=stride, kernel=1))
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.convolutions(x) + self.shortcut(x))


class Nano(nn.Module):
    """A body for pictures of 64 to 128 pixels: [N, 3, h, w] to features [N, 256, h/16, w/16].

    1.3 million parameters. Inputs are RGB, normalised with the ImageNet mean and deviation.
    `Nano()` has random weights; `nano()` has the pretrained ones.

    >>> import torch
    >>> Nano()(torch.zeros(2, 3, 96, 96)).shape
    torch.Size([2, 256, 6, 6])
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_convolution(3, 32, stride=2), nn.ReLU(inplace=True))
        self.early = nn.Sequential(Residual(32, 64, stride=2), Residual(64, 64))
        self.late = nn.Sequential(Residual(64, 128, stride=2), Residual(128, CHANNELS, stride=2))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return self.late(self.early(self.stem(x)))


def nano(*, pretrained: bool = True) -> Nano:
    """The bundled network, with the weights of the model card or with random ones.

    >>> sum(parameter.numel() for parameter in nano().parameters())
    1281824
    """
    network = Nano()
    if pretrained:
        network.load_state_dict(load_file(WEIGHTS))
    return network


def _convolution(
    inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3
) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return convolution, nn.BatchNorm2d(outputs)
