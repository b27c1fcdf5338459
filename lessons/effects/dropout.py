"""Dropout: the whole network on 240 pictures without augmentation, with and without it."""

from tenfold import samples, vision_learner

TITLE = "Dropout"
MEASURE = "validation loss on the nursery, 240 pictures to learn from"
BETTER = "lower"


def train(seed: int, share: float) -> float:
    data = samples.seedlings(pictures=600, size=64, valid=0.6, seed=seed, augment=None)
    learn = vision_learner(data, "nano", dropout=share, seed=seed, quiet=True)
    learn.unfreeze()
    learn.fit_one_cycle(10, 3e-3)
    return float(learn.history.column("valid_loss")[-1])


ARMS = {
    "no dropout": lambda seed: train(seed, 0.0),
    "dropout 0.5": lambda seed: train(seed, 0.5),
}
