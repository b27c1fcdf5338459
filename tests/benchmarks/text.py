"""AWD-LSTM of one size on IMDB reviews, against fastai: words per second, perplexity, tokenising.

Both get the same word numbers, so a word is a word; tokenising is timed apart, from raw text, each
library in its own way. Time is processor time on one thread, so other work on the machine counts
for nobody; fastai also takes part without the processes that it starts to fetch batches, which
cost more than they bring here. The perplexity is that of the smaller net after one cycle over
enough words to mean something: in a cycle of a dozen steps the ends of the schedules, which differ,
are what is compared.
"""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import torch

from tenfold.data.texts import TextData
from tenfold.data.tokens import WordTokenizer
from tenfold.learner import Learner
from tenfold.models.awd_lstm import create_language_model
from tenfold.text_learners import language_model_learner, text_classifier_learner

from .harness import Table, Target, interleave, load_average, processor_seconds
from .tables_quality import spread
from .vision import quietly

SIZES = {
    "paper": {"embedding": 400, "hidden": 1152, "layers": 3},
    "small": {"embedding": 160, "hidden": 320, "layers": 3},
}
BATCH, LENGTH, LONGEST, VOCAB, RATE = 32, 70, 400, 10_000, 2e-3
DOUBT_EPOCHS, DOUBT_RATE = 2, 5e-3
THEIRS, OURS, EQUAL = "fastai", "Tenfold", "Tenfold, float32"
ALONE = "fastai, one process"
NAMES = (THEIRS, ALONE, OURS, EQUAL)
Samples = dict[str, list[float]]


