"""What goes wrong while training, in one line: data that break off, losses that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.errors import DataError, TenfoldError

__all__ = ["broken_off", "cause_of", "of_worker", "unbroken"]

# a loss that has grown so many times over its usual size was on its way to be none
GREW = 4.0
# steps that are looked at
LAST = 20


def unbroken(batches: Iterator[Any], run: Any) -> Iterator[Any]:
    """The batches; what breaks off in them is said in one line, with where to go on."""
    while True:
        try:
            batch = next(batches, None)
        except TenfoldError:
            raise
        except (OSError, EOFError) as error:
            raise broken_off(run, error) from error
        if batch is None:
            return
        yield batch


def of_worker(error: RuntimeError) -> bool:
    """Whether torch says that a worker of a data loader died; it may say so at any line."""
    return "DataLoader worker" in str(error)


def broken_off(run: Any, error: BaseException) -> DataError:
    """A worker that died, a file that is gone: the training is as it was after the last batch."""
    return DataError(
        f"the data broke off at batch {run.batches_done + 1} of epoch {run.row['epoch']} "
        f"({type(error).__name__}: {_line(error)}); the weights are those of the batch before; "
        "mend the data, then train on, or go on exactly with learn.resume(folder) if there are "
        "checkpoints"
    )


def cause_of(run: Any, losses: np.ndarray, first: int) -> str:
    """Why a loss, or the weights, of this epoch may have become no number, in words."""
    before = losses[max(0, first - LAST) : first]
    if _spoilt(run, first):
        return "the data of this batch hold nan or infinity; look at them"
    if len(before) > 1 and before[-1] > GREW * np.median(before):
        return f"the loss had grown to {before[-1]:.3g} by then, so the rate is too high"
    return "it came at once: a rate that is too high, or a loss that divides by 0"


def _spoilt(run: Any, batch: int) -> bool:
    """Whether a batch of this epoch holds what is no number, where it can be looked up."""
    if not hasattr(run.train, "starting_at"):
        return False
    pair = next(run.train.starting_at(batch), (None, None))
    looked = [one for one in pair if isinstance(one, Tensor) and one.is_floating_point()]
    return not all(bool(torch.isfinite(one).all()) for one in looked)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
