"""Pictures with the class of every pixel, ready to train on: `MaskData`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.data.augment import Augment, to_float
from tenfold.data.batches import Batches
from tenfold.data.decode import PictureLike, read_picture
from tenfold.data.encoders import PictureEncoder
from tenfold.data.mask_files import MasksLike
from tenfold.data.mask_sources import PIECE, MaskSources, mask_sources, masks_of
from tenfold.data.overlays import draw_overlays
from tenfold.data.settings import DEFAULT, Default, Settings, Size
from tenfold.data.store import stored
from tenfold.errors import SettingError
from tenfold.text import did_you_mean, listed
from tenfold.train.pixel_task import IGNORE
from tenfold.train.task import pixel_labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MaskData", "Together"]

Joint = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Together:
    """A transform that moves pictures and masks alike; pictures alone where there is no mask.

    `change` is an `Augment`, or a function of (pictures, masks, generator) that returns both.
    """

    change: Augment | Joint
    ignore: int

    def __call__(self, pictures: Tensor, generator: torch.Generator) -> Tensor:
        if isinstance(self.change, Augment):
            return self.change(pictures, generator)
        masks = torch.zeros_like(pictures[:, 0], dtype=torch.uint8)
        return self.change(pictures, masks, generator)[0]

    def together(
        self, pictures: Tensor, masks: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Pictures (N, C, H, W) and masks (N, H, W), both changed."""
        if isinstance(self.change, Augment):
            return self.change.with_masks(pictures, masks, generator=generator, ignore=self.ignore)
        return self.change(pictures, masks, generator)


