"""Rows of learned numbers: which are alike, and a map of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["cosines", "principal_components"]


def cosines(vectors: Tensor, row: int) -> Tensor:
    """The cosine of the angle between each row of `vectors` (N, d) and one of them (N,).

    1 is the same direction, 0 nothing in common, -1 the opposite. A row of zeros has 0.

    >>> cosines(torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, -2.0]]), 0).tolist()
    [1.0, 1.0, 0.0]
    """
    return F.cosine_similarity(vectors, vectors[row][None], dim=1)


def principal_components(vectors: Tensor, n: int = 2) -> tuple[Tensor, Tensor]:
    """The rows (N, d) in the `n` directions in which they differ most (N, n); Pearson 1901.

    Also returns the share of the variance along each (n,). Exact, and always with the same sign:
    the number of each direction that is largest by its amount is positive.

    >>> points, shares = principal_components(torch.tensor([[0.0, 1.0], [0.0, 3.0], [0.0, 5.0]]))
    >>> points[:, 0].round(decimals=4).tolist(), round(shares[0].item(), 4)
    ([-2.0, 0.0, 2.0], 1.0)
    """
    centred = (vectors - vectors.mean(0)).double()
    _, sizes, directions = torch.linalg.svd(centred, full_matrices=False)
    signs = directions.gather(1, directions.abs().argmax(1, keepdim=True)).sign()
    points = centred @ (directions * signs)[:n].T
    variance = sizes.square()
    return points.float(), (variance[:n] / variance.sum().clamp(min=1e-30)).float()
