"""One LSTM layer: torch's fused kernel, and for large layers in bfloat16 on a CPU a quicker one.

oneDNN's LSTM in bfloat16 takes half the time of float32 while its hidden-to-hidden weights fit the
cache of a core; larger layers gain nothing by it but in the forward pass. For those, here, the
products over all steps are single large ones, only what depends on the step before is done step by
step, and rows that are at their padding already are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

__all__ = ["StepwiseLstm", "lstm", "rows_by_step"]

# so many hidden-to-hidden weights in bfloat16 fit a second cache of 1 MB
_CACHED = 2**19
# gate values of so many steps are differentiated at once: they fit the processor's cache
_BLOCK = 2**17


def lstm(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    weights: list[Tensor],
    *,
    training: bool,
    counts: Sequence[int] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Outputs (steps, texts, features), and the last hidden and cell state (1, texts, features).

    `weights` are those of one layer of `nn.LSTM`: inward, hidden to hidden, and their biases.
    `counts` are those of `rows_by_step`, for texts that are padded behind: what comes out at their
    padding has no meaning, and is not always computed.

    >>> layer, x, zero = torch.nn.LSTM(3, 4), torch.randn(5, 2, 3), torch.zeros(1, 2, 4)
    >>> torch.equal(lstm(x, (zero, zero), layer.all_weights[0], training=True)[0], layer(x)[0])
    True
    """
    trains = torch.is_grad_enabled() and any(one.requires_grad for one in (x, *weights))
    large = weights[1].numel() > _CACHED
    if trains and large and x.device.type == "cpu" and _in_bfloat16():
        return StepwiseLstm.apply(x, *state, *weights, torch.bfloat16, counts)
    return torch.lstm(x, state, weights, True, 1, 0.0, training, False, False)


def _in_bfloat16() -> bool:
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") is torch.bfloat16


def rows_by_step(real: Tensor) -> list[int] | None:
    """How many texts are still read at each step, if they come longest first and differ.

    `real` (texts, steps) is False at the padding, which is behind the words.

    >>> rows_by_step(torch.tensor([[1, 1, 1], [1, 0, 0]]).bool())
    [2, 1, 1]
    """
    lengths = real.sum(1)
    padded = len(lengths) and lengths[0] == real.shape[1] > lengths[-1]
    if not padded or bool((lengths.diff() > 0).any()):
        return None
    return real.sum(0).tolist()


class StepwiseLstm(torch.autograd.Function):
    """The layer with products in the type `low`; gates and cells are float32 at least.

    The backward pass is that of Hochreiter & Schmidhuber 1997 with forget gates, written so that
    the gradients of the weights are one product each. With `counts`, step t reads the first
    counts[t] rows; outputs behind them are zero, and the last states are those at each row's end.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, hidden: Tensor, cell: Tensor, inward: Tensor, over: Tensor,
        inward_bias: Tensor, over_bias: Tensor, low: torch.dtype, counts: Sequence[int] | None,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        (steps, texts), width = x.shape[:2], over.shape[1]
        read = _Read(counts or [texts] * steps, texts)
        x_low, low_in, low_over = read.packed(x).to(low), inward.to(low), over.to(low)
        sums = torch.addmm((inward_bias + over_bias).to(low), x_low, low_in.t())
        gates = torch.empty_like(sums, dtype=torch.promote_types(low, torch.float32))
        outputs = x.new_zeros(steps + 1, texts, width, dtype=low)
        cells = x.new_zeros(steps + 1, texts, width, dtype=gates.dtype)
        outputs[0], cells[0], over_turned = hidden[0], cell[0], low_over.t()
        for step, rows, count in read:
            gate = gates[rows]
            gate.copy_(sums[rows].addmm_(outputs[step, :count], over_turned))
            gate[:, : 2 * width].sigmoid_()
            gate[:, 3 * width :].sigmoid_()
            let, keep, new, out = gate.chunk(4, 1)
            after = torch.mul(cells[step, :count], keep, out=cells[step + 1, :count])
            _tanh_(new)
            outputs[step + 1, :count] = _tanh_(after.addcmul_(let, new).clone()).mul_(out)
        ctx.save_for_backward(x_low, low_in, low_over, gates, outputs, cells)
        ctx.read = read
        ctx.kinds = [one.dtype for one in (x, hidden, cell, inward, over, inward_bias, over_bias)]
        return outputs[1:], read.ends(outputs)[None], read.ends(cells)[None]

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        x, low_in, low_over, gates, outputs, cells = ctx.saved_tensors
        read, wanted = ctx.read, torch.empty_like(gates, dtype=x.dtype)
        # how the loss answers to the hidden state at the end of each step, and to the cells
        by_hidden = torch.cat([torch.zeros_like(outputs[:1]), given[0].to(x.dtype)])
        read.ends(by_hidden, add=given[1][0])
        by_cell = given[2][0].to(gates.dtype, copy=True)
        keep = gates.chunk(4, 1)[1]
        before, after = read.packed(cells[:-1]), read.packed(cells[1:])
        for steps, block in read.blocks(_BLOCK // gates.shape[1]):
            slopes, by_tanh = _slopes(gates[block], before[block], after[block])
            for step, rows, count in steps:
                inside = slice(rows.start - block.start, rows.stop - block.start)
                by_out = by_hidden[step + 1, :count].to(gates.dtype)
                by_now = by_cell[:count].addcmul_(by_out, by_tanh[inside])
                slope = slopes[inside].view(count, 4, -1)
                slope[:, :3].mul_(by_now[:, None])
                slope[:, 3].mul_(by_out)
                wanted[rows] = slopes[inside]
                by_now.mul_(keep[rows])
                by_hidden[step, :count].addmm_(wanted[rows], low_over)
        by_bias = wanted.sum(0)  # torch adds up in float32; asked for that as a result it is slow
        found = (
            read.padded(wanted @ low_in),
            by_hidden[:1],
            by_cell[None],
            wanted.t() @ x,
            wanted.t() @ read.packed(outputs[:-1]),
            by_bias,
            by_bias,
        )
        return *(one.to(kind) for one, kind in zip(found, ctx.kinds, strict=True)), None, None


def _tanh_(x: Tensor) -> Tensor:
    """The hyperbolic tangent in place; by the sigmoid, which takes torch a quarter of the time."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)


