"""Several labels: trays of the nursery and the photos of coco_tiny, with `nano`, beside fastai.

Both train on the same decoded pictures: one epoch with the body frozen, then `epochs` with all of
it, one cycle to one rate. scikit-learn judges both. The time is processor time on one thread, so
that two cores need no longer by the clock.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tenfold.data import samples
from tenfold.data.augment import Augment
from tenfold.data.images import ImageData
from tenfold.learners import vision_learner
from tenfold.models.nano import nano

from .harness import Table, Target, load_average

OURS, VIEWS, THEIRS = "Tenfold", "Tenfold with TTA", "fastai"
PICTURES, SIZE, BATCH, RATE, EPOCHS = 2400, 96, 32, 1e-2, 15
COCO_EPOCHS = 20
Scores = dict[str, list[float]]


def judged(chances: Any, truth: Any) -> float:
    """Mean average precision of the labels that occur."""
    from sklearn.metrics import average_precision_score

    chances, truth = np.asarray(chances, float), np.asarray(truth) > 0.5
    there = truth.any(0)
    return float(average_precision_score(truth[:, there], chances[:, there], average="macro"))


def our_scores(data: ImageData, *, epochs: int, seed: int) -> Scores:
    """Mean average precision without and with TTA, and processor seconds of the training."""
    learn = vision_learner(data, "nano", seed=seed, quiet=True)
    learn.plan(threads=1)
    start = time.process_time()
    learn.fit_one_cycle(1, RATE)
    learn.unfreeze()
    learn.fit_one_cycle(epochs, RATE)
    took = time.process_time() - start
    return {OURS: [judged(*learn.predictions()), took], VIEWS: [judged(*learn.tta()), took]}


def their_scores(data: ImageData, *, epochs: int, seed: int, moves: list[Any]) -> Scores:
    """The same of fastai's `vision_learner` on the same backbone, with these augmentations."""
    from fastai.vision.all import imagenet_stats, set_seed
    from fastai.vision.learner import model_meta
    from fastai.vision.learner import vision_learner as fastai_vision_learner

    set_seed(seed)
    model_meta[body] = {"cut": parts, "split": halves, "stats": imagenet_stats}
    learn = fastai_vision_learner(fastai_data(data, moves, seed=seed), body)
    with learn.no_bar(), learn.no_logging():
        start = time.process_time()
        learn.fit_one_cycle(1, RATE)
        learn.unfreeze()
        learn.fit_one_cycle(epochs, RATE)
        took = time.process_time() - start
        return {THEIRS: [judged(*learn.get_preds()), took]}


def body(pretrained: bool = True) -> torch.nn.Module:
    """nano as fastai asks for an architecture."""
    return nano(pretrained=pretrained)


def parts(network: Any) -> torch.nn.Sequential:
    """The body in a row: early and late layers."""
    early = torch.nn.Sequential(network.stem, network.early)
    return torch.nn.Sequential(early, network.late)


def halves(model: Any) -> Any:
    """The layer groups of Tenfold: early body, late body, head."""
    from fastai.torch_core import params

    return [params(model[0][0]), params(model[0][1]), params(model[1])]


def fastai_data(data: ImageData, moves: list[Any], *, seed: int) -> Any:
    """The decoded pictures of `data` with its splits as fastai's loaders."""
    from fastai.vision.all import (
        DataBlock,
        ImageBlock,
        IndexSplitter,
        MultiCategoryBlock,
        PILImage,
    )

    pictures = torch.cat([data.train.inputs, data.valid.inputs]).permute(0, 2, 3, 1).numpy()
    truth = torch.cat([data.train.targets, data.valid.targets]).long().tolist()
    block = DataBlock(
        blocks=(ImageBlock, MultiCategoryBlock(encoded=True, vocab=data.classes)),
        get_x=lambda item: PILImage.create(pictures[item]),
        get_y=lambda item: truth[item],
        splitter=IndexSplitter(range(data.train.items, len(truth))),
        batch_tfms=moves,
    )
    return block.dataloaders(range(len(truth)), bs=BATCH, num_workers=0, seed=seed)


def turns() -> list[Any]:
    """The augmentation of the nursery: the eight ways to lay a picture down."""
    from fastai.vision.augment import aug_transforms

    return aug_transforms(
        flip_vert=True, max_rotate=0, max_zoom=1, max_lighting=0, max_warp=0, p_lighting=0
    )


