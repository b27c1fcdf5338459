"""The words with the largest loss: against a loop over every word of the validation text."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from text_world import make_language_learner

from tenfold.data.text_view import tokens_of
from tenfold.errors import DataError, SettingError
from tenfold.interpret.hard_words import HardWords
from tenfold.train.passes import predict_batches


def test_they_are_those_of_a_slow_loop() -> None:
    learn = make_language_learner()
    learn.fit(1, 1e-2)
    found = learn.top_losses(7)
    losses, before = [], []
    passed: list[Any] = []
    keep = {"use": lambda *pair: passed.append(pair), "plan": learn.plan()}
    predict_batches(learn.model, learn.data.valid, **keep)
    for (outputs, targets), ((words, _), _) in zip(passed, learn.data.valid):
        for place, (output, target) in enumerate(zip(outputs, targets)):
            losses.append(float(F.cross_entropy(output[None], target[None])))
            row, column = divmod(place, words.shape[1])
            read = words[row, max(0, column - 11) : column + 1]
            before.append((" ".join(tokens_of(learn.data.encoder, read)), int(target)))
    order = sorted(range(len(losses)), key=lambda place: -losses[place])[:7]
    assert isinstance(found, HardWords) and found.words == len(losses)
    assert [one.loss for one in found.items] == pytest.approx([losses[one] for one in order])
    assert found.perplexity == pytest.approx(math.exp(sum(losses) / len(losses)), rel=1e-5)
    told = {(before[one][0], learn.data.vocab[before[one][1]]) for one in order}
    assert {(one.before, one.actual) for one in found.items} == told
    assert found.items[0].probability == pytest.approx(math.exp(-losses[order[0]]))


def test_the_perplexity_is_that_of_the_history() -> None:
    learn = make_language_learner()
    learn.fit(1, 1e-2)
    wanted = learn.history.column("perplexity")[-1]
    assert learn.top_losses(1).perplexity == pytest.approx(wanted, rel=1e-4)


def test_they_show_as_text_and_as_a_table_and_are_refused_without_a_set() -> None:
    learn = make_language_learner()
    found = learn.top_losses(2)
    lines = repr(found).splitlines()
    assert lines[0] == found.summary and lines[1].split()[:3] == ["before", "actual", "predicted"]
    assert "<caption>perplexity" in found._repr_html_() and len(found) == 2 and len(lines) == 4
    with pytest.raises(SettingError, match="n=0 was given"):
        learn.top_losses(0)
    learn.data.valid = None
    with pytest.raises(DataError, match="there is no validation set"):
        learn.top_losses()


def test_a_bad_expectation_is_named() -> None:
    learn = make_language_learner()
    with torch.no_grad():
        learn.model.decoder.bias[learn.data.vocab.index("film")] = 50.0
    assert {one.predicted for one in learn.top_losses(3).items} == {"film"}
