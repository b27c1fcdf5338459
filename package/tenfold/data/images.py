"""Pictures with labels, ready to train on: `ImageData`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.data.arrays import sources_from_arrays
from tenfold.data.augment import to_float
from tenfold.data.batches import Batches
from tenfold.data.coco import Given, sources_from_coco
from tenfold.data.decode import PictureLike, read_picture
from tenfold.data.encoders import PictureEncoder
from tenfold.data.folders import sources_from_folder
from tenfold.data.frames import read_table, sources_from_frame
from tenfold.data.masks import MaskData
from tenfold.data.picture_pairs import PicturePairs
from tenfold.data.settings import DEFAULT, AugmentLike, Default, Settings, Size, parted
from tenfold.data.show import draw_pictures, title_of
from tenfold.data.sources import Sources
from tenfold.data.store import stored
from tenfold.data.tags import sources_from_tags
from tenfold.errors import SettingError
from tenfold.text import listed
from tenfold.train.task import multi_label, single_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ImageData"]


class ImageData:
    """Training, validation and perhaps test pictures of one size, as batches on the device.

    Make one with `from_folder`, `from_frame`, `from_csv` or `from_arrays`, and for several labels
    also with `from_tags` or `from_coco`. Files are decoded once: the shorter side is fitted to
    `size`, the centre is kept. They stay as uint8 on the device, or in a mapped file of the cache
    when they would take more than `memory`. Batches are float32 (N, 3, h, w) in [0, 1]; only
    `train` is shuffled and augmented.

    `train`, `valid` and `test` (or None) are `Batches`; `files` has the paths of each by name.
    `bad_files` are those that `on_bad="skip"` left out. Raises DataError for pictures or labels
    that cannot be used, SettingError for an argument out of range.

    >>> x, y = torch.rand(8, 3, 32, 32), [0, 1] * 4
    >>> data = ImageData.from_arrays(x, y, x, y, classes=["cat", "dog"])
    >>> inputs, targets = next(iter(data.train))
    >>> inputs.shape, data.classes
    (torch.Size([8, 3, 32, 32]), ['cat', 'dog'])
    """

    def __init__(self, sources: Sources, settings: Settings) -> None:
        kept = stored(sources.checked(), settings)
        kept.sources.checked()  # again, without what cannot be read
        self._sources, self._settings, self._place = kept.sources, settings, kept.place
        self.classes = list(kept.sources.classes)
        self.size = settings.sides
        self.augment = settings.transform
        self.augment_asked = not isinstance(settings.augment, Default | None)
        self.bad_files = kept.bad_files
        many = kept.sources.many_labels
        self.task = (multi_label if many else single_label)(len(self.classes))
        splits = [
            self._batches(pictures, source.targets)
            for pictures, source in zip(kept.pictures, kept.sources.splits, strict=True)
        ]
        self.train = splits[0].shuffled().with_transform(self.augment)
        self.valid = splits[1]
        self.test = splits[2] if len(splits) > 2 else None
        if kept.sources.train.files:
            _ = self.fingerprint  # of the files as they are now, not when someone asks

    def _batches(self, pictures: Tensor, targets: Tensor | None) -> Batches:
        settings = self._settings
        return Batches(
            pictures, targets, batch_size=settings.batch_size, seed=settings.seed,
            prepare=to_float, device=settings.on,
        )  # fmt: skip

    @classmethod
    def from_folder(
        cls,
        path: str | os.PathLike[str],
        *,
        valid: float = 0.2,
        size: Size = 128,
        batch_size: int = 64,
        augment: AugmentLike | Default = DEFAULT,
        seed: int = 0,
        test: str | os.PathLike[str] | None = None,
        on_bad: str = "error",
        memory: int | str | None = None,
        device: torch.device | str | None = None,
        progress: bool = True,
    ) -> ImageData:
        """Pictures in folders named after their classes.

        Either `path` has train/ and valid/ (or val/), each with a folder for every class, and
        perhaps test/ with pictures without labels; or `path` has the class folders itself, and
        the share `valid` of every class, chosen by `seed`, validates. `size` is in pixels, one
        number or (height, width). `memory` is in bytes or words like "4GB".
        """
        settings = Settings(
            size=size, batch_size=batch_size, augment=augment, seed=seed,
            memory=memory, on_bad=on_bad, device=device, progress=progress,
        )  # fmt: skip
        return cls(sources_from_folder(path, valid=valid, seed=seed, test=test), settings)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        images: str = "image",
        labels: str = "label",
        folder: str | os.PathLike[str] | None = None,
        suffix: str = "",
        label_separator: str | None = None,
        valid: float | str = 0.2,
        size: Size = 128,
        batch_size: int = 64,
        augment: AugmentLike | Default = DEFAULT,
        seed: int = 0,
        test: str | os.PathLike[str] | None = None,
        on_bad: str = "error",
        memory: int | str | None = None,
        device: torch.device | str | None = None,
        progress: bool = True,
    ) -> ImageData:
        """Pictures named in a table: a DataFrame, or a dict of lists.

        Column `images` has file names, which `folder` goes before and `suffix` after; column
        `labels` has classes. With `label_separator` a picture can have several labels
        ("cat;dog", ";"), or none (""). `valid` is a share or the name of a column that is True
        for the rows that validate. The other arguments are those of `from_folder`.
        """
        settings = Settings(
            size=size, batch_size=batch_size, augment=augment, seed=seed,
            memory=memory, on_bad=on_bad, device=device, progress=progress,
        )  # fmt: skip
        sources = sources_from_frame(
            frame, images=images, labels=labels, folder=folder, suffix=suffix,
            label_separator=label_separator, valid=valid, seed=seed, test=test,
        )  # fmt: skip
        return cls(sources, settings)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], **arguments: Any) -> ImageData:
        """Pictures named in a CSV file; the arguments are those of `from_frame`.

        File names count from the folder of the table, unless `folder` is given.
        """
        arguments.setdefault("folder", Path(path).expanduser().parent)
        return cls.from_frame(read_table(path), **arguments)

    @classmethod
    def from_tags(cls, path: str | os.PathLike[str], **settings: Any) -> ImageData:
        """Pictures with several labels, in a folder for each tag, in the layouts of `from_folder`.

        A picture lies in the folder of each of its tags, as a copy or a link, under one name; one
        without a tag lies beside the folders. The other arguments are those of `from_folder`.
        """
        asked, rest = parted(settings, "valid", "test")
        return cls(sources_from_tags(path, **asked), rest)

    @classmethod
    def from_coco(
        cls, annotations: Given, folder: str | os.PathLike[str], **settings: Any
    ) -> ImageData:
        """Pictures with boxes, as COCO's JSON has them: the labels are the classes in a picture.

        `annotations` is the file, or what it holds; `folder` has its pictures. `valid` is a
        share or another such file, with its pictures in `valid_folder`. A picture without a box
        has no label. The other arguments are those of `from_folder`.
        """
        asked, rest = parted(settings, "valid", "valid_folder", "test")
        return cls(sources_from_coco(annotations, folder, **asked), rest)

    @classmethod
    def from_arrays(
        cls,
        x_train: Any,
        y_train: Any,
        x_valid: Any,
        y_valid: Any,
        *,
        x_test: Any = None,
        classes: list[str] | None = None,
        size: Size | None = None,
        batch_size: int = 64,
        augment: AugmentLike | Default = DEFAULT,
        seed: int = 0,
        memory: int | str | None = None,
        device: torch.device | str | None = None,
    ) -> ImageData:
        """Pictures that are arrays or tensors already.

        Shape (N, H, W), (N, H, W, C) or (N, C, H, W), uint8 or floats in [0, 1]. Targets are
        class numbers or names (N,), or a matrix of 0 and 1 (N, classes) for several labels.
        Without `size` they keep theirs.
        """
        sources = sources_from_arrays(
            x_train, y_train, x_valid, y_valid, x_test=x_test, classes=classes
        )
        settings = Settings(
            size=sources.sides if size is None else size, batch_size=batch_size, augment=augment,
            seed=seed, memory=memory, device=device,
        )  # fmt: skip
        return cls(sources, settings)

    @staticmethod
    def from_masks(images: Any, masks: Any, **settings: Any) -> MaskData:
        """Pictures with a mask each, which says the class of every pixel.

        The arguments, as classes=, size=, valid= and ignore=, are those of `MaskData.from_masks`.
        """
        return MaskData.from_masks(images, masks, **settings)

    @staticmethod
    def from_pairs(inputs: Any, targets: Any, **settings: Any) -> PicturePairs:
        """Pictures with the pictures they should become: restoration, super-resolution.

        The arguments, as valid=, size= and augment=, are those of `PicturePairs.from_pairs`.
        """
        return PicturePairs.from_pairs(inputs, targets, **settings)

    @cached_property
    def fingerprint(self) -> str:
        """A key of the content: the same files, targets, splits and size give the same key."""
        return f"{self._sources.fingerprint()}-{self.size[0]}x{self.size[1]}"

    @property
    def files(self) -> dict[str, list[Path]]:
        """The paths of each split, in the order of its items; empty lists for arrays."""
        sources = self._sources
        named = {"train": sources.train, "valid": sources.valid, "test": sources.test}
        return {name: source.files for name, source in named.items() if source is not None}

    @property
    def encoder(self) -> PictureEncoder:
        """What turns a picture of yours into what the model takes."""
        return PictureEncoder(self.size)

    def class_counts(self) -> dict[str, int]:
        """How many training pictures each class has."""
        targets = self._sources.train.targets
        assert targets is not None
        many = targets.ndim == 2
        counts = targets.sum(0) if many else torch.bincount(targets, minlength=len(self.classes))
        return {name: int(count) for name, count in zip(self.classes, counts, strict=True)}

    def resized(self, size: Size, *, batch_size: int | None = None) -> ImageData:
        """The same pictures at another size, read again from where they came from.

        For progressive resizing: the splits stay the same, so nothing leaks into validation.
        """
        batch_size = self._settings.batch_size if batch_size is None else batch_size
        return ImageData(self._sources, replace(self._settings, size=size, batch_size=batch_size))

    def read(self, picture: PictureLike) -> Tensor:
        """One picture as uint8 (3, h, w), decoded and fitted as those of this set were."""
        return read_picture(picture, self.size)

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> Figure:
        """`n` training pictures as the network sees them, augmented; another `epoch`, others."""
        pictures, targets = self.train.at_epoch(epoch).take(n)
        assert targets is not None
        return draw_pictures(pictures, [title_of(target, self.classes) for target in targets.cpu()])

    def show_items(self, items: Sequence[int], titles: Sequence[str] | None = None) -> Figure:
        """Validation pictures by their numbers, each under its title or, without, its label."""
        strange = [item for item in items if not 0 <= item < self.valid.items]
        if strange or not len(items):
            raise SettingError(
                f"item {listed(strange) or 'none at all'} was given; allowed are the numbers of "
                f"validation pictures, 0 to {self.valid.items - 1}; give at least one"
            )
        chosen = torch.as_tensor(items, device=self.valid.inputs.device)
        if titles is None:
            assert self.valid.targets is not None
            labels = self.valid.targets.cpu()[chosen.cpu()]
            titles = [title_of(label, self.classes) for label in labels]
        return draw_pictures(to_float(self.valid.inputs[chosen]), list(titles))

    def __repr__(self) -> str:
        test = f", {self.test.items:,} test" if self.test is not None else ""
        height, width = self.size
        return (
            f"ImageData: {self.train.items:,} training, {self.valid.items:,} validation{test} "
            f"pictures of {height}x{width}, {self._place}\n"
            f"{len(self.classes)} classes: {listed(self.classes, most=8)}"
        )
