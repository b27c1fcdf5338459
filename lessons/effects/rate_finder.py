"""The learning-rate finder: torch's own default for SGD against what each of its rules suggests."""

from tenfold import Learner, samples, vision_learner

TITLE = "Finding the learning rate"
MEASURE = "validation accuracy of a new head on the nursery after 5 epochs of SGD, %"
BETTER = "higher"

DEFAULT = 1e-3  # what torch.optim.SGD takes when nobody says anything


def new_head(seed: int) -> Learner:
    data = samples.seedlings(pictures=720, size=64, valid=0.5, augment=None, seed=seed)
    return vision_learner(data, "nano", precompute=True, optimizer="sgd", seed=seed, quiet=True)


def accuracy(learn: Learner, rate: float) -> float:
    learn.fit(5, rate)
    return 100 * learn.history.column("accuracy")[-1]


def suggested(seed: int, rule: str) -> float:
    learn = new_head(seed)
    return accuracy(learn, learn.lr_find().suggestions[rule])


ARMS = {
    "nobody chose: 1e-3": lambda seed: accuracy(new_head(seed), DEFAULT),
    "valley": lambda seed: suggested(seed, "valley"),
    "slide": lambda seed: suggested(seed, "slide"),
    "steep": lambda seed: suggested(seed, "steep"),
    "minimum": lambda seed: suggested(seed, "minimum"),
    "1e-2, the best of a sweep": lambda seed: accuracy(new_head(seed), 1e-2),
}
