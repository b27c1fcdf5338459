"""Out of memory in a training step: the batch is split, and the gradients are added up."""

from __future__ import annotations

import gc
import traceback
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import TenfoldWarning, TrainingError
from tenfold.text import listed

__all__ = ["out_of_memory", "released", "within_memory"]

Piece = tuple[Any, Any, Any, float]
# what torch says on a CPU and on Apple's devices, where there is no type for it
WORDS = ("can't allocate memory", "not enough memory", "out of memory")


def within_memory(run: Any, given: Any, *, learn: Callable[..., Tensor]) -> Tensor:
    """The loss of the batch of `run`, its gradients added up, in as few pieces as memory allows.

    `learn(run, inputs, targets, given, share)` does forward and backward of one piece, which
    counts by its share of the items; `given` are the targets before callbacks changed them. The
    gradients are those of the whole batch, but for what looks at a whole batch or draws random
    numbers: batch norm sees pieces, and dropout draws others. Raises TrainingError when even the
    smallest pieces are too large, and on one of several processes: the others are waiting by then
    for its gradients.
    """
    while True:
        try:
            if run.pieces == 1:
                return learn(run, run.inputs, run.targets, given, 1.0)
            return torch.stack([learn(run, *piece) for piece in pieces(run, given)]).sum()
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            reason = str(error).partition("\n")[0]
            if not run.splits:
                raise TrainingError(_too_large(run, reason)) from error
            released(error)
        _free(run)
        _split(run, reason)


def pieces(run: Any, given: Any) -> Iterator[Piece]:
    """The batch in pieces that differ by one item at most, each with its share of the items."""
    inputs, items = run.inputs, len(run.targets)
    several = isinstance(inputs, tuple | list)
    ends = [items * place // run.pieces for place in range(run.pieces + 1)]
    for begin, end in pairwise(ends):
        if begin == end:
            continue  # a last batch that is smaller
        rows = slice(begin, end)
        part = type(inputs)(one[rows] for one in inputs) if several else inputs[rows]
        yield part, run.targets[rows], given[rows], (end - begin) / items


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was no memory left."""
    words = str(error).lower()
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(word in words for word in WORDS)
    )


def released(error: BaseException) -> None:
    """Let go of what the frames of an error hold: the activations of the forward pass."""
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__


def _free(run: Any) -> None:
    run.outputs = None
    for group in run.optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None  # those of the pieces that went well are counted anew
    gc.collect()
    if run.device.type == "cuda":
        torch.cuda.empty_cache()


def _split(run: Any, reason: str) -> None:
    """Halve the pieces and say so, or say that it cannot be done."""
    items, before = _items(run), run.pieces
    run.pieces = 2 * before
    norms = any(isinstance(one, nn.modules.batchnorm._BatchNorm) for one in run.model.modules())
    if before >= items or (norms and items // run.pieces < 2):
        raise TrainingError(
            f"there is no memory for a step of {max(items, 1)} items, not even in "
            f"{before} pieces ({reason}); nothing was changed by it; make the data with "
            "a smaller batch_size= or size=, or end what else uses this memory"
        )
    drops = any(isinstance(one, nn.Dropout) and one.p > 0 for one in run.model.modules())
    apart = [*(["batch norm sees pieces"] if norms else [])]
    apart += ["dropout draws other numbers"] if drops else []
    but = f", but {listed(apart)}" if apart else ""
    run.mark(f"batches in {run.pieces} pieces")
    warnings.warn(
        f"out of memory with batches of {items}: from step {run.step + 1} on each is trained on in "
        f"{run.pieces} pieces whose gradients are added up; a step is that of the whole batch{but}",
        TenfoldWarning,
        stacklevel=2,
    )


def _too_large(run: Any, reason: str) -> str:
    return (
        f"a process has no memory for its share of {max(_items(run), 1)} items ({reason}), and "
        "the others could not split theirs with it; ask for more processes, or make the data with "
        "a smaller batch_size= or size="
    )


def _items(run: Any) -> int:
    """How many items the batch has; 1 when it cannot be split."""
    inputs = run.inputs if isinstance(run.inputs, tuple | list) else [run.inputs]
    if not all(isinstance(one, Tensor) and one.ndim for one in [*inputs, run.targets]):
        return 1
    lengths = {len(one) for one in [*inputs, run.targets]}
    return lengths.pop() if len(lengths) == 1 else 1
