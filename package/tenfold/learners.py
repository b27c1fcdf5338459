"""Learners by the kind of data: each picks the model and the defaults of its field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from tenfold.data.plain import as_data
from tenfold.learner import Learner
from tenfold.models.vision import create_vision_model
from tenfold.train.task import find_task

__all__ = ["vision_learner"]


def vision_learner(
    data: Any,
    model: str | nn.Module = "nano",
    *,
    pretrained: bool = True,
    dropout: float | Sequence[float] = 0.5,
    precompute: bool = False,
    **more: Any,
) -> Learner:
    """A learner for pictures: a backbone by name, cut, with a new head; frozen if pretrained.

    `model` is "nano" (bundled), any classification network of torchvision, any of timm when it
    is installed, or a module of yours, taken as it is. `dropout` is the share before the last
    layer, half of it before the hidden one. `precompute` stores the activations of the frozen
    body and trains the head on them. `more` goes to `Learner`.
    """
    if isinstance(model, nn.Module):
        learn = Learner(data, model, **more)
        learn.precompute = precompute
        return learn
    task = find_task(as_data(data), more.get("task"), smoothing=0.0)
    net = create_vision_model(
        model, task.outputs, pretrained=pretrained, dropout=dropout, seed=more.get("seed", 0)
    )
    learn = Learner(data, net, **more)
    if pretrained:
        learn.freeze()
    learn.precompute = precompute
    return learn
