"""Differential rates: a trained head, then every layer, at one rate and at three."""

from tenfold import samples, vision_learner

TITLE = "Differential learning rates"
MEASURE = "validation accuracy on the nursery after 5 epochs of all layers, %"
BETTER = "higher"


def accuracy(seed: int, rates: float | str) -> float:
    data = samples.seedlings(pictures=600, size=64, valid=0.6, batch_size=32, seed=seed)
    learn = vision_learner(data, "nano", precompute=True, seed=seed, quiet=True)
    learn.fit_one_cycle(8, 3e-3)
    learn.unfreeze()
    learn.fit_one_cycle(5, rates)
    return 100 * learn.history.column("accuracy")[-1]


ARMS = {
    "1e-2 everywhere": lambda seed: accuracy(seed, 1e-2),
    "1e-3:1e-2": lambda seed: accuracy(seed, "1e-3:1e-2"),
    "1e-4:1e-2": lambda seed: accuracy(seed, "1e-4:1e-2"),
    "3e-3 everywhere": lambda seed: accuracy(seed, 3e-3),
    "3e-4:3e-3": lambda seed: accuracy(seed, "3e-4:3e-3"),
}
