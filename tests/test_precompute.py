from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from factories import make_learner, same, tensors
from torch import nn

from tenfold.data.augment import Augment
from tenfold.data.images import ImageData
from tenfold.device import cache_folder
from tenfold.errors import ModelError
from tenfold.learner import Learner
from tenfold.learners import vision_learner
from tenfold.techniques.precompute import Features
from tenfold.train.plan import Plan

PLAN = Plan(threads=1)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path))


def make_data(*, seed: int = 0, **more: Any) -> ImageData:
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(12, 3, 32, 32, generator=generator)
    y = torch.arange(12) % 2
    return ImageData.from_arrays(x, y, x[:6], y[:6], batch_size=4, device="cpu", **more)


def make_vision_learner(data: ImageData | None = None, **more: Any) -> Learner:
    settings = {"pretrained": False, "precompute": True, "quiet": True, "device": "cpu", **more}
    learn = vision_learner(data or make_data(), "nano", **settings)
    learn.plan(precision="float32", channels_last=False, threads=1)
    return learn


def stored() -> list[Path]:
    return sorted((cache_folder() / "features").glob("*"))


def test_the_activations_are_those_of_the_body_in_evaluation_mode() -> None:
    learn = make_vision_learner()
    features = Features(learn.data, learn.model, plan=PLAN)
    learn.model.eval()
    with torch.no_grad():
        for split in ("train", "valid"):
            expected = [learn.model.features(x) for x, _ in getattr(learn.data, split).plain()]
            assert torch.allclose(getattr(features, split).inputs, torch.cat(expected), atol=1e-6)
    assert torch.equal(features.train.targets, learn.data.train.targets)


def test_predictions_from_activations_equal_those_from_pictures() -> None:
    learn = make_vision_learner()
    learn.fit(1, 1e-3)
    found = learn.predictions()[0]
    learn.precompute = False
    assert torch.allclose(found, learn.predictions()[0], atol=1e-5)


def test_only_the_head_is_trained() -> None:
    learn = make_vision_learner()
    before, head = tensors(learn.model.body), tensors(learn.model.head)
    learn.fit(1, "1e-4:1e-2")
    assert same(tensors(learn.model.body), before) and not same(tensors(learn.model.head), head)
    assert learn.history.rates.shape[1] == 3


def test_the_second_learner_reads_what_the_first_one_stored() -> None:
    first, second = make_vision_learner(), make_vision_learner()
    first.fit(1, 1e-3)
    assert len(stored()) == 1
    stamp = stored()[0].stat().st_mtime_ns
    second.fit(1, 1e-3)
    assert stored()[0].stat().st_mtime_ns == stamp
    assert same(tensors(first.model), tensors(second.model))


def test_other_pictures_sizes_weights_or_precisions_have_other_keys() -> None:
    learn = make_vision_learner()
    keys = {Features(data, learn.model, plan=PLAN).key for data in (make_data(), make_data(seed=1))}
    keys.add(Features(make_data(size=24), learn.model, plan=PLAN).key)
    keys.add(Features(make_data(), learn.model, plan=Plan(threads=1, precision="bfloat16")).key)
    with torch.no_grad():
        next(learn.model.body.parameters()).add_(1e-3)
    keys.add(Features(make_data(), learn.model, plan=PLAN).key)
    assert len(keys) == 5


def test_a_body_that_changed_makes_the_activations_anew_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    learn = make_vision_learner(quiet=False)
    old = learn.predictions()[0]
    with torch.no_grad():
        next(learn.model.body.parameters()).mul_(1.5)
    new = learn.predictions()[0]
    assert "the stored activations are stale: the body changed" in capsys.readouterr().out
    learn.precompute = False
    assert not torch.equal(new, old) and torch.allclose(new, learn.predictions()[0], atol=1e-5)


def test_weights_that_were_only_put_back_are_not_stale() -> None:
    learn = make_vision_learner()
    features = Features(learn.data, learn.model, plan=PLAN)
    learn.model.load_state_dict(tensors(learn.model))
    assert features.current


@pytest.mark.parametrize("content", [b"x", None])
def test_a_store_that_is_spoilt_is_made_again(content: bytes | None) -> None:
    learn = make_vision_learner()
    first = Features(learn.data, learn.model, plan=PLAN).train.inputs
    file = stored()[0]
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert torch.equal(Features(learn.data, learn.model, plan=PLAN).train.inputs, first)


def test_a_cache_that_cannot_be_written_is_no_error() -> None:
    (cache_folder() / "features").write_text("a file where the folder should be")
    make_vision_learner().fit(1, 1e-3)


@pytest.mark.parametrize("group", [0, 1, -2])
def test_unfreezing_turns_it_off_and_says_so(
    group: int, capsys: pytest.CaptureFixture[str]
) -> None:
    learn = make_vision_learner(quiet=False)
    learn.freeze_to(group)
    assert not learn.precompute
    assert "precompute is off: the body trains now" in capsys.readouterr().out


def test_asked_for_augmentation_turns_it_off_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    learn = make_vision_learner(make_data(augment=Augment()), quiet=False)
    assert not learn.precompute
    assert "precompute is off: this data is augmented" in capsys.readouterr().out


def test_it_stays_on_where_augmentation_was_switched_off() -> None:
    assert make_vision_learner(make_data(augment=None)).precompute


def test_another_size_is_computed_anew() -> None:
    learn = make_vision_learner()
    old = learn.predictions()[0]
    learn.set_data(learn.data.resized(48))
    assert learn.precompute and not torch.equal(learn.predictions()[0], old)


def test_data_that_has_no_pictures_turns_it_off_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    learn = make_vision_learner(quiet=False)
    pairs = [(torch.rand(4, 3, 32, 32), torch.tensor([0, 1, 0, 1]))]
    learn.set_data((pairs, pairs))
    assert not learn.precompute and "for an ImageData only" in capsys.readouterr().out
    assert learn.fit(1, 1e-3).state == "finished"


def test_the_finder_leaves_everything_as_it_was() -> None:
    learn = make_vision_learner()
    before = tensors(learn.model)
    learn.lr_find(steps=10)
    assert same(tensors(learn.model), before) and learn.precompute


@pytest.mark.parametrize("model", ["plain", "vision"])
def test_without_the_parts_it_needs_it_is_refused(model: str) -> None:
    learn = make_learner() if model == "plain" else make_vision_learner(precompute=False)
    learn.set_data(([(torch.rand(4, 3), torch.zeros(4).long())],) * 2)
    with pytest.raises(ModelError, match="precompute was asked for; it needs a model from vision_"):
        learn.precompute = True


def test_features_of_a_plain_model_are_refused() -> None:
    with pytest.raises(ModelError, match="but it needs the parts of a vision_learner model and an"):
        Features(make_data(), nn.Linear(2, 2), plan=PLAN)
