"""Train the weights of nano: the teacher is SqueezeNet, the photos are Imagenette.

    TENFOLD_DATA=shared/data TORCH_HOME=shared/torch_home \
        python -m tenfold.models.weights.pretrain_nano nano.safetensors

The student sees the same view of a photo as the teacher and learns to give the teacher's last
feature map, through a 1x1 convolution that is thrown away afterwards, and the same answer of the
teacher's own classifier: consistent views and long training as in Beyer et al. 2022, "Knowledge
distillation: a good teacher is patient and consistent", https://arxiv.org/abs/2106.05237; the
teacher's classifier as in Chen et al. 2022, "Knowledge distillation with the reused teacher
classifier", https://arxiv.org/abs/2203.14001. No label is used.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.io import ImageReadMode, decode_image
from torchvision.models import get_model

from tenfold.models.nano import CHANNELS, Nano

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
VIEW = 128  # side of the teacher's view, in pixels: the photos' own side


@dataclass(frozen=True)
class Stage:
    """The numbers of one stage; each starts from the nano that the stage before it left."""

    steps: int
    scales: tuple[float, float]  # side of a crop in sides of the photo; over 1 it is mirrored
    gain: float  # how far the light of each colour may differ from 1
    temperature: float
    answer_weight: float
    feature_weight: float
    middle_weight: float
    batch: int = 64
    rate: float = 3e-3
    decay: float = 0.02
    sides: tuple[int, ...] = (64, 80, 96, 112, 128)
    seed: int = 0


STAGES = (
    Stage(3_500, (0.35, 1.0), 0.0, 2.0, 4.0, 2.0, 0.0),
    Stage(6_000, (0.30, 1.5), 0.3, 2.0, 1.0, 4.0, 4.0, seed=1),
)


class Teacher(nn.Module):
    """SqueezeNet 1.0 with ImageNet weights: a view to its last feature map."""

    def __init__(self) -> None:
        super().__init__()
        network = get_model("squeezenet1_0", weights="DEFAULT")
        self.features = network.features
        self.classifier = network.classifier
        self.requires_grad_(False).eval().to(memory_format=torch.channels_last)

    def logits(self, features: Tensor) -> Tensor:
        return self.classifier(features).flatten(1)


def read_photos(data: Path) -> Tensor:
    """All photos of the three sets that pretraining may see: uint8 [n, 3, 128, 128]."""
    patterns = ("imagenette128/train/*/*.JPEG", "coco_tiny/train/*.jpg", "camvid_tiny/images/*.*")
    return torch.cat([_read_all(data, pattern) for pattern in patterns])


def _read_all(data: Path, pattern: str) -> Tensor:
    return torch.stack([_read(file) for file in sorted(data.glob(pattern))])


def _read(file: Path) -> Tensor:
    photo = decode_image(str(file), ImageReadMode.RGB)
    if photo.shape[1:] == (VIEW, VIEW):
        return photo
    whole = functional.interpolate(photo[None].float(), (VIEW, VIEW), mode="bilinear")
    return whole[0].round().byte()


def views(photos: Tensor, generator: torch.Generator) -> Tensor:
    """Random crops, turns, flips and light of uint8 photos, half of them mixed: normalised."""
    count = len(photos)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    grid = functional.affine_grid(_placements(uniform), [count, 3, VIEW, VIEW], False)
    cropped = functional.grid_sample(
        photos.float() / 255, grid, padding_mode="reflection", align_corners=False
    )
    contrast, light = uniform(0.7, 1.3).view(-1, 1, 1, 1), uniform(-0.15, 0.15).view(-1, 1, 1, 1)
    lit = ((cropped - 0.5) * contrast + 0.5 + light).clamp(0, 1)
    share = (uniform(0.0, 1.0) * (uniform(0.0, 1.0) < 0.5)).view(-1, 1, 1, 1)
    mixed = lit * (1 - share) + lit.roll(1, 0) * share
    return ((mixed - MEAN) / DEVIATION).contiguous(memory_format=torch.channels_last)


def _placements(uniform: Callable[[float, float], Tensor]) -> Tensor:
    """Affine maps [n, 2, 3] from the view to the photo: scale, aspect, turn, flip, place."""
    scale, stretch = uniform(0.35, 1.0), uniform(-0.2, 0.2).exp()
    turn, flip = uniform(-0.25, 0.25), uniform(0.0, 1.0).lt(0.5) * 2.0 - 1
    wide, high = scale * stretch, scale / stretch
    across, down = uniform(-1.0, 1.0) * (1 - scale), uniform(-1.0, 1.0) * (1 - scale)
    first = torch.stack([flip * wide * turn.cos(), -high * turn.sin(), across], 1)
    second = torch.stack([flip * wide * turn.sin(), high * turn.cos(), down], 1)
    return torch.stack([first, second], 1)


def distillation(
    student: Tensor, target: Tensor, teacher: Teacher, recipe: Recipe, spread: Tensor
) -> Tensor:
    """Squared error of the feature maps in units of their spread, and KL of the answers."""
    difference = (student - target) / spread
    heat = recipe.temperature
    answer = functional.log_softmax(teacher.logits(student) / heat, 1)
    wanted = functional.log_softmax(teacher.logits(target) / heat, 1)
    divergence = functional.kl_div(answer, wanted, reduction="batchmean", log_target=True)
    return recipe.feature_weight * difference.square().mean() + heat * heat * divergence


def spread_of(teacher: Teacher, photos: Tensor, generator: torch.Generator) -> Tensor:
    """The standard deviation of each channel of the teacher's features: [1, channels, 1, 1]."""
    chosen = photos[torch.randperm(len(photos), generator=generator)[:256]]
    with torch.inference_mode():
        features = teacher.features(views(chosen, generator))
    deviation = features.std((0, 2, 3), keepdim=True)
    return deviation.clamp(min=float(deviation.mean()) / 10).clone()


