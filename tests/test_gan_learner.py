from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from factories import At, make_learner, same, tensors
from gan_world import Brighter, make_data, make_gan_learner, make_picture_pairs, pictures
from resume_world import Kill, equal, killed, result
from torch import nn

from tenfold.data.images import ImageData
from tenfold.errors import DataError, FileError, ModelError, SettingError
from tenfold.gan_learners import gan_learner
from tenfold.learner import Learner
from tenfold.live.recorder import groups_of
from tenfold.models.gan import Critic, Generator
from tenfold.train.run import Run

LOSSES: list[dict[str, Any]] = [
    {"loss": "hinge", "critic_steps": 2},
    {"loss": "wasserstein", "critic_steps": 2},
]


@pytest.mark.parametrize("settings", LOSSES, ids=["hinge", "wasserstein"])
@pytest.mark.parametrize(
    ("event", "step"), [("after_step", 3), ("before_batch", 7), ("after_epoch", 10)]
)
def test_a_killed_run_goes_on_bit_for_bit(
    settings: dict[str, Any], event: str, step: int, tmp_path: Path
) -> None:
    def fit(learn: Learner, **more: Any) -> Run:
        return learn.fit_one_cycle(3, "1e-3,2e-3", **more)

    whole, dead, again = (make_gan_learner(**settings) for _ in range(3))
    fit(whole)
    killed(dead, fit, tmp_path, callbacks=[Kill(event, step)])
    again.resume(tmp_path)
    assert equal(whole, again)
    assert [sheet.step for sheet in again.sheets()] == [5, 10, 15]
    assert all(
        torch.equal(one.pictures, other.pictures)
        for one, other in zip(whole.sheets(), again.sheets(), strict=True)
    )


def test_critic_steps_that_were_changed_on_the_way_are_taken_up(tmp_path: Path) -> None:
    def fit(learn: Learner, **more: Any) -> Run:
        def switch(run: Run) -> None:
            learn.model.critic_steps = 3

        callbacks = [At("after_step", switch, step=2), *more.pop("callbacks", ())]
        return learn.fit(2, 1e-3, callbacks=callbacks, **more)

    whole, dead, again = (make_gan_learner() for _ in range(3))
    fit(whole)
    killed(dead, fit, tmp_path, callbacks=[Kill("before_batch", 6)])
    again.resume(tmp_path)
    assert equal(whole, again) and again.model.critic_steps == 3


def test_a_checkpoint_of_another_gan_is_refused(tmp_path: Path) -> None:
    def fit(learn: Learner, **more: Any) -> Run:
        return learn.fit(2, 1e-3, **more)

    killed(make_gan_learner(), fit, tmp_path, callbacks=[Kill("after_step", 4)])
    with pytest.raises(FileError, match=r"differs from this one: the model GAN"):
        make_gan_learner(channels=8).resume(tmp_path)


def test_it_pauses_stops_and_changes_the_rate_of_one_side() -> None:
    learn, at = make_gan_learner(), list[int]()

    def steer(run: Run) -> None:
        run.set_rate(5e-3, group=1)
        run.pause()
        run.resume()
        at.append(run.step)

    def end(run: Run) -> None:
        run.stop()

    steps = [At("after_step", steer, step=2), At("after_step", end, step=7)]
    run = learn.fit(3, "1e-3,2e-3", callbacks=steps)
    assert run.state == "stopped" and at == [2]
    assert learn.history.rates[0].tolist() == [1e-3, 2e-3]
    assert learn.history.rates[-1].tolist() == [1e-3, 5e-3]
    assert learn.history.steps == 7


def test_it_is_saved_and_loaded_whole(tmp_path: Path) -> None:
    learn, other = make_gan_learner(), make_gan_learner(seed=5)
    learn.fit(1, 1e-3)
    other.load(learn.save(tmp_path / "gan.training"))
    assert same(tensors(learn.model), tensors(other.model))
    for one in (learn, other):
        one.fit(1, 1e-3)
    assert same(result(learn)[:2], result(other)[:2])


