"""Tensors as batches on the device: in order or shuffled, and exactly repeatable."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TypeAlias

import torch
from torch import Tensor

from tenfold.errors import DataError, SettingError

__all__ = ["Batches", "Prepare", "Transform"]

Prepare: TypeAlias = Callable[[Tensor], Tensor]
Transform: TypeAlias = Callable[[Tensor, torch.Generator], Tensor]
Batch: TypeAlias = "tuple[Tensor, Tensor | None]"

# Rows are gathered a few batches at a time. On a CPU a piece must fit the second-level cache:
# measured on 784 floats a row, 64 a batch: 14 us a batch for pieces of 1 MB, 59 for one whole copy.
_PIECE = {"cpu": 1 << 20, "cuda": 64 << 20, "mps": 64 << 20}
_RESIDENT = 256 << 20


class Batches:
    """Pairs (inputs, targets) of tensors, `batch_size` items at a time, on `device`.

    `prepare` is applied to every batch of inputs (for pictures: uint8 to float in [0, 1]);
    `transform` is applied after it, with a generator, and may be random; one that has a method
    `together(inputs, targets, generator)` changes both, as masks move with their pictures. What a
    pass gives is a
    function of `seed`, `epoch` and the number of the batch alone, so a pass can be repeated, or
    gone on with in the middle, exactly; torch's own random state is never touched. Set `epoch`
    for another order. Without `targets` each pair is (inputs, None).

    The last batch may be smaller. A shuffled pass never ends on a single item, which batch norm
    cannot use: that item joins the batch before it. Batches of an unshuffled pass can be views
    of the data: do not change them in place.

    Raises DataError for tensors that are empty or of different lengths, SettingError for a
    batch size below 1.

    >>> batches = Batches(torch.arange(10.0), torch.arange(10), batch_size=4, shuffle=True)
    >>> [len(inputs) for inputs, targets in batches]
    [4, 4, 2]
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor | None = None,
        *,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        prepare: Prepare | None = None,
        transform: Transform | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        _check(inputs, targets, batch_size)
        # an empty tensor says cuda:0 where "cuda" was given, so that devices can be compared
        self.device = inputs.device if device is None else torch.empty(0, device=device).device
        self.inputs = _resident(inputs, self.device)
        self.targets = None if targets is None else _resident(targets, self.device)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.prepare = prepare
        self.transform = transform
        self.epoch = 0

    @property
    def items(self) -> int:
        """The number of items, all batches together."""
        return len(self.inputs)

    def __len__(self) -> int:
        return -(-self.items // self.batch_size) - self._ends_alone()

    def __iter__(self) -> Iterator[Batch]:
        return self.starting_at(0)

    def __repr__(self) -> str:
        order = "shuffled" if self.shuffle else "in order"
        return (
            f"Batches: {self.items:,} items in {len(self):,} batches of {self.batch_size}, {order}"
        )

    def starting_at(self, batch: int) -> Iterator[Batch]:
        """The pass of this epoch from batch number `batch` on; those before it cost nothing."""
        pairs = self._pairs(self._order(), batch * self.batch_size)
        if self.prepare is None and self.transform is None:
            return pairs
        return self._transformed(pairs, batch, self.epoch)

    def plain(self) -> Batches:
        """The same items in order, not shuffled and without the random transform."""
        return self._changed(shuffle=False, transform=None)

    def shuffled(self) -> Batches:
        """The same items in a random order, another one for each epoch."""
        return self._changed(shuffle=True)

    def at_epoch(self, epoch: int) -> Batches:
        """The same batches as they are in another epoch."""
        return self._changed(epoch=epoch)

    def with_transform(self, transform: Transform | None) -> Batches:
        """The same batches with another random transform."""
        return self._changed(transform=transform)

    def with_batch_size(self, batch_size: int) -> Batches:
        """The same items in batches of another size."""
        check_batch_size(batch_size)
        return self._changed(batch_size=batch_size)

    def take(self, count: int) -> Batch:
        """The first `count` items of this epoch's pass, as one batch."""
        inputs, targets = next(iter(self.with_batch_size(max(1, min(count, self.items)))))
        return inputs[:count], None if targets is None else targets[:count]

    def _changed(self, **changes: object) -> Batches:
        other = copy.copy(self)  # the tensors are shared, not copied
        vars(other).update(changes)
        return other

    def _ends_alone(self) -> bool:
        return self.shuffle and self.items > self.batch_size > 1 == self.items % self.batch_size

    def _order(self) -> Tensor | None:
        if not self.shuffle:
            return None
        generator = torch.Generator().manual_seed(mixed(self.seed, self.epoch))
        order = torch.randperm(self.items, generator=generator)
        return _moved(order, self.inputs.device)

    def _transformed(self, pairs: Iterator[Batch], first: int, epoch: int) -> Iterator[Batch]:
        generator = torch.Generator(self.device)
        for number, (inputs, targets) in enumerate(pairs, first):
            if self.prepare is not None:
                inputs = self.prepare(inputs)
            if self.transform is not None:
                generator.manual_seed(mixed(self.seed, epoch, number))
                together = getattr(self.transform, "together", None)
                if together is not None and targets is not None:
                    inputs, targets = together(inputs, targets, generator)
                else:
                    inputs = self.transform(inputs, generator)
            yield inputs, targets

    def _pairs(self, order: Tensor | None, start: int) -> Iterator[Batch]:
        step = self._piece(order)
        while start < self.items:
            stop = min(start + step, self.items)
            stop += stop == self.items - 1 and self._ends_alone()
            sizes = self._sizes(stop - start)
            inputs = self._gather(self.inputs, order, start, stop).split(sizes)
            if self.targets is None:
                yield from ((batch, None) for batch in inputs)
            else:
                targets = self._gather(self.targets, order, start, stop).split(sizes)
                yield from zip(inputs, targets, strict=True)
            start = stop

    def _piece(self, order: Tensor | None) -> int:
        """How many rows to gather at once: a whole number of batches."""
        if order is None and self.inputs.device == self.device:
            return -(-self.items // self.batch_size) * self.batch_size  # nothing is copied
        row = max(1, self.inputs[0].nbytes)
        batches = _PIECE.get(self.device.type, 1 << 20) // (row * self.batch_size)
        return max(1, batches) * self.batch_size

    def _sizes(self, rows: int) -> list[int]:
        whole, rest = divmod(rows, self.batch_size)
        sizes = [self.batch_size] * whole
        if rest == 1 and whole and self._ends_alone():
            sizes[-1] += 1
        elif rest:
            sizes.append(rest)
        return sizes

    def _gather(self, rows: Tensor, order: Tensor | None, start: int, stop: int) -> Tensor:
        if order is None:
            return _moved(rows[start:stop], self.device)
        return _moved(rows.index_select(0, _moved(order[start:stop], rows.device)), self.device)


def mixed(*numbers: int) -> int:
    """One seed out of several numbers, so that near numbers give unrelated seeds."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state = ((state ^ number) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        state ^= state >> 31
    return state & (2**63 - 1)


def check_batch_size(batch_size: object) -> None:
    """Refuse a batch size that is not a whole number from 1."""
    if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1:
        raise SettingError(
            f"batch_size={batch_size!r} was given; allowed is a whole number from 1; try 64"
        )


def _check(inputs: Tensor, targets: Tensor | None, batch_size: int) -> None:
    check_batch_size(batch_size)
    if not len(inputs):
        raise DataError(
            "the inputs are empty; at least one item is needed; check where they come from"
        )
    if targets is not None and len(targets) != len(inputs):
        raise DataError(
            f"{len(inputs):,} inputs came with {len(targets):,} targets; each input needs one "
            "target; check how they were put together"
        )


def _resident(rows: Tensor, device: torch.device) -> Tensor:
    """Small tensors move to the device once; large ones go there batch by batch."""
    return rows.to(device) if rows.nbytes <= _RESIDENT else rows


def _moved(rows: Tensor, device: torch.device) -> Tensor:
    if rows.device == device:
        return rows
    if device.type == "cuda":  # pinned, so that the copy does not wait for the device
        return rows.pin_memory().to(device, non_blocking=True)
    return rows.to(device)
