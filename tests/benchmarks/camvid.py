"""A U-Net on CamVid tiny against fastai's: pixel accuracy, mean IoU, and pictures a second.

Both stand on the bundled nano with its pretrained weights, cut and split alike, learn from the
same 80 pictures at their own 96 x 128 pixels, and are judged on the same 20 by one count of their
pixels, in which Void does not count, as in fast.ai's course. Everybody has his own defaults: fastai
learns Void too, and does not augment; Tenfold leaves Void out, and augments.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.images import ImageData
from tenfold.learner import Learner
from tenfold.learners import unet_learner
from tenfold.models.nano import nano
from tenfold.train.pixel_scores import count_pixels, mean_iou, pixel_accuracy

from .harness import Table, Target, interleave, load_average, processor_seconds
from .vision import quietly

SIZE, BATCH, RATE = (96, 128), 8, 2e-3
PICTURES, VALID = 100, 0.2
THEIRS, OURS = "fastai", "Tenfold"
Scores = tuple[float, float, float]


def camvid() -> tuple[Path, list[str]]:
    """The folder with images/ and labels/, and the names of the 32 classes."""
    home = os.environ.get("TENFOLD_DATA", "")
    folder = Path(home) / "camvid_tiny"
    if not home or not folder.exists():
        raise SystemExit("camvid_tiny is needed: set TENFOLD_DATA to the folder that holds it")
    return folder, (folder / "codes.txt").read_text().split()


def our_learner(seed: int) -> Learner:
    """Tenfold with its defaults."""
    folder, classes = camvid()
    data = ImageData.from_masks(
        folder / "images", folder / "labels", classes=classes, ignore="Void", valid=VALID,
        size=SIZE, batch_size=BATCH, seed=seed, progress=False,
    )  # fmt: skip
    return unet_learner(data, "nano", seed=seed, quiet=True)


def fastai_learner(seed: int) -> Any:
    """fastai's U-Net on nano, made as its course makes one on a ResNet; the split is Tenfold's."""
    from fastai.vision import all as theirs
    from fastai.vision.learner import unet_learner as fastai_unet_learner

    folder, classes = camvid()
    held = {path.name for path in our_learner(seed).data.files["valid"]}
    theirs.set_seed(seed)
    block = theirs.DataBlock(
        blocks=(theirs.ImageBlock, theirs.MaskBlock(codes=classes)),
        get_items=theirs.get_image_files,
        get_y=lambda path: folder / "labels" / f"{path.stem}_P.png",
        splitter=theirs.FuncSplitter(lambda path: path.name in held),
        item_tfms=theirs.Resize(SIZE),
        batch_tfms=[theirs.Normalize.from_stats(*theirs.imagenet_stats)],
    )
    # in this process: workers that are started anew each epoch would cost more than they read
    dls = block.dataloaders(folder / "images", bs=BATCH, num_workers=0)

    def split(model: Any) -> list[list[nn.Parameter]]:
        """Early body, late body, head: where Tenfold has them."""
        return [theirs.params(part) for part in (model[0][:5], model[0][5:], model[1:])]

    return fastai_unet_learner(dls, _flat_nano, cut=7, splitter=split)


def _flat_nano(pretrained: bool) -> nn.Sequential:
    """nano as one chain of seven units, where fastai looks for changes of size, and an end."""
    body = nano(pretrained=pretrained)
    return nn.Sequential(*body.stem, *body.early, *body.late, nn.AdaptiveAvgPool2d(1))


LEARNERS: dict[str, Callable[[int], Any]] = {THEIRS: fastai_learner, OURS: our_learner}


def predicted(learn: Any) -> tuple[Tensor, Tensor]:
    """Class numbers (N, h, w) of the validation pixels, and their masks."""
    if isinstance(learn, Learner):
        shares, masks = learn.predictions()
    else:
        with learn.no_bar():
            shares, masks = learn.get_preds()
    return torch.as_tensor(shares).argmax(1), torch.as_tensor(masks).long()


def scores(learn: Any) -> tuple[float, float]:
    """Pixel accuracy and mean IoU without Void, counted alike for everybody."""
    classes = camvid()[1]
    found, masks = predicted(learn)
    void = classes.index("Void")
    counts = count_pixels(found, masks, classes=len(classes), ignore=void)
    return float(pixel_accuracy(counts)), float(mean_iou(counts))


def recipe(make: Callable[[int], Any], *, epochs: int, seed: int) -> Scores:
    """Accuracy, mean IoU and processor seconds of `fine_tune`: one frozen epoch, then `epochs`."""
    learn = make(seed)
    took = processor_seconds(lambda: quietly(learn, lambda: learn.fine_tune(epochs, RATE)))
    return (*scores(learn), took)


def epoch_of(learn: Any) -> Callable[[], float]:
    """Train one epoch with everything unfrozen: pictures per second of processor time."""
    learn.unfreeze()
    pictures = round(PICTURES * (1 - VALID))
    rates = slice(RATE / 200, RATE / 2)

    def epoch() -> float:
        work = lambda: quietly(learn, lambda: learn.fit_one_cycle(1, rates))  # noqa: E731
        return pictures / processor_seconds(work)

    return epoch


def rates(*, rounds: int) -> dict[str, list[float]]:
    """Pictures per second, in turns, after one round that does not count."""
    timed = {who: epoch_of(make(0)) for who, make in LEARNERS.items()}
    interleave(timed, rounds=1)
    return interleave(timed, rounds=rounds)


def measure(*, rounds: int = 3, epochs: int = 5, seeds: int = 3) -> Table:
    """Pictures a second in turns, with the scores of everybody's recipe beside."""
    before = load_average()
    torch.set_num_threads(1)  # the cores may be shared
    samples = rates(rounds=rounds)
    found: dict[str, list[Scores]] = {who: [] for who in LEARNERS}
    for seed in range(seeds):
        for who, make in LEARNERS.items():
            found[who].append(recipe(make, epochs=epochs, seed=seed))
    return table_of(samples, found, epochs=epochs, before=before)


