"""IMDB with few labels: ULMFiT with nano_lm, the same net from random weights, and TF-IDF.

For each seed so many labelled training reviews, half of each kind, and 2,000 of the test reviews.
nano_lm is tuned once to the text of all 25,000 training reviews, without labels; on that every
classifier is thawed from the head down; in so small a net every layer learns at one rate. From
random weights the same net trains all at once, by a recipe of its own: by the one above it learns
nothing. TF-IDF feeds a logistic
regression; its C and whether pairs of words count are cross-validated. Rates, epochs and lengths
were chosen on other seeds than those that are measured.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas
import torch

from tenfold.data.texts import TextData
from tenfold.learner import Learner
from tenfold.models.language_weights import read_nano_lm
from tenfold.techniques.sampled_words import SampledWords
from tenfold.text_learners import language_model_learner, text_classifier_learner

from .harness import Table, Target, load_average
from .tables_quality import spread

SIZES, TESTED = (500, 2000), 2000
BATCH, DROPOUT, RATE, READER_RATE = 32, 0.5, 6e-3, 2e-3
# of the whole net; with more reviews an epoch has more steps
EPOCHS = {500: 7, 2000: 3}
RANDOM_RATE, RANDOM_EPOCHS = 3e-3, {500: 20, 2000: 10}
# words of a review that are read, its last ones; each recipe was chosen at its own length
LONGEST, RANDOM_LONGEST = 800, 400
TUNED, RANDOM, SPARSE = (
    "nano_lm, tuned",
    "the same from random weights",
    "TF-IDF, logistic regression",
)
Frames = tuple[pandas.DataFrame, pandas.DataFrame]


def reviews(size: int, seed: int) -> Frames:
    """Labelled training reviews and test reviews, drawn by `seed`, half of each kind."""
    train, test = (
        labelled(part).groupby("label").sample(count // 2, random_state=seed)
        for part, count in (("train", size), ("test", TESTED))
    )
    return train, test


@cache
def labelled(part: str) -> pandas.DataFrame:
    """All reviews of one part, "train" or "test"."""
    home = os.environ.get("TENFOLD_DATA", "")
    file = Path(home) / "imdb" / "labelled.csv.gz"
    if not home or not file.exists():
        raise SystemExit("imdb is needed: set TENFOLD_DATA to the folder that holds it")
    frame = pandas.read_csv(file)
    return frame[frame["split"] == part]


def reader() -> Path:
    """nano_lm tuned to all training reviews, without their labels: made once, for every seed.

    It is kept in the folder for temporary files, so that both sizes can use it; remove it to
    make it anew.
    """
    file = Path(tempfile.gettempdir()) / f"tenfold-imdb-reader-{torch.__version__}.tenfold"
    if file.exists():
        return file
    texts = labelled("train")["text"].tolist()
    plain = TextData.from_texts(
        texts, vocab=read_nano_lm().vocab, batch_size=BATCH, valid=0.01, seed=0
    )
    learn = language_model_learner(
        plain, dropout=0.1, alpha=0.0, beta=0.0, callbacks=[SampledWords()], quiet=True
    )
    learn.unfreeze()
    learn.fit_one_cycle(1, READER_RATE)
    return learn.export(file)


def tuned(frames: Frames, seed: int) -> float:
    """ULMFiT: the encoder of the tuned language model, thawed from the head down."""
    learn = classifier(frames, seed, encoder=reader())
    learn.fit_one_cycle(1, 1e-2)
    learn.unfreeze(gradually=True)
    learn.fit_one_cycle(1, RATE)
    learn.unfreeze()
    learn.fit_one_cycle(EPOCHS[len(frames[0])], RATE)
    return accuracy(learn, frames, longest=LONGEST)


def random(frames: Frames, seed: int) -> float:
    """The same net without the pretraining; everything trains from the start."""
    fresh = {"encoder": "nano_lm", "pretrained": False, "dropout": 0.1}
    learn = classifier(frames, seed, longest=RANDOM_LONGEST, **fresh)
    learn.fit_one_cycle(RANDOM_EPOCHS[len(frames[0])], RANDOM_RATE)
    return accuracy(learn, frames, longest=RANDOM_LONGEST)


def classifier(
    frames: Frames, seed: int, *, longest: int = LONGEST, dropout: float = DROPOUT, **more: Any
) -> Learner:
    """The learner; what validates on the way is a few of the test reviews, to save time."""
    train, test = frames
    few = test.groupby("label").head(16)
    data = text_data((train, few), longest=longest, seed=seed)
    return text_classifier_learner(
        data, dropout=dropout, alpha=0.0, beta=0.0, quiet=True, seed=seed, **more
    )


def text_data(frames: Frames, *, longest: int, seed: int) -> TextData:
    """Labelled reviews to train on, and others."""
    train, test = ({key: part[key].tolist() for key in ("text", "label")} for part in frames)
    return TextData.from_texts(
        train["text"],
        train["label"],
        valid_texts=test["text"],
        valid_labels=test["label"],
        vocab=read_nano_lm().vocab,
        batch_size=BATCH,
        longest=longest,
        seed=seed,
    )


def accuracy(learn: Learner, frames: Frames, *, longest: int) -> float:
    """In percent, of all the test reviews; nothing was chosen by them."""
    learn.set_data(text_data(frames, longest=longest, seed=learn.seed))
    return 100 * learn.score(*learn.predictions())["accuracy"]


def sparse(frames: Frames, seed: int) -> float:
    """Words and pairs of words, weighed by their rareness."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import Pipeline

    # this solver is quick on rare words, and each fold's words are counted once
    steps = [
        ("words", TfidfVectorizer(sublinear_tf=True)),
        ("fit", LogisticRegression(solver="liblinear")),
    ]
    choices = {"words__ngram_range": [(1, 1), (1, 2)], "fit__C": [0.3, 1, 3, 10, 30, 100, 300]}
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    train, test = frames
    with tempfile.TemporaryDirectory() as kept:
        search = GridSearchCV(Pipeline(steps, memory=kept), choices, cv=folds)
        search.fit(train["text"], train["label"])
        return 100 * float(search.score(test["text"], test["label"]))


