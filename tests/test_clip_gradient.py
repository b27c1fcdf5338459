from __future__ import annotations

import math

import pytest
import torch
from factories import At, make_run
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.techniques.clip_gradient import ClipGradient
from tenfold.train.trainer import fit


def gradients(norm: float | None) -> list[Tensor]:
    seen: list[Tensor] = []
    clip = [ClipGradient(norm)] if norm is not None else []
    watch = At(
        "after_backward", lambda run: seen.extend(p.grad.clone() for p in run.model.parameters())
    )
    fit(make_run(callbacks=[*clip, watch], epochs=1))
    return seen


def total_norm(parts: list[Tensor]) -> float:
    return math.sqrt(sum(float(part.double().square().sum()) for part in parts))


def test_a_long_gradient_is_scaled_to_the_norm_and_keeps_its_direction() -> None:
    plain, clipped = gradients(None), gradients(0.1)
    assert total_norm(plain) > 0.1
    assert total_norm(clipped) == pytest.approx(0.1, rel=1e-4)
    scale = 0.1 / total_norm(plain)
    assert all(torch.allclose(a * scale, b, rtol=1e-3) for a, b in zip(plain, clipped, strict=True))


def test_a_short_gradient_is_left_alone() -> None:
    assert all(map(torch.equal, gradients(None), gradients(1e6)))


@pytest.mark.parametrize("norm", [0, -1, math.inf, math.nan])
def test_a_norm_that_is_not_above_0_is_refused(norm: float) -> None:
    with pytest.raises(SettingError, match=f"norm={norm} was given; allowed is above 0; try 1.0"):
        ClipGradient(norm)
