from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from tenfold.errors import ModelError
from tenfold.models.backbone import Backbone, backbone_names, create_backbone
from tenfold.models.cut import cut_network, depth, halves, measure_channels
from tenfold.models.vision_transformer import TransformerBody

# One small network of each family of torchvision, with the side of a small picture for it.
FAMILIES = {
    "alexnet": 64,
    "convnext_tiny": 32,
    "densenet121": 32,
    "efficientnet_b0": 32,
    "googlenet": 32,
    "inception_v3": 75,
    "maxvit_t": 224,
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
    "vit_b_32": 224,
    "wide_resnet50_2": 32,
}
QUICK = [name for name in FAMILIES if name not in ("inception_v3", "maxvit_t", "vit_b_32")]
OPTIONS = {
    "googlenet": {"aux_logits": False, "init_weights": True},
    "inception_v3": {"aux_logits": False, "init_weights": True},
}


Needs = Callable[[str], Path]


@pytest.fixture(scope="module", params=FAMILIES)
def backbone(request: pytest.FixtureRequest) -> Iterator[Backbone]:
    yield create_backbone(request.param, pretrained=False)


def picture(name: str, *, seed: int = 0) -> Tensor:
    side = FAMILIES[name]
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


def ids(*modules: nn.Module) -> list[int]:
    return sorted(id(parameter) for module in modules for parameter in module.parameters())


def before_the_classifier(network: nn.Module, x: Tensor) -> Tensor:
    """What torchvision's own forward gives to its last pooling, or to its classifier."""
    if isinstance(network, models.VisionTransformer):
        tokens = network.encoder(torch.cat([network.class_token, network._process_input(x)], 1))
        return tokens[:, 1:].mean(1)
    parts = [getattr(network, name, None) for name in ("avgpool", "classifier", "fc")]
    seen: list[Tensor] = []
    next(part for part in parts if part is not None).register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].clone())
    )
    network(x)
    return seen[0].mean((2, 3)) if seen[0].ndim == 4 else seen[0]


def test_a_body_computes_what_the_whole_network_computes_before_its_classifier(
    backbone: Backbone,
) -> None:
    torch.manual_seed(0)
    network = models.get_model(backbone.name, weights=None, **OPTIONS.get(backbone.name, {}))
    x = picture(backbone.name)
    with torch.inference_mode():
        features = backbone.module.eval()(x)
        wanted = before_the_classifier(network.eval(), x)
    assert features.shape[:2] == (1, backbone.channels)
    torch.testing.assert_close(features.mean((2, 3)), wanted, rtol=1e-4, atol=1e-5)


def test_each_parameter_is_in_one_of_the_two_groups(backbone: Backbone) -> None:
    early, late = backbone.groups
    assert ids(*early) and ids(*late)
    assert sorted([*ids(*early), *ids(*late)]) == ids(backbone.module)


@pytest.mark.parametrize("backbone", QUICK, indirect=True)
def test_freezing_the_early_group_leaves_the_late_one_to_train(backbone: Backbone) -> None:
    early, late = backbone.groups
    for module in early:
        module.requires_grad_(False)
    backbone.module.eval()(picture(backbone.name)).square().mean().backward()
    gradients = [parameter.grad for module in late for parameter in module.parameters()]
    assert all(gradient is not None for gradient in gradients)
    assert not any(p.grad is not None for module in early for p in module.parameters())


def test_the_statistics_are_those_of_the_weights(backbone: Backbone) -> None:
    stated = models.get_model_weights(backbone.name).DEFAULT.transforms()
    symmetric = backbone.name in ("googlenet", "inception_v3")  # see the next test
    assert backbone.mean == ((0.5,) * 3 if symmetric else tuple(stated.mean))
    assert backbone.std == ((0.5,) * 3 if symmetric else tuple(stated.std))


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_networks_that_normalise_by_themselves_get_the_same_numbers_from_us(name: str) -> None:
    backbone = create_backbone(name, pretrained=False)
    stated = models.get_model_weights(name).DEFAULT.transforms()
    x = torch.rand(1, 3, 4, 4)
    network = models.get_model(name, weights=None, transform_input=True, init_weights=False)
    theirs = network._transform_input((x - column(stated.mean)) / column(stated.std))
    torch.testing.assert_close((x - column(backbone.mean)) / column(backbone.std), theirs)


def column(values: list[float] | tuple[float, ...]) -> Tensor:
    return torch.tensor(values).view(3, 1, 1)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50", "resnet152"])
