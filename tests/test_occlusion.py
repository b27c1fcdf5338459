"""Occlusion against a slow loop, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from inside_world import make_net
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.interpret.occlusion import occlusion


def softmax(outputs: Tensor) -> Tensor:
    return outputs.softmax(1)


def by_hand(net: nn.Module, picture: Tensor, wanted: int, patch: int, stride: int) -> Tensor:
    """Pixel by pixel: the mean fall over every patch that hides it."""
    net.eval()
    height, width = picture.shape[1:]
    plain = softmax(net(picture[None]))[0, wanted]
    falls: list[list[list[float]]] = [[[] for _ in range(width)] for _ in range(height)]
    for top in range(0, height - patch + 1):
        for left in range(0, width - patch + 1):
            last_row, last_column = top == height - patch, left == width - patch
            if (top % stride and not last_row) or (left % stride and not last_column):
                continue
            hidden = picture.clone()
            for channel in range(3):
                hidden[channel, top : top + patch, left : left + patch] = picture[channel].mean()
            fall = float(plain - softmax(net(hidden[None]))[0, wanted])
            for row in range(top, top + patch):
                for column in range(left, left + patch):
                    falls[row][column].append(fall)
    return torch.tensor([[sum(one) / len(one) for one in row] for row in falls])


@pytest.mark.parametrize(("patch", "stride"), [(2, 1), (3, 2), (4, 3), (8, 1)])
@torch.no_grad()
def test_each_map_is_that_of_a_loop_over_pixels(patch: int, stride: int) -> None:
    net, x, why = make_net(), torch.rand(2, 3, 8, 8), torch.tensor([1, 2])
    found = occlusion(net, x, why, activation=softmax, patch=patch, stride=stride)
    for map_, picture, wanted in zip(found, x, why.tolist()):
        expected = by_hand(net, picture, wanted, patch, stride)
        torch.testing.assert_close(map_, expected, rtol=1e-4, atol=1e-6)


def test_a_model_that_reads_one_corner_is_hot_there_alone() -> None:
    class Corner(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([x[:, 0, :2, :2].sum((1, 2)), -x[:, 0, :2, :2].sum((1, 2))], 1)

    x = torch.zeros(1, 3, 12, 12)
    x[0, 0, :2, :2] = 1.0
    heat = occlusion(Corner(), x, torch.tensor([0]), activation=softmax)[0]
    assert float(heat[0, 0]) == float(heat.max()) > 0
    assert float(heat[4:, 4:].abs().max()) == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"patch": 9}, "patch=9 was given; allowed is a whole number of pixels from 1 to 8; try 1"),
        ({"patch": 0}, "patch=0 was given"),
        ({"patch": 2.5}, "patch=2.5 was given"),
        ({"patch": True}, "patch=True was given"),
        ({"patch": 3, "stride": 4}, "stride=4 was given; allowed is .* from 1 to 3"),
    ],
)
def test_a_patch_outside_the_picture_and_a_stride_with_gaps_are_refused(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        occlusion(
            make_net(), torch.rand(1, 3, 8, 8), torch.tensor([0]), activation=softmax, **settings
        )
