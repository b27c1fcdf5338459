"""Unfrozen squeezenet1_0 on Imagenette at 128 pixels, against fastai: rate, and accuracy.

The rate is measured in turns, an epoch each, on some of the photos. The accuracy and the whole
time, decoding included, come from `fine_tune` on all of them: one frozen epoch, then `epochs`.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenfold.data.images import ImageData
from tenfold.learner import Learner
from tenfold.learners import vision_learner

from .harness import Table, Target, interleave, load_average, seconds
from .photos import imagenette, some_photos

SIZE, BATCH, RATE = 128, 64, 2e-3
THEIRS, OURS, EQUAL = "fastai", "Tenfold", "Tenfold, fastai's settings"
Make = Callable[[Path, int], Any]


def fastai_learner(folder: Path, seed: int) -> Any:
    """fastai as its quick start has it: no random augmentation, float32, its own workers."""
    from fastai.vision.all import ImageDataLoaders, Resize, accuracy, models, set_seed
    from fastai.vision.learner import vision_learner as fastai_vision_learner

    set_seed(seed)
    dls = ImageDataLoaders.from_folder(folder, valid="val", item_tfms=Resize(SIZE), bs=BATCH)
    return fastai_vision_learner(dls, models.squeezenet1_0, metrics=accuracy)


def our_learner(folder: Path, seed: int) -> Learner:
    """Tenfold with its defaults."""
    data = ImageData.from_folder(folder, size=SIZE, seed=seed, progress=False)
    return vision_learner(data, "squeezenet1_0", seed=seed, quiet=True)


def equal_learner(folder: Path, seed: int) -> Learner:
    """Tenfold with fastai's settings: float32, contiguous, no augmentation, Adam."""
    data = ImageData.from_folder(folder, size=SIZE, seed=seed, augment=None, progress=False)
    learn = vision_learner(data, "squeezenet1_0", seed=seed, optimizer="adam", quiet=True)
    learn.plan(precision="float32", channels_last=False)
    return learn


LEARNERS: dict[str, Make] = {THEIRS: fastai_learner, OURS: our_learner, EQUAL: equal_learner}


def epoch_of(learn: Any, pictures: int) -> Callable[[], float]:
    """Train one epoch with everything unfrozen: pictures per second."""
    learn.unfreeze()
    rates = slice(RATE / 200, RATE / 2)

    def epoch() -> float:
        return pictures / seconds(lambda: quietly(learn, lambda: learn.fit_one_cycle(1, rates)))

    return epoch


def quietly(learn: Any, call: Callable[[], object]) -> None:
    """Without fastai's bar and log; Tenfold was told when it was made."""
    if isinstance(learn, Learner):
        call()
        return
    with learn.no_bar(), learn.no_logging():
        call()


def accuracy_of(learn: Any) -> float:
    """The share of right predictions on the validation set."""
    if isinstance(learn, Learner):
        return learn.score(*learn.predictions())["accuracy"]
    with learn.no_bar():
        return float(learn.validate()[1])


def recipe(make: Make, folder: Path, *, epochs: int, seed: int) -> tuple[float, float]:
    """Accuracy and seconds of `fine_tune` on all photos, from the folder on."""
    made: list[Any] = []

    def work() -> None:
        made.append(make(folder, seed))
        quietly(made[0], lambda: made[0].fine_tune(epochs, RATE))

    took = seconds(work)
    return accuracy_of(made[0]), took


def rates(*, pictures: int, rounds: int) -> dict[str, list[float]]:
    """Pictures per second, in turns, after one round that does not count."""
    with tempfile.TemporaryDirectory() as name:
        folder = some_photos(Path(name), train=pictures, valid=20)
        timed = {who: epoch_of(make(folder, 0), pictures) for who, make in LEARNERS.items()}
        interleave(timed, rounds=1)
        return interleave(timed, rounds=rounds)


def results(*, epochs: int, seeds: int) -> dict[str, list[tuple[float, float]]]:
    """(accuracy, seconds) of everybody's recipe, in turns, by seed."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in LEARNERS}
    for seed in range(seeds):
        for name, make in LEARNERS.items():
            found[name].append(recipe(make, imagenette(), epochs=epochs, seed=seed))
    return found


def measure(*, rounds: int = 5, pictures: int = 640, epochs: int = 2, seeds: int = 1) -> Table:
    """Pictures per second, with accuracy and whole time beside."""
    before = load_average()
    samples = rates(pictures=pictures, rounds=rounds)
    found = results(epochs=epochs, seeds=seeds) if seeds else {}
    table = Table(
        part="vision",
        title="squeezenet1_0 unfrozen, Imagenette at 128 pixels",
        unit="pictures/s",
        baseline=THEIRS,
        samples=samples,
        settings={"batch": BATCH, "pictures": pictures, "fine_tune": epochs, "seeds": seeds},
        columns={name: columns(runs) for name, runs in found.items()},
        load=(before, load_average()),
    )
    words = "Tenfold's pictures per second over fastai's, out of the box"
    table.targets = [Target(words, table.ratio(OURS), 2.5, at_least=True)]
    if found:
        behind = mean(found[THEIRS], 0) - mean(found[OURS], 0)
        table.targets.append(Target("fastai's accuracy minus Tenfold's", behind, 0.01))
    return table


def columns(runs: list[tuple[float, float]]) -> dict[str, str]:
    """What stands beside the rate."""
    accuracies = [accuracy for accuracy, _ in runs]
    error = statistics.stdev(accuracies) / len(runs) ** 0.5 if len(runs) > 1 else float("nan")
    return {
        "accuracy": f"{mean(runs, 0):.3f} ± {error:.3f}"
        if error == error
        else f"{mean(runs, 0):.3f}",
        "whole time, s": f"{mean(runs, 1):.0f}",
    }


def mean(runs: list[tuple[float, float]], place: int) -> float:
    return statistics.mean(run[place] for run in runs)
