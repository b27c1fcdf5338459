"""Where the cells of a map lie in the picture: not always in the middle of their share of it.

A convolution of 3 pixels that moves by 2, with 1 pixel around the picture, looks at pixels 0, 2, 4:
half a pixel up and left of the middles of the pairs. Four in a row are 7.5 pixels off, and a
residual network of torchvision 15.5, half a cell. A map that is spread evenly over the picture
shows everything that much too far down and right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from tenfold.interpret.inside import Hook, find_layer, hooked, untouched

__all__ = ["Axis", "over_picture", "places"]


class Axis(NamedTuple):
    """Along rows or columns: cell `i` is centred on pixel `first + i * step`.

    >>> Axis().moved(kernel=3, stride=2, padding=1)
    Axis(first=0.0, step=2.0)
    >>> Axis().parted(8, into=2)
    Axis(first=1.5, step=4.0)
    """

    first: float = 0.0
    step: float = 1.0

    def moved(self, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Axis:
        """The cells of a window that moves over these."""
        middle = dilation * (kernel - 1) / 2 - padding
        return Axis(self.first + middle * self.step, self.step * stride)

    def parted(self, cells: int, *, into: int) -> Axis:
        """`cells` of these cut into so many equal shares, or spread to more."""
        share = cells / into
        return Axis(self.first + (share - 1) / 2 * self.step, self.step * share)


def places(model: nn.Module, picture: Tensor, layer: str) -> tuple[Axis, Axis]:
    """Where rows and columns of the maps of a `layer` in use lie in a picture (1, 3, h, w).

    Followed through every convolution and pooling; after anything else, as the tokens of a
    transformer, the cells are taken as equal shares of the picture. Raises ModelError for a layer
    that is not there.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.MaxPool2d(2))
    >>> places(net, torch.zeros(1, 3, 8, 8), "1")[0]
    Axis(first=1.0, step=4.0)
    """
    seen: list[Tensor] = []

    def look(module: nn.Module, given: Any, output: Any) -> None:
        seen.append(output)

    looks: dict[nn.Module, Hook] = {find_layer(model, layer): look}
    with untouched(model), hooked(looks), torch.no_grad(), _Followed(picture) as followed:
        model(picture)
    return followed.places_of(seen[-1])


def over_picture(maps: Tensor, axes: tuple[Axis, Axis], size: tuple[int, int]) -> Tensor:
    """Maps (N, rows, columns) drawn over pictures of `size`, (N, h, w), between cells linearly.

    >>> over_picture(torch.tensor([[[0.0, 1.0]]]), (Axis(0, 2), Axis(0, 2)), (1, 4))
    tensor([[[0.0000, 0.5000, 1.0000, 1.0000]]])
    """
    cells = [
        # from -1 to 1 between the outer edges of the outer cells
        (2 * (torch.arange(pixels, device=maps.device) - axis.first) / axis.step + 1) / count - 1
        for pixels, axis, count in zip(size, axes, maps.shape[1:], strict=True)
    ]
    rows, columns = torch.meshgrid(*cells, indexing="ij")
    grid = torch.stack([columns, rows], -1).to(maps.dtype).expand(len(maps), -1, -1, -1)
    told: dict[str, Any] = {"padding_mode": "border", "align_corners": False}
    return F.grid_sample(maps[:, None], grid, **told)[:, 0]


Window = tuple[Any, Any, Any, Any]
"""Kernel, stride, padding and dilation, each for rows and columns."""


def _convolution(
    weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    groups: int = 1,
) -> Window:  # fmt: skip
    kernel, dilation = tuple(weight.shape[2:]), _pair(dilation)
    if padding == "same":
        padding = tuple(each * (size - 1) // 2 for each, size in zip(dilation, kernel, strict=True))
    return kernel, _pair(stride), _pair(0 if padding == "valid" else padding), dilation


def _pooling(
    kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, *rest: Any,
    **told: Any,
) -> Window:  # fmt: skip
    return _pair(kernel_size), _pair(stride or kernel_size), _pair(padding), _pair(dilation)


def _mean_pooling(kernel_size: Any, stride: Any = None, padding: Any = 0, *rest: Any) -> Window:
    return _pooling(kernel_size, stride, padding)


def _padding(pad: Any, *rest: Any, **told: Any) -> Window:
    left, _, top, _ = (*pad, 0, 0)[:4]
    return _pair(1), _pair(1), (top, left), _pair(1)


def _pair(given: Any) -> tuple[float, float]:
    return (given, given) if isinstance(given, (int, float)) else tuple(given)


_WINDOWS: dict[str, Callable[..., Window]] = {
    "conv2d": _convolution,
    "max_pool2d": _pooling,
    "avg_pool2d": _mean_pooling,
    "pad": _padding,
}


class _Followed(TorchFunctionMode):
    """Knows the places of every map that is made of the picture inside."""

    def __init__(self, picture: Tensor) -> None:
        super().__init__()
        self._picture = picture
        self._known = WeakTensorKeyDictionary()
        self._known[picture] = (Axis(), Axis())

    def places_of(self, maps: Tensor) -> tuple[Axis, Axis]:
        """Those of some maps (…, rows, columns), followed there or not."""
        return self._parted(maps, of=maps if maps in self._known else self._picture)

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        told = kwargs or {}
        known = [one for one in _tensors((*args, *told.values())) if one in self._known]
        # of several the largest: a gate of one cell says nothing about places
        source = max(known, key=lambda one: one.shape[-2:].numel(), default=None)
        output = function(*args, **told)
        if source is not None:
            window = _WINDOWS.get(getattr(function, "__name__", "").strip("_"))
            for made in (one for one in _tensors([output]) if one.ndim >= 4):
                self._known[made] = (
                    self._parted(made, of=source)
                    if window is None
                    else self._moved(window(*args[1:], **told), of=source)
                )
        return output

    def _moved(self, window: Window, *, of: Tensor) -> tuple[Axis, Axis]:
        rows, columns = zip(self._known[of], zip(*window, strict=True), strict=True)
        return rows[0].moved(*rows[1]), columns[0].moved(*columns[1])

    def _parted(self, maps: Tensor, *, of: Tensor) -> tuple[Axis, Axis]:
        rows, columns = self._known[of]
        return (
            rows.parted(of.shape[-2], into=maps.shape[-2]),
            columns.parted(of.shape[-1], into=maps.shape[-1]),
        )


def _tensors(given: Iterable[Any]) -> Iterator[Tensor]:
    """The tensors among the arguments of a function, those in a list of them too."""
    for one in given:
        if isinstance(one, Tensor):
            yield one
        elif isinstance(one, (list, tuple)):
            yield from (part for part in one if isinstance(part, Tensor))
