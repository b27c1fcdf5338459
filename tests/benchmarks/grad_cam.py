"""Whether Grad-CAM finds the plant, and whether it is the training that finds it.

The nursery knows where each plant stands, so the hottest pixel of a map is on it or is not. The
control is the check of Adebayo et al. 2018, https://arxiv.org/abs/1810.03292: the same network with
random weights, asked about the same classes of the same pictures. A method that does as well there
shows the picture, not the model. Random networks differ much among themselves, so several are
asked, and their mean counts.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data import samples
from tenfold.data.images import ImageData
from tenfold.interpret.grad_cam import grad_cam
from tenfold.interpret.heat_maps import HeatMaps
from tenfold.learner import Learner
from tenfold.learners import vision_learner

from .harness import Table, Target, load_average
from .nursery import spread

TRAINED, RANDOM, CHANCE = "Grad-CAM", "Grad-CAM, random weights", "any pixel"
AXIOM, AXIOM_RANDOM = "XGrad-CAM", "XGrad-CAM, random weights"
NAMES = (TRAINED, RANDOM, AXIOM, AXIOM_RANDOM, CHANCE)
# a way, its control, and whether it is the axiomatic one
WAYS = ((TRAINED, RANDOM, False), (AXIOM, AXIOM_RANDOM, True))
TOGETHER = 48
# random networks for each trained one
CONTROLS = 3
# of the side: the pointing game of Zhang et al. 2018 allows 15 pixels of about 500
MARGIN = 0.03


def trained(pictures: int, *, sizes: Sequence[int], epochs: Sequence[int], seed: int) -> Learner:
    """`nano` trained on small pictures, then on large ones: progressive resizing."""
    told = {"seed": seed, "batch_size": 32}
    small, large = (samples.seedlings(pictures, size, **told) for size in sizes)
    learn = vision_learner(small, "nano", seed=seed, quiet=True)
    learn.plan(threads=1)
    learn.unfreeze()
    learn.fit_one_cycle(epochs[0], 3e-3)
    learn.set_data(large)
    learn.fit_one_cycle(epochs[1], 2e-3)
    return learn


def mapped(learn: Learner, x: Tensor, classes: Tensor, *, axiomatic: bool = False) -> HeatMaps:
    """The maps of pictures (N, 3, h, w), each asked about its class."""
    parts = zip(x.split(TOGETHER), classes.split(TOGETHER))
    maps = torch.cat(
        [grad_cam(learn.model, some, wanted, axiomatic=axiomatic) for some, wanted in parts]
    )
    return HeatMaps(x, maps, [""] * len(x), [None] * len(x), "Grad-CAM")


def right_ones(learn: Learner) -> tuple[Tensor, Tensor]:
    """Which validation items are right, and what the model says of all."""
    predictions, targets = learn.predictions()
    predicted = predictions.argmax(1)
    return predicted == targets, predicted


def scored(maps: HeatMaps, masks: Tensor) -> tuple[float, float, float]:
    """In %: hottest pixels on the plant, those near it, and heat on it."""
    margin = round(MARGIN * masks.shape[2])
    score, near = maps.score(masks), maps.hits(masks, margin=margin).double().mean()
    return 100 * score.hits, 100 * float(near), 100 * score.inside


def by_chance(masks: Tensor) -> tuple[float, float, float]:
    """The same of a pixel drawn from the picture."""
    margin = round(MARGIN * masks.shape[2])
    there = (masks > 0).float()
    wide = F.max_pool2d(there[:, None], 2 * margin + 1, 1, margin)
    on, near = 100 * float(there.mean()), 100 * float(wide.mean())
    return on, near, on


def judged(learn: Learner, masks: Tensor, *, seed: int) -> tuple[dict[str, Any], float]:
    """What everybody reaches on the predictions that are right, and the accuracy in %."""
    right, predicted = right_ones(learn)
    data: ImageData = learn.data
    x, wanted, masks = data.valid.inputs[right].float() / 255, predicted[right], masks[right]
    told: dict[str, Any] = {"pretrained": False, "quiet": True}
    seeds = range(100 * (seed + 1), 100 * (seed + 1) + CONTROLS)
    blanks = [vision_learner(data, "nano", seed=one, **told) for one in seeds]
    found = {CHANCE: by_chance(masks)}
    for name, control, axiomatic in WAYS:
        own, *random = [
            scored(mapped(one, x, wanted, axiomatic=axiomatic), masks) for one in (learn, *blanks)
        ]
        found[name] = own
        found[control] = tuple(statistics.mean(scores) for scores in zip(*random, strict=True))
    print(f"seed {seed}: {found}", flush=True)
    return found, 100 * float(right.double().mean())


def measure(
    *,
    seeds: int = 3,
    pictures: int = 1200,
    sizes: Sequence[int] = (96, 448),
    epochs: Sequence[int] = (6, 3),
) -> Table:
    """How often the hottest pixel is on the plant, over the predictions that are right."""
    before, size = load_average(), sizes[1]
    runs: list[dict[str, Any]] = []
    accuracies = []
    for seed in range(seeds):
        learn = trained(pictures, sizes=sizes, epochs=epochs, seed=seed)
        drawn = samples.seedling_masks(pictures, size, seed=seed, part="valid")
        found, accuracy = judged(learn, torch.from_numpy(drawn.masks), seed=seed)
        runs.append(found)
        accuracies.append(accuracy)
    hits, near, inside = (
        {name: [run[name][place] for run in runs] for name in NAMES} for place in range(3)
    )
    table = Table(
        part="grad_cam",
        title=f"Grad-CAM on the nursery, nano at {size} pixels: the hottest pixel on the plant",
        unit="% of the right predictions",
        baseline=RANDOM,
        samples=hits,
        settings={
            "pictures": pictures,
            "epochs": f"{epochs[0]} at {sizes[0]} pixels, then {epochs[1]} at {size}",
            "random networks for each seed": CONTROLS,
            "right predictions, %": spread(accuracies),
        },
        columns={
            name: {
                "mean ± sd": spread(hits[name]),
                f"within {round(MARGIN * size)} pixels": spread(near[name]),
                "heat on the plant, %": spread(inside[name]),
            }
            for name in hits
        },
        load=(before, load_average()),
    )
    mean = {name: statistics.mean(scores) for name, scores in hits.items()}
    table.targets = [
        Target(words, value, limit, at_least=True)
        for name, control, _ in WAYS
        for words, value, limit in (
            (f"{name}: hottest pixel on the plant, %", mean[name], 90),
            (f"{name}: points above random weights", mean[name] - mean[control], 30),
        )
    ]
    return table
