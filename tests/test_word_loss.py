"""The loss over a vocabulary against torch's cross-entropy, its gradient too."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tenfold.train import word_loss as module
from tenfold.train.word_loss import word_loss


def problem(words: int = 50, rows: int = 23) -> tuple[Tensor, Tensor]:
    outputs = torch.randn(rows, words, generator=torch.Generator().manual_seed(0)) * 3
    return outputs.bfloat16().requires_grad_(), torch.arange(rows) % words


def by_torch(outputs: Tensor, targets: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(outputs.float(), targets)


@pytest.mark.parametrize("factor", [1.0, 2.5])
@pytest.mark.parametrize("at_once", [1, 200, 2**19])
def test_it_is_torchs_loss_and_gradient(
    factor: float, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    outputs, targets = problem()
    ours, theirs = word_loss(outputs, targets), by_torch(outputs, targets)
    assert ours.dtype == torch.float32
    torch.testing.assert_close(ours, theirs)
    found, wanted = (torch.autograd.grad(factor * one, outputs)[0] for one in (ours, theirs))
    torch.testing.assert_close(found, wanted, rtol=2**-7, atol=1e-6)


def test_without_a_gradient_or_in_full_precision_it_is_torchs_own() -> None:
    outputs, targets = problem()
    assert torch.equal(word_loss(outputs.detach(), targets), by_torch(outputs, targets))
    wide = outputs.detach().float().requires_grad_()
    assert torch.equal(word_loss(wide, targets), by_torch(wide, targets))
    double = outputs.detach().double()
    assert word_loss(double, targets).dtype == torch.float64
