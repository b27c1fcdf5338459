"""Putting things back: weights, buffers, optimizer, random numbers, modes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["Snapshot", "kept_modes", "kept_random", "preserved"]


class Snapshot:
    """A copy of a model's tensors and of its optimizer's state, to be put back later.

    The copy stays on the device; `restore` writes into the same tensors, so nothing that points
    at them is lost. With `trained_only` frozen parameters are left out: training does not
    change them.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer | None = None,
        *,
        trained_only: bool = False,
    ) -> None:
        self._model, self._optimizer = model, optimizer
        self._tensors = {
            name: value.detach().clone()
            for name, value in _tensors(model).items()
            if value.requires_grad or not (trained_only and isinstance(value, nn.Parameter))
        }
        self._slots = _copied_slots(optimizer)
        self._groups = [dict(group) for group in optimizer.param_groups] if optimizer else []

    @torch.no_grad()
    def restore(self) -> None:
        """Write everything back, bit for bit."""
        now = _tensors(self._model)
        for name, value in self._tensors.items():
            now[name].copy_(value)
        if self._optimizer is None:
            return
        self._optimizer.state.clear()
        self._optimizer.state.update(
            {parameter: _copied(slots) for parameter, slots in self._slots.items()}
        )
        self._optimizer.param_groups[:] = [dict(group) for group in self._groups]


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _copied(slots: dict[str, Any]) -> dict[str, Any]:
    return {k: v.clone() if isinstance(v, Tensor) else v for k, v in slots.items()}


def _copied_slots(optimizer: torch.optim.Optimizer | None) -> dict[Tensor, dict[str, Any]]:
    if optimizer is None:
        return {}
    return {parameter: _copied(slots) for parameter, slots in optimizer.state.items()}


@contextmanager
def kept_random(seed: int | None = None) -> Iterator[None]:
    """Put every global random generator back at the end; start from `seed` when there is one.

    Covers torch (CPU, CUDA, MPS), numpy and `random`.
    """
    python, legacy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        if seed is not None:
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)
            random.seed(seed)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)
        torch.set_rng_state(cpu)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
        if mps is not None:
            torch.mps.set_rng_state(mps)


@contextmanager
def kept_modes(model: nn.Module) -> Iterator[None]:
    """Put training modes, grad mode and the thread count back at the end."""
    modes = [(module, module.training) for module in model.modules()]
    threads = torch.get_num_threads()
    grad = torch.is_grad_enabled()
    try:
        yield
    finally:
        torch.set_grad_enabled(grad)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        for module, training in modes:
            module.training = training


@contextmanager
def preserved(
    model: nn.Module,
    optimizer: torch.optim.Optimizer | None = None,
    *,
    loaders: tuple[Any, ...] = (),
) -> Iterator[None]:
    """Leave everything as it was, bit for bit, whatever happens inside.

    Weights, buffers, gradients, `requires_grad`, optimizer, random numbers, modes, and the
    generators of `loaders` (torch data loaders) when they have their own.
    """
    snapshot = Snapshot(model, optimizer)
    flags = [(p, p.requires_grad, p.grad) for p in model.parameters()]
    held = {id(p): None if p.grad is None else p.grad.clone() for p in model.parameters()}
    generators = [(g, g.get_state()) for g in _generators(loaders)]
    try:
        with kept_random(), kept_modes(model):
            yield
    finally:
        snapshot.restore()
        for parameter, trains, grad in flags:
            parameter.requires_grad_(trains)
            parameter.grad = grad
            if grad is not None and (copy := held[id(parameter)]) is not None:
                grad.copy_(copy)
        for generator, state in generators:
            generator.set_state(state)


def _generators(loaders: tuple[Any, ...]) -> list[torch.Generator]:
    found: list[torch.Generator] = []
    for loader in loaders:
        for owner in (loader, getattr(loader, "sampler", None)):
            generator = getattr(owner, "generator", None)
            if isinstance(generator, torch.Generator) and generator not in found:
                found.append(generator)
    return found
