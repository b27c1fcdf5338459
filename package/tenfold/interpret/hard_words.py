"""The words that a language model did not expect, with what stood before them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.data.text_view import tokens_of
from tenfold.interpret.items import check_count
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan

__all__ = ["HardWord", "HardWords", "hard_words"]

# words that are shown before one
_BEFORE = 12


@dataclass(frozen=True)
class HardWord:
    """One word of the validation text: what stood before it, and what the model expected.

    `probability` is what the model gave the word, `loss` its negative logarithm.
    """

    before: str
    actual: str
    predicted: str
    loss: float

    @property
    def probability(self) -> float:
        """What the model gave the word that came."""
        return math.exp(-self.loss)


@dataclass(frozen=True, eq=False, repr=False)
class HardWords:
    """The words with the largest loss, the largest first, and the perplexity over all `words`.

    >>> HardWords((HardWord("a good", "aardvark", "film", 7.0),), perplexity=41.5, words=900)
    perplexity 41.5 over 900 validation words; those with the largest loss:
    before  actual    predicted  loss    probability of actual
    a good  aardvark  film       7.0000  0.000912
    """

    items: tuple[HardWord, ...]
    perplexity: float
    words: int

    def __len__(self) -> int:
        return len(self.items)

    @property
    def summary(self) -> str:
        """The perplexity in words, and what the table below has."""
        return (
            f"perplexity {self.perplexity:.4g} over {counted(self.words, 'validation word')}; "
            "those with the largest loss:"
        )

    @property
    def table(self) -> list[list[str]]:
        """A row for each word, a header first."""
        head = ["before", "actual", "predicted", "loss", "probability of actual"]
        return [head, *map(_row, self.items)]

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table, words=True)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary, words=True)


def hard_words(
    model: nn.Module,
    valid: Any,
    *,
    encoder: Any,
    plan: Plan,
    n: int = 9,
    control: Pass | None = None,
) -> HardWords:
    """The `n` words of a pass over the streams `valid` that the model found hardest.

    Only the best `n` so far are held: the losses of a whole pass are never in memory.
    """
    check_count(n)
    worst: list[tuple[float, Tensor, int, int]] = []
    total, words = 0.0, 0
    again = iter(valid)

    def look(outputs: Tensor, targets: Tensor) -> None:
        nonlocal worst, total, words
        (read, _), _ = next(again)
        losses = F.cross_entropy(outputs.float(), targets, reduction="none")
        total, words = total + float(losses.double().sum()), words + len(losses)
        found = losses.topk(min(n, len(losses)))
        for loss, place in zip(found.values.tolist(), found.indices.tolist(), strict=True):
            row, column = divmod(place, read.shape[1])
            before = read[row, max(0, column + 1 - _BEFORE) : column + 1].cpu()
            worst.append((loss, before, int(targets[place]), int(outputs[place].argmax())))
        worst = sorted(worst, key=lambda one: -one[0])[:n]

    predict_batches(model, valid, use=look, plan=plan, control=control)
    items = tuple(_told(encoder, *one) for one in worst)
    return HardWords(items, math.exp(total / words), words)


def _told(encoder: Any, loss: float, before: Tensor, actual: int, predicted: int) -> HardWord:
    said, meant = (" ".join(tokens_of(encoder, torch.tensor([one]))) for one in (actual, predicted))
    return HardWord(" ".join(tokens_of(encoder, before)), said, meant, loss)


def _row(one: HardWord) -> list[str]:
    return [one.before, one.actual, one.predicted, f"{one.loss:.4f}", f"{one.probability:.3g}"]
