"""Whether Grad-CAM finds the plant, and whether it is the training that finds it.

The nursery knows where each plant stands, so the hottest pixel of a map is on it or is not. The
control is the check of Adebayo et al. 2018, https://arxiv.org/abs/1810.03292: the same network with
random weights, asked about the same classes of the same pictures. A method that does as well there
shows the picture, not the model.
"""

from __future__ import annotations

import statistics

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

TRAINED, RANDOM, CHANCE = "trained", "random weights", "any pixel"
TOGETHER = 48
# of the side: the pointing game of Zhang et al. 2018 allows 15 pixels of about 500
MARGIN = 0.03


def trained(pictures: int, *, small: int, size: int, epochs: int, seed: int) -> Learner:
    """`nano` trained on small pictures, then on large ones: progressive resizing."""
    told = {"seed": seed, "batch_size": 32}
    learn = vision_learner(
        samples.seedlings(pictures, small, **told), "nano", seed=seed, quiet=True
    )
    learn.unfreeze()
    learn.fit_one_cycle(epochs, 3e-3)
    learn.set_data(samples.seedlings(pictures, size, **told))
    learn.fit_one_cycle(epochs, 2e-3)
    return learn


def mapped(learn: Learner, x: Tensor, classes: Tensor) -> HeatMaps:
    """The maps of pictures (N, 3, h, w), each asked about its class."""
    parts = zip(x.split(TOGETHER), classes.split(TOGETHER))
    maps = torch.cat([grad_cam(learn.model, some, wanted) for some, wanted in parts])
    return HeatMaps(x, maps, [""] * len(x), [None] * len(x), "Grad-CAM")


def right_ones(learn: Learner) -> tuple[Tensor, Tensor]:
    """Which validation items are right, and what the model says of all."""
    predictions, targets = learn.predictions()
    predicted = predictions.argmax(1)
    return predicted == targets, predicted


def measure(
    *, seeds: int = 3, pictures: int = 1200, small: int = 96, size: int = 224, epochs: int = 6
) -> Table:
    """How often the hottest pixel is on the plant, over the predictions that are right."""
    before = load_average()
    found: dict[str, list[float]] = {TRAINED: [], RANDOM: [], CHANCE: []}
    inside, near = ({name: [] for name in found} for _ in range(2))
    margin = round(MARGIN * size)
    accuracies = []
    for seed in range(seeds):
        learn = trained(pictures, small=small, size=size, epochs=epochs, seed=seed)
        right, predicted = right_ones(learn)
        data: ImageData = learn.data
        x = data.valid.inputs[right].float() / 255
        drawn = samples.seedling_masks(pictures, size, seed=seed, part="valid")
        masks = torch.from_numpy(drawn.masks)[right]
        blank = vision_learner(data, "nano", pretrained=False, seed=100 + seed, quiet=True)
        for name, one in ((TRAINED, learn), (RANDOM, blank)):
            maps = mapped(one, x, predicted[right])
            score = maps.score(masks)
            found[name].append(100 * score.hits)
            inside[name].append(100 * score.inside)
            near[name].append(100 * float(maps.hits(masks, margin=margin).double().mean()))
        found[CHANCE].append(100 * score.area)
        inside[CHANCE].append(100 * score.area)
        wide = F.max_pool2d((masks > 0).float()[:, None], 2 * margin + 1, 1, margin)
        near[CHANCE].append(100 * float(wide.mean()))
        accuracies.append(100 * float(right.double().mean()))
    table = Table(
        part="grad_cam",
        title=f"Grad-CAM on the nursery, nano at {size} pixels: the hottest pixel on the plant",
        unit="% of the right predictions",
        baseline=RANDOM,
        samples=found,
        settings={
            "pictures": pictures,
            "epochs": f"{epochs} at {small} pixels, then {epochs} at {size}",
            "right predictions, %": spread(accuracies),
        },
        columns={
            name: {
                "mean ± sd": spread(found[name]),
                f"within {margin} pixels": spread(near[name]),
                "heat on the plant, %": spread(inside[name]),
            }
            for name in found
        },
        load=(before, load_average()),
    )
    mean = {name: statistics.mean(scores) for name, scores in found.items()}
    table.targets = [
        Target("hottest pixel on the plant, %", mean[TRAINED], 90, at_least=True),
        Target("points above random weights", mean[TRAINED] - mean[RANDOM], 30, at_least=True),
    ]
    return table
