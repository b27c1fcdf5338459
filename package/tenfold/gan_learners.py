"""A learner of pictures: a generator, and a critic that tells its pictures from real ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.noise import NoiseData
from tenfold.data.plain import as_data
from tenfold.errors import DataError, SettingError
from tenfold.interpret.frechet import FrechetDistance
from tenfold.interpret.live_sheet import LiveSheet
from tenfold.learner import Learner
from tenfold.models.gan import GAN, Critic, Generator, check_side
from tenfold.techniques.adversarial import Adversary, generation
from tenfold.techniques.alternate import Alternate
from tenfold.text import did_you_mean, listed

__all__ = ["gan_learner"]

# momentum would carry a step on that the other side has answered already
ADAM = partial(torch.optim.Adam, betas=(0.0, 0.99), fused=True)


# how strongly each way keeps the critic smooth, if nothing is said
SMOOTH = {"r1": 0.02, "slope": 10.0, "spectral": 1.0, "clip": 0.01}


def gan_learner(
    data: Any,
    generator: nn.Module | None = None,
    *,
    critic: nn.Module | None = None,
    loss: str = "hinge",
    smooth: str | None = None,
    strength: float | None = None,
    critic_steps: int | None = None,
    pixels: float = 0.0,
    augment: Callable[[Tensor], Tensor] | None = None,
    latent: int = 64,
    channels: int = 64,
    decay: float = 0.99,
    every: int = 100,
    **more: Any,
) -> Learner:
    """A learner that makes pictures like those of `data`, an ImageData with square pictures.

    `loss` is "hinge" or "wasserstein". `smooth` is how the critic is kept smooth: "r1" (so with
    "hinge"), "slope" (the gradient penalty, so with "wasserstein"), "clip" (its weights are cut)
    or "spectral" (its layers are normalised), and `strength` how much; the last has none. The
    critic learns `critic_steps` times for each step of the generator: 1, with "wasserstein" 5;
    `learn.model.critic_steps` changes it, also while it trains. `augment` is what the critic sees
    pictures through, real and made, as `DiffAugment()` for few of them. The two layer groups
    are the generator and the critic: 4e-4 suits both, `learn.fit(30, "2e-4,4e-4")` gives each its
    own. Adam has no momentum. `decay` is that of the generator's mean weights, which make the
    pictures that are shown: a sheet every `every` steps, in the panel and by `learn.sheet()`. The
    metric is the Fréchet distance from the validation set. `more` goes to `Learner`.

    Pictures of pictures, as in the fast.ai course: data of pairs of pictures, a `generator` that
    another learner has trained, `pixels` as the weight of the mean absolute error, and a critic
    that learns alone first: `learn.freeze_to(1)`, `learn.fit(2, 4e-4)`, `learn.unfreeze()`.

    >>> from tenfold.data import samples
    >>> learn = gan_learner(samples.seedlings(60, size=32), channels=8, quiet=True)
    >>> learn.fit(1, 4e-4).state
    'finished'
    """
    strict, seed = loss == "wasserstein", more.get("seed", 0)
    smooth = smooth or ("slope" if strict else "r1")
    weights = _strengths(smooth, strength)
    paired = generator is not None and getattr(generator, "latent", None) is None
    data = (
        _with_valid(as_data(data)) if paired else NoiseData(data, latent=_latent(generator, latent))
    )
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        makes = generator or Generator(data.side, latent=latent, channels=channels)
        judges = critic or Critic(_side(data), channels=channels, spectral=smooth == "spectral")
    steps = critic_steps if critic_steps is not None else 5 if strict else 1
    model = GAN(makes, judges, critic_steps=steps, decay=decay)
    adversary = Adversary(model, loss, penalty=weights["slope"], r1=weights["r1"], pixels=pixels)
    adversary.augment = augment
    turns = [Alternate(adversary, clip=weights["clip"] or None), LiveSheet(every=every, seed=seed)]
    settings = {"optimizer": ADAM, "weight_decay": 0.0, "metrics": [FrechetDistance()], **more}
    settings["callbacks"] = [*turns, *more.get("callbacks", ())]
    learn = Learner(data, model, task=generation(adversary), **settings)
    learn.momentum, learn.spread = (0.0, 0.0), 1.0
    return learn


def _strengths(smooth: str, strength: float | None) -> dict[str, float]:
    """The strength of every way to keep the critic smooth: all but one are 0."""
    if smooth not in SMOOTH:
        raise SettingError(
            f"smooth={smooth!r} was given; allowed are {listed(SMOOTH)}"
            f"{did_you_mean(smooth, SMOOTH)}"
        )
    if smooth == "spectral" and strength is not None:
        raise SettingError(
            f"strength={strength!r} was given with smooth='spectral', which has none; leave it out"
        )
    if strength is not None and (isinstance(strength, bool) or not 0 < strength < math.inf):
        raise SettingError(
            f"strength={strength!r} was given; allowed is above 0; try {SMOOTH[smooth]:g}, which "
            f"is usual for {smooth!r}"
        )
    return {name: (strength or usual) * (name == smooth) for name, usual in SMOOTH.items()}


def _latent(generator: nn.Module | None, latent: int) -> int:
    """How many numbers of noise make a picture: what a generator of one's own says, if any."""
    return latent if generator is None else int(generator.latent)  # type: ignore[arg-type]


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
