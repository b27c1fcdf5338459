"""Texts as a network gets them, to look at: the words of its vocabulary, marks and all."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from tenfold.data.table_view import TableView
from tenfold.data.text_encoder import TextEncoder
from tenfold.data.tokens import MARKS, PADDING
from tenfold.text import counted

__all__ = ["labels_view", "shortened", "streams_view", "tokens_of"]

# characters of a row: two lines of a notebook
_SHOWN = 180
# a language model's row is shown twice, the second time one word further on
_HALF = 80
_LINE_END = "↵"
# of a long text the beginning and the end, where a review has its verdict
_BEGIN, _END = 120, 100


def tokens_of(encoder: TextEncoder, row: Tensor) -> list[str]:
    """The words of a row, in the order in which the network reads them, without padding.

    Pieces of words have a space before them only where the text has one.

    >>> from tenfold.data.tokens import WordTokenizer
    >>> encoder = TextEncoder(WordTokenizer.learn(["a GOOD film"], least=1)[0])
    >>> tokens_of(encoder, encoder.encode(["a GOOD film"])[0])
    ['xxbos', 'a', 'xxup', 'good', 'film']
    """
    numbers = [number for number in row.tolist() if number != PADDING]
    if encoder.tokenizer.kind == "words":
        words = [encoder.vocab[number] for number in numbers]
    else:
        words = [
            MARKS[number] if number < len(MARKS) else encoder.tokenizer.decode([number])
            for number in numbers
        ]
    return [word.replace("\n", _LINE_END) for word in words]


def labels_view(encoder: TextEncoder, rows: Tensor, labels: Sequence[str]) -> TableView:
    """Texts (N, words) as the network reads them, each after its label."""
    table = [
        [label, _fitting(tokens_of(encoder, row), encoder, _SHOWN)]
        for label, row in zip(labels, rows)
    ]
    caption = f"{counted(len(table), 'text')} as the network sees them"
    return TableView([["label", "text"], *table], caption=caption, words=True)


def streams_view(encoder: TextEncoder, rows: Tensor, following: Tensor) -> TableView:
    """Rows (N, words) of a language model, and what it is to say: each word's next one."""
    table = [
        [str(number), *(_fitting(tokens_of(encoder, one), encoder, _HALF) for one in pair)]
        for number, pair in enumerate(zip(rows, following), 1)
    ]
    caption = f"{counted(len(table), 'stream')}: what is read, and the next word at each place"
    return TableView([["stream", "words", "next words"], *table], caption=caption, words=True)


def shortened(text: str) -> str:
    """A text on one line, without its middle where it is long.

    >>> shortened("good  film"), len(shortened("word " * 100))
    ('good film', 223)
    """
    text = " ".join(text.split())
    return text if len(text) <= _BEGIN + _END else f"{text[:_BEGIN]} … {text[-_END:]}"


def _fitting(words: Sequence[str], encoder: TextEncoder, most: int) -> str:
    """As many words as have room."""
    space = " " if encoder.tokenizer.kind == "words" else "|"
    text = space.join(words)
    return text if len(text) <= most else f"{text[:most].rpartition(space)[0]} …"
