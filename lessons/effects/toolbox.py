"""The toolbox: the same network from pretrained and from random weights."""

from tenfold import samples, vision_learner

TITLE = "The toolbox: transfer learning"
MEASURE = "validation accuracy on the nursery after 5 epochs, %"
BETTER = "higher"


def accuracy(seed: int, *, pretrained: bool) -> float:
    data = samples.seedlings(pictures=720, size=64, seed=seed)
    learn = vision_learner(data, "nano", pretrained=pretrained, seed=seed, quiet=True)
    learn.unfreeze()
    learn.fit_one_cycle(5, 3e-3)
    return 100 * learn.history.column("accuracy")[-1]


ARMS = {
    "random weights": lambda seed: accuracy(seed, pretrained=False),
    "pretrained": lambda seed: accuracy(seed, pretrained=True),
}
