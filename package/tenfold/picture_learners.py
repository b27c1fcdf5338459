"""Learners from picture to picture: restoration and super-resolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from tenfold.data.plain import as_data
from tenfold.errors import DataError, SettingError
from tenfold.learner import Learner
from tenfold.models.restorer import create_restorer
from tenfold.techniques.feature_loss import FeatureLoss
from tenfold.text import did_you_mean, listed
from tenfold.train.picture_task import PICTURE_LOSSES
from tenfold.train.task import Task, picture

__all__ = ["LOSSES", "restoration_learner"]

LOSSES = (*PICTURE_LOSSES, "feature")


def restoration_learner(
    data: Any,
    model: str | nn.Module = "nano",
    *,
    loss: str | Callable[[Tensor, Tensor], Tensor] = "l1",
    pretrained: bool = True,
    **more: Any,
) -> Learner:
    """A learner that mends pictures: noise, blur, blocks, too few pixels.

    `data` is an `ImageData.from_pairs`. `model` is the backbone of a U-Net, a name as for
    `vision_learner`, or a module of yours that maps (N, 3, h, w) to the same shape. `loss` is
    "l1" or "l2", which compare pixels and blur what they are unsure of, "feature", which is
    `FeatureLoss()` and draws sharper at a lower PSNR, or a function of (outputs, targets). Every
    layer group trains from the start. `more` goes to `Learner`.

    >>> import torch
    >>> from tenfold.data.images import ImageData
    >>> pictures = torch.rand(6, 3, 16, 16)
    >>> data = ImageData.from_pairs(pictures, pictures, valid=0.5, device="cpu")
    >>> learn = restoration_learner(data, quiet=True)
    >>> learn.predict(pictures[0]).size
    (16, 16)
    """
    task = _task(loss)
    known = getattr(as_data(data), "task", None)
    if known is not None and known.name != task.name:
        raise DataError(
            f"the targets of this data are for {known.name}; a restoration_learner needs a "
            "picture for each picture; make the data with ImageData.from_pairs"
        )
    net = model if isinstance(model, nn.Module) else None
    net = net or create_restorer(str(model), pretrained=pretrained, seed=more.get("seed", 0))
    return Learner(data, net, **{"task": task, **more})


def _task(loss: str | Callable[[Tensor, Tensor], Tensor]) -> Task:
    if callable(loss):
        return picture().with_loss(loss)
    if loss not in LOSSES:
        raise SettingError(
            f"loss={loss!r} was given; allowed are {listed(LOSSES)}, or a function of (outputs, "
            f"targets){did_you_mean(str(loss), LOSSES)}"
        )
    return picture().with_loss(FeatureLoss()) if loss == "feature" else picture(loss=loss)
