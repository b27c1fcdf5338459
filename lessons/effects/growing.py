"""Growing images, from random weights: small pictures first, at the same number of pixels."""

from tenfold import samples, vision_learner

TITLE = "Growing images, from nothing"
MEASURE = "validation accuracy on the nursery at 64 pixels, %"
BETTER = "higher"


def train(seed: int, *, first: int, last: int, pretrained: bool = False) -> float:
    """`first` epochs at 32 pixels, then `last` at 64; four of the first cost one of the last."""
    small, large = (
        samples.seedlings(pictures=600, size=size, valid=0.4, seed=seed) for size in (32, 64)
    )
    start = small if first else large
    learn = vision_learner(start, "nano", pretrained=pretrained, seed=seed, quiet=True)
    learn.unfreeze()
    if first:
        learn.fit_one_cycle(first, 3e-3)
        learn.set_data(large)
    learn.fit_one_cycle(last, 3e-3)
    return 100 * float(learn.history.column("accuracy")[-1])


ARMS = {
    "64 pixels throughout": lambda seed: train(seed, first=0, last=8),
    "32 pixels, then 64": lambda seed: train(seed, first=12, last=5),
}