def train(recipe: Recipe, photos: Tensor, save: Path) -> nn.Module:
    """The student, nano and its adapter, after all steps; nano is saved now and then."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    teacher, nano = Teacher(), Nano()
    student = nn.Sequential(nano, nn.Conv2d(CHANNELS, 512, 1))
    student.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        student.parameters(), recipe.rate, weight_decay=recipe.decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=recipe.steps, pct_start=0.1
    )
    spread = spread_of(teacher, photos, generator)
    began, total = time.time(), 0.0
    for step in range(1, recipe.steps + 1):
        chosen = torch.randint(len(photos), (recipe.batch,), generator=generator)
        side = recipe.sides[int(torch.randint(len(recipe.sides), (), generator=generator))]
        total += _step(student, teacher, views(photos[chosen], generator), side, recipe, spread)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 200 == 0 or step == recipe.steps:
            print(f"{step} loss {total / 200:.4f} {time.time() - began:.0f} s", flush=True)
            total = 0.0
            save_weights(nano, save)
    return student


def _step(
    student: nn.Module, teacher: Teacher, seen: Tensor, side: int, recipe: Recipe, spread: Tensor
) -> float:
    smaller = functional.interpolate(seen, (side, side), mode="bilinear", antialias=True)
    with torch.autocast("cpu", torch.bfloat16):
        with torch.no_grad():
            target = teacher.features(seen)
        given = student(smaller.contiguous(memory_format=torch.channels_last))
        given = functional.interpolate(given.float(), target.shape[2:], mode="bilinear")
        loss = distillation(given, target.float(), teacher, recipe, spread)
    loss.backward()
    return float(loss.detach())


@torch.inference_mode()
def agreement(student: nn.Module, photos: Tensor) -> float:
    """Share of whole photos to which student and teacher give the same of 1,000 answers."""
    teacher = Teacher()
    student.eval()
    same = 0
    for some in photos.split(100):
        seen = ((some.float() / 255 - MEAN) / DEVIATION).contiguous()
        answers = [teacher.logits(features(seen)) for features in (student, teacher.features)]
        same += int((answers[0].argmax(1) == answers[1].argmax(1)).sum())
    return same / len(photos)


def save_weights(nano: Nano, file: Path) -> None:
    """Convolutions as float16, batch norm as float32: half the size, the same answers."""
    state = {
        name: value.half().contiguous() if value.ndim == 4 else value.contiguous()
        for name, value in nano.state_dict().items()
    }
    part = file.with_suffix(".part")
    save_file(state, part)
    os.replace(part, file)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the weights of nano.")
    parser.add_argument("save", type=Path, help="the safetensors file to write")
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    arguments = parser.parse_args()
    data = Path(os.environ["TENFOLD_DATA"])
    photos = read_photos(data)
    print(f"{len(photos)} photos", flush=True)
    student = train(Recipe(steps=arguments.steps), photos, arguments.save)
    unseen = _read_all(data, "imagenette128/val/*/*.JPEG")
    print(f"agrees with the teacher on {agreement(student, unseen):.3f} of {len(unseen)} photos")


if __name__ == "__main__":
    main()
