"""Grad-CAM and its guided form: against a slow loop and Captum, and what they refuse."""

from __future__ import annotations

import warnings

import pytest
import torch
import torch.nn.functional as F
import torchvision
from captum.attr import GuidedBackprop, LayerGradCam
from inside_world import make_net
from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.interpret.grad_cam import grad_cam, guided_grad_cam, guided_gradient
from tenfold.interpret.inside import find_layer, last_maps
from tenfold.interpret.places import over_picture, places
from tenfold.models.vision import create_vision_model

X = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(3))
WHY = torch.tensor([2, 0, 1, 1, 0, 2])


def by_hand(
    net: nn.Sequential, layer: int, picture: Tensor, wanted: int, *, axiomatic: bool = False
) -> Tensor:
    """The papers' formulas for one picture, a channel and a place at a time."""
    net.eval()
    maps = net[: layer + 1](picture[None]).detach().requires_grad_()
    score = net[layer + 1 :](maps.clone())[0, wanted]
    slopes = torch.autograd.grad(score, maps)[0][0]
    heat = torch.zeros(maps.shape[2:])
    for slope, channel in zip(slopes, maps[0].detach()):
        weight = sum(float(one) for one in slope.flatten()) / slope.numel()
        if axiomatic:
            adds = zip(slope.flatten().tolist(), channel.flatten().tolist())
            weight = sum(one * active for one, active in adds) / float(channel.sum() or 1)
        heat += weight * channel
    heat = heat.clamp(min=0)
    return over_picture(heat[None], places(net, picture[None], str(layer)), (8, 8))[0]


@pytest.mark.parametrize("axiomatic", [False, True])
@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("layer", ["2", "3", "4"])
def test_each_map_is_that_of_the_formula_by_hand(
    layer: str, inplace: bool, axiomatic: bool
) -> None:
    net = make_net(inplace=inplace)
    found = grad_cam(net, X, WHY, layer=layer, axiomatic=axiomatic)
    # a layer that works in place overwrites what the loop reads
    plain = make_net()
    plain.load_state_dict(net.state_dict())
    for map_, picture, wanted in zip(found, X, WHY.tolist()):
        expected = by_hand(plain, int(layer), picture, wanted, axiomatic=axiomatic)
        torch.testing.assert_close(map_, expected)


def test_axiomatic_heat_adds_up_to_what_the_places_of_a_maximum_add() -> None:
    linear = nn.Linear(2, 2, bias=False)
    nn.init.ones_(linear.weight)
    net = nn.Sequential(nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), linear)
    maps = torch.zeros(1, 2, 3, 3)
    maps[0, 0] = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    heat = grad_cam(net, maps, torch.tensor([0]), layer="0", axiomatic=True)
    # the second channel is silent; the first adds 3 to the output, and so does its heat
    torch.testing.assert_close(heat[0], maps[0, 0] * 3 / 6)


def test_an_axiomatic_map_can_be_guided() -> None:
    net = make_net()
    found = guided_grad_cam(net, X, WHY, axiomatic=True)
    heat = grad_cam(net, X, WHY, axiomatic=True)
    torch.testing.assert_close(found, heat * guided_gradient(net, X, WHY).abs().amax(1))


def test_a_bright_dot_is_hottest_where_it_is() -> None:
    convolutions = [nn.Conv2d(1, 1, 3, stride=2, padding=1) for _ in range(4)]
    for one in convolutions:
        nn.init.ones_(one.weight), nn.init.zeros_(one.bias)
    net = nn.Sequential(*convolutions, nn.AdaptiveMaxPool2d(1), nn.Flatten())
    picture = torch.zeros(1, 1, 96, 96)
    picture[0, 0, 48, 32] = 1.0
    heat = grad_cam(net, picture, torch.tensor([0]), layer="3")[0]
    assert divmod(int(heat.argmax()), 96) == (48, 32)
    spread_evenly = F.interpolate(net[:4](picture), (96, 96), mode="bilinear")[0, 0]
    assert divmod(int(spread_evenly.argmax()), 96) > (54, 38)


def test_without_a_layer_the_last_one_with_maps_is_taken() -> None:
    net = make_net()
    assert torch.equal(grad_cam(net, X, WHY), grad_cam(net, X, WHY, layer="4"))
    assert last_maps(net, X) == "4"