def table_of(
    samples: dict[str, list[float]], found: dict[str, list[Scores]], *, epochs: int, before: float
) -> Table:
    """What was measured, with what it should be."""
    seeds = min(map(len, found.values()))
    table = Table(
        part="camvid",
        title="U-Net on nano, CamVid tiny at 96 x 128 pixels",
        unit="pictures/s of processor time",
        baseline=THEIRS,
        samples=samples,
        settings={"batch": BATCH, "fine_tune": epochs, "seeds": seeds},
        columns={who: columns(runs) for who, runs in found.items() if runs},
        load=(before, load_average()),
    )
    words = "Tenfold's pictures per second of processor time over fastai's, unfrozen"
    table.targets = [Target(words, table.ratio(OURS), 1.3, at_least=True)]
    if seeds:
        table.targets += [
            Target(f"Tenfold's {name} minus fastai's", ahead(found, place), 0.0, at_least=True)
            for place, name in enumerate(("pixel accuracy", "mean IoU"))
        ]
    return table


def ahead(found: dict[str, list[Scores]], place: int) -> float:
    """How much better Tenfold is, on average over the seeds."""
    ours, theirs = ([run[place] for run in found[who]] for who in (OURS, THEIRS))
    return statistics.mean(ours) - statistics.mean(theirs)


def columns(runs: list[Scores]) -> dict[str, str]:
    """What stands beside the rate: mean and standard deviation over the seeds."""

    def spread(place: int) -> str:
        values = [run[place] for run in runs]
        deviation = statistics.stdev(values) if len(values) > 1 else float("nan")
        return f"{statistics.mean(values):.4f} ± {deviation:.4f}"

    return {
        "pixel accuracy": spread(0),
        "mean IoU": spread(1),
        "fine_tune, s of processor time": f"{statistics.mean(run[2] for run in runs):.0f}",
    }
