"""How sharp the minimum of a 20-layer net is with and without its skip connections.

Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", arXiv:1712.09913, find that nets
without skips lie in sharper, less convex places, the more so the deeper they are. All nets here
are trained by one recipe until they know their pictures by heart: the landscape of a net that has
learned little is flat, whatever it is made of. Without batch norm there is nothing but the skips
to keep small changes small on their way through 20 layers; with it, the difference is told too.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.data import real
from tenfold.data.images import ImageData
from tenfold.figures import GREY, new_figure, quiet
from tenfold.interpret.landscape_picture import contours
from tenfold.learner import Learner
from tenfold.models.initialise import initialise
from tenfold.models.resnet import create_resnet

from .harness import Table, Target, load_average

WITH, WITHOUT = "skips", "no skips"
NORM_WITH, NORM_WITHOUT = "batch norm, skips", "batch norm, no skips"
NETS = {WITH: (True, False), WITHOUT: (False, False),
        NORM_WITH: (True, True), NORM_WITHOUT: (False, True)}  # fmt: skip
PICTURES, SIZE, EPOCHS, RATE, DECAY, CLIP = 600, 16, 90, 6e-2, 5e-4, 1.0
RADII, DIRECTIONS = (0.1, 0.25, 0.5), 16
Found = dict[str, Any]


def pictures(seed: int) -> ImageData:
    """A few small pictures of CIFAR-10, without augmentation: they can be learned by heart."""
    return real.cifar10(pictures=PICTURES, size=SIZE, batch_size=64, seed=seed, augment=None)


def trained(data: ImageData, name: str, *, seed: int) -> Learner:
    """A net of 20 layers after the recipe; it begins with layers whose outputs vary by 1."""
    skips, norm = NETS[name]
    parts: dict[str, Any] = {"skips": skips, "normalise": norm, "scale": norm}
    net = create_resnet(len(data.classes), depth=20, width=8, seed=seed, **parts)
    initialise(net, "lsuv", inputs=next(iter(data.valid))[0], seed=seed)
    settings: dict[str, Any] = {"optimizer": "sgd", "weight_decay": DECAY, "seed": seed}
    learn = Learner(data, net, quiet=True, **settings)
    learn.plan(precision="float32", channels_last=False, threads=1)
    learn.fit_one_cycle(EPOCHS, RATE, clip=CLIP)
    return learn


def looked_at(learn: Learner) -> Found:
    """The rise at every radius in every direction, over all training pictures."""
    ways = [learn.sharpness(r, directions=DIRECTIONS, items=PICTURES) for r in RADII]
    row = learn.history.rows[-1]
    return {"loss": ways[0].loss, "accuracy": row["accuracy"], "rises": [one.rises for one in ways]}


def of_seed(seed: int) -> dict[str, Found]:
    """All nets of one seed."""
    data = pictures(seed)
    return {name: looked_at(trained(data, name, seed=seed)) for name in NETS}


def measure(*, seeds: int = 3) -> Table:
    """The median rise at the middle radius, seed by seed."""
    before = load_average()
    return table([of_seed(seed) for seed in range(seeds)], load=(before, load_average()))


def table(found: list[dict[str, Found]], *, load: tuple[float, float]) -> Table:
    """Every seed's figures in a table."""
    middle = len(RADII) // 2
    rises = {
        name: [[statistics.median(r) for r in one[name]["rises"]] for one in found] for name in NETS
    }
    columns = {
        name: {
            **{f"at {radius}": spread([row[place] for row in rows])
               for place, radius in enumerate(RADII)},
            "training loss": spread([one[name]["loss"] for one in found]),
            "validation accuracy": spread([one[name]["accuracy"] for one in found]),
        }
        for name, rows in rises.items()
    }  # fmt: skip
    made = Table(
        part="landscape",
        title="Sharpness of a 20-layer net with and without skips, CIFAR-10 in small",
        unit=f"rise of the loss at {RADII[middle]} filter lengths",
        baseline=WITH,
        samples={name: [row[middle] for row in rows] for name, rows in rises.items()},
        settings={
            "training pictures": int(PICTURES * 5 / 6),
            "pixels": SIZE,
            "width": 8,
            "epochs": EPOCHS,
            "one cycle to": RATE,
            "weight decay": DECAY,
            "gradient norm": CLIP,
            "directions": DIRECTIONS,
        },
        columns=columns,
        load=load,
        threads=1,
    )
    mean = {name: statistics.mean(samples) for name, samples in made.samples.items()}
    words = "mean rise without skips over that with"
    made.targets = [
        Target(words, mean[WITHOUT] / mean[WITH], 1, at_least=True),
        Target(f"{words}, batch norm", mean[NORM_WITHOUT] / mean[NORM_WITH], 1, at_least=True),
    ]
    return made


def spread(values: list[float]) -> str:
    """Mean and standard deviation."""
    around = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3g}{around}"


def picture(path: Path, *, seed: int = 0, points: int = 13, radius: float = 0.5) -> None:
    """The planes of both nets without batch norm side by side, with the same levels."""
    data, names = pictures(seed), (WITH, WITHOUT)
    draw([trained(data, name, seed=seed) for name in names], path, points=points, radius=radius)


def draw(learners: list[Learner], path: Path, *, points: int, radius: float) -> None:
    """Both planes in one file."""
    planes = [one.landscape(points=points, radius=radius, items=256) for one in learners]
    known = np.concatenate([one.losses[np.isfinite(one.losses)] for one in planes])
    levels = np.geomspace(max(known.min(), 0.01), known.max() * 1.001, 14)
    figure, axes = new_figure(width=9, height=4.2)
    axes.remove()
    for place, (name, plane) in enumerate(zip((WITH, WITHOUT), planes)):
        shown = figure.add_subplot(1, 2, place + 1)
        quiet(shown)
        contours(shown, plane, levels=levels)
        shown.set_title(f"20 layers, {name}", color=GREY)
    figure.savefig(path, dpi=120, facecolor="white")
