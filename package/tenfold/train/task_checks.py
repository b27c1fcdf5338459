"""What the first batch must be like for each kind of task; ModelError says what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tenfold.errors import ModelError
from tenfold.train.picture_task import check_pictures
from tenfold.train.pixel_task import check_pixel_labels

if TYPE_CHECKING:
    from tenfold.train.task import Task

__all__ = ["CHECKS"]


def _check_single_label(task: Task, outputs: Tensor, targets: Tensor) -> None:
    if targets.is_floating_point():
        raise ModelError(
            "single label was asked for, but the targets are not class numbers; pass whole "
            "numbers, or task=multi_label(...) when an item may carry several labels"
        )
    if targets.dtype != torch.int64:
        raise ModelError(
            f"targets of {targets.dtype} were given; class numbers are torch.int64; pass "
            "targets.long()"
        )
    worst = int(targets.max()) if len(targets) else 0
    if worst >= task.outputs or int(targets.min()) < 0:
        raise ModelError(
            f"a target is class {worst if worst >= task.outputs else int(targets.min())}; "
            f"allowed is 0 to {task.outputs - 1}; check the labels or the number of classes"
        )
    if _looks_softmaxed(outputs):
        raise ModelError(
            "the model's outputs are already probabilities; cross-entropy takes raw outputs and "
            "applies softmax itself; remove the last softmax from the model"
        )


def _looks_softmaxed(outputs: Tensor) -> bool:
    values = outputs.detach().float()
    sums = values.sum(dim=-1)
    inside = bool((values >= 0).all()) and bool((values <= 1).all())
    return (
        values.shape[-1] > 1
        and inside
        and bool(torch.isclose(sums, torch.ones_like(sums), atol=1e-3).all())
    )


def _check_next_word(task: Task, outputs: Tensor, targets: Tensor) -> None:
    if len(targets) != len(outputs):
        raise ModelError(
            f"{len(outputs):,} outputs came with {len(targets):,} next words; each word that is "
            "read needs the one that follows; use a model from language_model_learner"
        )


def _check_multi_label(task: Task, outputs: Tensor, targets: Tensor) -> None:
    if targets.shape != outputs.shape:
        raise ModelError(
            f"targets of shape {tuple(targets.shape)} were given; several labels need 0 or 1 for "
            f"each class, shape {tuple(outputs.shape)}; for one label use task=single_label(...)"
        )
    if bool((targets < 0).any()) or bool((targets > 1).any()):
        raise ModelError("targets outside 0 to 1 were given; several labels need 0 or 1")
    if _looks_softmaxed(outputs):
        raise ModelError(
            "the model's outputs already went through softmax, which lets one label win; for "
            "several labels remove it: the task applies a sigmoid to each output"
        )


def _check_number(task: Task, outputs: Tensor, targets: Tensor) -> None:
    if targets.numel() != outputs.numel():
        raise ModelError(
            f"{targets.numel()} targets were given for {outputs.numel()} outputs; one number "
            "for each item is needed"
        )
    limits = dict(task.settings)
    if limits.get("log") and bool((targets <= 0).any()):
        raise ModelError(
            f"a target of {float(targets.min()):g} was given; a logarithm needs numbers above 0; "
            "leave those items out, or use log=False"
        )
    if "low" in limits and bool(((targets < limits["low"]) | (targets > limits["high"])).any()):
        raise ModelError(
            f"targets from {float(targets.min()):g} to {float(targets.max()):g} were given; the "
            f"task allows {limits['low']:g} to {limits['high']:g}; widen the range"
        )


CHECKS: dict[str, Callable[[Task, Tensor, Tensor], None]] = {
    "single label": _check_single_label,
    "multi label": _check_multi_label,
    "number": _check_number,
    "next word": _check_next_word,
    "pixel labels": check_pixel_labels,
    "picture": check_pictures,
}
