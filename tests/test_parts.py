"""Networks from parts: what they compute, what each switch takes away, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from factories import make_learner, same
from torch import nn
from torchvision import models
from torchvision.models import DenseNet

import tenfold
from tenfold.data.images import ImageData
from tenfold.errors import ModelError, SettingError
from tenfold.learners import vision_learner
from tenfold.models.blocks import ACTIVATIONS, DenseLayer, Parts, Residual, Scale
from tenfold.models.densenet import build_densenet, create_densenet
from tenfold.models.initialise import INITIALISATIONS, initialise
from tenfold.models.resnet import build_resnet, create_resnet

MAKERS: dict[str, Any] = {"resnet": create_resnet, "densenet": create_densenet}
SMALL: dict[str, Any] = {"resnet": {"depth": 8, "width": 4}, "densenet": {"depth": 7, "growth": 4}}
PICTURES = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def small(kind: str, **settings: Any) -> Any:
    return MAKERS[kind](5, **{**SMALL[kind], **settings})


def count(net: nn.Module) -> int:
    return sum(weight.numel() for weight in net.parameters())


@torch.no_grad()
def copied(net: nn.Module, other: nn.Module) -> nn.Module:
    """The first net with the weights of the second, in their order, and other statistics."""
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        mine.copy_(theirs)
    norms = [[one for one in m.modules() if isinstance(one, nn.BatchNorm2d)] for m in (net, other)]
    for mine, theirs in zip(*norms, strict=True):
        theirs.running_mean.normal_(0, 0.1)
        theirs.running_var.uniform_(0.5, 2)
        mine.running_mean.copy_(theirs.running_mean)
        mine.running_var.copy_(theirs.running_var)
    return net.eval()


@pytest.mark.parametrize(
    ("blocks", "bottleneck", "name"),
    [([2, 2, 2, 2], False, "resnet18"), ([3, 4, 6, 3], True, "resnet50")],
)
def test_a_residual_net_equals_torchvisions(blocks: Any, bottleneck: bool, name: str) -> None:
    settings: dict[str, Any] = {"width": 64, "stem": "pool", "shortcut": "convolution"}
    net = create_resnet(1000, depth=blocks, bottleneck=bottleneck, **settings)
    other = models.get_model(name).eval()
    copied(net, other)
    with torch.no_grad():
        torch.testing.assert_close(net(PICTURES), other(net.normalise(PICTURES)))


def test_a_dense_net_equals_torchvisions() -> None:
    blocks, more = (2, 3, 2), {"bn_size": 4, "num_init_features": 16, "num_classes": 7}
    other = DenseNet(growth_rate=8, block_config=blocks, **more).eval()
    net = create_densenet(7, depth=blocks, growth=8, bottleneck=True, stem="pool")
    copied(net, other)
    with torch.no_grad():
        torch.testing.assert_close(net(PICTURES), other(net.normalise(PICTURES)))


@pytest.mark.parametrize(
    ("net", "weights"),
    [
        (create_resnet(10, depth=20), 0.27e6),
        (create_resnet(10, depth=56), 0.85e6),
        (create_densenet(10, depth=40, width=16, compression=1.0), 1.0e6),
        (create_densenet(10, depth=100, bottleneck=True), 0.8e6),
    ],
)
def test_the_nets_of_the_papers_have_their_published_sizes(net: nn.Module, weights: float) -> None:
    assert count(net) == pytest.approx(weights, rel=0.05)


def test_a_depth_counts_the_convolutions_and_the_linear_layer() -> None:
    for depth in (8, 20, 56):
        net = create_resnet(10, depth=depth)
        layers = [one for one in net.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
        assert len(layers) == depth
    net = create_densenet(10, depth=40)
    assert sum(isinstance(one, nn.Conv2d | nn.Linear) for one in net.modules()) == 40


def test_a_residual_block_is_the_convolutions_plus_what_came_in() -> None:
    block, x = Residual(4, 4, parts=Parts()).eval(), torch.randn(2, 4, 6, 6)
    assert same(block(x), torch.relu(block.convolutions(x) + x))
    bare = Residual(4, 4, parts=Parts(skips=False)).eval()
    assert same(bare(x), torch.relu(bare.convolutions(x))) and bare.shortcut is None


def test_a_shortcut_without_weights_takes_every_second_pixel_and_pads_channels() -> None:
    block, x = Residual(4, 6, stride=2, shortcut="pad", parts=Parts()), torch.randn(2, 4, 6, 6)
    assert block.shortcut is not None and count(block.shortcut) == 0
    passed = block.shortcut(x)
    assert same(passed[:, :4], x[:, :, ::2, ::2]) and passed[:, 4:].abs().max() == 0


def test_a_dense_layer_puts_its_channels_behind_those_that_came_in() -> None:
    layer, x = DenseLayer(4, 3, parts=Parts()).eval(), torch.randn(2, 4, 6, 6)
    assert same(layer(x)[:, :4], x) and same(layer(x)[:, 4:], layer.convolutions(x))
    bare = DenseLayer(4, 3, parts=Parts(skips=False))
    assert bare(x).shape[1] == bare.outputs == 3


def test_batch_norm_comes_in_halves() -> None:
    x = torch.randn(64, 4, 8, 8) * 3 + 5
    alone = Parts(scale=False).norm(4)
    assert count(alone) == 0
    spread = alone(x)
    torch.testing.assert_close(spread.mean((0, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(spread.std((0, 2, 3)), torch.ones(4), atol=1e-3, rtol=0)
    scale = Parts(normalise=False).norm(4)
    assert isinstance(scale, Scale) and same(scale(x), x)
    with torch.no_grad():
        scale.weight.fill_(2), scale.bias.fill_(1)
    torch.testing.assert_close(scale(x), 2 * x + 1)
    whole, norm = Parts().norm(4), nn.BatchNorm2d(4)
    assert same(whole(x), norm(x))
    neither = Parts(normalise=False, scale=False)
    assert isinstance(neither.norm(4), nn.Identity)
    assert neither.convolution(3, 4).bias is not None and Parts().convolution(3, 4).bias is None


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(
    "switch",
    [
        {"skips": False},
        {"normalise": False},
        {"scale": False},
        {"normalise": False, "scale": False},
        {"stem": "stride"},
        {"stem": "pool"},
        {"bottleneck": True, "depth": [1, 2]},
        *({"activation": name} for name in ACTIVATIONS),
        *({"init": name} for name in INITIALISATIONS if name != "lsuv"),
    ],
)
def test_every_switch_makes_a_net_that_trains_a_step(kind: str, switch: dict[str, Any]) -> None:
    net = small(kind, **switch)
    outputs = net(PICTURES)
    outputs.square().sum().backward()
    assert outputs.shape == (4, 5) and outputs.isfinite().all()
    assert all(weight.grad is not None for weight in net.parameters())
    inside = {id(one) for group in net.groups() for module in group for one in module.parameters()}
    assert len(inside) == len(list(net.parameters()))


def test_the_stems_with_a_stride_reach_the_size_of_the_one_with_a_pooling() -> None:
    plain, pool, stride = (small("resnet", stem=how).stem for how in ("plain", "pool", "stride"))
    sides = [stem(PICTURES).shape[-1] for stem in (plain, pool, stride)]
    assert sides == [32, 8, 8]
    assert not any(isinstance(one, nn.MaxPool2d) for one in stride.modules())


def test_with_zero_last_every_block_begins_as_its_shortcut() -> None:
    net = small("resnet", zero_last=True).eval()
    block, x = net.stages[0][0], torch.rand(2, 4, 8, 8)
    assert same(block(x), x)


def test_the_same_seed_makes_the_same_net_and_draws_no_global_number() -> None:
    before = torch.get_rng_state()
    first, second, other = (small("resnet", init="kaiming", seed=seed) for seed in (1, 1, 2))
    assert same(first.state_dict(), second.state_dict())
    assert not same(first.state_dict(), other.state_dict())
    torch.rand(1)
    assert small("resnet", seed=1).head.weight.equal(first.head.weight)
    torch.set_rng_state(before)
    initialise(small("resnet"))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("how", "spread"), [("kaiming", (2 / 400) ** 0.5), ("xavier", 0.05345)])
def test_an_initialisation_has_the_spread_of_its_paper(how: str, spread: float) -> None:
    layer = initialise(nn.Linear(400, 300), how)
    assert layer.weight.std().item() == pytest.approx(spread, rel=0.01)
    assert layer.bias.abs().max() == 0


def test_orthogonal_rows_are_orthogonal() -> None:
    weight = initialise(nn.Linear(40, 30), "orthogonal").weight
    torch.testing.assert_close(weight @ weight.T, torch.eye(30), atol=1e-5, rtol=0)


def test_lsuv_gives_every_layer_the_variance_one_and_leaves_the_modes() -> None:
    net = small("resnet", normalise=False, scale=False)
    net.head.eval()
    initialise(net, "lsuv", inputs=PICTURES)
    found: list[float] = []
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(lambda *given: found.append(given[2].std().item()))
    assert net.training and not net.head.training
    net(PICTURES)
    assert len(found) == 8 and found == pytest.approx([1.0] * 8, abs=0.06)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_net_trains_in_a_learner_and_comes_back_from_its_export(kind: str, tmp_path: Any) -> None:
    labels = [0, 1, 2, 3, 4] * 4
    pictures = torch.rand(20, 3, 16, 16)
    data = ImageData.from_arrays(pictures, labels, pictures, labels, device="cpu")
    learn = vision_learner(data, small(kind, depth=[1, 1]), quiet=True, device="cpu")
    learn.plan(precision="float32", threads=1)
    assert learn.fit(1, 1e-3).state == "finished" and repr(learn).startswith(f"Learner({kind}")
    loaded = tenfold.load(learn.export(tmp_path / "net.tenfold"))
    assert same(loaded.model.state_dict(), learn.model.state_dict())
    learn.freeze()
    assert {name for name, one in learn.model.named_parameters() if one.requires_grad} == {
        "head.weight",
        "head.bias",
    }


REFUSED = [
    ({"skips": 1}, "skips=1 was given; allowed is True or False; it switches that part"),
    ({"activation": "rlu"}, "activation='rlu' was given.*did you mean 'relu'"),
    ({"stem": "pol"}, "stem='pol' was given; allowed are plain, stride and pool; did you mean"),
    ({"shortcut": "none"}, "shortcut='none' was given; allowed are pad and convolution"),
    ({"init": "he"}, "init='he' was given; allowed are kaiming, xavier, orthogonal"),
    ({"init": "lsuv"}, "init='lsuv' was given without inputs.*inputs=batch"),
    ({"depth": 21}, r"depth=21 was given; allowed is 6 n \+ 2, as 8, 14 or 20, or how many"),
    ({"depth": []}, r"depth=\[\] was given"),
    ({"depth": True}, r"depth=True was given"),
    ({"width": 0}, "width=0 was given; allowed is a whole number from 1"),
    ({"zero_last": True, "skips": False}, "zero_last=True was given with skips=False"),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_a_wrong_setting_is_refused_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        create_resnet(10, **settings)


def test_a_dense_net_refuses_its_own_settings() -> None:
    with pytest.raises(SettingError, match="compression=0 was given; allowed is above 0 to 1"):
        create_densenet(10, compression=0)
    with pytest.raises(SettingError, match=r"depth=20 was given; allowed is 3 n \+ 4, as 7, 10"):
        create_densenet(10, depth=20)


@pytest.mark.parametrize("build", [build_resnet, build_densenet])
def test_a_description_of_something_else_is_refused(build: Any) -> None:
    for spec in ({"kind": "vision"}, {}, None, {"kind": build.__name__[6:], "outputs": 2, "a": 1}):
        with pytest.raises(ModelError, match=r"does not describe a .*net.*save the model again"):
            build(spec)


def test_a_net_from_parts_is_a_model_like_any_other() -> None:
    data = [(PICTURES, torch.tensor([0, 1, 0, 1]))] * 2
    learn = make_learner((data, data), create_resnet(2, depth=8, width=4))
    assert learn.fit(1, 1e-3).state == "finished"