def test_one_seed_makes_one_learner_and_leaves_the_random_numbers() -> None:
    before = torch.get_rng_state()
    first, again, other = (make_gan_learner(seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert same(tensors(first.model), tensors(again.model))
    assert not same(tensors(first.model), tensors(other.model))


def test_the_history_has_the_distance_and_both_losses() -> None:
    learn = make_gan_learner()
    first = learn.score(*learn.predictions())["frechet"]
    learn.fit(1, 1e-3)
    row = learn.history.rows[0]
    assert list(row) == [
        "epoch", "train_loss", "critic_loss", "generator_loss", "valid_loss", "frechet", "seconds",
        "step",
    ]  # fmt: skip
    assert first > 0 and row["frechet"] > 0


def test_its_groups_have_names_and_adam_has_no_momentum() -> None:
    learn = make_gan_learner()
    learn.fit_one_cycle(1, 1e-3)
    assert groups_of(learn.model, 2) == ["generator", "critic"]
    assert groups_of(make_learner().model, 3) == ["body 1", "body 2", "head"]
    assert {group["betas"] for group in learn._optimizer.param_groups} == {(0.0, 0.99)}  # type: ignore[union-attr]


def test_the_critic_learns_alone_before_both_do_as_in_the_course() -> None:
    generator = Brighter()
    alone = make_learner(make_picture_pairs(), generator, task=pixel_task())
    alone.fit(1, 1e-2)
    learn = make_gan_learner(make_picture_pairs(), generator, pixels=50.0)
    assert learn.model.generator is generator
    before = tensors(generator)
    learn.freeze_to(1)
    critic = tensors(learn.model.critic)
    learn.fit(1, 1e-3)
    assert same(tensors(generator), before)
    assert not same(tensors(learn.model.critic), critic)
    learn.unfreeze()
    learn.fit(1, 1e-3)
    assert not same(tensors(generator), before)


def pixel_task() -> Any:
    from tenfold.train.task import Task

    return Task(
        "pixels", 0, lambda made: made, nn.functional.l1_loss, lambda made: made,
        examine=lambda made, wanted: None,
    )  # fmt: skip


def test_a_generator_of_ones_own_may_take_noise() -> None:
    learn = make_gan_learner(generator=Generator(16, latent=3, channels=8), critic=Critic(16))
    assert next(iter(learn.data.train))[0].shape == (8, 3, 1, 1)
    assert learn.fit(1, 1e-3).state == "finished"


def test_other_pictures_of_the_same_size_may_follow() -> None:
    learn = make_gan_learner()
    learn.fit(1, 1e-3)
    learn.set_data(make_data(24))
    assert learn.data.train.items == 24 and learn.fit(1, 1e-3).state == "finished"
    with pytest.raises(
        DataError, match=r"pictures of 32 pixels were given; this generator makes 1"
    ):
        learn.set_data(make_data(side=32))
    assert "24 training and 12 validation pictures of 16x16" in repr(learn.data)
    assert len(learn.data.show_batch(4).axes) >= 4


def test_data_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match=r"tuple was given as data; pictures are made like those o"):
        gan_learner(make_picture_pairs())
    wide = torch.rand(4, 3, 16, 32)
    data = ImageData.from_arrays(wide, [0, 1] * 2, wide, [0, 1] * 2)
    with pytest.raises(DataError, match=r"pictures of 16x32 were given; a generator makes square "):
        gan_learner(data)
    with pytest.raises(SettingError, match=r"pictures of 24 pixels were given"):
        gan_learner(make_data(side=24))
    with pytest.raises(DataError, match=r"there is no validation set; the distance of what is ma"):
        gan_learner((make_picture_pairs()[0], None), Brighter())
    labels = [(pictures(4), torch.zeros(4))]
    with pytest.raises(DataError, match=r"the targets of this data are no pictures \(N, 3, h, w\)"):
        gan_learner((labels, labels), Brighter())
    learn = make_gan_learner(generator=Generator(32, latent=3, channels=4), critic=Critic(16))
    with pytest.raises(ModelError, match=r"the generator makes \(3, 32, 32\) and the targets are"):
        learn.fit(1, 1e-3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda learn: learn.predict(pictures(1)),
        lambda learn: learn.export("gan.tenfold"),
        lambda learn: learn.top_losses(),
        lambda learn: learn.tta(),
    ],
)
def test_what_needs_predictions_of_items_is_refused(ask: Any) -> None:
    with pytest.raises(
        ModelError, match=r"a GAN was given; it predicts nothing, .*learn\.sheet\(\)"
    ):
        ask(make_gan_learner())


def test_each_way_to_keep_the_critic_smooth_has_its_strength() -> None:
    def told(**settings: Any) -> tuple[float, float, float | None, bool]:
        turns: Any = make_gan_learner(**settings).callbacks[0]
        layers = turns.gan.critic.layers
        loss = turns.adversary
        return loss.penalty, loss.r1, turns.clip, hasattr(layers[0], "parametrizations")

    assert told() == (0, 0.02, None, False)
    assert told(loss="wasserstein") == (10, 0, None, False)
    assert told(loss="wasserstein", smooth="clip", strength=0.1) == (0, 0, 0.1, False)
    assert told(smooth="spectral") == (0, 0, None, True)
    assert told(smooth="slope", strength=5) == (5, 0, None, False)
    with pytest.raises(SettingError, match=r"smooth='slop' was given; allowed are r1, slope, spec"):
        make_gan_learner(smooth="slop")
    for strength in (0, -1, True):
        with pytest.raises(
            SettingError, match=r"strength=.* was given; allowed is above 0; try 0.02,"
        ):
            make_gan_learner(strength=strength)
    with pytest.raises(SettingError, match=r"with smooth='spectral', which has none; leave it"):
        make_gan_learner(smooth="spectral", strength=1)
    with pytest.raises(SettingError, match=r"critic_steps=0 was given"):
        make_gan_learner(critic_steps=0)


@pytest.mark.parametrize("ask", [lambda learn: learn.landscape(), lambda learn: learn.sharpness()])
def test_a_loss_that_hangs_on_the_other_side_has_no_landscape(ask: Any) -> None:
    with pytest.raises(ModelError, match=r"each side's loss hangs on the other's weights"):
        ask(make_gan_learner())


def test_the_rate_finder_is_refused_since_the_loss_tells_nothing() -> None:
    with pytest.raises(ModelError, match=r"lr_find follows a loss, and its losses tell nothing"):
        make_gan_learner().lr_find()
