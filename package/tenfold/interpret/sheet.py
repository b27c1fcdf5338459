"""Sheets of pictures that a generator makes: its loss tells nothing, they tell all.

The same seed makes the same noise, so the sheets of two epochs can be laid side by side.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import torch
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.interpret.items import check_count
from tenfold.models.gan import GAN
from tenfold.text import counted
from tenfold.train.passes import placed
from tenfold.train.state import evaluating, kept_random

__all__ = ["Sheet", "Sheets", "check_model", "make_sheet", "refuse_gan"]

MOST = 400
# pixels of the longer side of a sheet, from which each pixel of a picture is shown as several
WIDTH = 640
GAP = 2


@dataclass(frozen=True)
class Sheet:
    """Pictures (n, 3, h, w), uint8 on the CPU, made from one seed after so many steps.

    `columns` is how many stand side by side. Those made of pictures come in threes: what was
    given, what was made of it, and what was wanted. Shows itself where a cell ends on it.
    """

    pictures: Tensor = field(repr=False)
    seed: int
    epoch: int
    step: int
    columns: int

    def __len__(self) -> int:
        return len(self.pictures)

    def __repr__(self) -> str:
        trained = f"after {counted(self.epoch, 'epoch')} and {counted(self.step, 'step')}"
        return f"{counted(len(self), 'picture')} from seed {self.seed}, {trained}"

    def png(self) -> bytes:
        """The sheet as one PNG, its pixels large enough to see."""
        from PIL import Image

        image = Image.fromarray(_tiled(self.pictures, self.columns).numpy())
        times = max(1, WIDTH // max(image.size))
        written = io.BytesIO()
        image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST).save(
            written, format="png"
        )
        return written.getvalue()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return _shown(self.png(), repr(self))


class Sheets(Sequence[Sheet]):
    """The sheets of several epochs, from the same seed: one row for each."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self._sheets = list(sheets)

    def __len__(self) -> int:
        return len(self._sheets)

    def __getitem__(self, index: Any) -> Any:
        return self._sheets[index]

    def __repr__(self) -> str:
        return f"the same pictures after each of {counted(len(self), 'epoch')}"

    def whole(self) -> Sheet:
        """All of them as one sheet, a row for each epoch, the last one last."""
        last = self._sheets[-1]
        pictures = torch.cat([one.pictures for one in self._sheets])
        return Sheet(pictures, last.seed, last.epoch, last.step, len(last))

    def png(self) -> bytes:
        """All of them as one PNG."""
        return self.whole().png()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return _shown(self.png(), repr(self))


def make_sheet(
    model: Any, valid: Any, *, n: int = 64, seed: int = 0, epoch: int = 0, step: int = 0
) -> Sheet:
    """`n` pictures of the averaged generator of `model`, from noise of `seed`.

    Where pictures are made of pictures, those of the first `n` of `valid` instead. The model, its
    modes and all random numbers are left as they are. Raises ModelError for a model that makes
    no pictures, SettingError for a number or seed that is none.
    """
    check_model(model)
    _check(n, seed)
    device = next(model.parameters()).device
    with torch.no_grad(), evaluating(model), kept_random(seed):
        if model.latent is not None:
            generator = torch.Generator().manual_seed(seed)
            # always as many, so that more pictures of a seed begin with the same ones
            noise = torch.randn(MOST, model.latent, 1, 1, generator=generator)[:n]
            made = _bytes(model(noise.to(device)))
            return Sheet(made, seed, epoch, step, columns=max(1, round(n**0.5)))
        given, wanted = _items(valid, n)
        made = model(placed(given, device))
        rows = torch.stack([_bytes(_sized(given, made)), _bytes(made), _bytes(wanted)], 1)
        return Sheet(rows.flatten(0, 1), seed, epoch, step, columns=3)


def _items(valid: Any, n: int) -> tuple[Tensor, Tensor]:
    """The first `n` items of the validation set, or all."""
    inputs, targets = zip(*_enough(valid, n))
    return torch.cat(inputs)[:n], torch.cat(targets)[:n]


def _enough(batches: Any, n: int) -> list[tuple[Tensor, Tensor]]:
    if hasattr(batches, "epoch"):
        batches.epoch = 0
    taken, items = [], 0
    for inputs, targets in batches:
        taken.append((inputs, targets))
        items += len(targets)
        if items >= n:
            break
    return taken


def _sized(given: Tensor, like: Tensor) -> Tensor:
    """Inputs of another size, as small ones for super-resolution, at that of the outputs."""
    return torch.nn.functional.interpolate(given, like.shape[-2:])


def _bytes(pictures: Tensor) -> Tensor:
    return (pictures.float().clamp(0, 1) * 255).round().to("cpu", torch.uint8)


def _tiled(pictures: Tensor, columns: int) -> Tensor:
    """(n, 3, h, w) side by side with gaps: (height, width, 3)."""
    count, channels, height, width = pictures.shape
    rows = -(-count // columns)
    tall, wide = height + GAP, width + GAP
    whole = torch.full((rows * tall - GAP, columns * wide - GAP, channels), 255, dtype=torch.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * tall, number % columns * wide
        whole[top : top + height, left : left + width] = picture.permute(1, 2, 0)
    return whole


def check_model(model: Any) -> GAN:
    """The model as the GAN that it is; ModelError for one that makes no pictures."""
    if not isinstance(model, GAN):
        raise ModelError(
            f"{type(model).__name__} makes no pictures; a sheet is of a GAN; make one with "
            "gan_learner"
        )
    return model


def refuse_gan(model: Any, words: str = "it predicts nothing, so there is nothing to do") -> None:
    """Refuse a GAN where predictions, or a loss that falls, are wanted; `words` say why."""
    if isinstance(model, GAN):
        raise ModelError(
            f"a GAN was given; {words}; learn.sheet() shows what it makes, "
            "learn.score(*learn.predictions()) how far that is from real pictures, and "
            "learn.save(path) keeps it"
        )


def _shown(png: bytes, words: str) -> tuple[dict[str, str], dict[str, Any]]:
    """As HTML: JupyterLab reads the words of such a picture out, of a bare PNG none."""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    shown = f'<img alt="{escape(words)}" style="max-width:100%;height:auto" src="{source}">'
    return {"text/plain": words, "text/html": shown}, {}


def _check(n: int, seed: int) -> None:
    check_count(n)
    if n > MOST:
        raise SettingError(f"n={n} was given; a sheet has at most {MOST} pictures; try 64")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SettingError(f"seed={seed!r} was given; allowed is 0 and above; try 0")
