"""Texts to the numbers of their words, with ULMFiT's marks for capitals and repeats.

A word is written small, after a mark if it was not: `Great` is `xxmaj great`, `GREAT` is `xxup
great`, `sooo` is `s xxrep 3 o`, `no no no` is `xxwrep 3 no`. So the network learns a word once
and its manner apart (Howard & Ruder 2018, arXiv:1801.06146).

One regular expression finds the words, and each different spelling is taken apart once: measured
on film reviews, one thread, 18,000 texts a second. The word splitter of `tokenizers` makes 9,900
of them, and has no marks.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from tenfold.data.ragged import Ragged
from tenfold.errors import SettingError
from tenfold.text import listed

__all__ = ["BOS", "MARKS", "PADDING", "UNKNOWN", "WordTokenizer", "check_vocab", "words_of"]

MARKS = ("xxunk", "xxpad", "xxbos", "xxeos", "xxrep", "xxwrep", "xxup", "xxmaj")
UNKNOWN, PADDING, BOS = 0, 1, 2
REPEATS, WORD_REPEATS = MARKS.index("xxrep"), MARKS.index("xxwrep")

# Kana and ideographs are written without spaces: each is a word.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# The first branch is the second in small: plain letters are tried faster.
_WORD = re.compile(
    rf"[a-zA-Z]+(?![^\W\d_])|[^\W\d_{_ALONE}]+|['’](?i:s|re|ve|d|m|ll|t)\b|[^\w\s]"
    rf"|\d+(?:[.,]\d+)*|\n\s*|[{_ALONE}]|_+"
)
_BREAK = re.compile(r"<br\s*/?>")
_REPEAT = re.compile(r"([^\W\d_])\1{2,}")


class _Spellings(dict[str, int]):
    """A number for each spelling, in the order of their first use."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def words_of(text: str) -> list[str]:
    """The words of a text as they are written; a line break is a word too.

    >>> words_of("Don't say 3.5!<br />")
    ['Don', "'t", 'say', '3.5', '!', '\\n']
    """
    if "<" in text:
        text = _BREAK.sub("\n", text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _WORD.findall(text)


def pieces_of(word: str) -> list[str]:
    """A word as the vocabulary has it: marks, then small letters.

    >>> pieces_of("GREAT"), pieces_of("Sooo"), pieces_of("I")
    (['xxup', 'great'], ['xxmaj', 's', 'xxrep', '3', 'o'], ['i'])
    """
    if word[0] == "\n":
        return ["\n"]
    small = word.lower()
    if small in MARKS:  # a text that says "xxpad" must not be taken for padding
        return [MARKS[UNKNOWN]]
    marks: list[str] = []
    if len(word) > 1 and word[0].isupper():
        marks = ["xxup"] if word.isupper() else ["xxmaj"]
    if not _REPEAT.search(small):
        return [*marks, small]
    parts = _REPEAT.sub(lambda run: f" xxrep {len(run[0])} {run[1]} ", small)
    return [*marks, *parts.split()]


class WordTokenizer:
    """Texts to rows of word numbers, each beginning with `xxbos`; unknown words are `xxunk`.

    Make one from texts with `learn`, or from the words themselves, `MARKS` first.

    >>> tokenizer, rows = WordTokenizer.learn(["My cat sat.", "My dog sat."], least=2)
    >>> tokenizer.vocab[len(MARKS):], rows[0].tolist()
    (['my', 'sat', '.'], [2, 7, 8, 0, 9, 10])
    >>> tokenizer.decode(tokenizer.encode(["My fox sat."])[0])
    'My xxunk sat.'
    """

    kind: ClassVar[str] = "words"

    def __init__(self, vocab: Sequence[str]) -> None:
        check_vocab(vocab)
        self.vocab = list(vocab)
        self._numbers = {word: number for number, word in enumerate(self.vocab)}
        self._plain = np.array([_repeatable(word) for word in self.vocab])
        self._signs = np.array([len(word) == 1 and not word.isalnum() for word in self.vocab])

    @classmethod
    def learn(
        cls, texts: Iterable[str], *, most: int = 30_000, least: int = 3
    ) -> tuple[WordTokenizer, Ragged]:
        """The tokenizer of the `most` frequent words seen `least` times, and the rows of `texts`.

        Words that are equally frequent keep the order of their first use.
        """
        spelled, spellings = _read(texts)
        parts = [pieces_of(word) for word in spellings]
        known = _Spellings()
        table = Ragged.of([[known[part] for part in row] for row in parts])
        counts = np.bincount(spelled.mapped(table).flat, minlength=len(known))
        names, marks = list(known), set(MARKS)
        order = np.argsort(-counts, kind="stable")
        frequent = [names[n] for n in order if counts[n] >= least and names[n] not in marks]
        tokenizer = cls([*MARKS, *frequent[: most - len(MARKS)]])
        return tokenizer, tokenizer._rows(spelled, parts)

    def encode(self, texts: Iterable[str]) -> Ragged:
        """A row of numbers for each text."""
        spelled, spellings = _read(texts)
        return self._rows(spelled, [pieces_of(word) for word in spellings])

    def decode(self, numbers: Iterable[int]) -> str:
        """The text that the numbers stand for, as a person would write it."""
        from tenfold.data.spelling import spelled_out

        return spelled_out([self.vocab[int(number)] for number in numbers])

    def state(self) -> dict[str, Any]:
        """The vocabulary, for JSON."""
        return {"vocab": self.vocab}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> WordTokenizer:
        """From the vocabulary."""
        return cls(state["vocab"])

    def _rows(self, spelled: Ragged, parts: list[list[str]]) -> Ragged:
        get = self._numbers.get
        table = Ragged.of([[get(part, UNKNOWN) for part in row] for row in parts])
        return self._folded(_begun(spelled.mapped(table)))

    def _folded(self, rows: Ragged) -> Ragged:
        """Three or more of one word in a row become mark, count, word."""
        flat = rows.flat.copy()
        new = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
        lengths = np.diff(np.append(new, len(flat)))
        runs = np.flatnonzero((lengths > 2) & self._plain[flat[new]])
        if not len(runs):
            return rows
        kept = np.ones(len(flat), bool)
        for begin, length in zip(new[runs].tolist(), lengths[runs].tolist(), strict=True):
            word = flat[begin]
            mark = REPEATS if self._signs[word] else WORD_REPEATS
            flat[begin : begin + 3] = mark, self._numbers.get(str(length), UNKNOWN), word
            kept[begin + 3 : begin + length] = False
        before = np.concatenate([[0], np.cumsum(kept)])
        return Ragged(flat[kept], before[rows.starts])


def check_vocab(vocab: Sequence[str]) -> None:
    """Refuse a vocabulary that a tokenizer cannot work with."""
    if isinstance(vocab, str) or not all(isinstance(word, str) for word in vocab):
        raise SettingError(
            f"vocab={vocab!r:.60} was given; allowed is a list of words, or a TextData whose "
            "vocabulary is to be used"
        )
    if tuple(vocab[: len(MARKS)]) != MARKS:
        raise SettingError(
            f"a vocabulary that begins with {listed(vocab[:3])} was given; its first "
            f"{len(MARKS)} words must be the marks {listed(MARKS)}; put them in front"
        )
    if len(set(vocab)) != len(vocab):
        twice = sorted({word for word in vocab if vocab.count(word) > 1})
        raise SettingError(
            f"the vocabulary has {listed(twice, most=3)} more than once; each word needs a number "
            "of its own; take the second ones out"
        )


def _repeatable(word: str) -> bool:
    """Whether a run of it is marked: words and signs are; marks, numbers and line ends are not."""
    return word not in MARKS and not word[0].isdigit() and word != "\n"


def _read(texts: Iterable[str]) -> tuple[Ragged, list[str]]:
    """Each text as numbers of its spellings, and the spellings."""
    numbers = _Spellings()
    rows = []
    for text in texts:
        words = words_of(text)
        rows.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
    return Ragged.of(rows), list(numbers)


def _begun(rows: Ragged) -> Ragged:
    """Every row with `xxbos` before it."""
    flat = np.insert(rows.flat, rows.starts[:-1], BOS).astype(np.int32)
    return Ragged(flat, rows.starts + np.arange(len(rows) + 1))
