"""A small world of texts: films that are good or bad, and learners for them in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.data.texts import TextData
from tenfold.learner import Learner
from tenfold.models.awd_lstm import Dropouts, create_language_model
from tenfold.text_learners import language_model_learner, text_classifier_learner

GOOD = ("good", "great", "fine", "lovely")
BAD = ("bad", "awful", "dull", "poor")
NO_DROPOUT = Dropouts(0.0, 0.0, 0.0, 0.0, 0.0)


def make_reviews(count: int = 48, *, seed: int = 0) -> tuple[list[str], list[str]]:
    """Texts of 4 to 12 words, one of which tells the label."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for number in range(count):
        label = ("no", "yes")[number % 2]
        telling = (BAD, GOOD)[number % 2][int(rng.integers(4))]
        filler = " ".join(["it was"] * int(rng.integers(1, 5)))
        texts.append(f"The film {filler} {telling}.")
        labels.append(label)
    return texts, labels


def make_text_data(*, label: bool = True, **more: Any) -> TextData:
    """Those reviews as data on the CPU."""
    texts, labels = make_reviews()
    settings = {"batch_size": 8, "length": 6, "least_count": 1, "device": "cpu", **more}
    return TextData.from_texts(texts, labels if label else None, **settings)


def make_language_learner(data: TextData | None = None, **more: Any) -> Learner:
    """A quiet language model of a few hundred weights."""
    found = make_text_data(label=False) if data is None else data
    sizes = {"embedding": 6, "hidden": 10, "layers": 2, **more.pop("sizes", {})}
    model = create_language_model(len(found.vocab), **sizes, dropouts=more.pop("dropouts", None))
    return language_model_learner(found, model, quiet=True, device="cpu", **more)


def make_text_learner(data: TextData | None = None, **more: Any) -> Learner:
    """A quiet classifier on the encoder of such a language model."""
    found = make_text_data() if data is None else data
    language = make_language_learner(make_text_data(label=False, vocab=found))
    more.setdefault("encoder", language)
    return text_classifier_learner(found, quiet=True, device="cpu", **more)
