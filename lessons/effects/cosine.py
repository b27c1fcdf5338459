"""Cosine annealing: a new head by plain SGD, with the rate held and with the rate lowered."""

from tenfold import samples, vision_learner
from tenfold.train.schedule import Chained, Constant, Cosine, Schedule

TITLE = "Cosine annealing"
MEASURE = "validation accuracy on the nursery after 7 epochs of SGD, %"
BETTER = "higher"

STEPS = Chained(((1, Constant(1.0)), (1, Constant(0.1)), (1, Constant(0.01))))


def accuracy(seed: int, lr: float, schedule: Schedule) -> float:
    data = samples.seedlings(pictures=600, size=64, valid=0.4, batch_size=16, seed=seed)
    learn = vision_learner(data, "nano", precompute=True, optimizer="sgd", seed=seed, quiet=True)
    learn.fit(7, lr, schedule=schedule)
    return 100 * learn.history.column("accuracy")[-1]


ARMS = {
    "constant 0.1": lambda seed: accuracy(seed, 0.1, Constant()),
    "cosine from 0.1": lambda seed: accuracy(seed, 0.1, Cosine()),
    "three steps from 0.1": lambda seed: accuracy(seed, 0.1, STEPS),
    "constant 0.003": lambda seed: accuracy(seed, 0.003, Constant()),
    "cosine from 0.003": lambda seed: accuracy(seed, 0.003, Cosine()),
}
