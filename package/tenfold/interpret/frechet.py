"""The Fréchet distance: how far two sets of pictures are apart, by the features of a network.

Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
Equilibrium", arXiv:1706.08500, take the features of Inception; here they are those of the bundled
`nano`, so the numbers compare with each other and not with a published FID. The distance between
two normal distributions is that of Dowson & Landau 1982, Journal of Multivariate Analysis 12(3).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import DataError
from tenfold.models.backbone import create_backbone

__all__ = ["Features", "FrechetDistance", "Moments", "frechet", "frechet_distance"]

# the least side that the bundled network was trained on; smaller pictures are enlarged
SIDE = 64
# pictures that go through the network at once
PIECE = 256


def frechet_distance(mean: Tensor, cov: Tensor, other_mean: Tensor, other_cov: Tensor) -> float:
    """The squared distance between two normal distributions, by means (d,) and covariances (d, d).

    |m - n|² + tr(C + D - 2 (C D)^½). C D has the eigenvalues of C^½ D C^½, which is symmetric.

    >>> one = torch.eye(2, dtype=torch.float64)
    >>> frechet_distance(torch.zeros(2).double(), one, torch.ones(2).double(), 4 * one)
    4.0
    """
    root = _root(cov)
    inner = torch.linalg.eigvalsh(root @ other_cov @ root).clamp(min=0).sqrt().sum()
    spread = cov.trace() + other_cov.trace() - 2 * inner
    # rounding leaves the distance of equal ones a little below nothing
    return max(0.0, float((mean - other_mean).square().sum() + spread))


def _root(cov: Tensor) -> Tensor:
    """The symmetric square root; rounding leaves eigenvalues a little below nothing."""
    values, vectors = torch.linalg.eigh(cov)
    return vectors * values.clamp(min=0).sqrt() @ vectors.T


class Moments:
    """Mean and covariance of rows (n, d) that come piece by piece, in float64.

    >>> sums = Moments()
    >>> sums.add(torch.tensor([[0.0], [2.0]]))
    >>> [value.flatten().tolist() for value in sums.mean_and_cov()]
    [[1.0], [2.0]]
    """

    def __init__(self) -> None:
        self.count = 0
        self._sum: Tensor | float = 0.0
        self._products: Tensor | float = 0.0

    def add(self, rows: Tensor) -> None:
        """Add some rows."""
        rows = rows.double()
        self.count += len(rows)
        self._sum = self._sum + rows.sum(0)
        self._products = self._products + rows.T @ rows

    def mean_and_cov(self) -> tuple[Tensor, Tensor]:
        """Mean (d,) and covariance (d, d), as of a sample; DataError below two rows."""
        if self.count < 2:
            raise DataError(
                f"{self.count} pictures were given; their spread needs at least 2, and a "
                "trustworthy distance some hundreds; give more"
            )
        mean = torch.as_tensor(self._sum) / self.count
        centred = torch.as_tensor(self._products) - self.count * torch.outer(mean, mean)
        return mean, centred / (self.count - 1)


class Features:
    """Pictures (N, 3, h, w) in [0, 1] to the mean of the last map of a backbone, (N, channels).

    >>> Features()(torch.rand(2, 3, 32, 32)).shape
    torch.Size([2, 256])
    """

    def __init__(self, backbone: str = "nano") -> None:
        body = create_backbone(backbone)
        self.network: nn.Module = body.module.eval().requires_grad_(False)
        self._mean = torch.tensor(body.mean).view(1, 3, 1, 1)
        self._std = torch.tensor(body.std).view(1, 3, 1, 1)

    def to(self, device: torch.device) -> Features:
        """Itself, on `device`."""
        self.network.to(device)
        self._mean, self._std = self._mean.to(device), self._std.to(device)
        return self

    @torch.no_grad()
    def __call__(self, pictures: Tensor) -> Tensor:
        return torch.cat([self._piece(piece.float()) for piece in pictures.split(PIECE)])

    def _piece(self, pictures: Tensor) -> Tensor:
        shorter = min(pictures.shape[-2:])
        if shorter < SIDE:
            size = [round(side * SIDE / shorter) for side in pictures.shape[-2:]]
            pictures = F.interpolate(pictures, size, mode="bilinear")
        return self.network((pictures - self._mean) / self._std).mean((2, 3))


class FrechetDistance:
    """The Fréchet distance of generated pictures from those of the validation set, as a metric.

    >>> metric = FrechetDistance()
    >>> pictures = torch.rand(8, 3, 32, 32)
    >>> metric.update(pictures, pictures)
    >>> abs(metric.compute()) < 1e-6
    True
    """

    __name__ = "frechet"

    def __init__(self, features: Features | None = None) -> None:
        self.features = features or Features()
        self.reset()

    def to(self, device: torch.device) -> FrechetDistance:
        """Itself, with its network on `device`."""
        self.features.to(device)
        return self

    def reset(self) -> None:
        """Forget what was summed up."""
        self._made, self._real = Moments(), Moments()

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Add one batch of generated and of real pictures."""
        self._made.add(self.features(predictions))
        self._real.add(self.features(targets))

    def __call__(self, predictions: Tensor, targets: Tensor) -> float:
        """The distance of these pictures alone."""
        self.reset()
        self.update(predictions, targets)
        return self.compute()

    def compute(self) -> float:
        """The distance; below two pictures a DataError."""
        return frechet_distance(*self._made.mean_and_cov(), *self._real.mean_and_cov())


def frechet(made: Tensor, real: Tensor, *, backbone: str = "nano") -> float:
    """The Fréchet distance between two sets of pictures (N, 3, h, w) in [0, 1].

    >>> frechet(torch.zeros(4, 3, 32, 32), torch.ones(4, 3, 32, 32)) > 1
    True
    """
    return FrechetDistance(Features(backbone))(made, real)
