"""Backbones by name: the bundled "nano", torchvision's networks, and timm's when it is installed.

Whatever the network, its body maps normalised pictures [N, 3, h, w] to features
[N, channels, h', w'], and it comes with its groups and the statistics of its weights.
"""

from __future__ import annotations

import difflib

import torch

from tenfold.errors import ModelError
from tenfold.models.body import IMAGENET_MEAN, IMAGENET_STD, Backbone
from tenfold.models.nano import CHANNELS, nano

__all__ = ["Backbone", "backbone_names", "create_backbone"]


def create_backbone(name: str, *, pretrained: bool = True, seed: int = 0) -> Backbone:
    """The network `name` without its classifier and last pooling.

    `name` is "nano", a torchvision name such as "resnet34", or a timm name; "timm/resnet34" is
    timm's where both have one. Random weights come from `seed`, and the global random numbers
    stay as they are. Raises ModelError when no network has that name, or when its pretrained
    weights cannot be had.

    >>> body = create_backbone("resnet18", pretrained=False)
    >>> body.channels, body.mean
    (512, (0.485, 0.456, 0.406))
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # manual_seed would reach the GPUs too
        return _create(str(name), pretrained=pretrained)


def backbone_names() -> list[str]:
    """Every name without timm's, in alphabetical order.

    >>> {"nano", "resnet34", "swin_t"} <= set(backbone_names())
    True
    """
    from tenfold.models import from_torchvision

    return sorted(["nano", *from_torchvision.names()])


def _create(name: str, *, pretrained: bool) -> Backbone:
    from tenfold.models import from_timm, from_torchvision

    if name == "nano":
        return _nano(pretrained=pretrained)
    if name in from_torchvision.names():
        return from_torchvision.create(name, pretrained=pretrained)
    if from_timm.knows(name):
        return from_timm.create(name.removeprefix(from_timm.PREFIX), pretrained=pretrained)
    raise ModelError(_unknown(name))


def _nano(*, pretrained: bool) -> Backbone:
    module = nano(pretrained=pretrained)
    return Backbone(
        module=module,
        channels=CHANNELS,
        groups=[[module.stem, module.early], [module.late]],
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        name="nano",
        pretrained=pretrained,
    )


def _unknown(name: str) -> str:
    from tenfold.models import from_timm

    known = backbone_names()
    near = difflib.get_close_matches(name, {*known, *from_timm.names()}, n=3, cutoff=0.5)
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    families = 'for example "nano", "resnet34", "convnext_tiny" or "vit_b_16"'
    return (
        f'there is no network "{name}"{meant}; allowed is a name of torchvision or, once timm is '
        f"installed, of timm: {families}; backbone_names() lists them"
    )
