"""Test-time augmentation: one look at each picture against the mean over eight more."""

from functools import lru_cache

from tenfold import samples, vision_learner
from tenfold.learner import Learner

TITLE = "Test-time augmentation"
MEASURE = "validation accuracy on the nursery, %"
BETTER = "higher"


@lru_cache
def trained(seed: int) -> Learner:
    data = samples.seedlings(pictures=600, size=64, valid=0.4, seed=seed)
    learn = vision_learner(data, "nano", seed=seed, quiet=True)
    learn.unfreeze()
    learn.fit_one_cycle(8, 3e-3)
    return learn


def accuracy(seed: int, views: int) -> float:
    learn = trained(seed)
    found = learn.tta(n=views) if views else learn.predictions()
    return 100 * learn.score(*found)["accuracy"]


ARMS = {
    "one look": lambda seed: accuracy(seed, 0),
    "4 views": lambda seed: accuracy(seed, 4),
    "8 views": lambda seed: accuracy(seed, 8),
}
