"""What may be chosen about texts, checked where it comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from tenfold.data.ragged import Ragged
from tenfold.data.text_encoder import TOKENIZERS, TextEncoder, tokenizer_kind
from tenfold.data.tokens import MARKS, WordTokenizer
from tenfold.device import default_device
from tenfold.errors import SettingError
from tenfold.text import did_you_mean, listed

__all__ = ["TextSettings"]


@dataclass(frozen=True, eq=False)
class TextSettings:
    """The arguments that every way to make a `TextData` has in common.

    >>> TextSettings(tokens="words").length
    72
    """

    vocab: Any = None
    tokens: str = "words"
    most_words: int = 30_000
    least_count: int = 3
    batch_size: int = 64
    length: int = 72
    longest: int = 512
    backwards: bool = False
    seed: int = 0
    device: torch.device | str | None = None

    def __post_init__(self) -> None:
        if self.tokens not in TOKENIZERS:
            raise SettingError(
                f"tokens={self.tokens!r} was given; allowed are {listed(TOKENIZERS)}"
                f"{did_you_mean(str(self.tokens), TOKENIZERS)}"
            )
        least = {"most_words": len(MARKS) + 1, "least_count": 1, "longest": 2}
        for name, low in least.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                usual = TextSettings.__dataclass_fields__[name].default
                raise SettingError(
                    f"{name}={value!r} was given; allowed is a whole number from {low}; try {usual}"
                )

    @property
    def on(self) -> torch.device:
        """The device that batches are on."""
        return torch.device(self.device) if self.device is not None else default_device()

    def learn(self, texts: list[str]) -> tuple[TextEncoder, Ragged]:
        """The encoder, with the vocabulary that was given or that of `texts`, and their rows."""
        if self.vocab is not None:
            encoder = self._encoder(_tokenizer(self.vocab))
            return encoder, encoder.rows(texts)
        kind = tokenizer_kind(self.tokens)
        tokenizer, rows = kind.learn(texts, most=self.most_words, least=self.least_count)
        return self._encoder(tokenizer), rows.turned() if self.backwards else rows

    def _encoder(self, tokenizer: Any) -> TextEncoder:
        return TextEncoder(tokenizer, self.longest, self.backwards)


def _tokenizer(vocab: Any) -> Any:
    """The tokenizer of other data, or one made of a list of words."""
    encoder = getattr(vocab, "encoder", None)
    if encoder is not None and hasattr(encoder, "tokenizer"):
        return encoder.tokenizer
    if hasattr(vocab, "encode") and hasattr(vocab, "vocab"):
        return vocab
    if not isinstance(vocab, list | tuple):
        raise SettingError(
            f"vocab={vocab!r:.60} was given; allowed is a TextData whose vocabulary is to be used, "
            "or a list of words"
        )
    return WordTokenizer(vocab)
