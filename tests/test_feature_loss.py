"""The feature loss against slow loops, and that the network it looks through stays untouched."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.vision import create_vision_model
from tenfold.techniques.feature_loss import FeatureLoss, Features, gram, relative


def pair(side: int = 32) -> tuple[Tensor, Tensor]:
    return torch.rand(2, 3, side, side), torch.rand(2, 3, side, side)


class Small(nn.Module):
    """Two convolutions, a picture's mean, and a unit that gives no tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(3, 4, 3)
        self.relu = nn.ReLU(inplace=True)
        self.two = nn.Conv2d(4, 5, 3)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.flat = nn.Flatten()

    def forward(self, pictures: Tensor) -> Tensor:
        return self.flat(self.mean(self.two(self.relu(self.one(pictures)))))


def test_gram_is_the_mean_product_of_every_two_channels() -> None:
    maps = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    slow = torch.empty(2, 3, 3, dtype=torch.float64)
    for item in range(2):
        for one in range(3):
            for other in range(3):
                places = zip(maps[item, one].flatten(), maps[item, other].flatten(), strict=True)
                slow[item, one, other] = sum(float(a * b) for a, b in places) / (3 * 4 * 5)
    torch.testing.assert_close(gram(maps), slow)


def test_relative_divides_each_layer_by_the_size_of_its_target() -> None:
    found, wanted = [torch.rand(2, 3), torch.rand(4)], [torch.rand(2, 3), torch.rand(4)]
    shares = []
    for one, other in zip(found, wanted, strict=True):
        pairs = list(zip(one.flatten().tolist(), other.flatten().tolist(), strict=True))
        shares.append(sum(abs(a - b) for a, b in pairs) / sum(abs(b) for _, b in pairs))
    assert math.isclose(float(relative(found, wanted)), sum(shares) / 2, rel_tol=1e-5)


def test_the_loss_is_the_weighted_sum_of_pixels_features_and_textures() -> None:
    net, (made, wanted) = Small(), pair()
    loss = FeatureLoss(net, layers=["one", "two"], pixel=0.5, content=2.0, style=3.0)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(-1, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(-1, 1, 1)
    ones = [net.one((x - mean) / std) for x in (made, wanted)]
    twos = [net.two(x.clamp(min=0)) for x in ones]
    layers = list(zip(ones, twos, strict=True))
    content = relative(*layers)
    style = relative(*([gram(maps) for maps in part] for part in layers))
    expected = 0.5 * (made - wanted).abs().mean() + 2 * content + 3 * style
    torch.testing.assert_close(loss(made, wanted), expected)


def test_only_the_terms_with_a_weight_are_looked_at() -> None:
    made, wanted = pair()
    assert set(FeatureLoss(content=0).terms(made, wanted)) == {"pixel", "style"}
    pixels = FeatureLoss(content=0, style=0)
    torch.testing.assert_close(pixels(made, wanted), (made - wanted).abs().mean())


def test_gradients_reach_the_outputs_and_nothing_else() -> None:
    made, wanted = pair()
    made.requires_grad_()
    loss = FeatureLoss("nano")
    loss(made, wanted).backward()
    assert made.grad is not None and bool((made.grad != 0).any())
    network = loss.features._net
    assert all(p.grad is None and not p.requires_grad for p in network.parameters())
    assert not any(module.training for module in network.modules())


def test_the_model_of_a_learner_keeps_mode_hooks_weights_and_random_numbers() -> None:
    net = create_vision_model("nano", 4).train()
    hook = net.body.register_forward_hook(lambda *values: None)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    random = torch.get_rng_state()
    features = FeatureLoss(net).features
    made, wanted = pair()
    random = torch.get_rng_state()
    FeatureLoss(net)(made, wanted)
    assert torch.equal(random, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert net.training and net.body.training and list(net.body._forward_hooks) == [hook.id]
    assert all(module.inplace for module in net.modules() if isinstance(module, nn.ReLU))
    assert (features.name, features.layers) == ("nano", ("stem.2", "early.1", "late.0"))


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1", "mobilenet_v3_small"])
def test_any_backbone_will_do(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = create_vision_model(name, 2, pretrained=False)
    features = Features(net)
    maps = features(torch.rand(1, 3, 64, 64))
    assert len(features.layers) == 3
    assert [one.shape[-1] for one in maps] == sorted((one.shape[-1] for one in maps), reverse=True)
    assert repr(features).startswith(f"Features({name}: ")


def test_a_layer_that_is_not_there_or_has_no_maps_is_refused() -> None:
    with pytest.raises(ModelError, match=r"the layer 'stem.9' was given; nano has .* mean 'stem"):
        FeatureLoss(layers=["stem.9"])
    with pytest.raises(ModelError, match="no layer was given; Small has one, relu, two"):
        Features(Small(), layers=[])
    flat = Features(Small(), layers=["flat"])
    with pytest.raises(ModelError, match=r"'flat' of Small gives \(2, 5\); allowed are layers wi"):
        flat(torch.rand(2, 3, 8, 8))
    with pytest.raises(ModelError, match="Small has no layer before which the map shrinks; name"):
        FeatureLoss(Small())


def test_weights_and_sizes_that_mean_nothing_are_refused() -> None:
    with pytest.raises(SettingError, match="style=-1 was given; a weight is 0 or above"):
        FeatureLoss(style=-1)
    with pytest.raises(SettingError, match="0 for pixel, content and style was given"):
        FeatureLoss(pixel=0, content=0, style=0)
    with pytest.raises(ModelError, match=r"outputs of shape \(1, 3, 8, 8\) were given for targets"):
        FeatureLoss()(torch.rand(1, 3, 8, 8), torch.rand(1, 3, 16, 16))
    vit = create_vision_model("vit_b_32", 2, pretrained=False)
    with pytest.raises(ModelError, match=r"16 x 16 pixels were given; vit_b_32 takes 32 x 32"):
        Features(vit, layers=["early.0"])(torch.rand(1, 3, 16, 16))
