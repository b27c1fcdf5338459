"""Which items of a batch each rank trains on: nothing twice, nothing left out.

Every rank goes over the same batches and takes its share of each. What a run computes is
therefore what one process would compute with the same batch size.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from tenfold.data.batches import Batches, mixed
from tenfold.errors import DataError
from tenfold.train.passes import length_of
from tenfold.train.state import kept_random

__all__ = ["Shares", "cut", "share_of"]

Numbers = tuple[Any, Any, Tensor]


def share_of(items: int, rank: int, *, ranks: int) -> tuple[slice, int]:
    """The rows of one rank out of a batch of `items`, and how many of them count.

    Shares differ by one item at most, and have two where a batch has two for each: a batch norm
    cannot use one. A rank for which nothing is left goes over the first rows for company; they
    count as none.

    >>> share_of(5, 0, ranks=2), share_of(5, 1, ranks=2), share_of(2, 1, ranks=2)
    ((slice(0, 2, None), 2), (slice(2, 5, None), 3), (slice(0, 2, None), 0))
    """
    used = min(ranks, max(1, items // 2))
    if rank >= used:
        return slice(0, min(2, items)), 0
    start, stop = items * rank // used, items * (rank + 1) // used
    return slice(start, stop), stop - start


def cut(value: Any, rows: slice, *, items: int) -> Any:
    """These rows of a tensor, or of every tensor in a tuple, a list or a dict.

    The next words of a language model's batch, `items` rows behind each other, are cut by rows
    too. What is no tensor stays whole.
    """
    if isinstance(value, tuple | list):
        return type(value)(cut(one, rows, items=items) for one in value)
    if isinstance(value, dict):
        return {name: cut(one, rows, items=items) for name, one in value.items()}
    if not isinstance(value, Tensor) and not hasattr(value, "shape"):
        return value
    if len(value.shape) == 0 or len(value) == items:
        return value[rows] if len(value.shape) else value
    if items and len(value) % items == 0:
        return value.reshape(items, -1, *value.shape[1:])[rows].reshape(-1, *value.shape[1:])
    raise DataError(
        f"a batch has {items} inputs and {len(value)} targets, so it cannot be shared out; give "
        "one target for each input, or train in one process"
    )


class Shares:
    """The share of one rank in every batch of `data`; `weight` says how much the last one counts.

    A mean over a share, times its weight, is on average over the ranks the mean over the batch.
    `random` are the random numbers from which data that is not Tenfold's draws its order.

    >>> batches = Batches(torch.arange(10), torch.arange(10), batch_size=5)
    >>> [inputs.tolist() for inputs, _ in Shares(batches, 1, ranks=2)]
    [[2, 3, 4], [7, 8, 9]]
    """

    def __init__(self, data: Any, rank: int, *, ranks: int, seed: int = 0) -> None:
        self.data, self.rank, self.ranks = data, rank, ranks
        self.weight = 1.0
        self._dice = Dice(seed)

    @property
    def epoch(self) -> int:
        """The place in the order of the data."""
        return getattr(self.data, "epoch", 0)

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        if hasattr(self.data, "epoch"):
            self.data.epoch = epoch

    @property
    def device(self) -> Any:
        """Where the batches are, if the data says."""
        return getattr(self.data, "device", None)

    @property
    def numbers(self) -> Numbers:
        """The state of the random numbers from which the order is drawn."""
        return self._dice.state

    @numbers.setter
    def numbers(self, state: Numbers) -> None:
        self._dice.state = state

    def __len__(self) -> int:
        return length_of(self.data)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self.starting_at(0)

    def starting_at(self, batch: int) -> Iterator[tuple[Any, Any]]:
        """The shares of this epoch from batch number `batch` on."""
        if isinstance(self.data, Batches) and _by_shares(self.data.transform):
            return self._prepared(self.data, batch)
        if hasattr(self.data, "starting_at"):
            return self._shared(self.data.starting_at(batch))
        if isinstance(self.data, DataLoader) and _by_rows(self.data):
            return after(batch, self._loaded(self.data))
        return self._shared(after(batch, self._dice.drawn(self.data)))

    def _shared(self, pairs: Iterator[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        for inputs, targets in pairs:
            items = items_of(inputs)
            rows = self._rows(items)
            yield cut(inputs, rows, items=items), cut(targets, rows, items=items)

    def _rows(self, items: int) -> slice:
        rows, counted = share_of(items, self.rank, ranks=self.ranks)
        self.weight = self.ranks * counted / max(1, items)
        return rows

    def _prepared(self, data: Batches, batch: int) -> Iterator[tuple[Any, Any]]:
        """Batches are cut before they are prepared: pictures are augmented for one share only."""
        raw, generator = copy.copy(data), torch.Generator(data.device)
        raw.prepare = raw.transform = None
        for number, (inputs, targets) in enumerate(raw.starting_at(batch), batch):
            items = len(inputs)
            rows = self._rows(items)
            own = inputs[rows] if data.prepare is None else data.prepare(inputs[rows])
            if data.transform is not None:
                generator.manual_seed(mixed(data.seed, raw.epoch, number))
                own = cast(Any, data.transform).share(own, generator, rows=rows, items=items)
            yield own, cut(targets, rows, items=items)

    def _loaded(self, loader: DataLoader[Any]) -> Iterator[tuple[Any, Any]]:
        """A loader of rows reads those of one share only; its workers may be ahead of the run."""
        sampler = _Sampler(loader.batch_sampler, self.rank, ranks=self.ranks)
        own = DataLoader(
            loader.dataset,
            batch_sampler=sampler,  # type: ignore[arg-type]
            num_workers=loader.num_workers,
            collate_fn=loader.collate_fn,
            pin_memory=loader.pin_memory,
            timeout=loader.timeout,
            worker_init_fn=loader.worker_init_fn,
            generator=loader.generator,
            multiprocessing_context=loader.multiprocessing_context,
        )
        for number, pair in enumerate(self._dice.drawn(own)):
            self.weight = sampler.weights[number]
            yield pair


class _Sampler:
    """The share of one rank in every list of rows."""

    def __init__(self, batches: Any, rank: int, *, ranks: int) -> None:
        self._batches, self._rank, self._ranks = batches, rank, ranks
        self.weights: list[float] = []

    def __iter__(self) -> Iterator[list[Any]]:
        self.weights.clear()
        for rows in self._batches:
            part, counted = share_of(len(rows), self._rank, ranks=self._ranks)
            self.weights.append(self._ranks * counted / len(rows))
            yield list(rows)[part]

    def __len__(self) -> int:
        return len(self._batches)


class Dice:
    """Random numbers that are the same on every rank, whatever the models draw meanwhile."""

    def __init__(self, seed: int) -> None:
        with kept_random(seed):
            self.state = _numbers()

    def drawn(self, data: Any) -> Iterator[Any]:
        """What `data` gives, with these numbers in place while each pair is made."""
        with self._placed():
            pairs = iter(data)
        while True:
            with self._placed():
                pair = next(pairs, None)
            if pair is None:
                return
            yield pair

    @contextmanager
    def _placed(self) -> Iterator[None]:
        before = _numbers()
        _use(self.state)
        try:
            yield
        finally:
            self.state = _numbers()
            _use(before)


def _numbers() -> Numbers:
    """The state of the generators from which an order is drawn: those of the processor."""
    return random.getstate(), np.random.get_state(), torch.get_rng_state()


def _use(state: Numbers) -> None:
    random.setstate(state[0])
    np.random.set_state(state[1])
    torch.set_rng_state(state[2])


def _by_rows(loader: DataLoader[Any]) -> bool:
    """Whether a loader reads items by their numbers, batch by batch."""
    return loader.batch_sampler is not None and hasattr(loader.dataset, "__getitem__")


def _by_shares(transform: Any) -> bool:
    """Whether a transform can do the rows of one share; none at all can."""
    return transform is None or hasattr(transform, "share")


def after(count: int, pairs: Iterator[Any]) -> Iterator[Any]:
    """The pairs without the first `count`, which are run through now."""
    for _ in range(count):
        next(pairs, None)
    return pairs


def items_of(inputs: Any) -> int:
    """How many items the inputs of a batch have: the length of the first tensor in them."""
    if isinstance(inputs, dict):
        return items_of(next(iter(inputs.values())))
    return items_of(inputs[0]) if isinstance(inputs, tuple | list) else len(inputs)
