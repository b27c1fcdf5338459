"""Pictures with the pictures they should become, ready to train on: `PicturePairs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data.augment import Augment, to_float
from tenfold.data.batches import Batches
from tenfold.data.decode import PictureLike, read_picture
from tenfold.data.pair_sources import PairSource, pair_sources
from tenfold.data.settings import AugmentLike, Default, Settings, Size
from tenfold.data.show import beside, draw_pictures
from tenfold.errors import DataError, SettingError
from tenfold.text import counted, listed
from tenfold.train.picture_task import decibels, picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PLAIN", "PairBatches", "PicturePairs", "WholePictureEncoder"]

PLAIN: Final = Default(Augment(rotate=0.0, zoom=1.0, lighting=0.0))
"""Mirrored and nothing else: resampling would wash out the very noise that is to be removed."""
MOST_PIXELS = 4_000_000
PAIR_WIDTH = 2.4  # inches


class PairBatches:
    """Batches of (inputs, targets), both float32 pictures (N, 3, h, w) in [0, 1].

    A pair is kept as one picture of six channels, so that whatever moves one moves the other.

    >>> pairs = PairBatches(Batches(torch.rand(8, 6, 4, 4), batch_size=4))
    >>> [tuple(half.shape) for half in next(iter(pairs))]
    [(4, 3, 4, 4), (4, 3, 4, 4)]
    """

    def __init__(self, batches: Batches) -> None:
        self.batches = batches

    @property
    def items(self) -> int:
        """The number of pairs, all batches together."""
        return self.batches.items

    @property
    def batch_size(self) -> int:
        """Pairs in a batch."""
        return self.batches.batch_size

    @property
    def seed(self) -> int:
        """What the order and the augmentation come from."""
        return self.batches.seed

    @property
    def device(self) -> torch.device:
        """Where the batches are."""
        return self.batches.device

    @property
    def inputs(self) -> Tensor:
        """All inputs, uint8 (N, 3, h, w)."""
        return self.batches.inputs[:, :3]

    @property
    def targets(self) -> Tensor:
        """All targets, uint8 (N, 3, h, w)."""
        return self.batches.inputs[:, 3:]

    @property
    def epoch(self) -> int:
        """The epoch of the next pass: another order for each."""
        return self.batches.epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self.batches.epoch = epoch

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return self.starting_at(0)

    def starting_at(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The pass of this epoch from batch number `batch` on."""
        return (halves(pairs) for pairs, _ in self.batches.starting_at(batch))

    def at_epoch(self, epoch: int) -> PairBatches:
        """The same batches as they are in another epoch."""
        return PairBatches(self.batches.at_epoch(epoch))

    def take(self, count: int) -> tuple[Tensor, Tensor]:
        """The first `count` pairs of this epoch's pass, as one batch."""
        return halves(self.batches.take(count)[0])

    def __repr__(self) -> str:
        return f"Pairs of {self.batches!r}"


