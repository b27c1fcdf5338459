"""Restarts: seven epochs as 1 + 2 + 4 with two restarts, against other ways to spend them."""

from collections.abc import Callable
from functools import lru_cache

from torch import Tensor

from tenfold import samples, vision_learner
from tenfold.learner import Learner

TITLE = "SGD with restarts"
MEASURE = "validation accuracy on the nursery after 7 epochs of SGD at 0.01, %"
BETTER = "higher"

Found = tuple[Tensor, Tensor]


@lru_cache
def trained(seed: int, way: str, rate: float) -> Learner:
    """A new head on stored activations, after seven epochs."""
    data = samples.seedlings(pictures=600, size=64, valid=0.4, batch_size=16, seed=seed)
    learn = vision_learner(data, "nano", precompute=True, optimizer="sgd", seed=seed, quiet=True)
    if way == "restarts":
        learn.fit_sgdr(3, rate, cycle_len=1, cycle_mult=2, snapshots=True)
    else:
        learn.fit(7, rate, schedule=way)
    return learn


def ways(measure: Callable[[Learner, Found], float], rate: float) -> dict[str, Callable]:
    """The arms: `measure` of a learner and its predictions, for each way to spend the epochs."""

    def arm(way: str, averaged: bool = False) -> Callable[[int], float]:
        def run(seed: int) -> float:
            learn = trained(seed, way, rate)
            found = learn.snapshot_predictions() if averaged else learn.predictions()
            return measure(learn, found)

        return run

    return {
        "one cosine": arm("cosine"),
        "restarts, 1 + 2 + 4": arm("restarts"),
        "the same, 3 snapshots averaged": arm("restarts", averaged=True),
        "one cycle": arm("one_cycle"),
    }


def accuracy(learn: Learner, found: Found) -> float:
    return 100 * learn.score(*found)["accuracy"]


ARMS = ways(accuracy, 0.01)