class MaskData:
    """Pictures and masks of one size, as batches on the device; `ImageData.from_masks` makes it.

    Batches are float32 pictures (N, 3, h, w) in [0, 1] and masks (N, h, w), uint8 class numbers;
    pixels that hold `ignore` count in no loss and no metric. Only `train` is shuffled and
    augmented, picture and mask together. `train` and `valid` are `Batches`; `files` has the paths
    of the pictures of each by name. Raises DataError for pictures and masks that cannot be used,
    SettingError for an argument out of range.

    >>> x, masks = torch.rand(8, 3, 32, 32), torch.randint(2, (8, 32, 32))
    >>> data = MaskData.from_masks(x, masks, classes=["soil", "plant"], valid=0.25)
    >>> inputs, targets = next(iter(data.train))
    >>> inputs.shape, targets.shape
    (torch.Size([6, 3, 32, 32]), torch.Size([6, 32, 32]))
    """

    def __init__(self, sources: MaskSources, settings: Settings, *, ignore: int) -> None:
        kept = stored(sources.pictures, settings)
        self._sources, self._settings, self._place = sources, settings, kept.place
        self.classes = list(sources.classes)
        self.ignore = ignore
        """What pixels hold that do not count: the number of a class, or one beyond them."""
        self.size = settings.sides
        self.bad_files = kept.bad_files
        self._files = [split.files for split in kept.sources.splits]
        change = settings.transform
        self.augment = None if change is None else Together(change, ignore)  # type: ignore[arg-type]
        self.augment_asked = not isinstance(settings.augment, Default | None)
        self.task = pixel_labels(len(self.classes), ignore=ignore)
        masks = masks_of(sources, kept.sources.splits, settings, ignore=ignore)
        batches = [self._batches(*pair) for pair in zip(kept.pictures, masks, strict=True)]
        self.train = batches[0].shuffled().with_transform(self.augment)
        self.valid = batches[1]
        self.test = None

    def _batches(self, pictures: Tensor, masks: Tensor) -> Batches:
        settings = self._settings
        return Batches(
            pictures,
            masks,
            batch_size=settings.batch_size,
            seed=settings.seed,
            prepare=to_float,
            device=settings.on,
        )

    @classmethod
    def from_masks(
        cls,
        images: Any,
        masks: MasksLike,
        *,
        classes: Sequence[str],
        valid: float | Sequence[Any] = 0.2,
        ignore: str | int | None = None,
        size: Size | None = None,
        batch_size: int = 16,
        augment: Augment | Joint | Default | None = DEFAULT,
        seed: int = 0,
        on_bad: str = "error",
        memory: int | str | None = None,
        device: torch.device | str | None = None,
        progress: bool = True,
    ) -> MaskData:
        """Pictures and their masks, from folders, lists of files, or arrays.

        `images` is a folder, a list of paths, or an array as for `ImageData.from_arrays`. `masks`
        is a folder (the mask of a.jpg is a.png, or a_mask.png, a_P.png, …), a list of paths, a
        function of the path of a picture, or an array (N, h, w). A mask has one channel, which
        holds the numbers of `classes` from 0, and as many pixels as its picture.

        `valid` is the share that validates, the names of the files that do, or True and False
        for each. `ignore` is a class, by name or number, that does not count, as CamVid's Void.
        Pictures are fitted to `size`, one number or (height, width), 128 where they are files.
        Files that would take more than `memory`, in bytes or words like "4GB", stay in mapped
        files of the cache.
        """
        sources = mask_sources(images, masks, classes=classes, valid=valid, seed=seed)
        settings = Settings(
            size=sources.sides if size is None else size,
            batch_size=batch_size,
            augment=augment,  # type: ignore[arg-type]
            seed=seed,
            memory=memory,
            on_bad=on_bad,
            device=device,
            progress=progress,
        )
        return cls(sources, settings, ignore=_number_of(ignore, sources.classes))

    @cached_property
    def fingerprint(self) -> str:
        """A key of the content: the same files, splits and size give the same key."""
        return f"{self._sources.fingerprint()}-{self.size[0]}x{self.size[1]}"

    @property
    def files(self) -> dict[str, list[Path]]:
        """The paths of each split's pictures, in the order of its items; none for arrays."""
        return dict(zip(("train", "valid"), self._files, strict=True))

    @property
    def encoder(self) -> PictureEncoder:
        """What turns a picture of yours into what the model takes."""
        return PictureEncoder(self.size)

    @cached_property
    def pixel_counts(self) -> dict[str, int]:
        """How many training pixels each class has."""
        assert self.train.targets is not None
        counts = torch.zeros(256, dtype=torch.int64)
        for piece in self.train.targets.split(PIECE):
            counts += torch.bincount(piece.flatten(), minlength=256).cpu()
        return dict(zip(self.classes, counts.tolist(), strict=False))

    def resized(self, size: Size, *, batch_size: int | None = None) -> MaskData:
        """The same pictures and masks at another size, read again from where they came from."""
        batch_size = self._settings.batch_size if batch_size is None else batch_size
        settings = replace(self._settings, size=size, batch_size=batch_size)
        return MaskData(self._sources, settings, ignore=self.ignore)

    def read(self, picture: PictureLike) -> Tensor:
        """One picture as uint8 (3, h, w), decoded and fitted as those of this set were."""
        return read_picture(picture, self.size)

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> Figure:
        """`n` training pictures under their masks, augmented; another `epoch`, others."""
        pictures, masks = self.train.at_epoch(epoch).take(n)
        assert masks is not None
        return self._drawn(pictures, masks, [self._title(mask) for mask in masks])

    def show_items(self, items: Sequence[int], titles: Sequence[str] | None = None) -> Figure:
        """Validation pictures under their masks by their numbers, each under its title."""
        pictures, masks = self.items(items)
        return self._drawn(pictures, masks, titles or [self._title(mask) for mask in masks])

    def items(self, items: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Validation pictures (n, 3, h, w) in [0, 1] and their masks, by their numbers."""
        strange = [item for item in items if not 0 <= item < self.valid.items]
        if strange or not len(items):
            raise SettingError(
                f"item {listed(strange) or 'none at all'} was given; allowed are the numbers of "
                f"validation pictures, 0 to {self.valid.items - 1}; give at least one"
            )
        assert self.valid.targets is not None
        chosen = torch.as_tensor(items)
        pictures, masks = self.valid.inputs, self.valid.targets
        return to_float(pictures[chosen.to(pictures.device)]), masks[chosen.to(masks.device)]

    def _drawn(self, pictures: Tensor, masks: Tensor, titles: Sequence[str]) -> Figure:
        return draw_overlays(pictures, masks, titles, classes=self.classes, ignore=self.ignore)

    def _title(self, mask: Tensor, most: int = 3) -> str:
        """The classes that cover most of a mask."""
        numbers, counts = mask[mask != self.ignore].unique(return_counts=True)
        order = counts.argsort(descending=True)[:most]
        return ", ".join(self.classes[number] for number in numbers[order].tolist()) or "nothing"

    def __repr__(self) -> str:
        height, width = self.size
        off = [f"; {name} does not count" for name in self.classes[self.ignore :][:1]]
        return (
            f"MaskData: {self.train.items:,} training, {self.valid.items:,} validation pictures "
            f"of {height}x{width} with a class for each pixel, {self._place}\n"
            f"{len(self.classes)} classes: {listed(self.classes, most=8)}{''.join(off)}"
        )


def _number_of(ignore: str | int | None, classes: Sequence[str]) -> int:
    """The number that pixels hold which do not count."""
    if ignore is None:
        return IGNORE
    if isinstance(ignore, str) and ignore in classes:
        return list(classes).index(ignore)
    if isinstance(ignore, int) and not isinstance(ignore, bool) and 0 <= ignore <= IGNORE:
        return ignore
    raise SettingError(
        f"ignore={ignore!r} was given; allowed is one of the classes, by name or number, or "
        f"another number up to {IGNORE}; the classes are {listed(classes, most=8)}"
        f"{did_you_mean(str(ignore), classes)}"
    )
