"""Pictures with the pictures they should become, ready to train on: `PicturePairs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.data.augment import Augment, to_float
from tenfold.data.batches import Batches
from tenfold.data.decode import PictureLike, read_picture
from tenfold.data.pair_sources import PairSource, pair_sources, read_pairs
from tenfold.data.settings import AugmentLike, Default, Settings, Size
from tenfold.data.show import beside, draw_pictures
from tenfold.errors import DataError, SettingError
from tenfold.figures import GREY
from tenfold.text import listed
from tenfold.train.picture_task import decibels
from tenfold.train.task import picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PLAIN", "Alike", "PicturePairs", "WholePictureEncoder"]

PLAIN: Final = Default(Augment(rotate=0.0, zoom=1.0, lighting=0.0))
"""Mirrored and nothing else: resampling would wash out the very noise that is to be removed."""
MOST_PIXELS = 4_000_000
PAIR_WIDTH = 2.4  # inches


@dataclass(frozen=True)
class Alike:
    """Does to the target what it does to the input: a pair is one picture of six channels.

    Without a `change` it only makes floats of both.

    >>> pair = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    >>> made = Alike(Augment()).together(*pair, torch.Generator().manual_seed(0))
    >>> [tuple(half.shape) for half in made]
    [(2, 3, 8, 8), (2, 3, 8, 8)]
    """

    change: AugmentLike = None

    def __call__(self, inputs: Tensor, generator: torch.Generator) -> Tensor:
        return to_float(inputs) if self.change is None else self.change(inputs, generator)

    def together(
        self, inputs: Tensor, targets: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Inputs and targets (N, 3, h, w), both changed."""
        pairs = torch.cat([to_float(inputs), to_float(targets)], 1)
        return halves(self(pairs, generator))


class PicturePairs:
    """Training and validation pairs of pictures of one size, as batches on the device.

    `ImageData.from_pairs` makes it. Batches are (inputs, targets), both float32 (N, 3, h, w) in
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
        (shown, held), self._place = read_pairs(self._sources, settings)
        self.train = self._batches(*shown).shuffled().with_transform(Alike(self.augment))
        self.valid = self._batches(*held).with_transform(Alike())

    def _batches(self, inputs: Tensor, targets: Tensor) -> Batches:
        settings = self._settings
        told: dict[str, Any] = {"batch_size": settings.batch_size, "seed": settings.seed}
        return Batches(inputs, targets, device=settings.on, **told)

    @classmethod
    def from_pairs(
        cls,
        inputs: Any,
        targets: Any,
        *,
        valid: Any = 0.2,
        size: Size | None = None,
        batch_size: int = 16,
        augment: AugmentLike | Default = PLAIN,
        seed: int = 0,
        memory: int | str | None = None,
        device: torch.device | str | None = None,
        progress: bool = True,
    ) -> PicturePairs:
        """Pictures with the pictures they should become.

        Two folders with files of the same names, two lists of files, or two arrays as those of
        `ImageData.from_arrays`. `valid` is a share, or (inputs, targets) to validate with. All
        get the `size` of the targets, 128 for files. Files that would take more than `memory`, in
        bytes or words like "4GB", stay in a mapped file of the cache. `augment` changes both
        pictures of a pair alike; without it they are only mirrored. Raises DataError for pairs
        that do not fit each other, or for arrays that do not fit the memory.
        """
        train, held = pair_sources(inputs, targets, valid=valid, seed=seed)
        if size is None:
            size = train.sides("targets")[0] if isinstance(train.targets, Tensor) else 128
        settings = Settings(
            size=size, batch_size=batch_size, augment=augment, seed=seed,
            memory=memory, device=device, progress=progress,
        )  # fmt: skip
        return cls(train, held, settings)

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
        inputs, targets = self.train.at_epoch(epoch).take(n)
        assert targets is not None
        return draw_pairs(inputs, targets)

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
        inputs, targets = self.valid.inputs, self.valid.targets
        assert targets is not None
        chosen = torch.as_tensor(items, device=inputs.device)
        return to_float(inputs[chosen]), to_float(targets[chosen])

    def __repr__(self) -> str:
        height, width = self.size
        larger = f", inputs enlarged {self.scale:g} times" if self.scale != 1 else ""
        return (
            f"PicturePairs: {self.train.items:,} training, {self.valid.items:,} validation pairs "
            f"of {height}x{width}{larger}, {self._place}"
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
        titles = [f"{value:.1f} dB" for value in apart]
    figure = draw_pictures(beside(inputs, targets), list(titles), side=PAIR_WIDTH)
    figure.suptitle("input and target: the nearer, the more dB", fontsize=9, color=GREY)
    return figure
