"""ULMFiT from end to end in small: language model, classifier, thawing, files, both directions."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from factories import make_learner, same, tensors
from text_world import NO_DROPOUT, make_language_learner, make_text_data, make_text_learner
from torch import nn

import tenfold
from tenfold import TextData
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.models.awd_lstm import Dropouts
from tenfold.models.language_weights import read_nano_lm
from tenfold.techniques.ensemble import ensemble
from tenfold.techniques.generate import generate
from tenfold.text_learners import language_model_learner, text_classifier_learner


def frozen(learn: tenfold.Learner) -> list[bool]:
    groups = [
        [p for module in group for p in module.parameters()] for group in learn.model.groups()
    ]
    return [not any(p.requires_grad for p in group) for group in groups]


def test_a_language_model_learns_what_follows() -> None:
    sizes = {"embedding": 32, "layers": 1}
    learn = make_language_learner(sizes=sizes, dropouts=NO_DROPOUT, alpha=0.0, beta=0.0)
    learn.fit_one_cycle(15, 2e-2)
    row = learn.history.rows[-1]
    assert row["accuracy"] > 0.5 and row["perplexity"] < 6


def test_the_classifier_begins_with_the_language_models_encoder() -> None:
    language = make_language_learner(make_text_data(label=False))
    learn = make_text_learner(make_text_data(vocab=language.data), encoder=language)
    wanted = tensors(language.model.encoder)
    assert same(tensors(learn.model.encoder), wanted)
    assert frozen(learn) == [True] * 3 + [False]


def test_thawing_gradually_lets_one_group_more_train_each_time() -> None:
    learn = make_text_learner()
    counts = []
    for _ in range(5):
        counts.append(sum(frozen(learn)))
        learn.fit(1, 1e-2)
        learn.unfreeze(gradually=True)
    assert counts == [3, 2, 1, 0, 0]
    learn.freeze()
    learn.unfreeze()
    assert not any(frozen(learn))


def test_the_classifier_learns() -> None:
    learn = make_text_learner(dropout=0.0, alpha=0.0, beta=0.0)
    # whether bfloat16 is taken is timed, and what one word alone says depends on it
    learn.plan(precision="float32")
    learn.unfreeze()
    learn.fit_one_cycle(30, 2e-2)
    assert learn.history.rows[-1]["accuracy"] > 0.9
    assert learn.predict("The film was lovely.").label == "yes"
    assert [one.label for one in learn.predict(["The film was bad.", "good"])] == ["no", "yes"]


def test_rates_are_spread_by_2_6_from_group_to_group() -> None:
    data = make_text_data()
    learn = text_classifier_learner(data, pretrained=False, quiet=True, device="cpu")
    assert learn.spread == pytest.approx(2.6**4)
    learn.fine_tune(1, 2e-2)
    rates = learn.run.base_rates
    assert rates[-1] == pytest.approx(1e-2)
    assert [b / a for a, b in pairwise(rates)] == pytest.approx([2.6] * 4)


def test_momentum_goes_from_0_8_to_0_7_and_back() -> None:
    learn = make_language_learner()
    momenta = learn.fit_one_cycle(4, 1e-2).momenta
    assert momenta is not None
    assert (momenta[0], min(momenta), momenta[-1]) == pytest.approx((0.8, 0.7, 0.8))


def test_files_hold_everything_but_code(tmp_path: Path) -> None:
    learn = make_text_learner()
    again = tenfold.load(learn.export(tmp_path / "classifier.tenfold"))
    assert str(again.predict("a good film")) == str(learn.predict("a good film"))
    language = make_language_learner()
    file = language.export(tmp_path / "language.tenfold")
    assert tenfold.load(file).predict("the film").label in language.data.vocab
    more = text_classifier_learner(make_text_data(vocab=language.data), file, quiet=True)
    assert same(tensors(more.model.encoder.cpu()), tensors(language.model.encoder))
    on = language_model_learner(make_text_data(label=False, vocab=language.data), file, quiet=True)
    assert same(tensors(on.model.cpu()), tensors(language.model))


def test_a_found_rate_leaves_everything_as_it_was() -> None:
    learn = make_language_learner()
    before, task = tensors(learn.model), learn.task
    learn.lr_find(steps=12)
    assert same(tensors(learn.model), before) and learn.task is task


def test_the_same_seed_trains_the_same_bits() -> None:
    learners = [make_language_learner() for _ in range(2)]
    for learn in learners:
        learn.fit(2, 1e-2)
    assert same(tensors(learners[0].model), tensors(learners[1].model))


def test_a_backward_model_joins_a_forward_one() -> None:
    data = make_text_data()
    learners = [make_text_learner(one, encoder="nano_lm", pretrained=False)
                for one in (data, data.reversed())]  # fmt: skip
    mean, targets = ensemble(learners)
    parts = [learn.predictions() for learn in learners]
    torch.testing.assert_close(mean, (parts[0][0] + parts[1][0]) / 2)
    assert torch.equal(targets, parts[1][1])
    assert learners[1].predict("a good film").label in data.classes
    assert 0 <= learners[0].score(mean, targets)["accuracy"] <= 1


def test_learners_of_different_data_are_no_ensemble() -> None:
    with pytest.raises(DataError, match="different validation sets"):
        ensemble([make_text_learner(), make_learner()])
    with pytest.raises(SettingError, match="no learner was given"):
        ensemble([])


def test_a_language_model_writes_on_and_repeats_itself() -> None:
    learn = make_language_learner()
    written = learn.generate("The film", words=5)
    assert written.startswith("The film ") and "xxunk" not in written
    assert written == learn.generate("The film", words=5)
    assert len({learn.generate("The film", words=8, seed=seed) for seed in range(5)}) > 1


def test_writing_equals_a_slow_loop_over_the_whole_text() -> None:
    learn = make_language_learner()
    model, encoder = learn.model, learn.data.encoder
    numbers = encoder.rows(["The film"])[0].tolist()
    model.eval()
    for _ in range(4):
        outputs = model(torch.tensor([numbers])).detach()[0]
        outputs[[0, 1, 2, 3]] = -torch.inf
        numbers.append(int(outputs.argmax()))
    assert generate(model, encoder, "The film", words=4, top=1) == encoder.decode(numbers)


def test_a_backward_model_writes_what_comes_before() -> None:
    learn = make_language_learner(make_text_data(label=False, backwards=True))
    written = learn.generate("film.", words=3)
    assert written.endswith(".") and "film" in written


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"words": 0}, "words=0 was given"),
        ({"top": True}, "top=True was given"),
        ({"temperature": 0.0}, "temperature=0.0 was given"),
    ],
)
def test_writing_out_of_range_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make_language_learner().generate("The film", **settings)


def test_every_prediction_of_a_language_model_is_not_asked_for_at_once() -> None:
    with pytest.raises(ModelError, match=r"more than memory holds; .* learn\.generate"):
        make_language_learner().predictions()


def test_only_a_language_model_writes() -> None:
    with pytest.raises(ModelError, match="TextClassifier cannot write"):
        make_text_learner().generate("The film")


@pytest.mark.parametrize(
    ("make", "data", "message"),
    [
        (language_model_learner, "labelled", "this data has labels"),
        (text_classifier_learner, "plain", "this data has no labels"),
        (text_classifier_learner, None, "a text learner takes a TextData"),
    ],
)
def test_data_of_the_other_kind_is_refused(make: object, data: str, message: str) -> None:
    kinds = {"labelled": make_text_data(), "plain": make_text_data(label=False)}
    with pytest.raises(DataError, match=message):
        make(kinds.get(data, 3), pretrained=False)  # type: ignore[operator]


def test_nano_lm_refuses_to_read_backwards() -> None:
    with pytest.raises(ModelError, match="nano_lm reads forwards; begin with pretrained=False"):
        language_model_learner(make_text_data(label=False).reversed())


def test_nano_lm_brings_what_it_read() -> None:
    data = TextData.from_texts(["the film was good", "the plot was bad"] * 20, batch_size=4)
    learn = language_model_learner(data, quiet=True)
    known = read_nano_lm()
    place = known.vocab.index("film")
    row = learn.model.encoder.embedding.weight[data.vocab.index("film")]
    assert torch.equal(row, known.tensors["encoder.embedding.weight"][place].float())


def test_an_encoder_that_is_none_is_refused() -> None:
    data = make_text_data()
    with pytest.raises(ModelError, match="did you mean 'nano_lm'"):
        text_classifier_learner(data, "nano-lm")
    with pytest.raises(ModelError, match="holds no language model"):
        text_classifier_learner(data, make_learner())
    with pytest.raises(ModelError, match=r"reads forwards and the data backwards; .*reversed"):
        text_classifier_learner(data.reversed(), make_language_learner())


def test_a_model_of_your_own_and_dropouts_of_your_own_are_taken() -> None:
    data = make_text_data(label=False)
    own = nn.Sequential(nn.Linear(1, 1))
    assert language_model_learner(data, own, quiet=True).callbacks == []
    learn = language_model_learner(data, pretrained=False, dropout=Dropouts(input=0.5), quiet=True)
    assert learn.model.encoder.input_drop.dropout == 0.5
