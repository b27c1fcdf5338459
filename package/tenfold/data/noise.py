"""Noise as inputs and pictures as targets: what a generator learns from."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from tenfold.data.batches import Batches, mixed
from tenfold.data.images import ImageData
from tenfold.errors import DataError

__all__ = ["NoiseBatches", "NoiseData"]


class NoiseBatches:
    """Pairs of noise (N, latent, 1, 1), normally distributed, and the pictures of `batches`.

    The noise is a function of the seed, the epoch and the number of the batch alone, as the
    pictures are, so a pass can be repeated, or gone on with in the middle, exactly.

    >>> pictures = Batches(torch.rand(6, 3, 32, 32), batch_size=4)
    >>> [tuple(noise.shape) for noise, shown in NoiseBatches(pictures, latent=8)]
    [(4, 8, 1, 1), (2, 8, 1, 1)]
    """

    def __init__(self, batches: Batches, *, latent: int) -> None:
        self._batches, self.latent = copy.copy(batches), latent
        self.device = batches.device

    @property
    def epoch(self) -> int:
        """Which epoch the next pass is of."""
        return self._batches.epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._batches.epoch = epoch

    @property
    def inputs(self) -> Tensor:
        """The pictures, as they are kept."""
        return self._batches.inputs

    @property
    def items(self) -> int:
        """The number of pictures."""
        return self._batches.items

    @property
    def batch_size(self) -> int:
        """Pictures of a batch."""
        return self._batches.batch_size

    @property
    def seed(self) -> int:
        """The seed of order, augmentation and noise."""
        return self._batches.seed

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return self.starting_at(0)

    def starting_at(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The pass of this epoch from batch number `batch` on."""
        generator, epoch = torch.Generator(self.device), self.epoch
        for number, (pictures, _) in enumerate(self._batches.starting_at(batch), batch):
            generator.manual_seed(mixed(self.seed, epoch, number))
            shape = len(pictures), self.latent, 1, 1
            yield torch.randn(shape, generator=generator, device=self.device), pictures


class NoiseData:
    """The pictures of an `ImageData` as targets of noise; labels are left out.

    Raises DataError for other data, and for pictures that are not square.

    >>> from tenfold.data import samples
    >>> NoiseData(samples.seedlings(60, size=32), latent=64)
    NoiseData: 48 training and 12 validation pictures of 32x32, made from 64 numbers each
    """

    classes = None

    def __init__(self, data: Any, *, latent: int) -> None:
        if not isinstance(data, ImageData):
            raise DataError(
                f"{type(data).__name__} was given as data; pictures are made like those of an "
                "ImageData; give one, or a generator= that makes pictures of your inputs"
            )
        height, width = data.size
        if height != width:
            raise DataError(
                f"pictures of {height}x{width} were given; a generator makes square ones; give "
                f"the data size={min(height, width)}"
            )
        self.pictures, self.latent, self.side = data, latent, height
        self.train = NoiseBatches(data.train, latent=latent)
        self.valid = NoiseBatches(data.valid, latent=latent)

    def __repr__(self) -> str:
        return (
            f"NoiseData: {self.train.items:,} training and {self.valid.items:,} validation "
            f"pictures of {self.side}x{self.side}, made from {self.latent} numbers each"
        )

    def another(self, data: Any) -> NoiseData:
        """The same of other pictures, which must be as large."""
        other = NoiseData(data, latent=self.latent)
        if other.side != self.side:
            raise DataError(
                f"pictures of {other.side} pixels were given; this generator makes {self.side}; "
                f"give data of size={self.side}, or make another gan_learner"
            )
        return other

    def show_batch(self, n: int = 9, *, epoch: int = 0) -> Any:
        """`n` of the pictures that are learned from; another `epoch`, others."""
        return self.pictures.show_batch(n, epoch=epoch)
