"""Where the cells of a map lie: by probing which pixels reach them, and of real networks."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.interpret.places import Axis, over_picture, places

SIDE = 48


class Padded(nn.Module):
    """Pads by itself, as networks do that were converted."""

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, (0, 1, 2, 3))


class Gated(nn.Module):
    """A gate of one cell for every channel, before the maps in the product."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3), keepdim=True) * x


class Shuffled(nn.Module):
    """Parts, shuffles and joins channels."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, 1)
        joined = torch.cat([second, first], 1)
        n, channels, rows, columns = joined.shape
        apart = joined.view(n, 2, channels // 2, rows, columns).transpose(1, 2)
        return apart.reshape(n, channels, rows, columns)


NETS = {
    "strides": [nn.Conv2d(1, 2, 3, 2, 1), nn.Conv2d(2, 2, 3, 2, 1)],
    "dilated": [nn.Conv2d(1, 2, 3, 2, 0, dilation=2), nn.ReLU(), nn.Conv2d(2, 2, 5, 1, 1)],
    "pools": [nn.Conv2d(1, 2, 3, padding=1), nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2)],
    "same": [nn.Conv2d(1, 2, (4, 3), padding="same"), nn.MaxPool2d(2, ceil_mode=True)],
    "valid": [nn.Conv2d(1, 2, 5, 3, padding="valid"), nn.BatchNorm2d(2)],
    "reflected": [nn.Conv2d(1, 2, 5, 2, 2, padding_mode="reflect")],
    "padded": [Padded(), nn.Conv2d(1, 2, 3, 2)],
    "shuffled": [nn.Conv2d(1, 4, 3, 2, 1), Shuffled(), nn.Conv2d(4, 2, 3, 2, 1)],
    "enlarged": [nn.Conv2d(1, 2, 3, 2, 1), nn.Upsample(scale_factor=2), nn.Conv2d(2, 2, 2, 4)],
}


def probed(net: nn.Module, *, rows: bool) -> list[float]:
    """The middle of the pixels that reach each cell, one line of pixels after the other."""
    reached: dict[int, list[int]] = {}
    for line in range(SIDE):
        picture = torch.rand(1, 1, SIDE, SIDE)
        picture[0, 0, line if rows else slice(None), slice(None) if rows else line] = torch.nan
        touched = net(picture)[0].isnan().any(0).any(1 if rows else 0)
        for cell in touched.nonzero().flatten().tolist():
            reached.setdefault(cell, []).append(line)
    return [(min(lines) + max(lines)) / 2 for _, lines in sorted(reached.items())]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("rows", [True, False])
@pytest.mark.parametrize("name", NETS)
def test_a_cell_lies_in_the_middle_of_the_pixels_that_reach_it(name: str, rows: bool) -> None:
    net = nn.Sequential(*NETS[name]).eval()
    axis = places(net, torch.rand(1, 1, SIDE, SIDE), str(len(net) - 1))[0 if rows else 1]
    middles = probed(net, rows=rows)
    # cells whose pixels are cut off by the edge of the picture are left out
    inner = range(3, len(middles) - 3)
    assert len(inner) > 2
    # nearest pixels are doubled by an enlargement, so the middle of a cell is known to a half
    near = 0.5 if name == "enlarged" else 0.0
    for cell in inner:
        assert axis.first + cell * axis.step == pytest.approx(middles[cell], abs=near + 1e-9)


@pytest.mark.parametrize(
    ("name", "layer", "first"),
    [
        ("resnet18", "layer4", 0.0),
        ("efficientnet_b0", "features", 0.0),
        ("shufflenet_v2_x0_5", "conv5", 0.0),
        ("densenet121", "features", 14.0),
        ("vgg11", "features", 15.5),
        ("convnext_tiny", "features", 15.5),
        ("swin_t", "permute", 15.5),
    ],
)
def test_networks_of_torchvision_lie_where_their_strides_say(
    name: str, layer: str, first: float
) -> None:
    net = torchvision.models.get_model(name, weights=None)
    assert places(net, torch.rand(1, 3, 224, 224), layer) == (Axis(first, 32.0),) * 2


def test_a_gate_says_nothing_about_places() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1), Gated())
    assert places(net, torch.rand(1, 1, 8, 8), "1") == places(net, torch.rand(1, 1, 8, 8), "0")


def test_what_cannot_be_followed_has_equal_shares() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.Flatten(2), nn.Unflatten(2, (4, 4)))
    assert places(net, torch.rand(1, 3, 8, 8), "2") == (Axis(0.5, 2.0),) * 2


def test_a_layer_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match=r"the layer 'body' was given; Sequential has 0"):
        places(nn.Sequential(nn.Conv2d(1, 1, 3)), torch.rand(1, 1, 8, 8), "body")


def between(line: Tensor, axis: Axis, pixel: int) -> float:
    """One value between two cells of a line, the outer ones beyond them."""
    place = min(max((pixel - axis.first) / axis.step, 0.0), len(line) - 1.0)
    low = min(int(place), len(line) - 2)
    return float(line[low] + (place - low) * (line[low + 1] - line[low]))


def test_maps_are_drawn_over_the_picture_as_by_a_slow_loop() -> None:
    maps = torch.rand(2, 3, 5)
    rows, columns = Axis(1.5, 4.0), Axis(0.0, 2.0)
    found = over_picture(maps, (rows, columns), (14, 9))
    for one, drawn in zip(maps, found):
        wide = torch.tensor([[between(row, columns, x) for x in range(9)] for row in one])
        tall = torch.tensor([[between(wide[:, x], rows, y) for x in range(9)] for y in range(14)])
        torch.testing.assert_close(drawn, tall)


def test_equal_shares_are_drawn_as_torch_resizes() -> None:
    maps = torch.rand(2, 4, 4)
    axis = Axis().parted(12, into=4)
    expected = F.interpolate(maps[:, None], (12, 12), mode="bilinear")[:, 0]
    torch.testing.assert_close(over_picture(maps, (axis, axis), (12, 12)), expected)
