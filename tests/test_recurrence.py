"""The stepwise LSTM against torch's: the same numbers, and gradients by finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tenfold.models import recurrence
from tenfold.models.recurrence import StepwiseLstm, lstm, rows_by_step

STEPS, TEXTS, INPUTS, WIDTH = 6, 3, 4, 5


def arguments(kind: torch.dtype = torch.float64) -> list[Tensor]:
    """Inputs, hidden and cell state, and the weights of a layer of torch, all asking a gradient."""
    layer = nn.LSTM(INPUTS, WIDTH).to(kind)
    state = [torch.randn(1, TEXTS, WIDTH, dtype=kind) for _ in range(2)]
    given = [torch.randn(STEPS, TEXTS, INPUTS, dtype=kind), *state, *layer.all_weights[0]]
    return [one.detach().requires_grad_() for one in given]


def by_torch(given: list[Tensor]) -> tuple[Tensor, ...]:
    x, hidden, cell, *weights = given
    return torch.lstm(x, (hidden, cell), weights, True, 1, 0.0, True, False, False)


def gradients(found: tuple[Tensor, ...], given: list[Tensor]) -> list[Tensor]:
    torch.manual_seed(1)
    weights = [torch.randn(part.shape) for part in found]
    total = sum((part * weight).sum() for part, weight in zip(found, weights, strict=True))
    return list(torch.autograd.grad(total, given))


def test_in_full_precision_it_is_torchs_layer() -> None:
    given = arguments()
    ours, theirs = StepwiseLstm.apply(*given, torch.float64, None), by_torch(given)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)
    for one, other in zip(gradients(ours, given), gradients(theirs, given), strict=True):
        torch.testing.assert_close(one, other)


def test_its_gradients_are_those_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(
        lambda *given: StepwiseLstm.apply(*given, torch.float64, None), tuple(arguments())
    )


LENGTHS = [6, 4, 1]


def real(lengths: list[int], steps: int = STEPS) -> Tensor:
    return torch.arange(steps) < torch.tensor(lengths, dtype=torch.int64)[:, None]


def by_packed_rows(given: list[Tensor]) -> tuple[Tensor, ...]:
    x, hidden, cell, *weights = given
    rows = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(LENGTHS))
    found, *last = torch.lstm(
        rows.data, rows.batch_sizes, (hidden, cell), weights, True, 1, 0.0, True, False
    )
    return nn.utils.rnn.pad_packed_sequence(rows._replace(data=found))[0], *last


def test_texts_that_have_ended_are_left_out_as_torch_leaves_them_out() -> None:
    given, counts = arguments(), rows_by_step(real(LENGTHS))
    assert counts == [3, 2, 2, 2, 1, 1]
    ours, theirs = StepwiseLstm.apply(*given, torch.float64, counts), by_packed_rows(given)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)
    for one, other in zip(gradients(ours, given), gradients(theirs, given), strict=True):
        torch.testing.assert_close(one, other)


def test_steps_may_be_differentiated_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    given, counts = arguments(), rows_by_step(real(LENGTHS))
    wanted = gradients(StepwiseLstm.apply(*given, torch.float64, counts), given)
    monkeypatch.setattr(recurrence, "_BLOCK", 2 * 3 * 4 * WIDTH)
    found = gradients(StepwiseLstm.apply(*given, torch.float64, counts), given)
    assert all(torch.equal(one, other) for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("lengths", [[], [6, 6], [3, 6], [6, 2, 3], [5, 2]])
def test_rows_of_one_length_or_in_another_order_are_read_whole(lengths: list[int]) -> None:
    assert rows_by_step(real(lengths)) is None


@pytest.mark.parametrize("cached", [0, 2**19])
def test_in_bfloat16_large_and_small_layers_are_near(
    cached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recurrence, "_CACHED", cached)
    given = arguments(torch.float32)
    wanted = gradients(by_torch(given), given)
    with torch.autocast("cpu", torch.bfloat16):
        x, hidden, cell, *weights = given
        found = gradients(lstm(x, (hidden, cell), weights, training=True), given)
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == torch.float32
        assert float((one - other).norm() / other.norm()) < 0.03


@pytest.mark.parametrize("grad", [False, True])
def test_without_bfloat16_or_a_gradient_it_is_the_kernel(grad: bool) -> None:
    given = arguments(torch.float32)
    x, hidden, cell, *weights = given
    with torch.set_grad_enabled(grad), torch.autocast("cpu", torch.bfloat16, enabled=not grad):
        found = lstm(x, (hidden, cell), weights, training=True)
        assert all(torch.equal(a, b) for a, b in zip(found, by_torch(given), strict=True))
