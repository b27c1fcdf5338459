"""Technique 6 as code: what a model's outputs mean.

A `Task` pairs the activation of the outputs with the loss that fits it, the way to read a
prediction off it, and the metrics worth watching. Models give raw outputs (logits); only the
task turns them into probabilities, so softmax is applied once and in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.train.units import read_out
from tenfold.train.word_loss import word_loss

__all__ = [
    "Task", "find_task", "make_task", "multi_label", "next_word", "number", "single_label",
]  # fmt: skip


@dataclass(frozen=True)
class Task:
    """Activation, loss, decoding and metrics of one kind of target.

    `outputs` is how many numbers the model gives for each item. `loss` maps raw outputs and
    targets to a mean; `activation` maps raw outputs to what a person reads; `decode` maps
    activated outputs to predictions. `settings` holds what `make_task` needs to build it again.

    >>> task = single_label(3)
    >>> task.activation(torch.zeros(1, 3)).sum().item()
    1.0
    """

    name: str
    outputs: int
    activation: Callable[[Tensor], Tensor] = field(repr=False)
    loss: Callable[[Tensor, Tensor], Tensor] = field(repr=False)
    decode: Callable[[Tensor], Tensor] = field(repr=False)
    metrics: tuple[str, ...] = ()
    settings: tuple[tuple[str, float], ...] = ()

    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Refuse outputs or targets that do not belong to this task; run on the first batch."""
        if self.outputs and outputs.shape[-1] != self.outputs:
            raise ModelError(
                f"the model gives {outputs.shape[-1]} outputs for each item; {self.name} on this "
                f"data needs {self.outputs}; change its last layer to {self.outputs} outputs"
            )
        _CHECKS[self.name](self, outputs, targets)

    def with_loss(self, loss: Callable[[Tensor, Tensor], Tensor]) -> Task:
        """The same task trained with another loss, which must take raw outputs."""
        return replace(self, loss=loss)


def single_label(classes: int, *, smoothing: float = 0.0) -> Task:
    """One of `classes` for each item: softmax with cross-entropy.

    Targets are class numbers (N,) or, after mixup, probabilities (N, classes). `smoothing`, 0 to
    below 1, is label smoothing: that share of every target is spread evenly over all classes, so
    that no output has to run to infinity (Szegedy et al. 2016, arXiv:1512.00567; Mueller et al.
    2019, arXiv:1906.02629). It makes probabilities less sure, and the validation loss larger by
    itself: compare what is right, not the loss.
    """
    if not 0 <= smoothing < 1:
        raise SettingError(f"smoothing={smoothing} was given; allowed is 0 to below 1; try 0.1")

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(outputs, targets, label_smoothing=smoothing)

    return Task(
        name="single label",
        outputs=classes,
        activation=lambda outputs: torch.softmax(outputs, dim=-1),
        loss=loss if smoothing else F.cross_entropy,
        decode=lambda probabilities: probabilities.argmax(dim=-1),
        metrics=("accuracy",),
        settings=(("classes", classes), ("smoothing", smoothing)),
    )


def multi_label(classes: int, *, threshold: float = 0.5) -> Task:
    """Any number of `classes` for each item: sigmoid with binary cross-entropy.

    Targets are 0 or 1, of any dtype, (N, classes). A label is predicted above `threshold`, 0 to 1.
    """
    if not 0 < threshold < 1:
        raise SettingError(f"threshold={threshold} was given; allowed is 0 to 1; try 0.5")

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs, targets.to(outputs.dtype))

    return Task(
        name="multi label",
        outputs=classes,
        activation=torch.sigmoid,
        loss=loss,
        decode=lambda probabilities: probabilities > threshold,
        metrics=("label_accuracy", "f1"),
        settings=(("classes", classes), ("threshold", threshold)),
    )


def next_word(words: int) -> Task:
    """The word that follows each word of a text, out of `words`: softmax with cross-entropy.

    Outputs are (words of the batch, words of the vocabulary), targets the numbers of the next
    words. The metric `perplexity` is e to the mean loss: how many words it is in doubt between.
    """
    return Task(
        name="next word",
        outputs=words,
        activation=lambda outputs: torch.softmax(outputs, dim=-1),
        loss=word_loss,
        decode=lambda probabilities: probabilities.argmax(dim=-1),
        metrics=("accuracy", "perplexity"),
        settings=(("words", words),),
    )


def number(
    low: float | None = None,
    high: float | None = None,
    *,
    log: bool = False,
    mean: float = 0.0,
    std: float = 1.0,
) -> Task:
    """One number for each item: squared error, kept between `low` and `high` by a sigmoid.

    Give a range a little wider than the targets: a sigmoid reaches its ends only at infinity.
    Without a range, outputs of 0 and 1 mean `mean` and `mean + std`, and the error is counted in
    `std`. With `log` it is the error of the logarithms, so 10% too much costs the same for a
    small target as for a large one; `mean` and `std` are then those of the logarithms. Targets,
    predictions and the range stay in their own unit.

    >>> number(log=True).loss(torch.zeros(1, 1), torch.tensor([1.0])).item()
    0.0
    """
    read = read_out(low, high, log=log, mean=mean, std=std)
    unit = std if low is None else 1.0

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        # one shape for both: (N, 1) against (N,) would broadcast to (N, N) in silence
        wanted = targets.flatten().to(outputs.dtype)
        error = F.mse_loss(read(outputs).flatten(), wanted.log() if log else wanted)
        return error if unit == 1.0 else error / unit**2

    given = {"low": low, "high": high, "log": log, "mean": mean, "std": std}
    usual = {"low": None, "high": None, "log": False, "mean": 0.0, "std": 1.0}
    return Task(
        name="number",
        outputs=1,
        activation=(lambda outputs: read(outputs).exp()) if log else read,
        loss=loss,
        decode=lambda values: values.squeeze(-1),
        metrics=("rmspe", "rmse") if log else ("rmse",),
        settings=tuple((k, v) for k, v in given.items() if v is not None and v != usual[k]),
    )


_MAKERS: dict[str, Callable[..., Task]] = {
    "single label": single_label,
    "multi label": multi_label,
    "number": number,
    "next word": next_word,
}


def make_task(name: str, settings: dict[str, Any]) -> Task:
    """Build a task from its name and settings, as they are kept in an exported file."""
    if name not in _MAKERS:
        raise SettingError(f"the task {name!r} was given; known are {', '.join(_MAKERS)}")
    return _MAKERS[name](**settings)


def find_task(data: Any, task: Task | None, *, smoothing: float) -> Task:
    """The task given, else the one that the data says it is."""
    found = task or getattr(data, "task", None)
    if found is None:
        raise SettingError(
            "no task was given and the data does not say; pass task=single_label(classes), "
            "multi_label(classes) or number(low, high)"
        )
    if smoothing:
        if found.name != "single label":
            raise SettingError(
                f"smoothing={smoothing} was given with {found.name}; allowed is 0 there: label "
                "smoothing is for single_label"
            )
        return make_task(found.name, {**dict(found.settings), "smoothing": smoothing})
    return found


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


_CHECKS: dict[str, Callable[[Task, Tensor, Tensor], None]] = {
    "single label": _check_single_label,
    "multi label": _check_multi_label,
    "number": _check_number,
    "next word": _check_next_word,
}
