"""Pretrained language models: reading one, and carrying its words over to another vocabulary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.text import listed

__all__ = ["LanguageWeights", "carried_over", "fill_language", "read_nano_lm"]

NANO_LM = Path(__file__).parent / "weights" / "nano_lm.safetensors"
# with a smaller share of its words known, a vocabulary is of another language or another kind
_LEAST_KNOWN = 0.05
_TABLES = ("encoder.embedding.weight", "decoder.bias")


@dataclass(frozen=True, eq=False)
class LanguageWeights:
    """A trained language model: its description, its words, its weights by name."""

    spec: dict[str, Any]
    vocab: list[str]
    tensors: dict[str, Tensor]
    name: str = "the language model"


def carried_over(rows: Tensor, *, known: Sequence[str], wanted: Sequence[str]) -> Tensor:
    """A row for each wanted word: its own if it is known, else the mean of all rows.

    >>> carried_over(torch.tensor([[1.0], [3.0]]), known=["a", "b"], wanted=["b", "new"])
    tensor([[3.],
            [2.]])
    """
    places = {word: place for place, word in enumerate(known)}
    found = torch.tensor([places.get(word, len(known)) for word in wanted])
    return torch.cat([rows, rows.mean(0, keepdim=True)])[found]


def fill_language(model: nn.Module, weights: LanguageWeights, *, vocab: Sequence[str]) -> float:
    """Put the weights into a language model or a classifier; the share of known words is returned.

    Only what the model has is filled in: a classifier keeps its own head. Raises ModelError when
    the weights are of another size, or of hardly any word of `vocab`.
    """
    _check_words(weights)
    share = len(set(weights.vocab).intersection(vocab)) / len(vocab)
    if share < _LEAST_KNOWN:
        raise ModelError(
            f"{weights.name} knows {share:.0%} of the {len(vocab):,} words of this data, as "
            f"{listed(weights.vocab[8:], most=4)}; its vocabulary does not fit; make the data with "
            "vocab= of the language model's data and with the same tokens=, or begin with "
            "pretrained=False"
        )
    own = model.state_dict()
    given = {name: value.float() for name, value in weights.tensors.items() if name in own}
    for name in set(_TABLES) & set(given):
        given[name] = carried_over(given[name], known=weights.vocab, wanted=vocab)
    differ = [name for name, value in given.items() if value.shape != own[name].shape]
    if differ or not given:
        raise ModelError(
            f"{weights.name} has weights of another size ({listed(differ, most=3) or 'all'}); "
            "leave the sizes out, so that they are taken from it"
        )
    model.load_state_dict({**own, **given})
    return share


def _check_words(weights: LanguageWeights) -> None:
    rows = len(weights.tensors.get(_TABLES[0], ()))
    if rows != len(weights.vocab):
        raise ModelError(
            f"{weights.name} has weights for {rows:,} words and a vocabulary of "
            f"{len(weights.vocab):,}; they do not fit; take the two from one model"
        )


def read_nano_lm(file: Path = NANO_LM) -> LanguageWeights:
    """The bundled language model, pretrained on reviews and encyclopedia text."""
    try:
        with safe_open(str(file), framework="pt") as kept:
            told = kept.metadata() or {}
            tensors = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
        return LanguageWeights(
            json.loads(told["spec"]), json.loads(told["vocab"]), tensors, name="nano_lm"
        )
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelError(
            f"the weights of nano_lm cannot be read from {file.name} ({error}); install "
            "Tenfold again, or go on with pretrained=False"
        ) from error
