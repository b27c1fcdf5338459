"""Train the weights of nano: the teacher is SqueezeNet, the photos are mostly Imagenette.

    TENFOLD_DATA=shared/data TORCH_HOME=shared/torch_home \
        python -m tenfold.models.weights.pretrain_nano nano.safetensors

The student sees the same view of a photo as the teacher and learns to give, through 1x1
convolutions that are thrown away afterwards, the teacher's feature maps and the answer of the
teacher's own classifier. Many consistent views as in Beyer et al. 2022, "Knowledge distillation:
a good teacher is patient and consistent", https://arxiv.org/abs/2106.05237; the classifier as in
Chen et al. 2022, "Knowledge distillation with the reused teacher classifier",
https://arxiv.org/abs/2203.14001; the map in the middle as in Romero et al. 2014, "FitNets",
https://arxiv.org/abs/1412.6550. No label is used.
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
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torchvision.io import ImageReadMode, decode_image
from torchvision.models import get_model

from tenfold.models.nano import CHANNELS, Nano

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
SIDE = 128  # of the photos, in pixels
MIDDLE = 11  # SqueezeNet's layers up to its last map of an eighth of the picture's side

Maps = tuple[Tensor, Tensor]  # features at an eighth and at a sixteenth of the side


@dataclass(frozen=True)
class Stage:
    """The numbers of one stage; each starts from the nano that the stage before it left."""

    steps: int
    scales: tuple[float, float]  # side of a crop in sides of the photo; over 1 it is mirrored
    gain: float  # how far the light of each colour may differ from 1
    answer_weight: float
    feature_weight: float
    middle_weight: float
    seed: int
    temperature: float = 2.0
    batch: int = 64
    rate: float = 3e-3
    decay: float = 0.02
    view: int = 128  # side of the teacher's view, in pixels
    sides: tuple[int, ...] = (64, 80, 96, 112, 128)  # those of the student's


STAGES = (
    Stage(3_500, (0.35, 1.0), 0.0, 4.0, 2.0, 0.0, seed=0),
    Stage(650, (0.30, 1.25), 0.3, 1.0, 4.0, 4.0, seed=1, rate=1.5e-3, view=96, sides=(64, 80, 96)),
)


class Teacher(nn.Module):
    """SqueezeNet 1.0 with ImageNet weights."""

    def __init__(self) -> None:
        super().__init__()
        network = get_model("squeezenet1_0", weights="DEFAULT")
        self.features, self.classifier = network.features, network.classifier
        self.requires_grad_(False).eval().to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Maps:
        middle = self.features[:MIDDLE](x)
        return middle, self.features[MIDDLE:](middle)

    def logits(self, features: Tensor) -> Tensor:
        return self.classifier(features).flatten(1)


class Student(nn.Module):
    """Nano, and the two adapters to the teacher's channels."""

    def __init__(self, nano: Nano, *, middle: bool) -> None:
        super().__init__()
        self.nano = nano
        self.last = nn.Conv2d(CHANNELS, 512, 1)
        self.middle = nn.Conv2d(CHANNELS // 2, 512, 1) if middle else None
        self.train().to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> tuple[Tensor | None, Tensor]:
        middle = self.nano.late[0](self.nano.early(self.nano.stem(x)))
        last = self.last(self.nano.late[1](middle))
        return self.middle(middle) if self.middle else None, last


def read_photos(data: Path) -> Tensor:
    """All photos of the three sets that pretraining may see: uint8 [n, 3, 128, 128]."""
    patterns = ("imagenette128/train/*/*.JPEG", "coco_tiny/train/*.jpg", "camvid_tiny/images/*.*")
    return torch.cat([_read_all(data, pattern) for pattern in patterns])


def _read_all(data: Path, pattern: str) -> Tensor:
    return torch.stack([_read(file) for file in sorted(data.glob(pattern))])


def _read(file: Path) -> Tensor:
    photo = decode_image(str(file), ImageReadMode.RGB)
    if photo.shape[1:] == (SIDE, SIDE):
        return photo
    whole = functional.interpolate(photo[None].float(), (SIDE, SIDE), mode="bilinear")
    return whole[0].round().byte()


def views(photos: Tensor, stage: Stage, generator: torch.Generator) -> Tensor:
    """Random crops, turns, flips and light of uint8 photos, half of them mixed: normalised."""
    count = len(photos)

    def uniform(low: float, high: float, *, each: int = 1) -> Tensor:
        return torch.rand(count * each, generator=generator) * (high - low) + low

    placements = _placements(uniform, stage.scales)
    grid = functional.affine_grid(
        placements, [count, 3, stage.view, stage.view], align_corners=False
    )
    seen = functional.grid_sample(
        photos.float() / 255, grid, padding_mode="reflection", align_corners=False
    )
    contrast, light = uniform(0.7, 1.3).view(-1, 1, 1, 1), uniform(-0.15, 0.15).view(-1, 1, 1, 1)
    seen = ((seen - 0.5) * contrast + 0.5 + light).clamp(0, 1)
    share = (uniform(0.0, 1.0) * (uniform(0.0, 1.0) < 0.5)).view(-1, 1, 1, 1)
    if stage.gain:
        seen = seen * uniform(1 - stage.gain, 1 + stage.gain, each=3).view(-1, 3, 1, 1)
    seen = seen * (1 - share) + seen.roll(1, 0) * share
    return ((seen - MEAN) / DEVIATION).contiguous(memory_format=torch.channels_last)


def _placements(uniform: Callable[[float, float], Tensor], scales: tuple[float, float]) -> Tensor:
    """Affine maps [n, 2, 3] from the view to the photo: scale, aspect, turn, flip, place."""
    scale, stretch = uniform(*scales), uniform(-0.2, 0.2).exp()
    turn, flip = uniform(-0.25, 0.25), uniform(0.0, 1.0).lt(0.5) * 2.0 - 1
    wide, high = scale * stretch, scale / stretch
    across, down = uniform(-1.0, 1.0) * (1 - scale), uniform(-1.0, 1.0) * (1 - scale)
    first = torch.stack([flip * wide * turn.cos(), -high * turn.sin(), across], 1)
    second = torch.stack([flip * wide * turn.sin(), high * turn.cos(), down], 1)
    return torch.stack([first, second], 1)


class Distillation:
    """The loss: squared errors of the maps in units of their spread, and KL of the answers."""

    def __init__(self, teacher: Teacher, stage: Stage, photos: Tensor) -> None:
        self.teacher, self.stage = teacher, stage
        with torch.no_grad():
            self.spreads = [self._spread(maps) for maps in teacher(photos)]

    def __call__(self, given: tuple[Tensor | None, Tensor], wanted: Maps) -> Tensor:
        middle, last = given
        target = wanted[1].float()
        last = functional.interpolate(last.float(), target.shape[2:], mode="bilinear")
        loss = self.stage.feature_weight * self._error(last, target, 1)
        if middle is not None:
            target_middle = wanted[0].float()
            size = target_middle.shape[2:]
            middle = functional.interpolate(middle.float(), size, mode="bilinear")
            loss = loss + self.stage.middle_weight * self._error(middle, target_middle, 0)
        return loss + self.stage.answer_weight * self._divergence(last, target)

    def _error(self, given: Tensor, wanted: Tensor, place: int) -> Tensor:
        return ((given - wanted) / self.spreads[place]).square().mean()

    def _divergence(self, given: Tensor, wanted: Tensor) -> Tensor:
        heat = self.stage.temperature
        answer, right = (
            functional.log_softmax(self.teacher.logits(features) / heat, 1)
            for features in (given, wanted)
        )
        return functional.kl_div(answer, right, reduction="batchmean", log_target=True)

    @staticmethod
    def _spread(maps: Tensor) -> Tensor:
        """The standard deviation of each channel, [1, channels, 1, 1]; dead ones get a tenth."""
        deviation = maps.std((0, 2, 3), keepdim=True)
        return deviation.clamp(min=float(deviation.mean()) / 10)


def train(nano: Nano, stage: Stage, photos: Tensor, *, save: Path) -> Student:
    """The student after one stage; its nano is saved every 200 steps and at the end."""
    generator = torch.Generator().manual_seed(stage.seed)
    teacher, student = Teacher(), Student(nano, middle=stage.middle_weight > 0)
    optimizer = torch.optim.AdamW(
        student.parameters(), stage.rate, weight_decay=stage.decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, stage.rate, total_steps=stage.steps, pct_start=0.1
    )
    chosen = photos[torch.randperm(len(photos), generator=generator)[:256]]
    loss = Distillation(teacher, stage, views(chosen, stage, generator))
    began, total = time.time(), 0.0
    for step in range(1, stage.steps + 1):
        chosen = photos[torch.randint(len(photos), (stage.batch,), generator=generator)]
        side = stage.sides[int(torch.randint(len(stage.sides), (), generator=generator))]
        total += _step(student, teacher, loss, views(chosen, stage, generator), side)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 200 == 0 or step == stage.steps:
            print(f"{step} loss {total / 200:.4f} {time.time() - began:.0f} s", flush=True)
            total = 0.0
            save_weights(nano, save)
    return student


def _step(student: Student, teacher: Teacher, loss: Distillation, seen: Tensor, side: int) -> float:
    smaller = functional.interpolate(seen, (side, side), mode="bilinear", antialias=True)
    with torch.autocast("cpu", torch.bfloat16):
        with torch.no_grad():
            wanted = teacher(seen)
        value = loss(student(smaller.contiguous(memory_format=torch.channels_last)), wanted)
    value.backward()
    return float(value.detach())


@torch.inference_mode()
def agreement(student: Student, photos: Tensor) -> float:
    """Share of whole photos to which student and teacher give the same of 1,000 answers."""
    teacher = Teacher()
    student.eval()
    same = 0
    for some in photos.split(100):
        seen = (some.float() / 255 - MEAN) / DEVIATION
        answers = [teacher.logits(network(seen)[1]).argmax(1) for network in (student, teacher)]
        same += int((answers[0] == answers[1]).sum())
    return same / len(photos)


def save_weights(nano: Nano, file: Path) -> None:
    """Convolutions as float16, the rest as float32: half the size, the same answers."""
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
    parser.add_argument("--stage", type=int, help="only this one (from 1), from the file's weights")
    arguments = parser.parse_args()
    data = Path(os.environ["TENFOLD_DATA"])
    photos = read_photos(data)
    unseen = _read_all(data, "imagenette128/val/*/*.JPEG")
    torch.manual_seed(0)
    nano = Nano()
    if (arguments.stage or 1) > 1:
        nano.load_state_dict(load_file(arguments.save))
    for number, stage in enumerate(STAGES, 1):
        if arguments.stage in (None, number):
            print(f"stage {number}, {len(photos)} photos", flush=True)
            student = train(nano, stage, photos, save=arguments.save)
            print(f"agrees with the teacher on {agreement(student, unseen):.3f} of {len(unseen)}")


if __name__ == "__main__":
    main()
