"""The loss over a sample of the words, against that over all of them."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from text_world import NO_DROPOUT, make_language_learner, make_text_data, make_text_learner
from torch import Tensor

from tenfold.errors import SettingError
from tenfold.models.awd_lstm import LanguageModel, create_language_model
from tenfold.techniques.sampled_words import SampledWords, sampled_loss

WORDS = 40


def problem() -> tuple[LanguageModel, Tensor, Tensor]:
    model = create_language_model(WORDS, embedding=6, hidden=10, layers=2)
    torch.nn.init.normal_(model.encoder.embedding.weight)
    torch.nn.init.normal_(model.decoder.bias)
    return model, torch.randn(12, 6, requires_grad=True), torch.arange(12) % 5


def test_with_every_word_drawn_it_is_cross_entropy_with_its_gradients() -> None:
    model, features, following = problem()
    weights = [features, model.encoder.embedding.weight, model.decoder.bias]
    found = sampled_loss(model, features, following, count=WORDS)
    wanted = F.cross_entropy(model.decode(features), following)
    torch.testing.assert_close(found, wanted)
    both = (torch.autograd.grad(one, weights) for one in (found, wanted))
    for ours, theirs in zip(*both, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_batch_of_every_word_leaves_none_to_draw() -> None:
    model, features, _ = problem()
    features, following = features.repeat(4, 1)[:WORDS], torch.arange(WORDS)
    found = sampled_loss(model, features, following, count=3)
    torch.testing.assert_close(found, F.cross_entropy(model.decode(features), following))


def test_the_drawn_words_stand_for_the_rest() -> None:
    """For one state and word, e to the loss is the sum over all words over that of this word."""
    model, features, _ = problem()
    one, word = features[:1].detach(), torch.tensor([3])
    with torch.no_grad():
        outputs = model.decode(one)[0]
        losses = torch.stack([sampled_loss(model, one, word, count=20) for _ in range(4000)])
    sums = torch.exp(losses + outputs[3])
    spread = sums.std() / math.sqrt(len(sums))
    assert abs(sums.mean() - outputs.exp().sum()) < 4 * spread


def test_a_learner_trains_with_it_and_validates_over_all_words() -> None:
    learn = make_language_learner(dropouts=NO_DROPOUT, callbacks=[SampledWords(3)])
    plain = learn.task
    found = learn.fit(8, 1e-2).history.column("perplexity")
    assert learn.task is plain and learn.model.decodes
    assert found[-1] < 0.8 * found[0]
    learn.model.eval()
    with torch.no_grad():
        losses = [
            (F.cross_entropy(learn.model(*inputs), targets), len(targets))
            for inputs, targets in learn.data.valid
        ]
    mean = sum(float(loss) * many for loss, many in losses) / sum(many for _, many in losses)
    assert found[-1] == pytest.approx(math.exp(mean), rel=1e-3)


def test_with_every_word_drawn_a_learner_trains_as_without() -> None:
    losses = [
        make_language_learner(dropouts=NO_DROPOUT, alpha=alpha, callbacks=callbacks)
        .fit(2, 1e-2)
        .history.column("train_loss")
        for alpha in (0.0, 2.0)
        for callbacks in ([], [SampledWords(100)])
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert losses[2] == pytest.approx(losses[3], rel=1e-4)


def test_after_a_fit_that_failed_the_model_decodes_again() -> None:
    learn = make_language_learner(callbacks=[SampledWords(3)])
    learn.task = learn.task.with_loss(lambda outputs, targets: outputs / 0 / torch.zeros(2, 3, 4))
    with pytest.raises(RuntimeError):
        learn.fit(1, 1e-2)
    assert learn.model.decodes


@pytest.mark.parametrize("count", [0, -1, 2.5, True, "all"])
def test_a_count_that_is_none_is_refused(count: object) -> None:
    with pytest.raises(SettingError, match=r"count=.* allowed is a whole number from 1; try 1000"):
        SampledWords(count)  # type: ignore[arg-type]


def test_other_models_are_refused() -> None:
    learn = make_text_learner(make_text_data(), callbacks=[SampledWords()])
    with pytest.raises(SettingError, match=r"SampledWords was given to TextClassifier; it needs"):
        learn.fit(1, 1e-2)
