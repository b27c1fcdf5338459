"""Putting things back: weights, buffers, optimizer, random numbers, modes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tenfold.train.random_state import generators_of, random_state, set_random_state

__all__ = [
    "Snapshot",
    "evaluating",
    "kept_modes",
    "kept_random",
    "preserved",
    "tensors_of",
    "weights_finite",
]


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
        self.tensors = {
            name: value.detach().clone()
            for name, value in tensors_of(model).items()
            if value.requires_grad or not (trained_only and isinstance(value, nn.Parameter))
        }
        self._slots = _copied_slots(optimizer)
        self._groups = [dict(group) for group in optimizer.param_groups] if optimizer else []

    @classmethod
    def of(cls, model: nn.Module, tensors: dict[str, Tensor]) -> Snapshot:
        """A snapshot of `model` with these tensors, as read from a file."""
        snapshot = cls(model)
        snapshot.tensors = tensors
        return snapshot

    @torch.no_grad()
    def restore(self) -> None:
        """Write everything back, bit for bit."""
        now = tensors_of(self._model)
        for name, value in self.tensors.items():
            now[name].copy_(value)
        if self._optimizer is None:
            return
        self._optimizer.state.clear()
        self._optimizer.state.update(
            {parameter: _copied(slots) for parameter, slots in self._slots.items()}
        )
        self._optimizer.param_groups[:] = [dict(group) for group in self._groups]


def tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """Every parameter and buffer by its name, those too that `state_dict` leaves out."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def weights_finite(optimizer: torch.optim.Optimizer) -> bool:
    """Whether every trained weight is a number; waits for the device."""
    trained = [p.detach() for group in optimizer.param_groups for p in group["params"]]
    return bool(torch.isfinite(torch.nn.utils.get_total_norm(trained)))


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
    before = random_state()
    try:
        if seed is not None:
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)
            random.seed(seed)
        yield
    finally:
        set_random_state(before)


@contextmanager
def kept_modes(model: nn.Module) -> Iterator[None]:
    """Put training modes, grad mode, autocast and the thread count back at the end."""
    modes = [(module, module.training) for module in model.modules()]
    threads = torch.get_num_threads()
    grad = torch.is_grad_enabled()
    autocast = _Autocast()
    try:
        yield
    finally:
        autocast.restore()
        torch.set_grad_enabled(grad)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        for module, training in modes:
            module.training = training


class _Autocast:
    """Whether autocast is on, and how deep: an error inside it may leave it on.

    Its depth matters too: while that is above zero, weights that were cast stay in its cache.
    """

    def __init__(self) -> None:
        self._kinds = ["cpu", *(["cuda"] if torch.cuda.is_initialized() else [])]
        self._on = [
            (torch.is_autocast_enabled(k), torch.get_autocast_dtype(k)) for k in self._kinds
        ]
        self._cached = torch.is_autocast_cache_enabled()
        self._depth = _depth()

    def restore(self) -> None:
        for kind, (on, dtype) in zip(self._kinds, self._on, strict=True):
            torch.set_autocast_enabled(kind, on)
            torch.set_autocast_dtype(kind, dtype)
        torch.set_autocast_cache_enabled(self._cached)
        if _depth() != self._depth:
            while torch.autocast_decrement_nesting() > self._depth:
                continue
            torch.clear_autocast_cache()


def _depth() -> int:
    depth = torch.autocast_increment_nesting() - 1
    torch.autocast_decrement_nesting()
    return depth


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode for a while. A model that has it costs a look: setting it costs a forward."""
    training = [module for module in model.modules() if module.training]
    if training:
        model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


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
    generators = [(g, g.get_state()) for g in generators_of(loaders)]
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
