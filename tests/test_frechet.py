from __future__ import annotations

import pytest
import torch
from gan_world import pictures
from scipy.linalg import sqrtm
from torch import Tensor

from tenfold.errors import DataError
from tenfold.interpret.frechet import (
    Features,
    FrechetDistance,
    Moments,
    frechet,
    frechet_distance,
)
from tenfold.models.nano import nano


def spread(size: int, seed: int, *, rank: int | None = None) -> tuple[Tensor, Tensor]:
    """A mean, and a covariance of some rank."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(rank or 3 * size, size, generator=generator, dtype=torch.float64)
    return rows[0], rows.T @ rows / len(rows)


def test_normal_distributions_without_correlation_have_a_closed_form() -> None:
    mean, other = torch.tensor([1.0, -2.0, 0.5]).double(), torch.tensor([0.0, 1.0, 0.5]).double()
    wide, narrow = torch.tensor([4.0, 1.0, 0.25]).double(), torch.tensor([1.0, 9.0, 0.25]).double()
    wanted = (mean - other).square().sum() + (wide.sqrt() - narrow.sqrt()).square().sum()
    found = frechet_distance(mean, wide.diag(), other, narrow.diag())
    assert found == pytest.approx(float(wanted))


@pytest.mark.parametrize("rank", [None, 4])
def test_the_distance_is_that_of_scipys_root(rank: int | None) -> None:
    (mean, cov), (other, other_cov) = spread(12, 0, rank=rank), spread(12, 1)
    root = torch.from_numpy(sqrtm((cov @ other_cov).numpy()).real)
    wanted = (mean - other).square().sum() + (cov + other_cov - 2 * root).trace()
    assert frechet_distance(mean, cov, other, other_cov) == pytest.approx(float(wanted), rel=1e-5)
    back = frechet_distance(other, other_cov, mean, cov)
    assert back == pytest.approx(float(wanted), rel=1e-5)
    assert frechet_distance(mean, cov, mean, cov) == pytest.approx(0, abs=1e-9)


def test_moments_in_pieces_are_those_of_all_rows() -> None:
    rows, sums = torch.randn(50, 4, dtype=torch.float64), Moments()
    for piece in rows.split(7):
        sums.add(piece)
    mean, cov = sums.mean_and_cov()
    torch.testing.assert_close(mean, rows.mean(0))
    torch.testing.assert_close(cov, rows.T.cov())


def test_one_picture_has_no_spread() -> None:
    with pytest.raises(DataError, match=r"1 pictures were given; their spread needs at least 2"):
        frechet(pictures(1), pictures(4))


def test_features_are_the_mean_of_the_last_map_of_the_normalised_picture() -> None:
    shown = pictures(3, side=64)
    mean, std = (
        torch.tensor(value).view(1, 3, 1, 1)
        for value in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    with torch.no_grad():
        wanted = nano().eval()((shown - mean) / std).mean((2, 3))
    torch.testing.assert_close(Features()(shown), wanted)
    small = torch.nn.functional.interpolate(pictures(3), 64, mode="bilinear")
    torch.testing.assert_close(Features()(pictures(3)), Features()(small))


def test_the_metric_is_the_same_in_pieces_and_starts_anew() -> None:
    made, real, metric = pictures(20), pictures(20, seed=5), FrechetDistance()
    whole = frechet(made, real)
    metric.update(real, real)
    metric.reset()
    for one, other in zip(made.split(6), real.split(6), strict=True):
        metric.update(one, other)
    assert metric.compute() == pytest.approx(whole, rel=1e-6) and metric.__name__ == "frechet"
    assert metric(made, real) == pytest.approx(whole, rel=1e-6)


def test_pictures_that_are_damaged_more_are_further_away() -> None:
    real = pictures(40, seed=9)
    noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(0))
    near, far = (frechet((real + size * noise).clamp(0, 1), real) for size in (0.05, 0.3))
    assert 0 < near < far
