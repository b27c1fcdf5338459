"""Words carried over from one vocabulary to another, and weights that do not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tenfold.data.tokens import MARKS
from tenfold.errors import ModelError
from tenfold.models.awd_lstm import create_language_model
from tenfold.models.language_weights import (
    LanguageWeights,
    carried_over,
    fill_language,
    read_nano_lm,
)
from tenfold.models.text_classifier import create_text_classifier

SIZES = {"embedding": 6, "hidden": 10, "layers": 2}
OLD, NEW = [*MARKS, "cat", "dog", "sat"], [*MARKS, "sat", "ran", "cat", "far"]


def make_weights() -> LanguageWeights:
    model = create_language_model(len(OLD), **SIZES, seed=1)
    torch.nn.init.normal_(model.decoder.bias)
    return LanguageWeights(model.spec, OLD, model.state_dict())


def test_known_words_keep_their_row_and_new_ones_get_the_mean() -> None:
    rows = torch.randn(len(OLD), 3)
    for place, row in enumerate(carried_over(rows, known=OLD, wanted=NEW)):
        wanted = rows[OLD.index(NEW[place])] if NEW[place] in OLD else rows.mean(0)
        torch.testing.assert_close(row, wanted)


def test_a_language_model_gets_layers_words_and_biases() -> None:
    weights, model = make_weights(), create_language_model(len(NEW), **SIZES)
    assert fill_language(model, weights, vocab=NEW) == 10 / 12
    given, own = weights.tensors, model.state_dict()
    name = "encoder.layers.1.lstm.weight_hh_l0"
    assert torch.equal(own[name], given[name])
    assert torch.equal(own["decoder.bias"][10], given["decoder.bias"][8])
    torch.testing.assert_close(own["decoder.bias"][9], given["decoder.bias"].mean())


def test_a_classifier_gets_the_encoder_and_keeps_its_head() -> None:
    weights, model = make_weights(), create_text_classifier(len(NEW), 2, **SIZES)
    head = model.head[2].weight.detach().clone()
    fill_language(model, weights, vocab=NEW)
    assert torch.equal(
        model.encoder.embedding.weight[8], weights.tensors["encoder.embedding.weight"][10]
    )
    assert torch.equal(model.head[2].weight, head)


def test_a_vocabulary_of_other_words_is_refused() -> None:
    strange = [*MARKS, *(f"Ġ{number}" for number in range(500))]
    model = create_language_model(len(strange), **SIZES)
    with pytest.raises(ModelError, match="its vocabulary does not fit; make the data with vocab="):
        fill_language(model, make_weights(), vocab=strange)


def test_weights_of_another_size_are_refused() -> None:
    model = create_language_model(len(NEW), embedding=6, hidden=12, layers=2)
    with pytest.raises(ModelError, match="weights of another size"):
        fill_language(model, make_weights(), vocab=NEW)


def test_weights_for_fewer_words_than_the_vocabulary_are_refused() -> None:
    weights = replace(make_weights(), vocab=OLD[:-1])
    with pytest.raises(ModelError, match="weights for 11 words and a vocabulary of 10"):
        fill_language(create_language_model(len(NEW), **SIZES), weights, vocab=NEW)


def test_nano_lm_is_read_from_its_file(tmp_path: Path) -> None:
    weights, file = make_weights(), tmp_path / "nano_lm.safetensors"
    told = {"spec": json.dumps(weights.spec), "vocab": json.dumps(weights.vocab)}
    save_file({name: one.bfloat16() for name, one in weights.tensors.items()}, file, metadata=told)
    read = read_nano_lm(file)
    assert read.vocab == OLD and read.spec == weights.spec
    model = create_language_model(len(NEW), **SIZES)
    fill_language(model, read, vocab=NEW)
    assert model.decoder.bias.dtype == torch.float32


def test_a_file_that_is_not_there_or_damaged_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="go on with pretrained=False"):
        read_nano_lm(tmp_path / "nano_lm.safetensors")
    (tmp_path / "nano_lm.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="go on with pretrained=False"):
        read_nano_lm(tmp_path / "nano_lm.safetensors")
