"""The body of a vision transformer: torchvision's, with features in the place of tokens."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn
from torchvision.models import VisionTransformer

from tenfold.models.cut import halves


class Tokens(nn.Module):
    """Pictures [N, 3, h, w] to tokens [N, 1 + rows * columns, width], the class token first.

    The positions learned for one size are interpolated to any other, as in section 3.2 of
    Dosovitskiy et al. 2020, "An image is worth 16x16 words", https://arxiv.org/abs/2010.11929.
    """

    def __init__(self, network: VisionTransformer) -> None:
        super().__init__()
        self.projection = network.conv_proj
        self.class_token = network.class_token
        self.positions = network.encoder.pos_embedding
        self.dropout = network.encoder.dropout

    def forward(self, x: Tensor) -> Tensor:
        patches = self.projection(x)
        positions = self._positions(*patches.shape[2:])
        tokens = patches.flatten(2).transpose(1, 2)
        first = self.class_token.expand(len(x), -1, -1)
        return self.dropout(torch.cat([first, tokens], 1) + positions)

    def _positions(self, rows: int, columns: int) -> Tensor:
        side = round((self.positions.shape[1] - 1) ** 0.5)
        if (rows, columns) == (side, side):
            return self.positions
        first, grid = self.positions[:, :1], self.positions[:, 1:]
        grid = grid.transpose(1, 2).unflatten(2, (side, side))
        moved = functional.interpolate(grid, (rows, columns), mode="bicubic", antialias=True)
        return torch.cat([first, moved.flatten(2).transpose(1, 2)], 1)


class TransformerBody(nn.Module):
    """A vision transformer without its head: [N, 3, h, w] to [N, width, h / patch, w / patch].

    The class token takes part in every layer and is dropped at the end.

    >>> from torchvision.models import VisionTransformer
    >>> body = TransformerBody(VisionTransformer(32, 16, 2, 2, 8, 16))
    >>> body(torch.zeros(1, 3, 48, 64)).shape
    torch.Size([1, 8, 3, 4])
    """

    def __init__(self, network: VisionTransformer) -> None:
        super().__init__()
        early, late = halves(list(network.encoder.layers))
        self.early = nn.Sequential(Tokens(network), *early)
        self.late = nn.Sequential(*late, network.encoder.ln)
        self.patch = network.patch_size

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = x.shape[2] // self.patch, x.shape[3] // self.patch
        tokens = self.late(self.early(x))[:, 1:]
        return tokens.transpose(1, 2).unflatten(2, (rows, columns))
