"""A learner from picture to picture: it learns, predicts pictures, looks, is exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from factories import make_learner
from restoration_world import Gain, make_pairs, make_pictures, make_restorer
from torch import nn

import tenfold
from tenfold.data import samples
from tenfold.errors import DataError, ModelError, SettingError
from tenfold.interpret.before_after import BeforeAfter
from tenfold.learner import Learner
from tenfold.models.restorer import build_restorer, create_restorer
from tenfold.picture_learners import restoration_learner
from tenfold.train.task import picture


def test_a_restorer_begins_with_the_picture_it_got() -> None:
    pictures, net = torch.rand(2, 3, 33, 20), create_restorer("nano")
    assert torch.equal(net.eval()(pictures), pictures)
    groups = [p for group in net.groups() for module in group for p in module.parameters()]
    assert len(groups) == len(list(net.parameters()))
    again = build_restorer(net.spec)
    assert {k: v.shape for k, v in again.state_dict().items()} == {
        k: v.shape for k, v in net.state_dict().items()
    }
    with pytest.raises(
        ModelError, match=r"'nano' does not describe a restorer; allowed is the .sp"
    ):
        build_restorer("nano")  # type: ignore[arg-type]


@pytest.mark.parametrize("loss", ["l1", "l2", "feature"])
def test_every_loss_mends_pictures_that_are_too_dark(loss: str) -> None:
    learn = make_restorer(loss=loss)
    learn.fit(8, 0.1)
    assert abs(float(learn.model.gain.detach()) - 2) < 0.25  # type: ignore[arg-type]
    first, last = learn.history.rows[0], learn.history.rows[-1]
    assert last["psnr"] > first["psnr"] + 5 and last["ssim"] > first["ssim"]


def test_a_loss_of_ones_own_and_one_that_is_not_known() -> None:
    learn = make_restorer(loss=lambda outputs, targets: (outputs - targets).abs().mean())
    assert learn.fit(1, 0.1).state == "finished"
    with pytest.raises(SettingError, match=r"loss='featur' was given; .* did you mean 'feature'"):
        restoration_learner(make_pairs(), Gain(), loss="featur")
    with pytest.raises(DataError, match="the targets of this data are for single label; a resto"):
        restoration_learner(samples.seedlings(pictures=60, size=16, valid=0.4))


def test_a_prediction_is_a_picture_of_the_size_that_was_given() -> None:
    learn = make_restorer()
    nn.init.constant_(learn.model.gain, 2.0)  # type: ignore[arg-type]
    clean = make_pictures(1, side=24)[0, :, :, :17] // 2
    made = learn.predict(clean)
    assert made.size == (17, 24)
    assert np.array_equal(np.asarray(made), (clean * 2).permute(1, 2, 0).numpy())
    assert [one.size for one in learn.predict([clean, clean[:, :9]])] == [(17, 24), (17, 9)]
    assert learn.predict([]) == []


def test_an_exported_restorer_mends_without_its_data(tmp_path: Path) -> None:
    data = make_pairs(8, valid=0.5)
    learn = restoration_learner(data, loss="feature", quiet=True, device="cpu")
    learn.fit(1, 1e-3)
    kept = tenfold.load(learn.export(tmp_path / "mend.tenfold"))
    given = make_pictures(1, side=20)[0]
    assert np.array_equal(np.asarray(kept.predict(given)), np.asarray(learn.predict(given)))
    assert repr(kept) == "Predictor(Restorer, picture)" and kept.classes == []


def test_before_and_after_are_those_of_the_validation_pair() -> None:
    learn = make_restorer()
    found = learn.before_after(2)
    inputs, targets = learn.data.pairs([2])
    assert torch.equal(found.before, inputs[0]) and torch.equal(found.target, targets[0])
    assert torch.equal(found.after, inputs[0])
    assert found.table[1][1:] == found.table[2][1:]
    words = f"{found.table[1][1]}"
    wanted = -10 * (inputs - targets).square().mean().log10()
    assert abs(float(words) - float(wanted)) < 0.01
    assert str(found).startswith("validation picture 2: ")
    shown = found._repr_mimebundle_()[0]["text/html"]
    assert f'alt="{found}"' in shown
    title = found.plot().axes[0].get_title()
    assert title.startswith("before ") and title.endswith(" dB, target")


def test_a_picture_without_a_target_has_no_scores() -> None:
    found = BeforeAfter("mine.png", torch.zeros(3, 8, 9), torch.ones(3, 8, 9))
    assert found.table == [] and list(found.pictures) == ["before", "after"]
    assert str(found) == "mine.png: before and after, 8 x 9 pixels"


def test_top_losses_are_the_worst_pictures_with_what_was_made_of_them() -> None:
    learn = make_restorer(make_pairs(20, valid=0.5))
    found = learn.top_losses(3)
    outputs, targets = learn.predictions()
    losses = [float((a - b).abs().mean()) for a, b in zip(outputs, targets, strict=True)]
    order = sorted(range(len(losses)), key=lambda item: -losses[item])[:3]
    assert [one.index for one in found.items] == order
    assert [round(one.loss, 5) for one in found.items] == [round(losses[i], 5) for i in order]
    assert found.plot().axes[0].images[0].get_array().shape == (16, 50, 4)
    assert "3 validation pictures with the largest loss" in found._repr_html_()


def test_looking_leaves_model_mode_hooks_and_random_numbers_as_they_were() -> None:
    learn = restoration_learner(make_pairs(), quiet=True, device="cpu")
    learn.model.train()
    learn.plan(threads=1, precision="float32", channels_last=False)
    before = {name: value.clone() for name, value in learn.model.state_dict().items()}
    modes = [module.training for module in learn.model.modules()]
    random = torch.get_rng_state()
    learn.before_after(1)
    learn.top_losses(2)
    learn.predict(make_pictures(1)[0])
    assert torch.equal(random, torch.get_rng_state())
    assert modes == [module.training for module in learn.model.modules()]
    assert not any(module._forward_hooks for module in learn.model.modules())
    assert all(torch.equal(value, before[k]) for k, value in learn.model.state_dict().items())


def test_what_does_not_fit_pictures_is_refused() -> None:
    with pytest.raises(ModelError, match="before and after are of models whose outputs are pictu"):
        make_learner().before_after()
    pairs = [(torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8))]
    plain = Learner((pairs, pairs), Gain(), task=picture(), quiet=True, device="cpu")
    with pytest.raises(DataError, match="this data is PlainData, which has no pairs of pictures"):
        plain.before_after()
    with pytest.raises(SettingError, match="item 99 was given; allowed are the numbers of valid"):
        make_restorer().before_after(99)
    with pytest.raises(SettingError, match="a confusion matrix was asked for with picture; it"):
        make_restorer().confusion()
