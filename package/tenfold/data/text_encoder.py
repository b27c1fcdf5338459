"""What turns texts into what a network takes: `TextEncoder`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol

import numpy as np
from torch import Tensor

from tenfold.data.ragged import Ragged
from tenfold.data.text_batches import padded
from tenfold.errors import DataError

__all__ = ["TOKENIZERS", "TextEncoder", "Tokenizer", "text_of", "tokenizer_kind"]

# Where each kind lives: byte pairs need a package that words do without.
TOKENIZERS = {
    "words": "tenfold.data.tokens:WordTokenizer",
    "bpe": "tenfold.data.bpe:BpeTokenizer",
}


class Tokenizer(Protocol):
    """Texts to rows of numbers, and back; `WordTokenizer` and `BpeTokenizer` are two."""

    kind: ClassVar[str]
    vocab: list[str]

    def encode(self, texts: Any) -> Ragged:
        """A row of numbers for each text."""

    def decode(self, numbers: Any) -> str:
        """The text of a row of numbers."""

    def state(self) -> dict[str, Any]:
        """What makes it again, for JSON."""


def tokenizer_kind(kind: str) -> Any:
    """The class of tokenizers of a kind; KeyError when there is none.

    >>> tokenizer_kind("words").__name__
    'WordTokenizer'
    """
    module, _, name = TOKENIZERS[kind].partition(":")
    return getattr(import_module(module), name)


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """Texts to int64 rows of word numbers, cut to `longest` words and padded behind.

    A longer text keeps its end, where a review has its verdict. With `backwards` the last word
    comes first.

    >>> from tenfold.data.tokens import WordTokenizer
    >>> encoder = TextEncoder(WordTokenizer.learn(["a good film"], least=1)[0])
    >>> encoder.encode(["good film", "a"]).tolist()
    [[2, 9, 10], [2, 8, 1]]
    """

    tokenizer: Tokenizer
    longest: int = 512
    backwards: bool = False
    kind: ClassVar[str] = "texts"
    batch: ClassVar[int] = 64

    @property
    def vocab(self) -> list[str]:
        """Every word the network knows, in the order of its rows."""
        return self.tokenizer.vocab

    def many(self, given: Any) -> bool:
        """One text is a str, or bytes; anything else holds several."""
        return not isinstance(given, str | bytes)

    def rows(self, texts: Sequence[Any], *, where: str = "text") -> Ragged:
        """Texts as rows of numbers, whole, in the order in which the network reads."""
        given = [text_of(text, f"{where} {place}") for place, text in enumerate(texts)]
        rows = self.tokenizer.encode(given)
        return rows.turned() if self.backwards else rows

    def encode(self, items: Sequence[Any]) -> Tensor:
        """One padded batch on the CPU."""
        return padded(self.cut(self.rows(items)))

    def cut(self, rows: Ragged) -> Ragged:
        """Rows as a classifier gets them: the end of a long text, whichever way it is read."""
        if self.backwards:
            return rows.slices(rows.starts[:-1], np.minimum(rows.lengths, self.longest))
        return rows.tails(self.longest)

    def decode(self, row: Any) -> str:
        """The text of a row of numbers, read forwards."""
        numbers = [int(number) for number in row]
        return self.tokenizer.decode(numbers[:1] + numbers[:0:-1] if self.backwards else numbers)

    def state(self) -> dict[str, Any]:
        """The tokenizer and how to read, for JSON."""
        told = {"longest": self.longest, "backwards": self.backwards}
        return {"tokens": self.tokenizer.kind, **told, **self.tokenizer.state()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TextEncoder:
        """From the tokenizer and how to read."""
        tokenizer = tokenizer_kind(state["tokens"]).from_state(state)
        return cls(tokenizer, int(state["longest"]), bool(state["backwards"]))


def text_of(text: Any, where: str) -> str:
    """A text that holds something; bytes are read as UTF-8.

    >>> text_of("Grüße".encode(), "text 0")
    'Grüße'
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{where} is not UTF-8 (byte {error.start} is {text[error.start]:#04x}); texts "
                "must be UTF-8; read it with its own encoding, as encoding='latin-1'"
            ) from error
    if not isinstance(text, str):
        raise DataError(
            f"{where} is {text!r:.40}, a {type(text).__name__}; a text is a str; leave it out, or "
            "make it one"
        )
    if not text.strip():
        raise DataError(f"{where} is empty; a text needs one word at least; leave it out")
    return text
