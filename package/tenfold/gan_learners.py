"""A learner of pictures: a generator, and a critic that tells its pictures from real ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.noise import NoiseData
from tenfold.data.plain import as_data
from tenfold.errors import DataError
from tenfold.interpret.frechet import FrechetDistance
from tenfold.interpret.live_sheet import LiveSheet
from tenfold.learner import Learner
from tenfold.models.gan import GAN, Critic, Generator, check_side
from tenfold.techniques.adversarial import Adversary, generation
from tenfold.techniques.alternate import Alternate

__all__ = ["gan_learner"]

# momentum would carry a step on that the other side has answered already
ADAM = partial(torch.optim.Adam, betas=(0.0, 0.99), fused=True)


def gan_learner(
    data: Any,
    generator: nn.Module | None = None,
    critic: nn.Module | None = None,
    *,
    loss: str = "hinge",
    critic_steps: int | None = None,
    penalty: float | None = None,
    clip: float | None = None,
    pixels: float = 0.0,
    augment: Callable[[Tensor], Tensor] | None = None,
    latent: int = 64,
    channels: int = 64,
    decay: float = 0.99,
    every: int = 100,
    **more: Any,
) -> Learner:
    """A learner that makes pictures like those of `data`, an ImageData with square pictures.

    `loss` is "hinge" or "wasserstein". The critic learns `critic_steps` times for each step of
    the generator: 1, with "wasserstein" 5; `learn.model.critic_steps` changes it, also while it
    trains. `penalty` is the weight of the gradient penalty: 0, with "wasserstein" 10, unless
    `clip` cuts the critic's weights instead. `augment` is what the critic sees pictures through.
    The two layer groups are the generator and the critic: `learn.fit(30, "2e-4,4e-4")`. Adam has
    no momentum. `decay` is that of the generator's mean weights, which make the pictures that are
    shown: a sheet every `every` steps, in the panel and by `learn.sheet()`. The metric is the
    Fréchet distance from the validation set. `more` goes to `Learner`.

    Pictures of pictures, as in the fast.ai course: data of pairs of pictures, a `generator` that
    another learner has trained, `pixels` as the weight of the mean absolute error, and a critic
    that learns alone first: `learn.freeze_to(1)`, `learn.fit(2)`, `learn.unfreeze()`.

    >>> from tenfold.data import samples
    >>> learn = gan_learner(samples.seedlings(60, size=32), channels=8, quiet=True)
    >>> learn.fit(1, 2e-4).state
    'finished'
    """
    seed = more.get("seed", 0)
    if generator is None or getattr(generator, "latent", None) is not None:
        data = NoiseData(data, latent=latent if generator is None else generator.latent)  # type: ignore[arg-type]
    else:
        data = _with_valid(as_data(data))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        made = generator or Generator(data.side, latent=latent, channels=channels)
        judge = critic or Critic(_side(data), channels=channels, spectral=loss == "hinge")
    strict = loss == "wasserstein"
    model = GAN(made, judge, critic_steps=critic_steps or (5 if strict else 1), decay=decay)
    if penalty is None:
        penalty = 10.0 if strict and clip is None else 0.0
    adversary = Adversary(model, loss, penalty=penalty, pixels=pixels, augment=augment)
    turns = [Alternate(adversary, clip=clip), LiveSheet(every=every, seed=seed)]
    settings = {"optimizer": ADAM, "weight_decay": 0.0, "metrics": [FrechetDistance()], **more}
    settings["callbacks"] = [*turns, *more.get("callbacks", ())]
    learn = Learner(data, model, task=generation(adversary), **settings)
    learn.momentum, learn.spread = (0.0, 0.0), 1.0
    return learn


def _with_valid(data: Any) -> Any:
    if data.valid is None:
        raise DataError(
            "there is no validation set; the distance of what is made is measured from it; give "
            "data with one, as (train, valid)"
        )
    return data


def _side(data: Any) -> int:
    """The side of the pictures that the critic sees; SettingError where it has no layers for it."""
    side = getattr(data, "side", None)
    if side is None:
        targets = next(iter(data.valid))[1]
        side = targets.shape[-1] if isinstance(targets, Tensor) and targets.ndim == 4 else 0
        if not side:
            raise DataError(
                "the targets of this data are no pictures (N, 3, h, w); a generator of pictures "
                "from pictures needs pairs of them; leave generator= out for noise"
            )
    check_side(side)
    return side
