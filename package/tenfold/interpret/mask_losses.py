"""The pictures whose masks a model gets most wrong: picture, target and prediction in a row."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tenfold.interpret.items import check_count, class_names
from tenfold.interpret.top_losses import TopLoss, TopLosses, item_losses
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.pixel_scores import count_pixels
from tenfold.train.plan import Plan
from tenfold.train.task import Task

__all__ = ["mask_losses"]


def mask_losses(
    model: nn.Module,
    data: Any,
    batches: Any,
    *,
    task: Task,
    plan: Plan,
    n: int = 9,
    control: Pass | None = None,
) -> TopLosses:
    """The `n` items with the largest loss; each with the mistake that most of its pixels made.

    A class that is called `actual` of such an item was taken for `predicted` there more often
    than any other for another. Only masks are kept, not the outputs of every pixel.
    """
    check_count(n)
    losses: list[Tensor] = []
    masks: list[Tensor] = []
    pairs: list[tuple[int, int]] = []

    def keep(outputs: Tensor, targets: Tensor) -> None:
        task.check(outputs, targets)
        losses.append(item_losses(outputs, targets, task=task).cpu())
        predicted = outputs.argmax(1).to(torch.uint8)
        masks.append(predicted.cpu())
        pairs.extend(_mistake(*pair, task=task) for pair in zip(predicted, targets, strict=True))

    predict_batches(model, batches, use=keep, plan=plan, control=control)
    every = torch.cat(losses)
    worst = every.sort(descending=True, stable=True).indices[:n]
    names = class_names(data, task)
    items = [
        TopLoss(index, float(every[index]), *(names[number] for number in pairs[index]))
        for index in worst.tolist()
    ]
    return TopLosses(tuple(items), data, masks=torch.cat(masks)[worst])


def _mistake(predicted: Tensor, target: Tensor, *, task: Task) -> tuple[int, int]:
    """The actual and the predicted class of the mistake that most pixels made."""
    ignore = dict(task.settings)["ignore"]
    counts = count_pixels(predicted, target, classes=task.outputs, ignore=ignore)
    if int(counts.trace()) < int(counts.sum()):
        counts.fill_diagonal_(0)
    return divmod(int(counts.argmax()), task.outputs)
