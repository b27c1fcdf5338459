from __future__ import annotations

import dataclasses

import pytest
import torch
from safetensors.torch import load_file

from tenfold.models.backbone import create_backbone
from tenfold.models.nano import CHANNELS, WEIGHTS, Nano, Residual, nano


def test_the_bundled_weights_are_small_and_safe_to_read():
    assert WEIGHTS.suffix == ".safetensors"
    assert WEIGHTS.stat().st_size <= 3_000_000
    assert all(tensor.isfinite().all() for tensor in load_file(WEIGHTS).values())


def test_the_model_card_is_beside_the_weights():
    card = WEIGHTS.with_name("NANO.md").read_text("utf-8")
    for heading in ("Data", "Recipe", "Seed", "Score", "Licence"):
        assert f"## {heading}" in card


@pytest.mark.parametrize("side", [32, 64, 96, 128])
def test_nano_gives_maps_of_a_sixteenth_of_the_side(side):
    assert Nano()(torch.zeros(1, 3, side, side)).shape == (1, CHANNELS, side // 16, side // 16)


def test_the_pretrained_weights_are_the_same_each_time_and_are_not_the_random_ones():
    first, again = nano().eval(), nano().eval()
    x = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(first(x), again(x))
        assert not torch.allclose(first(x), nano(pretrained=False).eval()(x))


def test_a_block_adds_its_input_to_what_its_convolutions_give():
    block = Residual(4, 4).eval()
    x = torch.randn(1, 4, 5, 5)
    torch.testing.assert_close(block(x), (block.convolutions(x) + x).relu())


def test_the_backbone_is_nano_with_the_statistics_it_was_trained_with():
    backbone = create_backbone("nano")
    assert (backbone.mean, backbone.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert (backbone.name, backbone.channels, backbone.pretrained) == ("nano", 256, True)
    grouped = [id(p) for group in backbone.groups for m in group for p in m.parameters()]
    assert sorted(grouped) == sorted(id(p) for p in backbone.module.parameters())


def test_channels_last_gives_the_same_features():
    body, x = nano().eval(), torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        plain = body(x)
        other = body.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))
    torch.testing.assert_close(plain, other, rtol=1e-3, atol=1e-4)


def test_the_script_that_made_the_weights_runs_and_writes_what_nano_reads(needs_weights, tmp_path):
    needs_weights("squeezenet1_0-b66bff10.pth")
    from tenfold.models.weights import pretrain_nano as script

    photos = torch.randint(0, 256, (4, 3, 128, 128), dtype=torch.uint8)
    trained, again = Nano(), Nano()
    for stage in script.STAGES:
        short = dataclasses.replace(stage, steps=2, batch=2, sides=(64,))
        script.train(trained, short, photos, save=tmp_path / "nano.safetensors")
    again.load_state_dict(load_file(tmp_path / "nano.safetensors"))
    assert again.stem[0].weight.sub(trained.stem[0].weight).abs().max() < 1e-2
    assert [file.name for file in tmp_path.iterdir()] == ["nano.safetensors"]


def test_the_probe_of_the_measuring_script_finds_what_is_linear():
    from tenfold.models.weights.measure_nano import probe

    targets = torch.arange(200) % 10
    inputs = torch.nn.functional.one_hot(targets, 10) + 0.01 * torch.randn(200, 10)
    assert probe((inputs[:100], targets[:100]), (inputs[100:], targets[100:])) == 1.0
