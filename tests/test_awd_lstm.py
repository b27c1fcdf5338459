"""AWD-LSTM against torch's own LSTM, and each dropout's mask against its stated shape and rate."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.awd_lstm import (
    Dropouts,
    DroppedEmbedding,
    DroppedLstm,
    LanguageModel,
    LockedDropout,
    build_language_model,
    create_language_model,
    dropping_mask,
)

SIZES = {"embedding": 6, "hidden": 10, "layers": 3}


def make_model(dropouts: Dropouts | None = None) -> LanguageModel:
    return create_language_model(50, **SIZES, dropouts=dropouts)


def some_words(texts: int = 4, length: int = 7) -> Tensor:
    return torch.randint(2, 50, (texts, length))


def by_torch(model: LanguageModel, words: Tensor) -> Tensor:
    """The same weights in torch's own layers: (words, texts, features)."""
    x = nn.functional.embedding(words, model.encoder.embedding.weight).transpose(0, 1)
    for layer in model.encoder.layers:
        own = nn.LSTM(layer.lstm.input_size, layer.lstm.hidden_size)
        own.load_state_dict(layer.lstm.state_dict())
        x = own(x)[0]
    return x


@pytest.mark.parametrize("training", [False, True])
def test_without_dropout_it_equals_torch(training: bool) -> None:
    model = make_model(Dropouts(0.0, 0.0, 0.0, 0.0, 0.0) if training else None).train(training)
    words = some_words()
    wanted = by_torch(model, words)
    torch.testing.assert_close(model.encoder(words).outputs, wanted)
    table = model.encoder.embedding.weight
    logits = (wanted.transpose(0, 1) @ table.t() + model.decoder.bias).flatten(0, 1)
    torch.testing.assert_close(model(words, True), logits)


def test_dropped_weights_are_those_that_torch_would_use() -> None:
    layer = DroppedLstm(5, 8, weight=0.5, hidden=0.0)
    x = torch.randn(6, 3, 5)
    torch.manual_seed(3)
    given, _ = layer(x, None)
    torch.manual_seed(3)
    own = nn.LSTM(5, 8)
    torch.manual_seed(3)
    weight = layer.lstm.weight_hh_l0.detach()
    dropped = weight * dropping_mask(weight, 0.5)
    own.load_state_dict({**layer.lstm.state_dict(), "weight_hh_l0": dropped})
    torch.testing.assert_close(given, own(x)[0])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_mask_drops_its_share_at_every_place_and_keeps_the_mean(rate: float) -> None:
    masks = torch.stack([dropping_mask(torch.ones(5, 40), rate) for _ in range(400)])
    assert masks.unique().tolist() == pytest.approx([0.0, 1 / (1 - rate)])
    assert (masks == 0).float().mean() == pytest.approx(rate, abs=0.01)
    # each of the four weights that share a draw, and each place, is dropped as often
    assert ((masks == 0).float().mean(0) - rate).abs().max() < 0.12
    assert dropping_mask(torch.ones(3), rate).shape == (3,)


def test_a_weight_that_is_dropped_gets_no_gradient_and_keeps_its_value() -> None:
    layer = DroppedLstm(5, 64, weight=0.4, hidden=0.0)
    before = layer.lstm.weight_hh_l0.detach().clone()
    layer(torch.randn(6, 3, 5), None)[0].sum().backward()
    gradient = layer.lstm.weight_hh_l0.grad
    assert gradient is not None
    assert (gradient == 0).float().mean() == pytest.approx(0.4, abs=0.02)
    assert torch.equal(layer.lstm.weight_hh_l0, before)


def test_locked_dropout_has_one_mask_for_all_words_of_a_text() -> None:
    dropped = LockedDropout(0.3)(torch.ones(9, 20, 500))
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert not torch.equal(dropped[0, 0], dropped[0, 1])
    assert (dropped == 0).float().mean() == pytest.approx(0.3, abs=0.02)
    assert dropped.max() == pytest.approx(1 / 0.7)


