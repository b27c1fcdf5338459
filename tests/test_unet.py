from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.backbone import create_backbone
from tenfold.models.body import ANY_SIDE, Backbone
from tenfold.models.maps import captured, trace_maps, units_of
from tenfold.models.unet import Shuffle, UNet, Up, build_unet, create_unet

# Families with something of their own: padding left out, channels last, a map of the picture's
# size, a stem of stride 4, no map at all but the last.
FAMILIES = ["resnet18", "squeezenet1_1", "swin_t", "vgg11_bn", "convnext_tiny", "densenet121"]


@pytest.fixture(scope="module")
def net() -> UNet:
    return create_unet("nano", 4, pretrained=False).eval()


def backbone_of(module: nn.Module, channels: int = 8) -> Backbone:
    return Backbone(module, channels, [[module], []], (0.0,) * 3, (1.0,) * 3, "mine", False)


def levels(name: str) -> list[tuple[int, int]]:
    traces, bottom = trace_maps(create_backbone(name, pretrained=False))
    return [*((trace.channels, trace.level) for trace in traces), (-1, bottom)]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("nano", [(32, 1), (64, 2), (128, 3), (-1, 4)]),
        ("resnet18", [(64, 1), (64, 2), (128, 3), (256, 4), (-1, 5)]),
        ("squeezenet1_0", [(96, 1), (256, 2), (512, 3), (-1, 4)]),
        ("swin_t", [(96, 2), (192, 3), (384, 4), (-1, 5)]),
        ("vgg11_bn", [(64, 0), (128, 1), (256, 2), (512, 3), (512, 4), (-1, 5)]),
        ("vit_b_32", [(-1, 5)]),
    ],
)
def test_the_last_map_of_each_size_is_found_by_its_shape(name: str, expected: Any) -> None:
    assert levels(name) == expected


def test_the_maps_of_a_resnet_are_those_of_its_stages() -> None:
    backbone = create_backbone("resnet18", pretrained=False)
    traces, _ = trace_maps(backbone)
    whole = dict(backbone.module.named_modules())
    names = [next(name for name, m in whole.items() if m is trace.unit) for trace in traces]
    assert names == ["early.2", "early.4.1", "early.5.1", "late.0.1"]


@pytest.mark.parametrize("name", FAMILIES)
def test_no_unit_changes_in_place_the_map_that_was_taken_before_it(name: str) -> None:
    backbone = create_backbone(name, pretrained=False)
    traces, _ = trace_maps(backbone)
    versions: dict[nn.Module, int] = {}
    for trace in traces:
        trace.unit.register_forward_hook(lambda m, _, out: versions.update({m: out._version}))
    with torch.no_grad(), captured(trace.unit for trace in traces) as kept:
        backbone.module.eval()(torch.rand(1, 3, 64, 64))
    assert versions == {unit: outputs._version for unit, outputs in kept.items()}


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("size", [(64, 64), (61, 95)])
def test_outputs_have_the_size_of_the_picture_on_any_backbone(
    name: str, size: tuple[int, int]
) -> None:
    model = create_unet(name, 5, pretrained=False).eval()
    with torch.no_grad():
        assert model(torch.rand(1, 3, *size)).shape == (1, 5, *size)


def test_a_network_without_maps_on_the_way_draws_from_its_features_and_the_picture() -> None:
    model = create_unet("vit_b_32", 2, pretrained=False)
    assert [len(up.shuffle) for up in model.head.ups] == [5]
    assert model(torch.rand(2, 3, 64, 96)).shape == (2, 2, 64, 96)


def test_the_forward_pass_is_the_body_then_each_map_from_the_smallest(net: UNet) -> None:
    x = torch.rand(2, 3, 32, 48)
    picture = net.normalise(x)
    stem = net.body.stem(picture)
    early = net.body.early(stem)
    middle = net.body.late[0](early)
    outputs = net.body.late[1](middle)
    for up, skip in zip(net.head.ups, [middle, early, stem, picture], strict=True):
        outputs = up(outputs, skip)
    torch.testing.assert_close(net(x), net.head.last(outputs))


def test_one_size_after_another_goes_through_the_same_net(net: UNet) -> None:
    for side in (32, 48, 33):
        assert net(torch.rand(1, 3, side, side)).shape == (1, 4, side, side)


