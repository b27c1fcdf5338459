"""The state of every random generator that a run draws from, as values that a file can hold."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch

__all__ = ["generators_of", "random_state", "set_random_state"]

State = dict[str, Any]


def random_state(loaders: tuple[Any, ...] = ()) -> State:
    """The global generators of torch (CPU, CUDA, MPS), numpy and `random`, and those of `loaders`.

    >>> before = random_state()
    >>> drawn = torch.rand(2), np.random.rand(), random.random()
    >>> set_random_state(before)
    >>> bool(torch.rand(2)[0] == drawn[0][0]), np.random.rand() == drawn[1]
    (True, True)
    """
    state: State = {
        "python": random.getstate(),
        "numpy": np.random.get_state(),
        "cpu": torch.get_rng_state(),
        "loaders": [generator.get_state() for generator in generators_of(loaders)],
    }
    if torch.cuda.is_initialized():
        state["cuda"] = torch.cuda.get_rng_state_all()
    if torch.backends.mps.is_available():
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_random_state(state: State, loaders: tuple[Any, ...] = ()) -> None:
    """Put the generators back to a state that `random_state` returned."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])
    if "mps" in state and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"])
    for generator, own in zip(generators_of(loaders), state["loaders"]):
        generator.set_state(own)


def generators_of(loaders: tuple[Any, ...]) -> list[torch.Generator]:
    """The generators that torch data loaders and their samplers have for themselves."""
    found: list[torch.Generator] = []
    for loader in loaders:
        batches = getattr(loader, "batch_sampler", None)
        samplers = (getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None))
        for owner in (loader, *samplers):
            generator = getattr(owner, "generator", None)
            if isinstance(generator, torch.Generator) and generator not in found:
                found.append(generator)
    return found