def test_embedding_dropout_takes_a_word_away_everywhere() -> None:
    layer = DroppedEmbedding(1000, 4, dropout=0.2)
    words = torch.arange(1000).repeat(2, 1)
    dropped = layer(words)
    gone = (dropped == 0).all(-1)
    assert torch.equal(gone[0], gone[1])
    assert gone[0].float().mean() == pytest.approx(0.2, abs=0.04)
    torch.testing.assert_close(dropped[~gone], layer.weight[words][~gone] / 0.8)


def test_each_rate_arrives_at_its_place() -> None:
    encoder = make_model(Dropouts(0.01, 0.02, 0.03, 0.04, 0.05)).encoder
    assert encoder.embedding.dropout == 0.01
    assert encoder.input_drop.dropout == 0.02
    assert [layer.weight for layer in encoder.layers] == [0.03] * 3
    assert [layer.drop.dropout for layer in encoder.layers] == [0.04, 0.04, 0.0]
    assert encoder.output_drop.dropout == 0.05


def test_in_evaluation_nothing_is_dropped() -> None:
    model = make_model(Dropouts(*[0.9] * 5)).eval()
    words = some_words()
    assert torch.equal(model(words, True), model(words, True))


def test_the_state_goes_on_from_batch_to_batch_until_a_pass_begins_anew() -> None:
    model = make_model().eval()
    words = some_words(length=10)
    whole = model(words, True).view(4, 10, -1)
    model(words[:, :6], True)
    torch.testing.assert_close(model(words[:, 6:], False).view(4, 4, -1), whole[:, 6:])
    torch.testing.assert_close(model(words[:, :6], True).view(4, 6, -1), whole[:, :6])


def test_no_gradient_flows_into_the_batch_before() -> None:
    model = make_model()
    model(some_words(), True)
    assert model._state is not None
    assert not any(part.requires_grad for pair in model._state for part in pair)
    model(some_words(texts=2), False)  # another number of texts: the state cannot be theirs


def test_the_word_after_a_padded_text_is_the_one_after_the_text_alone() -> None:
    model = make_model().eval()
    words = some_words(length=9)
    words[1, 5:] = 1
    torch.testing.assert_close(model(words)[1], model(words[1:2, :5])[0])


def test_decoder_and_embedding_are_one_table() -> None:
    names = dict(make_model().named_parameters())
    assert [name for name in names if name.startswith("decoder")] == ["decoder.bias"]


def test_every_parameter_is_in_one_layer_group() -> None:
    model = make_model()
    grouped = [p for group in model.groups() for module in group for p in module.parameters()]
    assert sorted(map(id, grouped)) == sorted(map(id, model.parameters()))
    assert len(model.groups()) == 4


def test_it_is_built_again_from_its_description() -> None:
    model = make_model()
    again = build_language_model(model.spec)
    again.load_state_dict(model.state_dict())
    words = some_words()
    assert torch.equal(again.eval()(words, True), model.eval()(words, True))


def test_what_describes_no_language_model_is_refused() -> None:
    with pytest.raises(ModelError, match="does not describe a language model"):
        build_language_model({"kind": "language_model", "words": 3})
    with pytest.raises(ModelError, match="does not describe a language model"):
        build_language_model({**make_model().spec, "hidden": 0})


@pytest.mark.parametrize("factor", [-1, True, "much", float("nan")])
def test_a_factor_on_the_dropouts_is_a_number_from_0(factor: float) -> None:
    with pytest.raises(SettingError, match="allowed is a factor from 0"):
        Dropouts().times(factor)


def test_a_rate_of_1_or_more_is_refused() -> None:
    with pytest.raises(SettingError, match=r"input dropout of 1\.25 .* 0 to below 1"):
        Dropouts().times(5.0)


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="hidden=0 was given"):
        create_language_model(5, hidden=0)
