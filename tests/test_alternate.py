from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from factories import At, same
from gan_world import make_gan, make_gan_learner
from torch import Tensor

from tenfold.errors import SettingError, StateError
from tenfold.learner import Learner
from tenfold.models.gan import GAN
from tenfold.techniques.adversarial import Adversary, hinge
from tenfold.techniques.alternate import Alternate
from tenfold.train.events import Callback
from tenfold.train.run import Run


class Turns(Callback):
    """Writes down whose turn each step was."""

    def __init__(self) -> None:
        self.taken: list[str | None] = []

    def after_step(self, run: Run) -> None:
        self.taken.append(run.model.turn)


def turns(learn: Learner, epochs: int = 1, **more: Any) -> str:
    """The turns of a fit, as c and g."""
    seen = Turns()
    learn.callbacks.insert(1, seen)
    learn.fit(epochs, 1e-3, **more)
    learn.callbacks.remove(seen)
    return "".join(str(turn)[0] for turn in seen.taken)


def by_hand(gan: GAN, batches: list[tuple[Tensor, Tensor]], critic_steps: int) -> None:
    """Algorithm 1 of the paper with two of torch's optimizers, and the hinge loss."""
    settings: dict[str, Any] = {"betas": (0.0, 0.99), "fused": True}
    generators = torch.optim.Adam(gan.generator.parameters(), 2e-3, **settings)
    critics = torch.optim.Adam(gan.critic.parameters(), 5e-3, **settings)
    for step, (noise, real) in enumerate(batches):
        if step % (critic_steps + 1) < critic_steps:
            with torch.no_grad():
                made = gan.generator(noise)
            lost = hinge(*gan.critic(torch.cat([real, made])).chunk(2))
            mine = critics
        else:
            lost, mine = -gan.critic(gan.generator(noise)).mean(), generators
        mine.zero_grad()
        lost.backward()
        mine.step()


@pytest.mark.parametrize("critic_steps", [1, 3])
def test_one_optimizer_in_turns_is_two_optimizers_bit_for_bit(critic_steps: int) -> None:
    learn = make_gan_learner(critic_steps=critic_steps, smooth="spectral")
    gan: Any = make_gan(spectral=True)
    gan.load_state_dict(learn.model.state_dict())
    batches = []
    for epoch in range(2):
        learn.data.train.epoch = epoch
        batches += list(learn.data.train)
    by_hand(gan, batches, critic_steps)
    learn.fit(2, "2e-3,5e-3")
    for part in ("generator", "critic"):
        theirs, mine = getattr(gan, part).state_dict(), getattr(learn.model, part).state_dict()
        assert same(mine, theirs)


def test_the_critic_has_its_steps_and_then_the_generator_one() -> None:
    assert turns(make_gan_learner(critic_steps=1)) == "cgcgc"
    assert turns(make_gan_learner(critic_steps=2), 2) == "ccgccgccgc"
    assert turns(make_gan_learner(loss="wasserstein"), 2) == "cccccgcccc"


def test_where_one_is_frozen_every_step_is_the_others() -> None:
    learn = make_gan_learner()
    learn.freeze_to(1)
    assert turns(learn) == "ccccc"
    learn.unfreeze()
    learn.model.critic.requires_grad_(False)
    assert turns(learn) == "ggggg"


def test_the_steps_of_the_critic_change_while_it_trains_and_the_history_says_so() -> None:
    learn = make_gan_learner()

    def switch(run: Run) -> None:
        learn.model.critic_steps = 3

    assert turns(learn, 2, callbacks=[At("after_step", switch, step=4)]) == "cgcgcccgcc"
    assert learn.history.marks == [(4, "3 critic steps")]


def test_the_rows_tell_the_two_losses_apart() -> None:
    learn = make_gan_learner(critic_steps=2)
    learn.fit(2, 1e-3)
    whose = torch.tensor([step % 3 == 2 for step in range(10)])
    losses = torch.from_numpy(learn.history.losses)
    for row, part in ((0, slice(0, 5)), (1, slice(5, 10))):
        own, theirs = losses[part][whose[part]], losses[part][~whose[part]]
        assert learn.history.rows[row]["generator_loss"] == pytest.approx(float(own.mean()))
        assert learn.history.rows[row]["critic_loss"] == pytest.approx(float(theirs.mean()))


def test_a_run_that_is_stopped_in_an_epoch_has_its_losses_too() -> None:
    learn = make_gan_learner()
    learn.fit(2, 1e-3, stop_at=3)
    assert set(learn.history.rows[0]) >= {"critic_loss", "generator_loss"}
    assert learn.model.turn is None


def test_the_critics_weights_are_cut_after_its_steps() -> None:
    learn = make_gan_learner(loss="wasserstein", smooth="clip")
    assert max(float(p.detach().abs().max()) for p in learn.model.critic.parameters()) > 0.01
    learn.fit(1, 1e-3)
    assert max(float(p.detach().abs().max()) for p in learn.model.critic.parameters()) <= 0.01
    assert max(float(p.detach().abs().max()) for p in learn.model.generator.parameters()) > 0.01
    for clip in (0, -1.0, float("inf")):
        with pytest.raises(SettingError, match=r"clip=.* was given; allowed is above 0; try 0.01"):
            Alternate(Adversary(make_gan()), clip=clip)


def test_several_processes_are_refused(tmp_path: Path) -> None:
    learn = make_gan_learner()
    place = f"file://{tmp_path / 'store'}"
    torch.distributed.init_process_group("gloo", init_method=place, rank=0, world_size=1)
    try:
        with pytest.raises(
            StateError, match=r"its turns are taken in one; train it without launch"
        ):
            learn.fit(1, 1e-3)
    finally:
        torch.distributed.destroy_process_group()
