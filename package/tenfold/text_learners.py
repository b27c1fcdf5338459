"""Learners for texts: a language model, and a classifier on its encoder (ULMFiT).

Howard & Ruder 2018, "Universal language model fine-tuning for text classification",
arXiv:1801.06146: a pretrained language model is tuned to the texts at hand, its encoder gets a
classifier's head, and that is thawed from the head down.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tenfold.data.texts import TextData
from tenfold.errors import DataError, ModelError
from tenfold.learner import Learner
from tenfold.models.awd_lstm import Dropouts, LanguageModel, create_language_model
from tenfold.models.language_weights import LanguageWeights, fill_language, read_nano_lm
from tenfold.models.text_classifier import CLASSIFIER_DROPOUTS, create_text_classifier
from tenfold.predictor import Predictor, load
from tenfold.techniques.activation_regularisation import ActivationRegularisation
from tenfold.text import did_you_mean, listed
from tenfold.train.events import Callback
from tenfold.train.optim import layer_groups

__all__ = ["language_model_learner", "text_classifier_learner"]

# "nano_lm" is small enough for a laptop and to be bundled; "awd_lstm" is of the paper's size
SIZES = {
    "nano_lm": {"embedding": 160, "hidden": 320, "layers": 3},
    "awd_lstm": {"embedding": 400, "hidden": 1152, "layers": 3},
}
# each layer group learns 2.6 times slower than the one above it: over five groups, 2.6 ** 4
GROUP_FACTOR = 2.6
# most words are rare, and their rows get gradients that the usual eps of 1e-5 all but stills
OPTIMIZER = partial(torch.optim.AdamW, betas=(0.9, 0.99), eps=1e-8, fused=True)
# of `fit_one_cycle`: recurrent networks follow their gradient more closely than others
MOMENTUM = (0.8, 0.7)


def language_model_learner(
    data: TextData,
    model: str | os.PathLike[str] | nn.Module = "nano_lm",
    *,
    pretrained: bool = True,
    dropout: float | Dropouts = 1.0,
    alpha: float = 2.0,
    beta: float = 1.0,
    callbacks: Sequence[Callback] = (),
    **more: Any,
) -> Learner:
    """A learner that predicts the next word: an AWD-LSTM, frozen but for its table if pretrained.

    `model` is "nano_lm" (small), "awd_lstm" (the paper's size), the file that the export of
    another language model wrote, or a module of yours. With `pretrained` nano_lm begins with its
    bundled weights (English reviews and articles, read forwards); the other size has none. Words
    that a pretrained model does not know begin as the mean of those it does. `dropout` is a
    factor on all five dropouts, or `Dropouts`; `alpha` and `beta` are those of
    `ActivationRegularisation`. `more` goes to `Learner`; the optimizer is AdamW with an eps of
    1e-8: with 1e-5, which suits pictures, the perplexity after 300 reviews was 2% and 8% higher
    (two seeds), after 2,000 by 41% (one).

    >>> data = TextData.from_texts(["the cat sat", "the dog sat"] * 20, batch_size=4)
    >>> learn = language_model_learner(data, pretrained=False, quiet=True)
    >>> learn.fit_one_cycle(1, 1e-2).state
    'finished'
    """
    _check_data(data, labelled=False)
    more.setdefault("optimizer", OPTIMIZER)
    if isinstance(model, nn.Module):
        ours = {"alpha": alpha, "beta": beta} if isinstance(model, LanguageModel) else {}
        return _learner(data, model, None, callbacks, **{"alpha": 0.0, "beta": 0.0, **ours}, **more)
    sizes, weights = _start(model, pretrained=pretrained, data=data)
    rates = dropout if isinstance(dropout, Dropouts) else Dropouts().times(dropout)
    seed = more.get("seed", 0)
    net = create_language_model(len(data.vocab), **sizes, dropouts=rates, seed=seed)
    return _learner(data, net, weights, callbacks, alpha=alpha, beta=beta, **more)


def text_classifier_learner(
    data: TextData,
    encoder: str | os.PathLike[str] | Learner | Predictor = "nano_lm",
    *,
    pretrained: bool = True,
    dropout: float | Dropouts = 0.5,
    alpha: float = 2.0,
    beta: float = 1.0,
    callbacks: Sequence[Callback] = (),
    **more: Any,
) -> Learner:
    """A learner that classifies texts: an AWD-LSTM encoder, concat pooling, a head.

    `encoder` is where the weights come from: the learner of a language model, tuned to such texts,
    the file of its export, "nano_lm" or "awd_lstm" as for `language_model_learner`. With weights
    only the head trains at first; thaw the rest with `unfreeze(gradually=True)` before each fit.
    `dropout` is a factor on ULMFiT's rates for classifiers, or `Dropouts`.

    >>> data = TextData.from_texts(["good film", "bad film"] * 20, ["yes", "no"] * 20)
    >>> learn = text_classifier_learner(data, pretrained=False, quiet=True)
    >>> learn.predict("a good film").label in data.classes
    True
    """
    _check_data(data, labelled=True)
    assert data.classes is not None
    sizes, weights = _start(encoder, pretrained=pretrained, data=data)
    rates = dropout if isinstance(dropout, Dropouts) else CLASSIFIER_DROPOUTS.times(dropout)
    net = create_text_classifier(
        len(data.vocab), len(data.classes), **sizes, dropouts=rates, seed=more.get("seed", 0)
    )
    return _learner(data, net, weights, callbacks, alpha=alpha, beta=beta, **more)


def _learner(
    data: TextData,
    net: nn.Module,
    weights: LanguageWeights | None,
    callbacks: Sequence[Callback],
    *,
    alpha: float,
    beta: float,
    **more: Any,
) -> Learner:
    if weights is not None:
        fill_language(net, weights, vocab=data.vocab)
    regular = [ActivationRegularisation(alpha, beta)] if alpha or beta else []
    learn = Learner(data, net, callbacks=[*callbacks, *regular], **more)
    learn.spread = GROUP_FACTOR ** (len(layer_groups(net)) - 1)
    learn.momentum = MOMENTUM
    if weights is not None:
        learn.freeze()
    return learn


def _check_data(data: Any, *, labelled: bool) -> None:
    if not isinstance(data, TextData):
        raise DataError(
            f"{type(data).__name__} was given as data; a text learner takes a TextData; make one "
            "with TextData.from_frame, from_folder or from_texts"
        )
    if labelled and data.classes is None:
        raise DataError(
            "this data has no labels; a classifier needs them: make it with label= or labels=, or "
            "train a language model with language_model_learner"
        )
    if not labelled and data.classes is not None:
        raise DataError(
            "this data has labels, and a language model takes texts without; make it again "
            "without label= or labels=, or use text_classifier_learner"
        )


def _start(
    source: Any, *, pretrained: bool, data: TextData
) -> tuple[dict[str, int], LanguageWeights | None]:
    """The sizes of the network and the weights that it begins with, if any."""
    if isinstance(source, str) and source in SIZES:
        if source != "nano_lm" or not pretrained:
            return SIZES[source], None
        if data.encoder.backwards:
            raise ModelError(
                "this data is read backwards and nano_lm reads forwards; begin with "
                "pretrained=False, or give the learner of a language model on such data"
            )
        weights = read_nano_lm()
    else:
        weights = _weights_of(source, data)
    return {name: weights.spec[name] for name in ("embedding", "hidden", "layers")}, weights


def _weights_of(source: Any, data: TextData) -> LanguageWeights:
    """The language model of a learner or of an exported file."""
    if isinstance(source, str | os.PathLike):
        if not Path(source).expanduser().is_file():
            raise ModelError(
                f"{str(source)!r} was given; allowed are {listed(SIZES)}, or the file of an "
                f"exported language model{did_you_mean(str(source), SIZES)}"
            )
        source = load(Path(source))
    model = getattr(source, "model", None)
    encoder = getattr(getattr(source, "data", source), "encoder", None)
    if not isinstance(model, LanguageModel) or encoder is None:
        raise ModelError(
            f"{source!r:.60} holds no language model; give the learner of one, the file of its "
            f"export, or {listed(SIZES)}"
        )
    if encoder.backwards != data.encoder.backwards:
        ways = ["forwards", "backwards"]
        raise ModelError(
            f"the language model reads {ways[encoder.backwards]} and the data "
            f"{ways[data.encoder.backwards]}; turn the data round with data.reversed()"
        )
    tensors = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    return LanguageWeights(model.spec, encoder.vocab, tensors)
