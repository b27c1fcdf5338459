"""A GAN on the nursery at 32 pixels: how far its pictures are from real ones, as it learns.

The distance is Fréchet's, by the features of `nano`, from 1,200 pictures that were held out. Time
is processor time of this process on `threads` threads, without that of the distance itself, so
that other work on the machine does not count. The last sheet of each seed is left beside the
results: a person has to say whether they are plants.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch

from tenfold.data import samples
from tenfold.gan_learners import gan_learner
from tenfold.interpret.frechet import frechet
from tenfold.learner import Learner

from .harness import Table, Target, load_average
from .tables import RESULTS

PICTURES, SIZE, BATCH, RATE = 6000, 32, 32, 4e-4
BEFORE, AFTER, REAL = "untrained", "trained", "other real pictures"
TEN_MINUTES = 600.0
# epochs between two looks at the distance, which costs as much as some steps
LOOK_EVERY = 4


def learned(seed: int, *, epochs: int) -> tuple[list[tuple[float, float]], Learner]:
    """The distance after so many seconds of training, at the start and every few epochs."""
    data = samples.seedlings(PICTURES, size=SIZE, batch_size=BATCH)
    learn = gan_learner(data, seed=seed, metrics=[], every=10_000, quiet=True)
    learn.plan(precision="float32", channels_last=False, threads=torch.get_num_threads())
    points, spent = [(0.0, distance(learn))], 0.0
    for _ in range(0, epochs, LOOK_EVERY):
        begin = time.process_time()
        learn.fit(LOOK_EVERY, RATE)
        spent += time.process_time() - begin
        points.append((spent, distance(learn)))
        print(f"seed {seed}: {spent:.0f} s, distance {points[-1][1]:.1f}", flush=True)
    return points, learn


def distance(learn: Learner) -> float:
    """Of as many generated as held out pictures."""
    return frechet(*learn.predictions())


def between_real(learn: Learner) -> float:
    """Of as many training as held out pictures: what a perfect generator would reach."""
    data: Any = learn.data.pictures
    shown, _ = data.train.plain().take(data.valid.items)
    held, _ = data.valid.take(data.valid.items)
    return frechet(shown, held)


def measure(*, seeds: int = 3, epochs: int = 12, threads: int = 1) -> Table:
    """Distance before and after, seed by seed, and when it fell below a third."""
    before = load_average()
    torch.set_num_threads(threads)
    found: dict[str, list[float]] = {BEFORE: [], AFTER: [], REAL: []}
    thirds, whole = [], []
    for seed in range(seeds):
        points, learn = learned(seed, epochs=epochs)
        found[BEFORE].append(points[0][1])
        found[AFTER].append(points[-1][1])
        found[REAL].append(between_real(learn))
        thirds.append(next((at for at, far in points if far < points[0][1] / 3), float("inf")))
        whole.append(points[-1][0])
        (RESULTS / f"gan-seed-{seed}.png").write_bytes(learn.sheet(seed=1).png())
    table = Table(
        part="gan",
        title=f"A GAN on the nursery, {SIZE} pixels: Fréchet distance by nano",
        unit="distance",
        baseline=BEFORE,
        samples=found,
        settings={"epochs": epochs, "rate": RATE, "batch size": BATCH, "pictures": PICTURES},
        columns={AFTER: {"processor time": f"{statistics.median(whole):.0f} s"}},
        load=(before, load_average()),
    )
    table.targets = [
        Target("the last distance over the first, worst seed", max(table.ratios(AFTER)), 1 / 3),
        Target("seconds until it is a third, worst seed", max(thirds), TEN_MINUTES),
        Target("seconds of the whole training, worst seed", max(whole), TEN_MINUTES),
    ]
    return table
