from __future__ import annotations

import sys
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from tenfold.errors import ModelError
from tenfold.models.backbone import backbone_names, create_backbone
from tenfold.models.cut import depth, halves, measure_channels

# One small network of each family of torchvision, with the side of a small picture for it.
FAMILIES = {
    "nano": 32,
    "alexnet": 64,
    "convnext_tiny": 32,
    "densenet121": 32,
    "efficientnet_b0": 32,
    "googlenet": 32,
    "inception_v3": 75,
    "mnasnet0_5": 32,
    "mobilenet_v2": 32,
    "mobilenet_v3_small": 32,
    "regnet_y_400mf": 32,
    "resnet18": 32,
    "resnext50_32x4d": 32,
    "shufflenet_v2_x0_5": 32,
    "squeezenet1_1": 32,
    "swin_t": 32,
    "swin_v2_t": 32,
    "vgg11_bn": 32,
    "vit_b_32": 64,
    "wide_resnet50_2": 32,
}
SLOW = {"maxvit_t": 224}  # its pictures have one size
every_family = pytest.mark.parametrize("name", [*FAMILIES, *SLOW])


@pytest.fixture(scope="module")
def make_body():
    made = {}

    def make(name):
        if name not in made:
            made.clear()  # one at a time: some are large
            made[name] = create_backbone(name, pretrained=False)
        return made[name]

    return make


def parameters(modules: list[nn.Module]) -> list[int]:
    return [id(parameter) for module in modules for parameter in module.parameters()]


@every_family
def test_a_backbone_gives_maps_and_each_parameter_is_in_one_group(name, make_body):
    backbone = make_body(name)
    side = {**FAMILIES, **SLOW}[name]
    with torch.inference_mode():
        features = backbone.module.eval()(torch.zeros(1, 3, side, side))
    assert features.ndim == 4
    assert features.shape[1] == backbone.channels
    early, late = (parameters(group) for group in backbone.groups)
    assert early and late
    assert sorted([*early, *late]) == sorted(parameters([backbone.module]))


@every_family
def test_gradients_reach_the_first_and_the_last_parameter(name, make_body):
    backbone = make_body(name)
    side = {**FAMILIES, **SLOW}[name]
    if name in SLOW or name == "inception_v3":
        pytest.skip("a backward pass of this network takes too long here")
    backbone.module.eval()(torch.rand(1, 3, side, side)).mean().backward()
    used = [parameter.grad is not None for parameter in backbone.module.parameters()]
    assert all(used)
