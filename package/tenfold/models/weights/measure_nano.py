"""Measure the weights of nano by a linear probe on photos that pretraining never saw.

    TENFOLD_DATA=shared/data python -m tenfold.models.weights.measure_nano nano.safetensors

The probe is ridge regression on standardised, pooled features of CIFAR-10, which pretraining
never saw, against the same probe on the features of a nano with random weights.
"""

from __future__ import annotations

import argparse
import os
import zipfile
from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import load_file
from torch import Tensor
from torchvision.io import ImageReadMode, decode_image

from tenfold.models.nano import Nano
from tenfold.models.weights.pretrain_nano import DEVIATION, MEAN

SIDE = 64  # CIFAR-10's 32 pixels, doubled
CLASSES = 10
RIDGES = (1e-3, 1e-2, 1e-1, 1.0)

Labelled = tuple[Tensor, Tensor]  # photos or features, and class numbers


def read_cifar(data: Path, part: str, *, each: int) -> Labelled:
    """The first `each` photos of every class: uint8 [n, 3, 32, 32] and class numbers [n]."""
    photos, targets = [], []
    with zipfile.ZipFile(data / "cifar10" / "cifar10_jpg.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(f"{part}/"))
        folders = sorted({name.split("/")[1] for name in names if name.endswith(".jpg")})
        for target, folder in enumerate(folders):
            for name in [name for name in names if f"/{folder}/" in name and "." in name][:each]:
                encoded = torch.frombuffer(bytearray(archive.read(name)), dtype=torch.uint8)
                photos.append(decode_image(encoded, ImageReadMode.RGB))
                targets.append(target)
    return torch.stack(photos), torch.tensor(targets)


@torch.inference_mode()
def pooled(nano: Nano, photos: Tensor, *, side: int = SIDE) -> Tensor:
    """Max and mean of the last feature map, as the head of a learner sees them: [n, 512]."""
    parts = []
    for some in photos.split(250):
        scaled = functional.interpolate(some.float() / 255, (side, side), mode="bilinear")
        features = nano((scaled - MEAN) / DEVIATION)
        parts.append(torch.cat([features.amax((2, 3)), features.mean((2, 3))], 1))
    return torch.cat(parts)


def probe(train: Labelled, test: Labelled) -> float:
    """Accuracy on `test` of ridge regression to one-hot targets.

    The strength of the ridge is chosen on every fifth photo of `train`.
    """
    held = torch.arange(len(train[1])) % 5 == 0
    parts = [(train[0][chosen], train[1][chosen]) for chosen in (~held, held)]
    best = max(RIDGES, key=lambda ridge: _accuracy(*parts, ridge=ridge))
    return _accuracy(train, test, ridge=best)


def _accuracy(train: Labelled, test: Labelled, *, ridge: float) -> float:
    middle, spread = train[0].mean(0), train[0].std(0) + 1e-6
    inputs = (train[0] - middle) / spread
    wanted = functional.one_hot(train[1], CLASSES).float() - 1 / CLASSES
    gram = inputs.T @ inputs + ridge * len(inputs) * torch.eye(inputs.shape[1])
    weights = torch.linalg.solve(gram, inputs.T @ wanted)
    answers = ((test[0] - middle) / spread @ weights).argmax(1)
    return float((answers == test[1]).float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the weights of nano.")
    parser.add_argument("weights", type=Path, help="the safetensors file to measure")
    parser.add_argument("--each", type=int, default=500, help="photos of each class")
    parser.add_argument("--seeds", type=int, default=3, help="random networks to compare with")
    arguments = parser.parse_args()
    data = Path(os.environ["TENFOLD_DATA"])
    train, test = (read_cifar(data, part, each=arguments.each) for part in ("train", "test"))
    trained = Nano()
    trained.load_state_dict(load_file(arguments.weights))
    networks = {"pretrained": trained}
    for seed in range(arguments.seeds):
        torch.manual_seed(seed)
        networks[f"random, seed {seed}"] = Nano()
    for name, nano in networks.items():
        nano.eval()
        features = [(pooled(nano, photos), targets) for photos, targets in (train, test)]
        print(f"{name}: {probe(*features):.4f}", flush=True)


if __name__ == "__main__":
    main()
