"""Epochs after the first against the same training on batches that are floats in memory already.

What differs is all that `ImageData` does for a batch: gathering, turning bytes into floats, and,
in the last two rows, augmenting.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenfold.data.images import ImageData
from tenfold.data.plain import PlainData
from tenfold.learner import Learner
from tenfold.learners import vision_learner

from .harness import Table, Target, interleave, load_average, seconds
from .photos import some_photos

FLOATS, MEMORY = "floats in memory", "ImageData"
MODEL, SIZE = "squeezenet1_0", 128


def training(data: Any, like: ImageData, pictures: int) -> Callable[[], float]:
    """Pictures per second of one epoch, everything unfrozen, validating on two photos."""
    inputs, targets = like.valid.take(2)
    plain = PlainData(data, [(inputs, targets)], task=like.task)
    learn: Learner = vision_learner(plain, MODEL, metrics=[], quiet=True)
    learn.unfreeze()
    return lambda: pictures / seconds(lambda: learn.fit(1, 1e-4))


def measure(*, rounds: int = 5, pictures: int = 640) -> Table:
    """Pictures per second after the first epoch."""
    before = load_average()
    with tempfile.TemporaryDirectory() as name:
        folder = some_photos(Path(name), train=pictures, valid=10)
        common: dict[str, Any] = {"size": SIZE, "progress": False}
        plain = ImageData.from_folder(folder, augment=None, **common)
        mapped = ImageData.from_folder(folder, augment=None, memory=1, **common)
        augmented = ImageData.from_folder(folder, **common)
        sources = {
            FLOATS: list(plain.train),
            MEMORY: plain.train,
            "ImageData, mapped file": mapped.train,
            "ImageData, augmenting": augmented.train,
        }
        timed = {key: training(data, plain, pictures) for key, data in sources.items()}
        interleave(timed, rounds=1)  # the first epoch does not count
        samples = interleave(timed, rounds=rounds)
    table = Table(
        part="epochs",
        title="Epochs after the first: squeezenet1_0 unfrozen, 128 pixels",
        unit="pictures/s",
        baseline=FLOATS,
        samples=samples,
        settings={"batch": 64, "pictures": pictures},
        load=(before, load_average()),
    )
    words = "{} over floats in memory"
    table.targets = [
        Target(words.format(name), table.ratio(name), 0.95, at_least=True)
        for name in list(sources)[1:]
    ]
    return table
