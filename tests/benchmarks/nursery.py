"""What nano's pretraining is worth: the nursery with 20 pictures of each species, several seeds.

The same network, pictures, schedule and epochs; what differs is where the weights start. Every
seed draws its own pictures.
"""

from __future__ import annotations

import statistics

from tenfold.data import samples
from tenfold.data.images import ImageData
from tenfold.learners import vision_learner

from .harness import Table, Target, load_average

PRETRAINED, RANDOM = "nano, pretrained", "nano, random weights"
SIZE, EPOCHS, RATE = 96, 30, 3e-3


def accuracy(data: ImageData, *, pretrained: bool, epochs: int, seed: int) -> float:
    """Share of the validation pictures that are right in the end, in per cent."""
    learn = vision_learner(data, "nano", pretrained=pretrained, seed=seed, quiet=True)
    learn.unfreeze()
    learn.fit_one_cycle(epochs, RATE)
    return 100 * learn.history.rows[-1]["accuracy"]


def measure(*, seeds: int = 5, epochs: int = EPOCHS, each: int = 20) -> Table:
    """Accuracy of both, seed by seed."""
    before = load_average()
    found: dict[str, list[float]] = {PRETRAINED: [], RANDOM: []}
    for seed in range(seeds):
        # two thirds validate: 480 pictures, so that a point of accuracy is five of them
        data = samples.seedlings(pictures=36 * each, size=SIZE, seed=seed, valid=2 / 3)
        for name, pretrained in ((PRETRAINED, True), (RANDOM, False)):
            score = accuracy(data, pretrained=pretrained, epochs=epochs, seed=seed)
            found[name].append(score)
    table = Table(
        part="nursery",
        title=f"The nursery, {each} pictures of each of twelve species, {SIZE} pixels",
        unit="% right",
        baseline=RANDOM,
        samples=found,
        settings={"epochs": epochs, "one cycle to": RATE, "validation pictures": 24 * each},
        columns={name: {"mean ± sd": spread(scores)} for name, scores in found.items()},
        load=(before, load_average()),
    )
    gap = statistics.mean(found[PRETRAINED]) - statistics.mean(found[RANDOM])
    table.targets = [Target("points that pretraining is worth", gap, 15, at_least=True)]
    return table


def spread(scores: list[float]) -> str:
    """Mean and standard deviation."""
    around = f" ± {statistics.stdev(scores):.1f}" if len(scores) > 1 else ""
    return f"{statistics.mean(scores):.1f}{around}"