def test_an_up_step_is_shuffle_join_and_two_convolutions() -> None:
    up = Up(4, 3, 5).eval()
    x, skip = torch.rand(2, 4, 3, 3), torch.rand(2, 3, 6, 6)
    four = F.relu(F.conv2d(x, up.shuffle[0][0].weight, up.shuffle[0][0].bias))
    twice = torch.zeros(2, 5, 6, 6)
    for place in range(4):  # channel 4 c + 2 i + j is the pixel (i, j) of channel c
        twice[:, :, place // 2 :: 2, place % 2 :: 2] = four[:, place::4]
    joined = torch.cat([twice, F.relu(up.norm(skip))], 1)
    torch.testing.assert_close(up(x, skip), up.convolutions(joined))


def test_what_is_doubled_is_fitted_to_a_map_of_odd_size() -> None:
    up = Up(4, 3, 5).eval()
    assert up(torch.rand(1, 4, 3, 4), torch.rand(1, 3, 5, 7)).shape == (1, 5, 5, 7)


def test_at_first_the_pixel_shuffle_repeats_each_value_four_times() -> None:
    shuffle = Shuffle(6, 3)
    x = torch.rand(2, 6, 4, 5)
    made = shuffle(x)
    assert made.shape == (2, 3, 8, 10)
    nearest = F.interpolate(made[..., ::2, ::2], scale_factor=2, mode="nearest")
    assert torch.equal(made, nearest) and made.any()


def test_the_three_groups_hold_each_parameter_once(net: UNet) -> None:
    groups = [[id(p) for module in group for p in module.parameters()] for group in net.groups()]
    assert len(groups) == 3 and all(groups)
    assert sorted([*groups[0], *groups[1], *groups[2]]) == sorted(id(p) for p in net.parameters())
    assert groups[2] == [id(p) for p in net.head.parameters()]


def test_a_copy_takes_its_maps_from_its_own_body(net: UNet) -> None:
    copied, x = copy.deepcopy(net), torch.rand(1, 3, 32, 32)
    expected = net(x)
    with torch.no_grad():
        for parameter in net.body.parameters():
            parameter.add_(1.0)
    try:
        torch.testing.assert_close(copied(x), expected)
    finally:
        net.body.load_state_dict(copied.body.state_dict())


def test_no_hook_stays_after_a_pass_nor_after_one_that_fails(net: UNet) -> None:
    with pytest.raises(RuntimeError):
        net(torch.rand(1, 5, 32, 32))
    net(torch.rand(1, 3, 32, 32))
    assert not any(module._forward_hooks for module in net.modules())


def test_a_unit_that_runs_twice_is_taken_where_it_ran_last() -> None:
    unit, other = nn.ReLU(), nn.Tanh()
    with captured([unit, other]) as kept:
        unit(torch.tensor([-1.0]))
        other(torch.tensor([0.0]))
        unit(torch.tensor([2.0]))
    assert list(kept) == [other, unit] and kept[unit].item() == 2.0


def test_chains_inside_chains_are_opened_and_blocks_are_not() -> None:
    body = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh(), nn.Sequential(Block())))
    assert [type(unit).__name__ for unit in units_of([body])] == ["ReLU", "Tanh", "Block"]


class Block(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


def test_what_is_random_comes_from_the_seed_and_leaves_the_global_numbers_alone() -> None:
    state = torch.get_rng_state()
    one, same, other = (create_unet("nano", 3, pretrained=False, seed=s) for s in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    pairs = [net.head.ups[0].convolutions[0].weight for net in (one, same, other)]
    assert torch.equal(pairs[0], pairs[1]) and not torch.equal(pairs[0], pairs[2])


def widths(name: str, *, wide: bool) -> list[int]:
    ups = create_unet(name, 5, pretrained=False, wide=wide).head.ups
    return [up.convolutions[0].out_channels for up in ups]


def test_a_wide_head_keeps_what_comes_together_at_each_size_and_a_narrow_one_halves() -> None:
    assert widths("nano", wide=False) == [128, 64, 32, 32]
    assert widths("nano", wide=True) == [128 + 128, 128 + 64, 96 + 32, 64]
    assert widths("resnet18", wide=True) == [512, 384, 256, 192, 96]


def test_a_net_is_made_again_from_its_description(net: UNet) -> None:
    again = build_unet(json.loads(json.dumps(net.spec)))
    again.load_state_dict(net.state_dict())
    x = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(again.eval()(x), net(x))


def test_a_pretrained_body_has_the_bundled_weights() -> None:
    body = create_unet("nano", 3).body.state_dict()
    bundled = create_backbone("nano").module.state_dict()
    assert all(torch.equal(body[name], bundled[name]) for name in bundled)


@pytest.mark.parametrize("spec", [{"kind": "vision"}, {"kind": "unet", "name": "nano"}, None])
def test_another_description_is_refused(spec: Any) -> None:
    with pytest.raises(ModelError, match=r"does not describe a U-Net; .*save the model again"):
        build_unet(spec)


@pytest.mark.parametrize("outputs", [0, -3, True, 2.0, "3"])
def test_outputs_that_are_no_number_from_1_are_refused(outputs: Any) -> None:
    with pytest.raises(SettingError, match=r"with .* outputs was asked for; .*number of classes"):
        create_unet("nano", outputs)


class Pooled(nn.Module):
    def __init__(self, keep: bool) -> None:
        super().__init__()
        self.convolution, self.keep = nn.Conv2d(3, 8, 3), keep

    def forward(self, x: Tensor) -> Tensor:
        return self.convolution(x).mean((2, 3), keepdim=self.keep)


@pytest.mark.parametrize("keep", [True, False])
def test_a_body_that_gives_no_maps_is_refused(keep: bool) -> None:
    with pytest.raises(ModelError, match=r"mine turns .* shape \(1, 8.*needs maps.*choose"):
        trace_maps(backbone_of(Pooled(keep)))


def test_pictures_of_a_size_that_the_body_refuses_are_refused() -> None:
    model = create_unet("nano", 3, pretrained=False)
    model.sides = (48, ANY_SIDE[1])
    with pytest.raises(ModelError, match="pictures of 32 x 64 pixels were given; nano takes 48 x"):
        model(torch.rand(1, 3, 32, 64))


def test_a_body_that_never_makes_the_picture_smaller_is_taken() -> None:
    backbone = backbone_of(nn.Conv2d(3, 8, 3, padding=1))
    traces, bottom = trace_maps(backbone)
    assert (traces, bottom) == ([], 0)