def reviews(count: int) -> pandas.DataFrame:
    """So many labelled reviews, as many of each kind."""
    home = os.environ.get("TENFOLD_DATA", "")
    file = Path(home) / "imdb" / "labelled.csv.gz"
    if not home or not file.exists():
        raise SystemExit("imdb is needed: set TENFOLD_DATA to the folder that holds it")
    frame = pandas.read_csv(file).query("split == 'train'")
    return frame.groupby("label").head(count // 2).reset_index(drop=True)


def fastai_learner(data: TextData, size: dict[str, int], *, label: bool) -> Any:
    """fastai's learner of the same size, on the same word numbers."""
    from fastai.text.all import (
        AWD_LSTM,
        CrossEntropyLossFlat,
        DataLoaders,
        L,
        LMDataLoader,
        LMTensorText,
        SortedDL,
        TensorCategory,
        TensorText,
        awd_lstm_clas_config,
        awd_lstm_lm_config,
        pad_input_chunk,
    )  # fmt: skip
    from fastai.text.all import language_model_learner as language
    from fastai.text.all import text_classifier_learner as classifier

    own = {"emb_sz": size["embedding"], "n_hid": size["hidden"], "n_layers": size["layers"]}
    if not label:
        parts = [
            LMDataLoader(_rows(split.texts, LMTensorText), bs=BATCH, seq_len=LENGTH, shuffle=turn)
            for split, turn in ((data.train, True), (data.valid, False))
        ]
        dls = DataLoaders(*parts)
        dls.vocab = data.vocab
        config = {**awd_lstm_lm_config, **own}
        return language(dls, AWD_LSTM, config=config, pretrained=False, metrics=[])
    pads = {"before_batch": [lambda rows: pad_input_chunk(rows, seq_len=LENGTH)]}
    parts = [
        SortedDL(_pairs(split, TensorText, TensorCategory), bs=BATCH, shuffle=turn, **pads)
        for split, turn in ((data.train, True), (data.valid, False))
    ]
    dls = DataLoaders(*parts)
    dls.vocab, dls.c = L(data.vocab, data.classes), 2
    config = {**awd_lstm_clas_config, **own}
    settings = {"config": config, "pretrained": False, "n_out": 2, "metrics": []}
    settings["loss_func"] = CrossEntropyLossFlat()
    return classifier(dls, AWD_LSTM, seq_len=LENGTH, max_len=LONGEST, **settings)


def _rows(texts: Any, kind: Any) -> list[tuple[Any]]:
    return [(kind(torch.from_numpy(row.astype("int64"))),) for row in texts]


def _pairs(split: Any, text: Any, category: Any) -> list[tuple[Any, Any]]:
    rows = [text(torch.from_numpy(row.astype("int64"))) for row in split.texts]
    return list(zip(rows, (category(int(one)) for one in split.targets), strict=True))


def our_learner(
    data: TextData, size: dict[str, int], *, label: bool, equal: bool, seed: int = 0
) -> Learner:
    """Tenfold's learner with its defaults, or in float32."""
    model = create_language_model(len(data.vocab), **size, seed=seed)
    if not label:
        learn = language_model_learner(data, model, quiet=True, seed=seed)
    else:
        plain = TextData.from_texts(data.texts["train"], vocab=data)
        learn = text_classifier_learner(data, language_model_learner(plain, model), quiet=True)
        learn.unfreeze()
    if equal:
        learn.plan(precision="float32")
    return learn


def learner(name: str, data: TextData, size: dict[str, int], *, label: bool, seed: int = 0) -> Any:
    """The contender's learner."""
    if name in (THEIRS, ALONE):
        from fastai.text.all import set_seed

        set_seed(seed)
        learn = fastai_learner(data, size, label=label)
        for part in learn.dls.loaders if name == ALONE else ():
            part.fake_l.num_workers = 0
        return learn
    return our_learner(data, size, label=label, equal=name == EQUAL, seed=seed)


def epoch_of(learn: Any, words: int) -> Callable[[], float]:
    """Train an epoch: words per second, the short validation included."""

    def epoch() -> float:
        return words / processor_seconds(
            lambda: quietly(learn, lambda: learn.fit_one_cycle(1, RATE))
        )

    return epoch


def in_turns(timed: dict[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """Everybody's samples, after one round that does not count: there the plan is timed."""
    interleave(timed, rounds=1)
    return interleave(timed, rounds=rounds)


def perplexity(learn: Any) -> float:
    """e to the validation loss."""
    if isinstance(learn, Learner):
        return math.exp(learn.history.rows[-1]["valid_loss"])
    with learn.no_bar():
        return math.exp(float(learn.validate()[0]))


def perplexities(data: TextData, *, seeds: int) -> Samples:
    """Both libraries' perplexity after the same words, seed by seed."""
    found: Samples = {name: [] for name in (THEIRS, OURS)}
    for seed in range(seeds):
        for name, values in found.items():
            learn = learner(name, data, SIZES["small"], label=False, seed=seed)
            train = partial(learn.fit_one_cycle, DOUBT_EPOCHS, DOUBT_RATE)
            quietly(learn, train)
            values.append(perplexity(learn))
    return found


def tokenising(texts: list[str]) -> dict[str, Callable[[], float]]:
    """Raw texts to words, each library as it does it: texts per second."""
    from fastai.text.all import tokenize_df

    frame = pandas.DataFrame({"text": texts})

    def ours() -> float:
        return len(texts) / processor_seconds(lambda: WordTokenizer.learn(texts))

    def theirs() -> float:
        return len(texts) / processor_seconds(lambda: tokenize_df(frame, "text", n_workers=0))

    return {THEIRS: theirs, OURS: ours}


def measure(
    *,
    rounds: int = 5,
    seeds: int = 3,
    reviews_used: int = 100,
    doubted: int = 800,
    tokenised: int = 2000,
    sizes: tuple[str, ...] = tuple(SIZES),
) -> list[Table]:
    """A table for each size of net; beside the small one's speed perplexity and tokenising."""
    torch.set_num_threads(1)
    frame = reviews(max(reviews_used, doubted, tokenised))
    texts = frame["text"].tolist()
    vocab = WordTokenizer.learn(texts, most=VOCAB, least=1)[0]
    common = {"vocab": vocab, "batch_size": BATCH, "length": LENGTH, "longest": LONGEST}
    some = frame.groupby("label").head(reviews_used // 2)
    plain = TextData.from_frame(some, valid=0.1, **common)
    labelled = TextData.from_frame(some, label="label", valid=0.1, **common)
    tables = []
    for size in sizes:
        before, tokens, doubts = load_average(), {}, {}
        speeds, judged = (quick(data, size, rounds=rounds) for data in (plain, labelled))
        if size == "small":
            tokens = interleave(tokenising(texts[:tokenised]), rounds=rounds)
            more = TextData.from_frame(
                frame.groupby("label").head(doubted // 2), valid=0.1, **common
            )
            doubts = perplexities(more, seeds=seeds)
        table = Table(
            part=f"text {size}",
            title=f"AWD-LSTM {SIZES[size]}, IMDB: language model",
            unit="words/s",
            baseline=THEIRS,
            samples=speeds,
            settings={"batch": BATCH, "length": LENGTH, "vocab": VOCAB, "reviews": reviews_used}
            | ({"reviews of perplexity": doubted} if doubts else {}),
            columns=columns(judged, tokens, doubts),
            load=(before, load_average()),
        )
        table.targets = targets(table, judged, tokens, doubts)
        tables.append(table)
    return tables


def quick(data: TextData, size: str, *, rounds: int) -> Samples:
    """Everybody's training words per second, of a classifier if the data has labels."""
    label = data.classes is not None
    words = int(data.train.texts.lengths.sum()) if label else data.train.items
    learners = {name: learner(name, data, SIZES[size], label=label) for name in NAMES}
    return in_turns({n: epoch_of(learn, words) for n, learn in learners.items()}, rounds=rounds)


def columns(judged: Samples, tokens: Samples, doubts: Samples) -> dict[str, dict[str, str]]:
    """What stands beside the language model's speed."""
    found = {
        name: {"classifier, words/s": f"{statistics.median(values):,.0f}"}
        for name, values in judged.items()
    }
    for name, values in doubts.items():
        found[name]["perplexity, small net"] = spread(values)
    for name, samples in tokens.items():
        found[name]["tokenising, texts/s"] = f"{statistics.median(samples):,.0f}"
    return found


def targets(table: Table, judged: Samples, tokens: Samples, doubts: Samples) -> list[Target]:
    """The issue's figures: 1.7 times for both nets, 10 times for tokenising, no worse a model."""

    def times(samples: Samples, theirs: str = THEIRS) -> float:
        return statistics.median(a / b for a, b in zip(samples[OURS], samples[theirs]))

    found = [
        Target("language model, words per second over fastai's", table.ratio(OURS), 1.7, True),
        Target("classifier, words per second over fastai's", times(judged), 1.7, True),
        Target(f"language model, over {ALONE}", times(table.samples, ALONE), 1.7, True),
        Target(f"classifier, over {ALONE}", times(judged, ALONE), 1.7, True),
    ]
    if tokens:
        words = "tokenising, texts per second over fastai's"
        found.append(Target(words, times(tokens), 10.0, True))
    if doubts:
        worse = statistics.mean(doubts[OURS]) / statistics.mean(doubts[THEIRS])
        found.append(Target("perplexity after the same words over fastai's", worse, 1.0))
    return found
