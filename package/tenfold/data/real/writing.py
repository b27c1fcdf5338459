"""Real texts: film reviews and encyclopedia articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.data.real.catalogue import need
from tenfold.data.real.fewer import fewer
from tenfold.data.texts import TextData
from tenfold.errors import FileError

__all__ = ["imdb", "wikitext"]

_TITLE = re.compile(r"^ = [^=].* = $")


def imdb(labels: bool = True, *, texts: int | None = None, seed: int = 0, **more: Any) -> TextData:
    """Film reviews, "neg" or "pos"; the published test reviews validate.

    With `labels=False` it is a language model's data: the reviews without a label and those of
    training, of which a tenth validates; no test review is among them. `texts` takes only so
    many; `more` are the arguments of `TextData`. Maas et al., "Learning Word Vectors for
    Sentiment Analysis", ACL 2011.
    """
    import pandas

    folder = need("imdb")
    frame = pandas.read_csv(folder / "labelled.csv.gz", usecols=["split", "label", "text"])
    if labels:
        frame["valid"] = frame["split"] == "test"
        kinds = frame["label"].to_numpy(str)
    else:
        unlabelled = pandas.read_csv(folder / "unsup.csv.gz", usecols=["text"])
        frame = pandas.concat([frame[frame["split"] == "train"], unlabelled], ignore_index=True)
        frame["valid"] = np.random.default_rng(seed).random(len(frame)) < 0.1
        kinds = None
    validates = frame["valid"].to_numpy(bool)
    frame = frame.iloc[fewer(validates, texts, name="texts", labels=kinds, seed=seed)]
    label = "label" if labels else None
    return TextData.from_frame(frame, label=label, valid="valid", seed=seed, **more)


def wikitext(*, texts: int | None = None, seed: int = 0, **more: Any) -> TextData:
    """Articles of Wikipedia for a language model (WikiText-2); valid.txt validates.

    Where there is no train.txt, the articles of test.txt are trained on: a tenth of the set, so
    compare no published perplexity with it. `texts` takes only so many articles; `more` are the
    arguments of `TextData`. Merity et al., "Pointer Sentinel Mixture Models", 2016.
    """
    folder = need("wikitext")
    train = folder / "train.txt"
    trained = list(_articles(train if train.exists() else folder / "test.txt"))
    held = list(_articles(folder / "valid.txt"))
    validates = np.arange(len(trained) + len(held)) >= len(trained)
    chosen = fewer(validates, texts, name="texts", seed=seed)
    every = trained + held
    frame = {
        "text": [every[number] for number in chosen],
        "valid": [bool(validates[number]) for number in chosen],
    }
    return TextData.from_frame(frame, valid="valid", seed=seed, **more)


def _articles(file: Path) -> Iterator[str]:
    """The articles of a file: each starts at a line " = Title = " after an empty one."""
    lines: list[str] = []
    found, above = False, ""
    for line in file.read_text("utf-8").splitlines():
        # a formula can look like a title, but stands in the middle of a text
        if _TITLE.match(line) and not above.strip():
            if found:
                yield "\n".join(lines)
            found, lines = True, []
        above = line
        lines.append(line.strip())
    if not found:
        raise FileError(
            f'{file} has no line " = Title = " at which an article starts; give the files of '
            "WikiText-2 as they were published"
        )
    yield "\n".join(lines)
