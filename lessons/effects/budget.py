"""A budget of epochs: the plain recipe against all that pays, on 240 pictures of 48 pixels."""

from tenfold import samples, vision_learner

TITLE = "Everything that pays, on one budget"
MEASURE = "validation accuracy on the nursery after 8 epochs, %"
BETTER = "higher"


def plain(seed: int) -> float:
    """The head alone, at one rate, without augmentation."""
    data = samples.seedlings(pictures=480, size=48, valid=0.5, seed=seed, augment=None)
    learn = vision_learner(data, "nano", seed=seed, quiet=True)
    learn.fit(8, 3e-3)
    return 100 * float(learn.history.column("accuracy")[-1])


def everything(seed: int) -> float:
    """All layers, one cycle, augmentation, and eight more looks at the end."""
    data = samples.seedlings(pictures=480, size=48, valid=0.5, seed=seed)
    learn = vision_learner(data, "nano", seed=seed, quiet=True)
    learn.unfreeze()
    learn.fit_one_cycle(8, 3e-3)
    return 100 * learn.score(*learn.tta(n=8))["accuracy"]


ARMS = {"head alone, one rate": plain, "everything": everything}