def test_a_resnet_is_split_after_its_second_layer(name: str) -> None:
    network = models.get_model(name, weights=None)
    early, late = halves(cut_network(network))
    assert (early[-1], late[0]) == (network.layer2, network.layer3)


def test_the_split_keeps_norm_and_activation_with_their_convolution() -> None:
    units = [nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 1)]
    assert halves(units) == (units[:3], units[3:])
    assert depth(units) == 2


def test_every_torchvision_classifier_is_a_known_name() -> None:
    assert set(backbone_names()) == {"nano", *models.list_models(module=models)}


def test_counting_channels_leaves_buffers_and_modes_alone() -> None:
    body = nn.Sequential(nn.Conv2d(3, 7, 3), nn.BatchNorm2d(7), nn.Dropout().eval())
    before = [buffer.clone() for buffer in body.buffers()]
    assert measure_channels(body, side=8) == 7
    assert all(torch.equal(a, b) for a, b in zip(before, body.buffers()))
    assert [module.training for module in body] == [True, True, False]


def test_random_weights_come_from_the_seed_and_leave_the_global_numbers_alone() -> None:
    state = torch.get_rng_state()
    bodies = [create_backbone("squeezenet1_1", pretrained=False, seed=s).module for s in (1, 1, 2)]
    first, same, other = (next(iter(body.parameters())) for body in bodies)
    assert torch.equal(first, same) and not torch.equal(first, other)
    assert torch.equal(state, torch.get_rng_state())


def test_a_vision_transformer_takes_any_size_from_one_patch_on() -> None:
    body = TransformerBody(models.VisionTransformer(32, 16, 2, 2, 8, 16)).eval()
    with torch.inference_mode():
        assert body(torch.zeros(1, 3, 16, 40)).shape == (1, 8, 1, 2)


def test_positions_of_a_transformer_follow_the_picture_when_it_grows() -> None:
    tokens = TransformerBody(models.VisionTransformer(32, 16, 2, 2, 8, 16)).early[0]
    ramp = torch.tensor([[0.0, 0.0], [1.0, 1.0]]).flatten().view(1, 4, 1).expand(1, 4, 8)
    tokens.positions = nn.Parameter(torch.cat([torch.full((1, 1, 8), 9.0), ramp], 1))
    larger = tokens._positions(4, 4)
    assert torch.equal(larger[:, 0], torch.full((1, 8), 9.0))
    rows = larger[0, 1:, 0].view(4, 4)
    torch.testing.assert_close(rows, rows[:, :1].expand(4, 4))
    assert rows[0, 0] < rows[1, 0] < rows[2, 0] < rows[3, 0]


def test_an_unknown_name_is_refused_with_near_names_and_the_way_to_all() -> None:
    with pytest.raises(
        ModelError, match=r'no network "resnet43" \(did you mean .*resnet'
    ) as caught:
        create_backbone("resnet43")
    assert "backbone_names() lists them" in str(caught.value)


def test_weights_that_cannot_be_downloaded_name_nano_and_torch_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> None:
        raise URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", offline)
    with pytest.raises(ModelError, match=r"could not be downloaded .*no network.*nano") as caught:
        create_backbone("mnasnet0_5")
    assert "TORCH_HOME" in str(caught.value) and str(tmp_path) in str(caught.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_damaged_weight_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hub/checkpoints/mnasnet0.5_top1_67.823-3ffadce67e.pth"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"PK\x03\x04 cut short")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ModelError, match=r"3ffadce67e.pth cannot be read .*delete the file"):
        create_backbone("mnasnet0_5")


def test_a_weight_file_with_code_in_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hub/checkpoints/mnasnet0.5_top1_67.823-3ffadce67e.pth"
    file.parent.mkdir(parents=True)
    torch.save({"weight": Trap()}, file)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="cannot be read"):
        create_backbone("mnasnet0_5")
    assert not Trap.sprung


def test_the_real_squeezenet_is_read_from_torch_home(needs_weights: Needs) -> None:
    file = needs_weights("squeezenet1_0-b66bff10.pth")
    stored = torch.load(file, weights_only=True)["features.0.weight"]
    backbone = create_backbone("squeezenet1_0")
    assert backbone.pretrained
    assert torch.equal(next(backbone.module.parameters()).detach(), stored)


class Trap:
    """Pickles as a call that a safe reader does not make."""

    sprung: list[bool] = []

    def __reduce__(self) -> tuple[object, tuple[bool]]:
        return Trap.sprung.append, (True,)