def test_maps_and_guided_gradients_are_those_of_captum() -> None:
    net = make_net().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        maps = LayerGradCam(net, net[4]).attribute(X, target=WHY, relu_attributions=True)
        slopes = GuidedBackprop(net).attribute(X.clone(), target=WHY)
    heat = over_picture(maps.detach()[:, 0], places(net, X[:1], "4"), (8, 8))
    assert float(heat.max()) > 0
    torch.testing.assert_close(grad_cam(net, X, WHY), heat)
    torch.testing.assert_close(guided_gradient(net, X, WHY), slopes)
    torch.testing.assert_close(guided_grad_cam(net, X, WHY), heat * slopes.abs().amax(1))


class WithFunctions(nn.Module):
    """The same net with functions for its ReLUs."""

    def __init__(self, net: nn.Sequential, relu: object) -> None:
        super().__init__()
        self.net, self.relu = net, relu

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.net:
            x = self.relu(x) if isinstance(layer, nn.ReLU) else layer(x)  # type: ignore[operator]
        return x


@pytest.mark.parametrize("relu", [F.relu, torch.relu, torch.relu_, Tensor.relu, F.relu_])
def test_functions_are_guided_as_layers_are(relu: object) -> None:
    net = make_net()
    found = guided_gradient(WithFunctions(net, relu), X, WHY)
    torch.testing.assert_close(found, guided_gradient(net, X, WHY))


def test_a_guided_map_needs_a_relu_on_maps() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.Flatten(), nn.Linear(144, 3), nn.ReLU())
    with pytest.raises(
        ModelError, match=r"Sequential has no ReLU on its maps .*; leave guided out"
    ):
        guided_gradient(net, X, WHY)


@pytest.mark.parametrize(
    "name", ["nano", "resnet18", "squeezenet1_0", "densenet121", "vit_b_16", "swin_t",
             "timm/resnet10t", "timm/vit_tiny_patch16_224"]
)  # fmt: skip
def test_every_kind_of_backbone_has_maps(name: str) -> None:
    model = create_vision_model(name, 3, pretrained=False)
    x = torch.rand(1, 3, 224, 224)
    heat = grad_cam(model, x, torch.tensor([1]))
    assert heat.shape == (1, 224, 224) and bool(torch.isfinite(heat).all())
    assert bool((heat >= 0).all())


def test_a_transformer_that_goes_on_with_tokens_is_refused_with_the_way_out() -> None:
    net = torchvision.models.VisionTransformer(32, 16, 1, 2, 8, 16, num_classes=3)
    words = r"VisionTransformer gives tokens after conv_proj, .*\"vit_b_16\".*learn.occlusion"
    with pytest.raises(ModelError, match=words):
        grad_cam(net, torch.rand(1, 3, 32, 32), torch.tensor([0]))


def test_a_model_without_maps_is_refused() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    with pytest.raises(ModelError, match=r"Sequential gives no maps with rows and columns"):
        grad_cam(net, X, WHY)


def test_a_layer_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"the layer 'bodi' was given; nano has .*mean 'body'\?"):
        find_layer(create_vision_model("nano", 3, pretrained=False), "bodi")


def test_a_layer_without_maps_is_refused_with_one_that_has_them() -> None:
    with pytest.raises(ModelError, match=r"'7' gives \(6, 3\), which has no places.*it is '4'"):
        grad_cam(make_net(), X, WHY, layer="7")


class Idle(nn.Module):
    """Has a convolution that it never uses, or uses for nothing."""

    def __init__(self, *, called: bool) -> None:
        super().__init__()
        self.net, self.idle, self.called = make_net(), nn.Conv2d(3, 2, 3), called

    def forward(self, x: Tensor) -> Tensor:
        if self.called:
            self.idle(x)
        return self.net(x)


@pytest.mark.parametrize("called", [True, False])
def test_a_layer_that_is_not_used_is_refused(called: bool) -> None:
    with pytest.raises(ModelError, match=r"Idle does not depend on the layer 'idle'.*'net.4'"):
        grad_cam(Idle(called=called), X, WHY, layer="idle")


def test_a_model_without_one_number_for_each_class_is_refused() -> None:
    with pytest.raises(ModelError, match=r"outputs of \(6, 4, 6, 6\).*one number for each class"):
        grad_cam(nn.Sequential(nn.Conv2d(3, 4, 3)), X, WHY, layer="0")