class PicturePairs:
    """Training and validation pairs of pictures of one size, as batches on the device.

    Made by `ImageData.from_pairs`. Batches are (inputs, targets), both float32 (N, 3, h, w) in
    [0, 1]. Inputs that came smaller than their targets are enlarged to their size beforehand,
    so that one network serves restoration and super-resolution; `scale` is how many times.

    `train` is shuffled and augmented, both pictures of a pair alike; `valid` is neither.

    >>> from tenfold.data.images import ImageData
    >>> data = ImageData.from_pairs(torch.rand(10, 3, 16, 16), torch.rand(10, 3, 32, 32))
    >>> inputs, targets = next(iter(data.valid))
    >>> inputs.shape, targets.shape, data.scale
    (torch.Size([2, 3, 32, 32]), torch.Size([2, 3, 32, 32]), 2.0)
    """

    test = None
    classes = None

    def __init__(self, train: PairSource, valid: PairSource, settings: Settings) -> None:
        self._sources, self._settings = (train, valid), settings
        self.size = settings.sides
        self.scale = scale_of(train)
        self.augment = settings.transform
        self.augment_asked = not isinstance(settings.augment, Default | None)
        self.task = picture()
        _check_memory(len(train) + len(valid), settings)
        kept = self._batches(train)
        self.train = PairBatches(kept.shuffled().with_transform(self.augment))
        self.valid = PairBatches(self._batches(valid))

    def _batches(self, source: PairSource) -> Batches:
        settings = self._settings
        pairs = source.stacked(self.size, progress=settings.progress)
        told: dict[str, Any] = {"batch_size": settings.batch_size, "seed": settings.seed}
        return Batches(pairs, prepare=to_float, device=settings.on, **told)

    @property
    def files(self) -> dict[str, list[Path]]:
        """The paths of each split's inputs, in order; empty lists for arrays."""
        return {name: one.files for name, one in zip(("train", "valid"), self._sources)}

    @property
    def encoder(self) -> WholePictureEncoder:
        """What turns a picture of yours into what the model takes."""
        return WholePictureEncoder(self.scale)

    def resized(self, size: Size, *, batch_size: int | None = None) -> PicturePairs:
        """The same pairs at another size, read again from where they came from."""
        batch_size = self._settings.batch_size if batch_size is None else batch_size
        changed = replace(self._settings, size=size, batch_size=batch_size)
        return PicturePairs(*self._sources, changed)

    def read(self, picture: PictureLike) -> Tensor:
        """One picture as uint8 (3, h, w), decoded and fitted as those of this set were."""
        return read_picture(picture, self.size)

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> Figure:
        """`n` training pairs as the network sees them: input, target, and how far apart they are.

        The distance is the PSNR in decibels; another `epoch` shows other pairs.
        """
        return draw_pairs(*self.train.at_epoch(epoch).take(n))

    def show_items(self, items: Sequence[int], titles: Sequence[str] | None = None) -> Figure:
        """Validation pairs by their numbers, input and target side by side."""
        return draw_pairs(*self.pairs(items), titles=titles)

    def pairs(self, items: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Inputs and targets of validation pairs by their numbers, float32 (n, 3, h, w)."""
        strange = [item for item in items if not 0 <= item < self.valid.items]
        if strange or not len(items):
            raise SettingError(
                f"item {listed(strange) or 'none at all'} was given; allowed are the numbers of "
                f"validation pictures, 0 to {self.valid.items - 1}; give at least one"
            )
        chosen = self.valid.batches.inputs
        return halves(to_float(chosen[torch.as_tensor(items, device=chosen.device)]))

    def __repr__(self) -> str:
        height, width = self.size
        larger = f", inputs enlarged {self.scale:g} times" if self.scale != 1 else ""
        return (
            f"PicturePairs: {self.train.items:,} training, {self.valid.items:,} validation pairs "
            f"of {height}x{width}{larger}"
        )


@dataclass(frozen=True)
class WholePictureEncoder:
    """Pictures of any kind at their own size, enlarged `scale` times: float32 (1, 3, h, w).

    Nothing is cut away, because what comes out is to take the place of what went in. Raises
    DataError for a picture that would be larger than memory likes.

    >>> WholePictureEncoder(2.0).encode([torch.zeros(3, 20, 31, dtype=torch.uint8)]).shape
    torch.Size([1, 3, 40, 62])
    """

    scale: float = 1.0
    kind: ClassVar[str] = "whole pictures"
    batch: ClassVar[int] = 1

    def many(self, given: Any) -> bool:
        """Lists and tuples are several pictures."""
        return isinstance(given, list | tuple)

    def encode(self, items: Sequence[Any]) -> Tensor:
        """One picture, decoded and enlarged as those the model was trained on."""
        picture = read_picture(items[0])
        height, width = (max(1, round(side * self.scale)) for side in picture.shape[-2:])
        if height * width > MOST_PIXELS:
            raise DataError(
                f"a picture of {height:,} x {width:,} pixels would be made; at most "
                f"{MOST_PIXELS:,} are; cut it into parts, or make it smaller"
            )
        if (height, width) != tuple(picture.shape[-2:]):
            told: dict[str, Any] = {"size": (height, width), "mode": "bilinear"}
            picture = F.interpolate(picture[None], antialias=True, **told)[0]
        return to_float(picture[None])

    def state(self) -> dict[str, Any]:
        """The scale."""
        return {"scale": self.scale}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> WholePictureEncoder:
        """From the scale."""
        return cls(float(state["scale"]))


def make_pairs(
    inputs: Any, targets: Any, *, valid: Any, size: Size | None, seed: int, **more: Any
) -> PicturePairs:
    """Pairs from two folders, lists or arrays; see `ImageData.from_pairs`."""
    train, held = pair_sources(inputs, targets, valid=valid, seed=seed)
    if size is None:
        size = train.sides("targets")[0] if isinstance(train.targets, Tensor) else 128
    augment: AugmentLike | Default = more.pop("augment", PLAIN)
    return PicturePairs(train, held, Settings(size=size, seed=seed, augment=augment, **more))


def halves(pairs: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures of six channels as inputs and targets of three."""
    return pairs[:, :3], pairs[:, 3:]


def scale_of(source: PairSource) -> float:
    """How many times larger the first target is than its input.

    >>> scale_of(PairSource(torch.zeros(1, 3, 20, 30), torch.zeros(1, 3, 80, 120)))
    4.0
    """
    small, large = source.sides("inputs")[0][0], source.sides("targets")[0][0]
    return round(large / small, 2) if small and large else 1.0


def draw_pairs(inputs: Tensor, targets: Tensor, *, titles: Sequence[str] | None = None) -> Figure:
    """A grid of inputs and targets side by side, each pair under a title."""
    if titles is None:
        apart = decibels(inputs, targets).tolist()
        titles = [f"input, target: {value:.1f} dB" for value in apart]
    return draw_pictures(beside(inputs, targets), list(titles), side=PAIR_WIDTH)


def _check_memory(pairs: int, settings: Settings) -> None:
    height, width = settings.sides
    needed = pairs * 6 * height * width
    if needed > settings.memory_limit:
        raise DataError(
            f"{counted(pairs, 'pair')} of {height}x{width} take {needed / 2**20:,.0f} MiB; "
            f"{settings.memory_limit / 2**20:,.0f} may be used; give a smaller size, or memory="
        )
