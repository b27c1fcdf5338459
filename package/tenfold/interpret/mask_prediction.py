"""What a model says about the pixels of one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.data.overlays import draw_overlays
from tenfold.train.pixel_task import IGNORE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MaskPrediction"]

MOST_NAMED = 3


@dataclass(frozen=True, eq=False, repr=False)
class MaskPrediction:
    """The class of each pixel of a picture, as `learn.predict` gives it for pixel labels.

    `mask` (h, w) holds class numbers, uint8; `probabilities` (classes, h, w) what the model gave
    each; `picture` (3, h, w) is what it saw, fitted to its size, floats in [0, 1].

    >>> mask = torch.tensor([[0, 0], [0, 1]], dtype=torch.uint8)
    >>> MaskPrediction(mask, torch.zeros(2, 2, 2), torch.zeros(3, 2, 2), ["soil", "plant"])
    soil 75.0%, plant 25.0% of 2 x 2 pixels
    """

    mask: Tensor
    probabilities: Tensor
    picture: Tensor
    classes: Sequence[str]

    @property
    def shares(self) -> dict[str, float]:
        """The share of the picture that each class covers, the largest first."""
        numbers, counts = self.mask.unique(return_counts=True)
        order = counts.argsort(descending=True, stable=True)
        shares = (counts[order] / self.mask.numel()).tolist()
        names = [self.classes[number] for number in numbers[order].tolist()]
        return dict(zip(names, shares, strict=True))

    @property
    def label(self) -> str:
        """The class that covers most."""
        return next(iter(self.shares))

    def plot(self) -> Figure:
        """The picture, and under its mask."""
        told: dict[str, Any] = {"classes": self.classes, "ignore": IGNORE, "columns": 2}
        pictures = torch.stack([self.picture] * 2)
        return draw_overlays(pictures, [None, self.mask], ["", self._covers()], side=3.0, **told)

    def __str__(self) -> str:
        return f"{self._covers()} of {' x '.join(map(str, self.mask.shape))} pixels"

    def _covers(self) -> str:
        named = list(self.shares.items())[:MOST_NAMED]
        return ", ".join(f"{name} {share:.1%}" for name, share in named)

    __repr__ = __str__
