"""The average of several models: each errs in its own way, so their mean errs less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tenfold.errors import DataError, SettingError

__all__ = ["ensemble"]


def ensemble(learners: Sequence[Any]) -> tuple[Tensor, Tensor]:
    """The mean of the predictions of several learners, and the targets they share.

    Made for a text model that reads forwards and one that reads backwards (`data.reversed()`), and
    good for any learners with the same validation set: `learners[0].score(*ensemble(learners))`.

    >>> class Two:
    ...     def __init__(self, share): self.share = share
    ...     def predictions(self): return torch.tensor([[self.share]]), torch.tensor([1])
    >>> ensemble([Two(0.5), Two(1.0)])[0]
    tensor([[0.7500]])
    """
    if not len(learners):
        raise SettingError("no learner was given; an ensemble needs one at least, best two or more")
    found = [learner.predictions() for learner in learners]
    (first, targets), *others = found
    for predictions, theirs in others:
        if predictions.shape != first.shape or not torch.equal(theirs, targets):
            raise DataError(
                f"the learners have different validation sets ({len(targets):,} and "
                f"{len(theirs):,} items); their predictions cannot be averaged; train all on one "
                "data, or on data.reversed() of it"
            )
    return torch.stack([predictions for predictions, _ in found]).mean(0), targets
