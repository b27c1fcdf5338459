"""Directions in the space of weights: random and filter-normalised, or to another solution."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import ModelError
from tenfold.text import listed
from tenfold.train.checkpoint import read_file
from tenfold.train.state import tensors_of

__all__ = ["Weights", "filter_norms", "random_direction", "tensors_like", "towards"]

Weights = dict[str, Tensor]

# a net made from the same seed began with these numbers: the direction would be towards its start
APART = 1_712_099_130


def filter_norms(weight: Tensor) -> Tensor:
    """The norm of every filter of a weight, or of every row, in a shape that multiplies it.

    >>> filter_norms(torch.tensor([[3.0, 4.0], [0.0, 2.0]]))
    tensor([[5.],
            [2.]])
    """
    sides = tuple(range(1, weight.ndim))
    return weight.square().sum(sides, keepdim=True).sqrt()


def random_direction(weights: Mapping[str, Tensor], *, seed: int) -> Weights:
    """A random direction whose every filter is as long as that filter of the weights.

    So a step of 1 changes every filter by its own length, and nets whose weights differ in size
    can be compared: a ReLU net computes the same with one layer twice and the next half as
    large. Biases and the scales of norms stay where they are. Li et al. 2018, "Visualizing the
    Loss Landscape of Neural Nets", section 4, https://arxiv.org/abs/1712.09913.

    >>> direction = random_direction({"w": torch.tensor([[3.0, 4.0]])}, seed=0)
    >>> round(direction["w"].norm().item(), 4)
    5.0
    """
    generator = torch.Generator().manual_seed(APART + seed)
    found = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            continue
        # drawn on the CPU, so that a GPU shows the same landscape
        drawn = torch.randn(weight.shape, generator=generator).to(weight)
        found[name] = drawn * filter_norms(weight) / filter_norms(drawn).clamp_min(1e-12)
    return found


def towards(model: nn.Module, other: Any) -> Weights:
    """What has to be added to all weights and buffers of `model` to be at another solution.

    `other` is a learner, a model, a snapshot, the path of a file that `learn.save` wrote, or
    tensors by name. Raises ModelError when it is none of them or has other layers.
    """
    here, there = tensors_like(model), _tensors(other)
    differ = [
        name
        for name, value in here.items()
        if getattr(there.get(name), "shape", None) != value.shape
    ]
    if differ:
        raise ModelError(
            f"the other solution has other layers: {listed(differ, most=3)} do not agree; the "
            "line between two solutions needs the same network twice"
        )
    return {name: there[name].detach().to(value) - value for name, value in here.items()}


def tensors_like(model: nn.Module) -> Weights:
    """Every weight and buffer that holds fractions: those that can move along a line."""
    found = tensors_of(model).items()
    return {name: value.detach() for name, value in found if value.is_floating_point()}


def _tensors(other: Any) -> Mapping[str, Tensor]:
    if isinstance(other, str | Path):
        held, _ = read_file(other, kind="training")
        return {name.removeprefix("model."): one for name, one in held.items()}
    model = getattr(other, "model", other)
    found = tensors_of(model) if isinstance(model, nn.Module) else getattr(other, "tensors", other)
    if not isinstance(found, Mapping):
        raise ModelError(
            f"{type(other).__name__} was given as the other solution; allowed are a learner, a "
            "model, a snapshot of fit_sgdr(snapshots=True), the path of a file that learn.save "
            "wrote, or tensors by name"
        )
    return found