def _slopes(gates: Tensor, before: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
    """How the cell answers to its gates and the output to its own, and how it answers to the cell.

    All (rows, features); sigmoid_backward(a, s) is a * s * (1 - s), tanh_backward(a, t) is
    a * (1 - t * t), each in one pass.
    """
    let, keep, new, out = gates.chunk(4, 1)
    bent, slopes = _tanh_(after.clone()), torch.empty_like(gates)
    by_let, by_keep, by_new, by_out = slopes.chunk(4, 1)
    aten = torch.ops.aten
    aten.sigmoid_backward.grad_input(new, let, grad_input=by_let)
    aten.sigmoid_backward.grad_input(before, keep, grad_input=by_keep)
    aten.tanh_backward.grad_input(let, new, grad_input=by_new)
    aten.sigmoid_backward.grad_input(bent, out, grad_input=by_out)
    return slopes, aten.tanh_backward(out, bent)


class _Read:
    """Which rows are read at each step: (steps, texts) with padding, or packed without it."""

    def __init__(self, counts: Sequence[int], texts: int) -> None:
        self.counts, self.texts = counts, texts
        self.begins = [0, *accumulate(counts)]
        self.whole = self.begins[-1] == len(counts) * texts
        self.real = torch.arange(texts) < torch.tensor(counts)[:, None]

    def __iter__(self) -> Iterator[tuple[int, slice, int]]:
        """Each step, the packed rows that it reads, and how many they are."""
        return (self._step(step) for step in range(len(self.counts)))

    def blocks(self, most: int) -> Iterator[tuple[list[tuple[int, slice, int]], slice]]:
        """Steps from the last to the first, in blocks of about `most` packed rows, and those."""
        size = max(1, most // self.texts)
        for end in range(len(self.counts), 0, -size):
            begin = max(0, end - size)
            steps = [self._step(step) for step in range(end - 1, begin - 1, -1)]
            yield steps, slice(self.begins[begin], self.begins[end])

    def _step(self, step: int) -> tuple[int, slice, int]:
        return step, slice(self.begins[step], self.begins[step + 1]), self.counts[step]

    def packed(self, x: Tensor) -> Tensor:
        """(steps, texts, features) to (rows, features)."""
        return x.flatten(0, 1) if self.whole else x[self.real]

    def padded(self, x: Tensor) -> Tensor:
        """(rows, features) to (steps, texts, features), zero at the padding."""
        shape = (len(self.counts), self.texts, x.shape[1])
        if self.whole:
            return x.view(shape)
        return x.new_zeros(shape).masked_scatter_(self.real[..., None], x)

    def ends(self, states: Tensor, *, add: Tensor | None = None) -> Tensor:
        """The state (texts, features) at each row's end, out of (1 + steps, texts, features)."""
        places = (self.real.sum(0), torch.arange(self.texts))
        if add is not None:
            states.index_put_(places, add.to(states.dtype), accumulate=True)
        return states[places]
