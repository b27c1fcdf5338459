"""Activation regularisation: keep a recurrent network's features small and slow.

Merity, McCann & Socher 2017, "Revisiting activation regularization for language RNNs",
arXiv:1708.01009.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.train.events import Callback
from tenfold.train.run import Run
from tenfold.train.task import Task

__all__ = ["ActivationRegularisation"]


class ActivationRegularisation(Callback):
    """Adds alpha * mean(dropped ** 2) + beta * mean((h[t + 1] - h[t]) ** 2) to the training loss.

    `dropped` are the features of the last layer after their dropout, `h` those before it. The
    validation loss stays what it is.

    >>> regularise = ActivationRegularisation(alpha=2.0, beta=1.0)
    """

    def __init__(self, alpha: float = 2.0, beta: float = 1.0) -> None:
        for name, value in (("alpha", alpha), ("beta", beta)):
            if isinstance(value, bool) or not 0 <= value < math.inf:
                raise SettingError(f"{name}={value} was given; allowed is 0 and above; try 1.0")
        self.alpha, self.beta = alpha, beta
        self._seen: tuple[Tensor, Tensor] | None = None
        self._undo: Callable[[], None] | None = None

    def before_fit(self, run: Run) -> None:
        layer = getattr(getattr(run.model, "encoder", None), "output_drop", None)
        if not isinstance(layer, nn.Module):
            raise SettingError(
                f"activation regularisation was asked for, and {type(run.model).__name__} has no "
                "encoder.output_drop whose features it could watch; it needs a model from "
                "language_model_learner or text_classifier_learner; leave it out for this one"
            )
        hook, plain = layer.register_forward_hook(self._watch), run.task
        run.task = self._penalised(plain)

        def undo() -> None:
            hook.remove()
            run.task, self._seen, self._undo = plain, None, None

        self._undo = undo

    def after_fit(self, run: Run) -> None:
        if self._undo is not None:
            self._undo()

    def _watch(self, layer: nn.Module, given: tuple[Any, ...], dropped: Tensor) -> None:
        # in evaluation nothing is kept, so that the validation loss is the task's own
        self._seen = (given[0], dropped) if layer.training else None

    def _penalised(self, task: Task) -> Task:
        def loss(outputs: Tensor, targets: Tensor) -> Tensor:
            seen, self._seen = self._seen, None
            value = task.loss(outputs, targets)
            return value if seen is None else value + self.penalty(*seen)

        return task.with_loss(loss)

    def penalty(self, raw: Tensor, dropped: Tensor) -> Tensor:
        """What is added for features (words, texts, features) before and after their dropout."""
        value = self.alpha * dropped.float().square().mean()
        if len(raw) > 1:
            value = value + self.beta * (raw[1:] - raw[:-1]).float().square().mean()
        return value
