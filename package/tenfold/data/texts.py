"""Texts, ready to train on: `TextData`, for a language model or for a classifier."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tenfold.data.ragged import Ragged
from tenfold.data.streams import Streams
from tenfold.data.table_view import TableView
from tenfold.data.text_batches import TextBatches
from tenfold.data.text_settings import TextSettings
from tenfold.data.text_sources import (
    TextSources,
    TextSplit,
    from_folder,
    from_frame,
    from_texts,
)
from tenfold.data.text_view import labels_view, shortened, streams_view
from tenfold.errors import SettingError
from tenfold.text import listed
from tenfold.train.task import Task, multi_label, next_word, single_label

__all__ = ["TextData"]


class TextData:
    """Training, validation and perhaps test texts as word numbers, in batches on the device.

    Make one with `from_frame`, `from_folder` or `from_texts`. Without labels it is a language
    model's data, and `train` and `valid` are `Streams`; with labels it is a classifier's, and
    they are `TextBatches`. The vocabulary is that of the training texts, or one given as `vocab`.

    The other arguments of all three: `tokens` is "words" (with marks for capitals and repeats) or
    "bpe"; the vocabulary has the `most_words` most frequent words seen `least_count` times; a
    window of a language model has `length` words, a classifier's text its last `longest` words;
    with `backwards` all is read from the end.

    `texts` and `places` have the texts of each split and where each stood in what was given, in
    the order of the items: validation texts of a classifier are sorted by length. Raises DataError
    for texts or labels that cannot be used, SettingError for an argument out of range.

    >>> data = TextData.from_texts(["good film", "bad film"] * 10, ["yes", "no"] * 10)
    >>> words, targets = next(iter(data.train))
    >>> words.shape, data.classes
    (torch.Size([16, 3]), ['no', 'yes'])
    """

    def __init__(self, sources: TextSources, settings: TextSettings) -> None:
        self._sources, self._settings = sources, settings
        self.encoder, rows = settings.learn(sources.train.texts)
        self.classes = sources.classes
        self.task = self._task()
        self.texts: dict[str, list[str]] = {}
        self.places: dict[str, list[Any]] = {}
        self.train = self._split("train", rows)
        self.valid = self._split("valid", None)
        self.test = None if sources.test is None else self._split("test", None)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        text: str = "text",
        label: str | None = None,
        label_separator: str | None = None,
        valid: float | str = 0.2,
        test: Sequence[Any] | None = None,
        seed: int = 0,
        **more: Any,
    ) -> TextData:
        """Texts in a table: a DataFrame, or a dict of lists.

        Column `text` has texts, column `label` classes; without `label` it is a language model's
        data. With `label_separator` a text can have several labels ("war;drama", ";"), or none.
        `valid` is a share or the name of a column that is True for the rows that validate. `test`
        has texts without labels. `more` are the arguments that `TextData` explains.
        """
        settings = _settings(seed=seed, **more)
        sources = from_frame(
            frame, text=text, label=label, label_separator=label_separator, valid=valid, test=test,
            seed=seed,
        )  # fmt: skip
        return cls(sources, settings)

    @classmethod
    def from_folder(
        cls,
        path: str | os.PathLike[str],
        *,
        label: bool = True,
        valid: float = 0.2,
        encoding: str = "utf-8",
        seed: int = 0,
        **more: Any,
    ) -> TextData:
        """Texts in files, in folders named after their classes.

        Either `path` has train/ and valid/ (or val/), each with a folder for every class, or it
        has the class folders itself. With `label=False` every file below it is a text of a language
        model. `more` are the arguments that `TextData` explains.
        """
        settings = _settings(seed=seed, **more)
        sources = from_folder(path, label=label, valid=valid, encoding=encoding, seed=seed)
        return cls(sources, settings)

    @classmethod
    def from_texts(
        cls,
        texts: Sequence[Any],
        labels: Sequence[Any] | None = None,
        *,
        valid: float = 0.2,
        valid_texts: Sequence[Any] | None = None,
        valid_labels: Sequence[Any] | None = None,
        test: Sequence[Any] | None = None,
        label_separator: str | None = None,
        seed: int = 0,
        **more: Any,
    ) -> TextData:
        """Texts in a list, perhaps with a label each; a share validates, or `valid_texts` do.

        `more` are the arguments that `TextData` explains.
        """
        settings = _settings(seed=seed, **more)
        sources = from_texts(
            texts, labels, valid=valid, valid_texts=valid_texts, valid_labels=valid_labels,
            test=test, label_separator=label_separator, seed=seed,
        )  # fmt: skip
        return cls(sources, settings)

    @property
    def vocab(self) -> list[str]:
        """Every word that is known, the marks first; the number of a word is its place."""
        return self.encoder.vocab

    def reversed(self) -> TextData:
        """The same texts, splits and vocabulary, read the other way round.

        A forward and a backward model make different mistakes: average them with `ensemble`.
        """
        turned = replace(
            self._settings, backwards=not self._settings.backwards, vocab=self.encoder.tokenizer
        )
        return TextData(self._sources, turned)

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> TableView:
        """`n` rows of a training batch as the network gets them; another `epoch`, others."""
        inputs, targets = next(iter(self.train.at_epoch(epoch)))
        if self.classes is None:
            words = inputs[0]
            return streams_view(self.encoder, words[:n], targets.view(len(words), -1)[:n])
        return labels_view(self.encoder, inputs[:n], [self._label(one) for one in targets[:n]])

    def item_words(self, items: Sequence[int]) -> dict[str, list[str]]:
        """Some validation texts of a classifier, on a line each, without the middle of long ones.

        A language model's items are words, and have none.
        """
        if self.classes is None:
            return {}
        return {"text": [shortened(self.texts["valid"][place]) for place in items]}

    def __repr__(self) -> str:
        many = {name: len(texts) for name, texts in self.texts.items()}
        test = f", {many['test']:,} test" if "test" in many else ""
        what = (
            f"{len(self.classes)} classes: {listed(self.classes, most=8)}"
            if self.classes is not None
            else f"a language model's: {self.train.items:,} words in {len(self.train):,} batches"
        )
        way = ", read backwards" if self.encoder.backwards else ""
        return (
            f"TextData: {many['train']:,} training, {many['valid']:,} validation{test} texts of "
            f"{len(self.vocab):,} different words{way}\n{what}"
        )

    def _task(self) -> Task:
        if self.classes is None:
            return next_word(len(self.vocab))
        targets = self._sources.train.targets
        many = targets is not None and targets.ndim == 2
        return (multi_label if many else single_label)(len(self.classes))

    def _split(self, name: str, rows: Ragged | None) -> Any:
        split = self._sources.splits[name]
        rows = self.encoder.rows(split.texts) if rows is None else rows
        if self.classes is not None:
            rows = self.encoder.cut(rows)
            if name == "valid":
                split, rows = _by_length(split, rows)
        self.texts[name], self.places[name] = split.texts, split.places
        common: dict[str, Any] = {
            "batch_size": self._settings.batch_size,
            "shuffle": name == "train",
            "seed": self._settings.seed,
            "device": self._settings.on,
        }
        if self.classes is None:
            return Streams(rows, length=self._settings.length, **common)
        return TextBatches(rows, split.targets, **common)

    def _label(self, target: Tensor) -> str:
        assert self.classes is not None
        numbers = [int(target)] if target.ndim == 0 else target.nonzero().flatten().tolist()
        return listed(self.classes[number] for number in numbers)


def _by_length(split: TextSplit, rows: Ragged) -> tuple[TextSplit, Ragged]:
    """Texts from the shortest to the longest: little padding, though nothing is shuffled."""
    order = np.argsort(rows.lengths, kind="stable")
    return split.rows(torch.from_numpy(order)), rows.take(order)


def _settings(**given: Any) -> TextSettings:
    """The settings, or what is wrong with their names."""
    known = list(TextSettings.__dataclass_fields__)
    strange = [name for name in given if name not in known]
    if strange:
        raise SettingError(f"{listed(strange)} was given; a TextData also takes {listed(known)}")
    return TextSettings(**given)
