"""Output activations: trays of two pots, each with one of four species or none."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold import ImageData, samples, vision_learner
from tenfold.data.samples.nursery import draw_photo, draw_tray
from tenfold.learner import Learner
from tenfold.train.task import multi_label

TITLE = "The right activation"
MEASURE = "F1 of the labels of trays with none, one or two species"
BETTER = "higher"

SPECIES = ["clover", "dandelion", "mayweed", "plantain"]
NONE = len(SPECIES)


@lru_cache
def pots(part: int, each: int) -> np.ndarray:
    """Photos of pots, uint8 (5, each, 64, 64, 3); the last row is bare soil."""
    kinds = [samples.SPECIES_NAMES.index(name) for name in SPECIES]
    plants = [[draw_photo(kind, [part, kind, i], 64).image for i in range(each)] for kind in kinds]
    return np.array([*plants, [draw_tray([], [part, i], 64).image for i in range(each)]])


def trays(part: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of two pots side by side, and 0 or 1 for each species."""
    rng, photos = np.random.default_rng([seed, part]), pots(part, (40, 20)[part])
    kinds = rng.integers(NONE + 1, size=(count, 2))
    left, right = (photos[kind, rng.integers(photos.shape[1], size=count)] for kind in kinds.T)
    labels = (kinds[:, :, None] == np.arange(NONE)).any(1)
    return np.concatenate([left, right], axis=2), labels.astype(np.float32)


def cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Softmax's own loss; a tray with two species asks for half of each."""
    return F.cross_entropy(outputs, targets / targets.sum(1, keepdim=True).clamp(min=1))


@lru_cache
def trained(seed: int, softmax: bool) -> Learner:
    task = multi_label(len(SPECIES))
    if softmax:
        task = replace(task, loss=cross_entropy, activation=lambda outputs: outputs.softmax(1))
    data = ImageData.from_arrays(
        *trays(0, 360, seed), *trays(1, 200, seed), classes=SPECIES, batch_size=32, seed=seed
    )
    learn = vision_learner(data, "nano", task=task, precompute=True, seed=seed, quiet=True)
    learn.fit(10, 1e-2, schedule="cosine")
    return learn


def f1(seed: int, *, softmax: bool, tuned: bool = False) -> float:
    learn = trained(seed, softmax)
    predictions, targets = learn.predictions()
    thresholds = torch.linspace(0.05, 0.9, 18) if tuned else torch.tensor([0.5])
    scores = [learn.score((predictions > one).float(), targets)["f1"] for one in thresholds]
    return max(scores)


ARMS = {
    "softmax": lambda seed: f1(seed, softmax=True),
    "sigmoid": lambda seed: f1(seed, softmax=False),
    "softmax, the best threshold in hindsight": lambda seed: f1(seed, softmax=True, tuned=True),
    "sigmoid, the best threshold in hindsight": lambda seed: f1(seed, softmax=False, tuned=True),
}