def usual() -> list[Any]:
    """fastai's own augmentation of photos."""
    from fastai.vision.augment import aug_transforms

    return aug_transforms()


def photos(seed: int) -> ImageData:
    """coco_tiny, 70 % of it to train on; every seed parts it anew."""
    home = Path(os.environ.get("TENFOLD_DATA", "")) / "coco_tiny"
    if not (home / "train.json").exists():
        raise SystemExit("coco_tiny is needed: set TENFOLD_DATA to the folder that holds it")
    told: dict[str, Any] = {"batch_size": BATCH, "valid": 0.3, "seed": seed, "progress": False}
    return ImageData.from_coco(home / "train.json", home / "train", **told)


def trays(seed: int) -> ImageData:
    """Trays of the nursery: the same for every seed, which starts the training anew.

    Both libraries turn and mirror them, and leave their light alone.
    """
    turned = Augment(dihedral=True, rotate=0.0, zoom=1.0, lighting=0.0)
    told: dict[str, Any] = {"batch_size": BATCH, "seed": 0, "augment": turned}
    return samples.seedlings(PICTURES, SIZE, kind="trays", **told)


def compared(
    make: Callable[[int], ImageData], moves: list[Any], *, epochs: int, seeds: int
) -> dict[str, list[list[float]]]:
    """(mean average precision, seconds) of everybody by seed, in turns."""
    torch.set_num_threads(1)
    found: dict[str, list[list[float]]] = {OURS: [], VIEWS: [], THEIRS: []}
    for seed in range(seeds):
        data = make(seed)
        ours = our_scores(data, epochs=epochs, seed=seed)
        theirs = their_scores(data, epochs=epochs, seed=seed, moves=moves)
        for name, scores in {**ours, **theirs}.items():
            found[name].append(scores)
            print(f"seed {seed}, {name}: {scores[0]:.4f} in {scores[1]:.0f} s", flush=True)
    return found


def measure(*, seeds: int = 3, epochs: int = EPOCHS) -> list[Table]:
    """Trays, then photos."""
    before = load_average()
    found = compared(trays, turns(), epochs=epochs, seeds=seeds)
    title = f"Trays of the nursery, {PICTURES:,} at {SIZE} pixels, twelve labels"
    table = as_table("labels", title, found, {"epochs": epochs, "train": "80 %"}, before)
    ours = mean(found[OURS], 0)
    table.targets = [
        Target("mean average precision of Tenfold", ours, 0.90, at_least=True),
        Target("Tenfold's minus fastai's", ours - mean(found[THEIRS], 0), 0, at_least=True),
        Target("processor seconds of a training on one thread", mean(found[OURS], 1), 300),
    ]
    before = load_average()
    settings = {"epochs": COCO_EPOCHS, "train": "70 %"}
    shown = compared(photos, usual(), epochs=COCO_EPOCHS, seeds=seeds)
    title = "coco_tiny, 200 photos of 128 pixels, six labels"
    return [table, as_table("labels_coco", title, shown, settings, before)]


def as_table(
    part: str,
    title: str,
    found: dict[str, list[list[float]]],
    settings: dict[str, Any],
    before: float,
) -> Table:
    """A table of what was found, beside fastai."""
    return Table(
        part=part,
        title=f"{title}: mean average precision",
        unit="mAP",
        baseline=THEIRS,
        samples={name: [run[0] for run in runs] for name, runs in found.items()},
        settings={**settings, "batch": BATCH, "one cycle to": RATE, "backbone": "nano"},
        columns={name: columns(runs) for name, runs in found.items()},
        load=(before, load_average()),
    )


def columns(runs: list[list[float]]) -> dict[str, str]:
    """Mean and deviation over the seeds, and what a training took."""
    scores = [score for score, _ in runs]
    around = f" ± {statistics.stdev(scores):.3f}" if len(scores) > 1 else ""
    return {
        "mean ± sd": f"{statistics.mean(scores):.3f}{around}",
        "processor s": f"{mean(runs, 1):.0f}",
    }


def mean(runs: list[list[float]], place: int) -> float:
    return statistics.mean(run[place] for run in runs)
