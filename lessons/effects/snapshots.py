"""Snapshots: three networks from one training with restarts, measured by their chances."""

from lessons.effects.restarts import Found, ways

from tenfold.learner import Learner

TITLE = "Snapshot ensemble"
MEASURE = "validation loss on the nursery after 7 epochs of SGD at 0.01"
BETTER = "lower"


def loss(learn: Learner, found: Found) -> float:
    chances, targets = found
    return -chances.gather(1, targets[:, None]).log().mean().item()


ARMS = ways(loss, 0.01)
