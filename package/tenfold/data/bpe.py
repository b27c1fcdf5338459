"""Texts to pieces of words by byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909).

Pieces are made of bytes, so no text has an unknown piece. The work is done by Hugging Face's
`tokenizers`, which is only needed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar

from tenfold.data.ragged import Ragged
from tenfold.data.tokens import BOS, MARKS
from tenfold.errors import MissingPackageError

__all__ = ["BpeTokenizer"]

# no merge of byte pieces can make one of these, as they write a space otherwise
_MARKS = [f" {mark}" for mark in MARKS]


class BpeTokenizer:
    """Texts to rows of the numbers of their pieces, each beginning with `xxbos`.

    >>> tokenizer, rows = BpeTokenizer.learn(["low lower lowest"] * 3, most=270)
    >>> tokenizer.decode(rows[0])
    'low lower lowest'
    """

    kind: ClassVar[str] = "bpe"

    def __init__(self, tokenizer: Any) -> None:
        tokenizer.encode_special_tokens = True  # a text that says "xxpad" is not padding
        self._tokenizer = tokenizer
        numbers = tokenizer.get_vocab()
        self.vocab = [piece.strip() for piece in sorted(numbers, key=numbers.__getitem__)]

    @classmethod
    def learn(
        cls, texts: Iterable[str], *, most: int = 30_000, least: int = 3
    ) -> tuple[BpeTokenizer, Ragged]:
        """The tokenizer of `most` pieces, merged from pairs seen `least` times, and the rows."""
        package, given = _package(), list(texts)
        tokenizer = package.Tokenizer(package.models.BPE())
        tokenizer.pre_tokenizer = package.pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = package.decoders.ByteLevel()
        trainer = package.trainers.BpeTrainer(
            vocab_size=most,
            min_frequency=least,
            special_tokens=_MARKS,
            initial_alphabet=package.pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(given, trainer)
        made = cls(tokenizer)
        return made, made.encode(given)

    def encode(self, texts: Iterable[str]) -> Ragged:
        """A row of numbers for each text."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return Ragged.of([BOS, *one.ids] for one in found)

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that the numbers stand for; marks stand for nothing."""
        kept = [int(number) for number in numbers if int(number) >= len(MARKS)]
        return self._tokenizer.decode(kept)

    def state(self) -> dict[str, Any]:
        """The description that `tokenizers` itself writes, for JSON."""
        return {"model": json.loads(self._tokenizer.to_str())}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> BpeTokenizer:
        """From the description; ValueError when it is damaged."""
        described = json.dumps(state["model"])
        try:
            return cls(_package().Tokenizer.from_str(described))
        except MissingPackageError:
            raise
        except Exception as error:  # tokenizers raises plain Exception
            raise ValueError(f"its tokenizer cannot be read: {error}") from error


def _package() -> Any:
    try:
        import tokenizers
    except ImportError:
        raise MissingPackageError(
            'tokens="bpe" needs tokenizers, which is not installed; run '
            '`pip install tokenizers`, or use tokens="words"'
        ) from None
    return tokenizers
