"""Words against byte pairs: the same reviews of IMDB, a small AWD-LSTM from random weights.

For each seed 2,000 labelled training reviews and 2,000 test reviews, half of each kind, each the
last 1,000 characters of it. A language model reads the training reviews, its encoder is trained
on with their labels; both vocabularies may have as many entries.
"""

from __future__ import annotations

import statistics
import time

import torch

from tenfold.data.texts import TextData
from tenfold.models.awd_lstm import create_language_model
from tenfold.text_learners import language_model_learner, text_classifier_learner

from .harness import Table, load_average
from .imdb import reviews
from .tables_quality import spread

LABELLED, CHARACTERS, MOST = 2000, 1000, 10_000
SIZE = {"embedding": 64, "hidden": 128, "layers": 2}
READING, JUDGING, RATE = 3, 5, 1e-2


def right(tokens: str, *, seed: int) -> float:
    """How many test reviews are told right, in percent."""
    parts = reviews(LABELLED, seed)
    (texts, kinds), (tests, wanted) = (
        (part["text"].str[-CHARACTERS:].tolist(), part["label"].tolist()) for part in parts
    )
    common = {"tokens": tokens, "most_words": MOST, "batch_size": 32, "seed": seed}
    plain = TextData.from_texts(texts, valid=0.1, **common)
    net = create_language_model(len(plain.vocab), **SIZE, seed=seed)
    language = language_model_learner(plain, net, quiet=True, seed=seed)
    language.fit_one_cycle(READING, RATE)
    data = TextData.from_texts(
        texts, kinds, valid_texts=tests, valid_labels=wanted, vocab=plain, batch_size=32, seed=seed
    )
    learn = text_classifier_learner(data, language, quiet=True, seed=seed)
    learn.unfreeze()
    learn.fit_one_cycle(JUDGING, RATE)
    return 100 * learn.history.column("accuracy")[-1]


def measure(*, seeds: int = 3) -> Table:
    """The accuracy of both, and what it cost."""
    torch.set_num_threads(1)
    before = load_average()
    samples: dict[str, list[float]] = {"words": [], "bpe": []}
    times: dict[str, list[float]] = {"words": [], "bpe": []}
    for seed in range(seeds):
        for tokens, found in samples.items():
            begin = time.process_time()
            found.append(right(tokens, seed=seed))
            times[tokens].append(time.process_time() - begin)
    return Table(
        part="pieces",
        title=f"Words against byte pairs: IMDB, {LABELLED:,} labels, AWD-LSTM {SIZE}",
        unit="% right",
        baseline="words",
        samples=samples,
        settings={"vocab": MOST, "epochs": f"{READING} + {JUDGING}", "rate": RATE, "seeds": seeds},
        columns={
            name: {
                "mean ± deviation": spread(found),
                "processor s": f"{statistics.median(times[name]):.0f}",
            }
            for name, found in samples.items()
        },
        load=(before, load_average()),
    )
