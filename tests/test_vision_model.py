from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.head import ConcatPool, create_head, dropout_rates
from tenfold.models.vision import Normalise, VisionModel, build_vision, create_vision_model


@pytest.fixture
def make_model() -> Callable[..., VisionModel]:
    def make(name: str = "nano", outputs: int = 3, **settings: object) -> VisionModel:
        return create_vision_model(name, outputs, pretrained=False, **settings)  # type: ignore[arg-type]

    return make


def test_the_forward_pass_is_normalise_body_pool_head(make_model):
    model = make_model().eval()
    x = torch.rand(2, 3, 32, 48)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    maps = model.body((x - mean) / std)
    pooled = torch.cat([maps.amax((2, 3)), maps.mean((2, 3))], 1)
    torch.testing.assert_close(model.features(x), pooled)
    torch.testing.assert_close(model(x), model.head(pooled))


def test_concat_pooling_puts_the_largest_before_the_mean():
    x = torch.arange(8.0).view(1, 2, 2, 2)
    assert ConcatPool()(x).tolist() == [[3.0, 7.0, 1.5, 5.5]]
    assert not list(ConcatPool().parameters())


def test_normalising_uses_buffers_so_that_it_is_saved_and_never_trained():
    normalise = Normalise((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    assert set(normalise.state_dict()) == {"mean", "std"}
    assert not list(normalise.parameters())


def test_the_head_has_the_layers_of_the_design():
    kinds = [nn.BatchNorm1d, nn.Dropout, nn.Linear, nn.ReLU, nn.BatchNorm1d, nn.Dropout, nn.Linear]
    head = create_head(1024, 10)
    assert [type(layer) for layer in head] == kinds
    assert (head[1].p, head[5].p) == (0.25, 0.5)
    assert head[2].bias is None and head[6].bias is not None
    assert sum(p.numel() for p in head.parameters()) == 532_480 + 10  # fastai's, and a bias


def test_a_head_may_have_no_hidden_layer_or_several():
    assert [type(layer).__name__ for layer in create_head(8, 2, hidden=())] == [
        "BatchNorm1d", "Dropout", "Linear",
    ]  # fmt: skip
    deep = create_head(8, 2, hidden=(6, 4))
    assert [layer.p for layer in deep if isinstance(layer, nn.Dropout)] == [0.25, 0.25, 0.5]
    assert deep(torch.rand(3, 8)).shape == (3, 2)


def test_the_weights_of_the_head_are_kaimings_from_the_seed():
    weights = [create_head(1000, 10, seed=seed)[2].weight for seed in (1, 1, 2)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert weights[0].std().item() == pytest.approx(math.sqrt(2 / 1000), rel=0.01)
    assert create_head(8, 2)[6].bias.tolist() == [0.0, 0.0]


def test_making_a_model_leaves_the_global_random_numbers_alone(make_model):
    state = torch.get_rng_state()
    make_model()
    assert torch.equal(state, torch.get_rng_state())


def test_dropout_can_be_set_for_each_layer():
    assert dropout_rates(0.4, 3) == [0.2, 0.2, 0.4]
    assert dropout_rates([0.1, 0.0], 2) == [0.1, 0.0]
    assert dropout_rates(0, 1) == [0.0]


@pytest.mark.parametrize(
    "dropout", [1.0, -0.1, float("nan"), True, "0.5", None, [0.5], [0.5, 2], [0.1, 0.2, 0.3]]
)
def test_dropout_outside_its_range_or_of_another_length_is_refused(dropout):
    with pytest.raises(SettingError, match=r"dropout=.* was given; .*2 such numbers.*try dropout"):
        create_head(8, 2, dropout=dropout)


@pytest.mark.parametrize("outputs", [0, -1, 2.0, True, "3"])
def test_outputs_that_are_no_count_are_refused(outputs):
    with pytest.raises(SettingError, match=r"with .* outputs was asked for; .*from 1; check"):
        create_head(8, outputs)


def test_the_three_groups_hold_each_parameter_once(make_model):
    model = make_model("squeezenet1_1")
    groups = [[id(p) for m in group for p in m.parameters()] for group in model.groups()]
    assert len(groups) == 3 and all(groups)
    assert sorted([*groups[0], *groups[1], *groups[2]]) == sorted(id(p) for p in model.parameters())
    assert groups[2] == [id(p) for p in model.head.parameters()]


def test_the_groups_of_a_copy_are_the_copys_own(make_model):
    model = make_model()
    copied = copy.deepcopy(model)
    copied.groups()[0][0].requires_grad_(False)
    assert all(p.requires_grad for p in model.parameters())
    assert not all(p.requires_grad for p in copied.parameters())


def test_a_frozen_body_gets_no_gradients(make_model):
    model = make_model()
    for group in model.groups()[:2]:
        for module in group:
            module.requires_grad_(False)
    model(torch.rand(2, 3, 32, 32)).sum().backward()
    assert {n for n, p in model.named_parameters() if p.grad is not None} == {
        n for n, _ in model.named_parameters() if n.startswith("head")
    }


@pytest.mark.parametrize("name", ["nano", "squeezenet1_1", "timm/test_resnet"])
def test_a_model_built_from_its_description_gives_the_same_answers(name, make_model):
    if name.startswith("timm"):
        pytest.importorskip("timm")
    model = make_model(name, 4, dropout=[0.1, 0.3], hidden=(16,), seed=5).eval()
    again = build_vision(json.loads(json.dumps(model.spec)))
    again.load_state_dict(model.state_dict())
    x = torch.rand(2, 3, 64, 64)
    assert torch.equal(again.eval()(x), model(x))
    assert again.spec == model.spec


def test_a_description_is_enough_to_make_random_weights_again(make_model):
    model = make_model(seed=3)
    again = build_vision(model.spec)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters()))


@pytest.mark.parametrize("spec", [{}, {"kind": "text"}, {"kind": "vision", "name": "nano"}, None])
def test_something_else_than_a_description_is_refused(spec):
    with pytest.raises(ModelError, match=r"does not describe a vision model; allowed is"):
        build_vision(spec)


def test_pictures_too_small_for_the_body_are_refused_with_the_smallest_side(make_model):
    with pytest.raises(ModelError, match=r"32 x 40 pixels.*alexnet takes 63 x 63.*size=63"):
        make_model("alexnet")(torch.rand(1, 3, 32, 40))
    with pytest.raises(ModelError, match=r"75 x 75 pixels or more"):
        make_model("inception_v3")(torch.rand(1, 3, 74, 80))


def test_a_body_of_one_size_says_so(make_model):
    with pytest.raises(ModelError, match=r"maxvit_t takes 224 x 224 pixels; make .*size=224"):
        make_model("maxvit_t")(torch.rand(1, 3, 256, 256))
