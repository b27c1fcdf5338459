"""Restoration: what a feature loss draws and what a pixel loss scores, on the nursery's pairs.

The same U-Net on nano, pictures, schedule and epochs; what differs is the loss. The feature loss
looks through nano; what judges it is another network with weights from elsewhere, SqueezeNet
1.0 of torchvision: as in LPIPS (Zhang et al. 2018, arXiv:1801.03924) the distance of its
activations, each place at length 1, but without LPIPS' learned weights, which are not to be had
here. fastai's U-Net on the same body learns by the pixel loss. Every seed draws its own pictures.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.data import samples
from tenfold.data.picture_pairs import PicturePairs
from tenfold.picture_learners import restoration_learner
from tenfold.techniques.feature_loss import Features
from tenfold.train.metrics import Scores
from tenfold.train.task import picture

from .harness import Table, Target, load_average, processor_seconds

GIVEN, PIXEL, FEATURE = "as given", "Tenfold, pixel loss", "Tenfold, feature loss"
FASTAI = "fastai, pixel loss"
SIZE, EPOCHS, RATE, BATCH = 48, 4, 3e-3, 16
MEASURES = ("PSNR (dB)", "SSIM", "SqueezeNet distance")

Found = dict[str, dict[str, list[float]]]


class Distance:
    """How differently SqueezeNet sees two pictures; 0 for the same."""

    def __init__(self) -> None:
        self.features = Features("squeezenet1_0")

    @torch.no_grad()
    def __call__(self, made: Tensor, wanted: Tensor) -> float:
        found = []
        for pair in zip(made.split(64), wanted.split(64), strict=True):
            maps = zip(*map(self.features, pair), strict=True)
            found.append(sum(apart(one, other) for one, other in maps))
        return float(torch.cat(found).mean())


def apart(one: Tensor, other: Tensor) -> Tensor:
    """The squared distance of two maps (N, channels, h, w), places at length 1, by picture."""
    gap = F.normalize(one, dim=1) - F.normalize(other, dim=1)
    return gap.square().sum(1).mean((1, 2))


def measure(
    *, seeds: int = 3, pictures: int = 240, epochs: int = EPOCHS, with_peers: bool = True
) -> list[Table]:
    """A table for each measure, with everybody, seed by seed."""
    before, judge = load_average(), Distance()
    makers = {GIVEN: given, PIXEL: ours("l1"), FEATURE: ours("feature")}
    if with_peers:
        makers[FASTAI] = fastai
    found: Found = {name: {} for name in makers}
    for seed in range(seeds):
        train, valid = (
            samples.seedling_pairs(pictures, SIZE, seed=seed, part=part)
            for part in ("train", "valid")
        )
        data = PicturePairs.from_pairs(*train, valid=valid, batch_size=BATCH, seed=seed)
        for name, make in makers.items():
            keep(found[name], make, data, epochs=epochs, seed=seed, judge=judge)
    settings = {
        "training pictures": data.train.items, "validation pictures": data.valid.items,
        "pixels": SIZE, "epochs": epochs, "batch": BATCH, "one cycle to": RATE,
    }  # fmt: skip
    return [table(name, found, settings, before) for name in MEASURES]


def keep(
    row: dict[str, list[float]], make: Any, data: Any, *, epochs: int, seed: int, judge: Distance
) -> None:
    """One contender on one seed: its processor time and the three measures of its pictures."""
    pictures: list[tuple[Tensor, Tensor]] = []
    took = processor_seconds(lambda: pictures.append(make(data, epochs=epochs, seed=seed)))
    made, wanted = pictures[0]
    scores = Scores(("psnr", "ssim"), task=picture(), device=made.device)
    scores.update(made, wanted)
    values = [*scores.compute().values(), judge(made, wanted)]
    for name, value in zip((*MEASURES, "seconds"), [*values, took], strict=True):
        row.setdefault(name, []).append(value)


def given(data: PicturePairs, *, epochs: int, seed: int) -> tuple[Tensor, Tensor]:
    """The validation inputs as they are, and the targets."""
    return data.pairs(range(data.valid.items))


def ours(loss: str) -> Callable[..., tuple[Tensor, Tensor]]:
    """The pictures that a restoration_learner makes of the validation set."""

    def made(data: PicturePairs, *, epochs: int, seed: int) -> tuple[Tensor, Tensor]:
        learn = restoration_learner(data, loss=loss, seed=seed, quiet=True)
        learn.fit_one_cycle(epochs, RATE)
        return learn.predictions()

    return made


def fastai(data: PicturePairs, *, epochs: int, seed: int) -> tuple[Tensor, Tensor]:
    """The same by fastai's DynamicUnet on nano's body, with its own one cycle."""
    import fastai.callback.progress
    import fastai.callback.schedule  # noqa: F401  (both add methods to its Learner)
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.vision.models.unet import DynamicUnet

    from tenfold.models.nano import nano

    torch.manual_seed(seed)
    body = nano()
    encoder = nn.Sequential(body.stem, body.early, body.late)
    net = DynamicUnet(encoder, 3, (SIZE, SIZE))
    dls = DataLoaders(Epochs(data.train), data.valid, device=torch.device("cpu"))
    learn = Learner(dls, net, loss_func=F.l1_loss)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(epochs, RATE)
    net.eval()
    with torch.no_grad():
        pairs = [(net(inputs), targets) for inputs, targets in data.valid]
    made, wanted = (torch.cat(part) for part in zip(*pairs, strict=True))
    return made.clamp(0, 1), wanted


class Epochs:
    """The training batches for fastai, which counts no epochs for them."""

    def __init__(self, batches: Any) -> None:
        self.batches, self.epoch = batches, 0

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Any:
        self.batches.epoch, self.epoch = self.epoch, self.epoch + 1
        return iter(self.batches)


def table(name: str, found: Found, settings: dict[str, Any], before: float) -> Table:
    """One measure of everybody, and for the two that the papers speak of what they say."""
    made = Table(
        part=f"restoration, {name}",
        title=f"Restoration of the nursery's pictures: {name}",
        unit=name,
        baseline=PIXEL,
        samples={who: row[name] for who, row in found.items()},
        settings=settings,
        columns={
            who: {"mean ± sd": spread(row[name]), "processor seconds": spread(row["seconds"])}
            for who, row in found.items()
        },
        load=(before, load_average()),
    )
    gap = [a - b for a, b in zip(found[FEATURE][name], found[PIXEL][name], strict=True)]
    if name == MEASURES[0]:
        words = "decibels that the feature loss loses to the pixel loss, the smallest of the seeds"
        made.targets = [Target(words, -max(gap), 0, at_least=True)]
    if name == MEASURES[2]:
        words = "distance of the feature loss over that of the pixel loss, the largest of the seeds"
        made.targets = [Target(words, max(made.ratios(FEATURE)), 1)]
    return made


def spread(scores: list[float]) -> str:
    """Mean and standard deviation."""
    around = f" ± {statistics.stdev(scores):.3f}" if len(scores) > 1 else ""
    return f"{statistics.mean(scores):.3f}{around}"
