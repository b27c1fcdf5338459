"""A language model that has read a lot against one from random numbers, on docstrings."""

from __future__ import annotations

from tenfold import language_model_learner, samples

TITLE = "Transfer for text: guessing the next word"
MEASURE = "perplexity on docstrings after two epochs"
BETTER = "lower"


def _perplexity(seed: int, *, pretrained: bool) -> float:
    texts = samples.docstrings(800, label=False, valid=0.3, seed=seed, batch_size=16)
    learn = language_model_learner(
        texts, "nano_lm", pretrained=pretrained, dropout=0.3, seed=seed, quiet=True
    )
    learn.unfreeze()
    learn.fit_one_cycle(2, 4e-3)
    return learn.history.column("perplexity")[-1]


ARMS = {
    "random numbers": lambda seed: _perplexity(seed, pretrained=False),
    "nano_lm": lambda seed: _perplexity(seed, pretrained=True),
}