ROUTES: dict[str, Callable[[Frames, int], float]] = {TUNED: tuned, RANDOM: random, SPARSE: sparse}


def measure(*, seeds: int = 5, sizes: Sequence[int] = SIZES) -> list[Table]:
    """The accuracies with so many labels, a table for each number of them."""
    torch.set_num_threads(1)
    return [scored(size, seeds=seeds) for size in sizes]


def scored(size: int, *, seeds: int) -> Table:
    """Every route on the same reviews, seed by seed."""
    before = load_average()
    samples: dict[str, list[float]] = {name: [] for name in ROUTES}
    for seed in range(seeds):
        frames = reviews(size, seed)
        for name, route in ROUTES.items():
            samples[name].append(route(frames, seed))
            print(f"{size:,} labels, seed {seed}, {name}: {samples[name][-1]:.2f}", flush=True)
    return table(size, samples, load=(before, load_average()))


def table(size: int, samples: dict[str, list[float]], *, load: tuple[float, float]) -> Table:
    """What was found, as a page of the results."""
    return Table(
        part=f"imdb_{size}",
        title=f"IMDB, {size:,} labelled reviews",
        unit="% right",
        baseline=SPARSE,
        samples=samples,
        settings={
            "seeds": len(samples[TUNED]),
            "tested": TESTED,
            "epochs": EPOCHS[size] + 2,
            "batch": BATCH,
            "words read": LONGEST,
            "language model": "tuned once to the text of all 25,000 training reviews",
        },
        columns={name: {"mean ± sd": spread(found)} for name, found in samples.items()},
        targets=targets(samples),
        load=load,
    )


def targets(samples: dict[str, list[float]]) -> list[Target]:
    """Five points more than from random weights, and more than TF-IDF."""
    means = {name: statistics.mean(found) for name, found in samples.items()}
    return [
        Target("points over random weights", means[TUNED] - means[RANDOM], 5.0, at_least=True),
        Target("points over TF-IDF", means[TUNED] - means[SPARSE], 0.0, at_least=True),
    ]
