"""Small worlds for looks inside: nets on pictures, data with pictures, and what must stay."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from factories import same, tensors
from torch import Tensor, nn

from tenfold.data.images import ImageData
from tenfold.learner import Learner
from tenfold.train.task import Task

CLASSES = ["cat", "a dog", "owl"]


def make_net(*, inplace: bool = False, outputs: int = 3) -> nn.Sequential:
    """Two convolutions with maps of 6 x 6 and 4 x 4 for pictures of 8 x 8, then a linear layer."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace),
        nn.Conv2d(4, 5, 3),
        nn.ReLU(inplace),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(80, outputs),
    )


def make_pictures(items: int = 20, size: int = 8) -> tuple[Tensor, list[str]]:
    generator = torch.Generator().manual_seed(7)
    return torch.rand(items, 3, size, size, generator=generator), [
        CLASSES[number % 3] for number in range(items)
    ]


def make_learner(model: nn.Module | None = None, task: Task | None = None) -> Learner:
    """A learner on twenty pictures of three classes, ready to look."""
    x, y = make_pictures()
    data = ImageData.from_arrays(x, y, x, y, classes=CLASSES, device="cpu")
    learner = Learner(data, model or make_net(), task=task, quiet=True, device="cpu")
    learner.plan(threads=1, precision="float32", channels_last=False)
    return learner


def state_of(model: nn.Module) -> dict[str, Any]:
    """Everything that a look may not change."""
    return {
        "weights": tensors(model),
        "modes": [module.training for module in model.modules()],
        "asks": [parameter.requires_grad for parameter in model.parameters()],
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "hooks": [
            len(module._forward_hooks)
            + len(module._forward_pre_hooks)
            + len(module._backward_hooks)
            for module in model.modules()
        ],
        "random": (torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()),
        "grad mode": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
    }


def unsettle(model: nn.Module) -> dict[str, Any]:
    """Give the model a state that is easily lost, and say what it is."""
    torch.manual_seed(5)
    model.train()
    list(model.modules())[1].eval()
    for place, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(place % 2 == 0)
        parameter.grad = torch.full_like(parameter, 0.5) if place % 3 == 0 else None
    return state_of(model)


def unchanged(before: dict[str, Any], model: nn.Module) -> bool:
    return same(before, state_of(model))
