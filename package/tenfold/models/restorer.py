"""A network from picture to picture: what comes out is what went in, and what is missing in it.

Kim, Lee and Lee 2016, "Accurate Image Super-Resolution Using Very Deep Convolutional Networks",
arXiv:1511.04587: most of a picture is right already, so only the difference is learned.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.models.unet import UNet, build_unet, create_unet

__all__ = ["Restorer", "build_restorer", "create_restorer"]

CHANNELS = 3


class Restorer(nn.Module):
    """Pictures (N, 3, h, w) in [0, 1] to pictures of the same size: themselves plus a U-Net.

    Before training it gives back what it gets. `spec` is all that `build_restorer` needs, as
    JSON, to make the same network with random weights.
    """

    def __init__(self, unet: UNet) -> None:
        super().__init__()
        self.unet = unet
        self.spec = {"kind": "restorer", "unet": unet.spec}
        for parameter in unet.head.get_submodule("last").parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.unet(x)

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: early body, late body, head. Each parameter is in exactly one."""
        return self.unet.groups()


def create_restorer(name: str, *, pretrained: bool = True, seed: int = 0) -> Restorer:
    """A restorer whose U-Net stands on the network `name`, as in `create_unet`.

    >>> import torch
    >>> picture = torch.rand(1, 3, 33, 40)
    >>> torch.equal(create_restorer("nano").eval()(picture), picture)
    True
    """
    return Restorer(create_unet(name, CHANNELS, pretrained=pretrained, seed=seed))


def build_restorer(spec: dict[str, Any]) -> Restorer:
    """The network that `spec` describes, with random weights; needs no download.

    >>> build_restorer(create_restorer("nano").spec).spec["unet"]["name"]
    'nano'
    """
    if (
        not isinstance(spec, dict)
        or spec.get("kind") != "restorer"
        or set(spec) != {"kind", "unet"}
    ):
        raise ModelError(
            f"{spec!r} does not describe a restorer; allowed is the .spec of a Restorer; save the "
            "model again"
        )
    return Restorer(build_unet(spec["unet"]))
