"""The classifier's pooling against a slow loop: padding counts for nothing."""

from __future__ import annotations

import pytest
import torch

from tenfold.errors import ModelError
from tenfold.models.text_classifier import (
    SettledNorm,
    TextClassifier,
    build_text_classifier,
    create_text_classifier,
    pooled,
)


def make_model() -> TextClassifier:
    return create_text_classifier(50, 3, embedding=6, hidden=10, head=8).eval()


def test_pooling_equals_a_loop_over_the_real_words() -> None:
    outputs = torch.randn(7, 3, 4)
    words = torch.randint(2, 9, (3, 7))
    lengths = [7, 4, 1]
    for text, length in enumerate(lengths):
        words[text, length:] = 1
    found = pooled(outputs, words)
    for text, length in enumerate(lengths):
        real = outputs[:length, text]
        slow = torch.cat([real[-1], real.max(0).values, real.mean(0)])
        torch.testing.assert_close(found[text], slow)


def test_the_mean_of_words_in_bfloat16_is_not_rounded_again() -> None:
    outputs, words = (3 + torch.randn(200, 4, 5) / 50).bfloat16(), torch.full((4, 200), 7)
    mean = pooled(outputs, words)[:, 10:]
    torch.testing.assert_close(mean, outputs.double().mean(0).float(), rtol=1e-6, atol=1e-6)
    assert not torch.equal(mean, mean.bfloat16().float())


def test_a_text_is_judged_alike_alone_and_beside_a_longer_one() -> None:
    model, words = make_model(), torch.randint(2, 50, (2, 12))
    words[0, 5:] = 1
    torch.testing.assert_close(model(words)[0], model(words[:1, :5])[0])


def test_padding_gets_no_gradient() -> None:
    model, words = make_model(), torch.randint(2, 50, (2, 12))
    words[0, 5:] = 1
    model(words).sum().backward()
    gradient = model.encoder.embedding.weight.grad
    assert gradient is not None and not gradient[1].any() and gradient.any()


def test_the_layer_groups_are_embedding_layers_and_head() -> None:
    model = make_model()
    grouped = [p for group in model.groups() for module in group for p in module.parameters()]
    assert len(model.groups()) == 5
    assert sorted(map(id, grouped)) == sorted(map(id, model.parameters()))


def test_it_is_built_again_from_its_description() -> None:
    model, words = make_model(), torch.randint(2, 50, (2, 5))
    again = build_text_classifier(model.spec).eval()
    again.load_state_dict(model.state_dict())
    assert torch.equal(again(words), model(words))


def test_what_describes_no_classifier_is_refused() -> None:
    with pytest.raises(ModelError, match="does not describe a text classifier"):
        build_text_classifier({**make_model().spec, "outputs": 0})


def test_a_settled_norm_is_batch_norm_whose_averages_begin_with_the_first_batch() -> None:
    ours, theirs = SettledNorm(4), torch.nn.BatchNorm1d(4)
    mean, var = torch.zeros(4), torch.ones(4)
    for step in range(1, 25):
        x = torch.randn(6, 4) * 0.1 + 3
        torch.testing.assert_close(ours(x), theirs(x))
        weight = max(0.1, 1 / step)
        mean, var = mean + weight * (x.mean(0) - mean), var + weight * (x.var(0) - var)
        torch.testing.assert_close((ours.running_mean, ours.running_var), (mean, var))
    ours.eval()
    torch.testing.assert_close(ours(x), (x - mean) / (var + ours.eps).sqrt())


def test_a_head_predicts_as_it_trained_after_a_few_steps() -> None:
    head = create_text_classifier(30, 2, embedding=4, hidden=8).head
    x = torch.randn(64, 12) * 0.02 + 0.1
    for _ in range(5):
        trained = head(x)
    spread = head.eval()(x).std(0) / trained.std(0)
    assert spread.min() > 0.5 and spread.max() < 2
