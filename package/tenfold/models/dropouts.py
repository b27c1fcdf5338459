"""The dropouts of AWD-LSTM: their rates, and how words, features and weights are dropped.

Merity, Keskar & Socher 2017, "Regularizing and optimizing LSTM language models",
arXiv:1708.02182; for whole words and whole texts Gal & Ghahramani 2016, arXiv:1512.05287.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.errors import SettingError

__all__ = ["Dropouts", "DroppedEmbedding", "LockedDropout", "dropping_mask"]


@dataclass(frozen=True)
class Dropouts:
    """The rates of the five dropouts, each 0 to below 1.

    `embedding` drops words everywhere in a batch; `input`, `hidden` and `output` drop features
    for a whole text, after the embedding, between the layers and after the last one; `weight`
    drops hidden-to-hidden weights for a whole batch.

    >>> Dropouts().times(0.5).weight
    0.1
    """

    embedding: float = 0.02
    input: float = 0.25
    weight: float = 0.2
    hidden: float = 0.15
    output: float = 0.1

    def __post_init__(self) -> None:
        for name, rate in asdict(self).items():
            if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 <= rate < 1:
                raise SettingError(
                    f"the {name} dropout of {rate!r} was asked for; allowed is 0 to below 1; "
                    "lower dropout= or give Dropouts of your own"
                )

    def times(self, factor: float) -> Dropouts:
        """Every rate times one factor: one number to regularise more or less."""
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not factor >= 0:
            raise SettingError(
                f"dropout={factor!r} was given; allowed is a factor from 0 for all rates, or "
                "Dropouts; try 1.0"
            )
        return Dropouts(**{one.name: getattr(self, one.name) * factor for one in fields(self)})


class DroppedEmbedding(nn.Module):
    """Rows of a table by number; a word that is dropped is zero wherever it stands."""

    def __init__(self, words: int, features: int, *, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.weight = nn.Parameter(torch.empty(words, features).uniform_(-0.1, 0.1))

    def forward(self, words: Tensor) -> Tensor:
        features = F.embedding(words, self.weight)
        if not self.training or not self.dropout:
            return features
        # masking what was looked up is masking the table, without a copy of the table
        mask = F.dropout(features.new_ones(len(self.weight), 1), self.dropout)
        return features * F.embedding(words, mask)


class LockedDropout(nn.Module):
    """Drops the same features at every word of a text: (words, texts, features)."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.dropout:
            return x
        return x * F.dropout(x.new_ones(1, *x.shape[1:]), self.dropout)


def dropping_mask(like: Tensor, rate: float) -> Tensor:
    """A mask for so many weights: 0 for a share `rate`, to a 65,536th, else 1 / (1 - rate).

    16 random bits a weight: on a CPU, four times faster than a Bernoulli draw of each.

    >>> dropping_mask(torch.ones(4, 8), 0.5).unique()
    tensor([0., 2.])
    """
    draws = torch.empty(-(-like.numel() // 4), dtype=torch.int64, device=like.device)
    draws.random_(-(2**63), None)
    bits = draws.view(torch.int16)[: like.numel()].view(like.shape)
    return (bits >= round(rate * 2**16) - 2**15) * (1 / (1 - rate))
