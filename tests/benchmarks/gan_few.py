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


Way = tuple[list[float], float, float]


def learned(seed: int, name: str, *, epochs: int) -> Way:
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


def measure(*, seeds: int = 3, epochs: int = 14, threads: int = 1) -> Table:
    """The last distance with and without, seed by seed, the way there, and the time."""
    before = load_average()
    torch.set_num_threads(threads)
    found: dict[str, list[Way]] = {name: [] for name in AUGMENTS}
    for seed in range(seeds):
        for name, ways in found.items():
            ways.append(learned(seed, name, epochs=epochs))
    return table(found, epochs=epochs, load=(before, load_average()))


def table(found: dict[str, list[Way]], *, epochs: int, load: tuple[float, float]) -> Table:
    """Both beside each other, and the distance that the training pictures themselves have."""
    made = Table(
        part="gan_few",
        title=f"A GAN on {PICTURES} pictures of the nursery: Fréchet distance by nano",
        unit="distance",
        baseline=PLAIN,
        samples={name: [way[0][-1] for way in ways] for name, ways in found.items()},
        settings={"epochs": epochs, "rate": RATE, "batch size": BATCH, "pictures": PICTURES},
        columns={
            name: {f"every {LOOK_EVERY} epochs": "; ".join(map(told, ways))}
            for name, ways in found.items()
        },
        load=load,
    )
    made.samples[REAL] = [way[2] for way in found[PLAIN]]
    words = "the distance with DiffAugment over that without, median"
    made.targets = [Target(words, made.ratio(CHANGED), 1.0)]
    return made


def told(way: Way) -> str:
    """The distances on the way, and the seconds."""
    return f"{', '.join(f'{far:.1f}' for far in way[0])} ({way[1]:.0f} s)"
