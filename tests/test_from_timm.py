from __future__ import annotations

import pytest
import torch

from tenfold.errors import ModelError
from tenfold.models.backbone import create_backbone
from tenfold.models.vision import create_vision_model

pytest.importorskip("timm")

# Maps, maps with the channels last, tokens with a class token, tokens without, with their sides.
KINDS = {
    "test_resnet": 64,
    "test_convnext": 64,
    "swin_tiny_patch4_window7_224": 64,
    "vit_tiny_patch16_224": 48,
    "mixer_s32_224": 224,
}


@pytest.fixture(scope="module", params=KINDS)
def backbone(request):
    yield create_backbone(request.param, pretrained=False)


def test_features_are_maps_whatever_the_network_gives(backbone):
    side = KINDS[backbone.name.removeprefix("timm/")]
    with torch.inference_mode():
        features = backbone.module.eval()(torch.zeros(2, 3, side, side))
    assert features.ndim == 4 and features.shape[:2] == (2, backbone.channels)
    assert features.shape[2] == features.shape[3]


def test_each_parameter_is_in_one_group_loose_ones_too(backbone):
    groups = [[id(p) for m in group for p in m.parameters()] for group in backbone.groups]
    assert all(groups)
    assert sorted([*groups[0], *groups[1]]) == sorted(id(p) for p in backbone.module.parameters())


def test_the_statistics_are_timms(backbone):
    stated = backbone.module.network.pretrained_cfg
    assert (backbone.mean, backbone.std) == (stated["mean"], stated["std"])


def test_tokens_keep_their_places():
    body = create_backbone("vit_tiny_patch16_224", pretrained=False).module.eval()
    x = torch.rand(1, 3, 32, 64)
    with torch.inference_mode():
        tokens = body.network(x)
        maps = body(x)
    assert maps.shape == (1, 192, 2, 4)
    assert torch.equal(maps[0, :, 1, 2], tokens[0, 1 + 4 + 2])


def test_the_prefix_chooses_timm_where_torchvision_has_the_name_too():
    ours, theirs = (create_backbone(n, pretrained=False) for n in ("resnet18", "timm/resnet18"))
    assert (ours.name, theirs.name) == ("resnet18", "timm/resnet18")
    assert not hasattr(ours.module, "network") and hasattr(theirs.module, "network")


def test_a_network_for_one_size_names_it():
    model = create_vision_model("mixer_s32_224", 2, pretrained=False)
    with pytest.raises(ModelError, match=r"takes 224 x 224 pixels; make the data with size=224"):
        model(torch.rand(1, 3, 96, 96))


def test_a_side_that_does_not_suit_the_patches_is_refused_in_timms_words():
    body = create_backbone("eva02_tiny_patch14_224", pretrained=False).module
    with pytest.raises(ModelError, match=r"64 x 64 pixels were given.*divisible by patch size"):
        body(torch.zeros(1, 3, 64, 64))


def test_weights_that_cannot_be_had_are_one_line_that_names_nano():
    with pytest.raises(ModelError, match=r'timm cannot make "test_resnet.*".*nano') as caught:
        create_backbone("timm/test_resnet.no_such_weights")
    assert "\n" not in str(caught.value)
