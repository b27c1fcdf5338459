"""The ranks of a launch and what they tell each other: sums, flags, small objects."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

__all__ = ["Group", "join"]

# the longest that a rank waits for another: a death is noticed at once, a slow batch is none
_PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True)
class Group:
    """This process among the others: its `rank` of `ranks`, and its `device`.

    What concerns control goes over the processor, so that no GPU is waited for.
    """

    rank: int
    ranks: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this is rank 0, which writes and reports."""
        return self.rank == 0

    def add(self, value: Tensor) -> Tensor:
        """The sum of `value` over the ranks, in place."""
        dist.all_reduce(value)
        return value

    def anybody(self, asks: bool) -> bool:
        """Whether any rank asks; every rank gets the same answer at the same place."""
        return bool(self.add(torch.tensor(float(asks))))

    def all(self, thing: Any) -> list[Any]:
        """What every rank has, in the order of the ranks."""
        found: list[Any] = [None] * self.ranks
        dist.all_gather_object(found, thing)
        return found

    def first(self, thing: Any) -> Any:
        """What rank 0 has."""
        held = [thing]
        dist.broadcast_object_list(held)
        return held[0]

    def spread(self, tensors: list[Tensor]) -> None:
        """Give every rank the tensors of rank 0, in place."""
        for tensor in tensors:
            dist.broadcast(tensor, 0)

    def wait(self) -> None:
        """Go on when every rank is here."""
        self.all(None)


def join(kind: str) -> Group:
    """Make this process one of the group that torchrun's environment describes.

    `kind` is "cuda" for a GPU to each process, else "cpu".
    """
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", local) if kind == "cuda" else torch.device("cpu")
    if kind == "cuda":
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo"
        store, rank, ranks = next(dist.rendezvous("env://", timeout=_PATIENCE))
        # the agent's store outlives an attempt, and still holds the addresses of its dead ranks
        own = dist.PrefixStore(f"attempt {os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}", store)
        dist.init_process_group(backend, store=own, rank=rank, world_size=ranks, timeout=_PATIENCE)
    return Group(dist.get_rank(), dist.get_world_size(), device)
