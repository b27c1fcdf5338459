from __future__ import annotations

import io
import threading
from typing import Any

import pytest
import torch
from factories import At, make_learner, same, tensors
from gan_world import Brighter, make_gan, make_gan_learner, make_picture_pairs
from PIL import Image

from tenfold.errors import ModelError, SettingError, StateError
from tenfold.interpret.live_sheet import LiveSheet
from tenfold.interpret.sheet import GAP, WIDTH, make_sheet
from tenfold.learner import Learner
from tenfold.train.random_state import random_state
from tenfold.train.run import Run


def whole_state(model: torch.nn.Module) -> list[Any]:
    """Weights, modes, gradients, hooks, grad mode, and every random generator."""
    hooks = [len(part._forward_hooks) + len(part._backward_hooks) for part in model.modules()]
    modes = [part.training for part in model.modules()]
    trains = [(p.requires_grad, p.grad) for p in model.parameters()]
    rng = random_state(())
    return [tensors(model), modes, trains, hooks, torch.is_grad_enabled(), repr(rng)]


@pytest.mark.parametrize("mode", [True, False])
def test_a_sheet_leaves_everything_as_it_was(mode: bool) -> None:
    gan = make_gan().train(mode)
    gan.generator.eval()
    before = whole_state(gan)
    make_sheet(gan, None, n=9, seed=4)
    assert same(whole_state(gan), before)


def test_an_error_in_the_generator_leaves_everything_as_it_was_too() -> None:
    gan = make_gan()
    gan.average.layers[0] = torch.nn.Linear(2, 2)  # type: ignore[operator, union-attr]
    before = whole_state(gan)
    with pytest.raises(RuntimeError):
        make_sheet(gan, None)
    assert same(whole_state(gan), before)


def test_the_same_seed_makes_the_same_pictures_and_another_others() -> None:
    learn = make_gan_learner()
    learn.fit(1, 0.05)
    first, again, other = learn.sheet(seed=3), learn.sheet(seed=3), learn.sheet(seed=4)
    assert torch.equal(first.pictures, again.pictures)
    assert not torch.equal(first.pictures, other.pictures)
    # more pictures of a seed begin with the same ones
    fewer = learn.sheet(9, seed=3).pictures.float()
    torch.testing.assert_close(fewer, first.pictures[:9].float(), atol=1, rtol=0)
    assert len(first.pictures.unique()) > 20
    assert first.pictures.dtype == torch.uint8 and first.pictures.shape == (64, 3, 16, 16)


def test_a_sheet_is_a_png_with_words() -> None:
    sheet = make_gan_learner().sheet(9, seed=1)
    assert str(sheet) == "9 pictures from seed 1, after 0 epochs and 0 steps"
    image = Image.open(io.BytesIO(sheet.png()))
    side = 3 * (16 + GAP) - GAP
    assert image.size == (side * (WIDTH // side),) * 2
    times = WIDTH // side
    seen = torch.tensor(list(image.get_flattened_data())).view(*image.size, 3)[::times, ::times]
    assert torch.equal(seen[:16, :16], sheet.pictures[0].permute(1, 2, 0).long())
    assert torch.equal(seen[18:34, 36:52], sheet.pictures[5].permute(1, 2, 0).long())
    told, _ = sheet._repr_mimebundle_()
    assert told["text/plain"] == str(sheet) and f'alt="{sheet}"' in told["text/html"]


def test_every_epoch_keeps_a_few_pictures_of_the_same_noise() -> None:
    learn = make_gan_learner()
    with pytest.raises(StateError, match=r"there is no sheet of an epoch yet; train first, as"):
        learn.sheets()
    learn.fit(2, 1e-3)
    learn.fit(1, 1e-3)
    sheets = learn.sheets()
    assert [(one.epoch, one.step) for one in sheets] == [(1, 5), (2, 10), (3, 15)]
    assert torch.equal(sheets[-1].pictures, learn.sheet(10).pictures)
    assert sheets.whole().columns == 10 and len(sheets.whole()) == 30
    assert str(sheets) == "the same pictures after each of 3 epochs"
    assert sheets._repr_mimebundle_()[0]["text/plain"] == str(sheets)


def test_a_sheet_is_shown_every_few_steps() -> None:
    learn, seen = make_gan_learner(every=2), []

    def look(run: Run) -> None:
        seen.append((run.shown.epoch, run.shown.step))

    looks = [At("before_batch", look, step=step) for step in range(6)]
    run = learn.fit(2, 1e-3, callbacks=looks)
    assert seen == [(0, 0), (0, 0), (0, 2), (0, 2), (0, 4), (1, 5)]
    assert run.shown.step == 10 and len(run.shown) == 64
    with pytest.raises(SettingError, match=r"every=0 was given; allowed is 1 step and above; try"):
        LiveSheet(every=0)


def test_pictures_of_pictures_are_shown_beside_what_was_given_and_wanted() -> None:
    train, valid = make_picture_pairs()
    learn = make_gan_learner((train, valid), Brighter(), channels=4)
    sheet = learn.sheet(3)
    assert sheet.columns == 3 and sheet.pictures.shape == (9, 3, 16, 16)
    dark, wanted = valid[0]
    assert torch.equal(sheet.pictures[0], (dark[0] * 255).round().byte())
    assert torch.equal(sheet.pictures[5], (wanted[1] * 255).round().byte())
    made = learn.model.eval()(dark).detach()
    assert torch.equal(sheet.pictures[7], (made[2] * 255).round().byte())
    assert len(learn.sheet(64)) == 3 * len(dark)  # there are no more
    learn.fit(1, 1e-3)
    assert len(learn.sheets()[0]) == 9 and len(learn.run.shown) == 24  # type: ignore[union-attr]


def test_what_cannot_be_shown_is_refused() -> None:
    learn = make_gan_learner()
    for n in (0, True, 2.5):
        with pytest.raises(SettingError, match=r"n=.* was given; allowed is 1 and above"):
            learn.sheet(n)  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=r"n=401 was given; a sheet has at most 400 pictures"):
        learn.sheet(401)
    for seed in (-1, 1.5, True):
        with pytest.raises(SettingError, match=r"seed=.* was given; allowed is 0 and above; try 0"):
            learn.sheet(seed=seed)  # type: ignore[arg-type]
    for look in (Learner.sheet, Learner.sheets):
        with pytest.raises(
            ModelError, match=r"Net makes no pictures; a sheet is of a GAN; make on"
        ):
            look(make_learner())


def test_a_sheet_is_refused_beside_a_run_and_allowed_from_within() -> None:
    learn, found = make_gan_learner(), list[Any]()

    def beside() -> None:
        with pytest.raises(StateError, match=r"this learner is training"):
            learn.sheet(4)
        found.append("refused")

    def within(run: Run) -> None:
        found.append(len(learn.sheet(4)))
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()

    learn.fit(1, 1e-3, callbacks=[At("after_step", within, step=2)])
    assert found == [4, "refused"]
