"""A classifier on a language model that has read, against random numbers and against counting."""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tenfold import TextData, language_model_learner, samples, text_classifier_learner

TITLE = "Transfer for text: sorting"
MEASURE = "validation accuracy on docstrings by package, %"
BETTER = "higher"


def _by_network(seed: int, *, pretrained: bool) -> float:
    frame = samples.docstring_frame(800, valid=0.3, seed=seed)
    texts = TextData.from_frame(frame, valid="valid", batch_size=16)
    encoder = "nano_lm"
    if pretrained:
        encoder = language_model_learner(texts, pretrained=True, dropout=0.3, seed=seed, quiet=True)
        encoder.unfreeze()
        encoder.fit_one_cycle(2, 6e-3)
    data = TextData.from_frame(
        frame, label="package", valid="valid", vocab=texts.vocab, longest=80, batch_size=16
    )
    learn = text_classifier_learner(
        data, encoder, pretrained=False, dropout=0.2, seed=seed, quiet=True
    )
    if pretrained:
        learn.fit_one_cycle(2, 1e-2)
        learn.unfreeze()
    learn.fit_one_cycle(6, 5e-3)
    return 100 * learn.history.column("accuracy")[-1]


def _by_counting(seed: int) -> float:
    frame = samples.docstring_frame(800, valid=0.3, seed=seed)
    held, rest = frame[frame.valid], frame[~frame.valid]
    counter = make_pipeline(
        TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=500)
    )
    return 100 * counter.fit(rest.text, rest.package).score(held.text, held.package)


ARMS = {
    "random numbers": lambda seed: _by_network(seed, pretrained=False),
    "nano_lm, tuned on the texts": lambda seed: _by_network(seed, pretrained=True),
    "counting words": _by_counting,
}
