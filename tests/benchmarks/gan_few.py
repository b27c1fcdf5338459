"""A GAN on 300 pictures of the nursery at 32 pixels, with and without DiffAugment.

The distance is that of the part `gan`, from 1,200 pictures that were held out. The training set
has each picture twenty times, so that an epoch is as long as there. Few pictures are learned by
heart by the critic, so the distances on the way stand beside the last one.
"""

from __future__ import annotations

import time
from typing import Any

import torch

from tenfold.data import samples
from tenfold.data.augment import Augment
from tenfold.data.images import ImageData
from tenfold.gan_learners import gan_learner
from tenfold.techniques.diff_augment import DiffAugment

from .gan import BATCH, RATE, SIZE, between_real, distance
from .harness import Table, Target, load_average

PICTURES, TIMES, HELD = 300, 20, 1200
PLAIN, CHANGED, REAL = "as it is", "DiffAugment", "the 300 real pictures"
AUGMENTS = {PLAIN: None, CHANGED: DiffAugment()}
# epochs between two looks at the distance
LOOK_EVERY = 2


def few() -> ImageData:
    """The pictures, turned and mirrored as the nursery always is."""
    whole = samples.seedlings(PICTURES + HELD, size=SIZE, valid=HELD / (PICTURES + HELD))
    shown, species = whole.train.plain().take(PICTURES)
    held, others = whole.valid.take(HELD)
    return ImageData.from_arrays(
        shown.repeat(TIMES, 1, 1, 1), species.repeat(TIMES), held, others,
        classes=whole.classes, batch_size=BATCH,
        augment=Augment(dihedral=True, rotate=0.0, zoom=1.0),
    )  # fmt: skip


def learned(seed: int, name: str, *, epochs: int) -> tuple[list[float], float, float]:
    """The distance every few epochs, processor seconds of the training, and what real ones have."""
    settings: dict[str, Any] = {"metrics": [], "every": 10_000, "quiet": True}
    learn = gan_learner(few(), seed=seed, augment=AUGMENTS[name], **settings)
    learn.plan(precision="float32", channels_last=False, threads=torch.get_num_threads())
    found, spent = [], 0.0
    for _ in range(0, epochs, LOOK_EVERY):
        begin = time.process_time()
        learn.fit(LOOK_EVERY, RATE)
        spent += time.process_time() - begin
        found.append(distance(learn))
        print(f"seed {seed}, {name}: {spent:.0f} s, distance {found[-1]:.1f}", flush=True)
    return found, spent, between_real(learn)


def measure(*, seeds: int = 2, epochs: int = 14, threads: int = 1) -> Table:
    """The last distance with and without, seed by seed, the way there, and the time."""
    before = load_average()
    torch.set_num_threads(threads)
    samples_of: dict[str, list[float]] = {name: [] for name in (*AUGMENTS, REAL)}
    ways: dict[str, list[str]] = {name: [] for name in AUGMENTS}
    for seed in range(seeds):
        for name in AUGMENTS:
            found, spent, real = learned(seed, name, epochs=epochs)
            samples_of[name].append(found[-1])
            ways[name].append(f"{', '.join(f'{far:.1f}' for far in found)} ({spent:.0f} s)")
        samples_of[REAL].append(real)
    table = Table(
        part="gan_few",
        title=f"A GAN on {PICTURES} pictures of the nursery: Fréchet distance by nano",
        unit="distance",
        baseline=PLAIN,
        samples=samples_of,
        settings={"epochs": epochs, "rate": RATE, "batch size": BATCH, "pictures": PICTURES},
        columns={
            name: {f"every {LOOK_EVERY} epochs": "; ".join(way)} for name, way in ways.items()
        },
        load=(before, load_average()),
    )
    table.targets = [
        Target("the distance with DiffAugment over that without", table.ratio(CHANGED), 1.0)
    ]
    return table
