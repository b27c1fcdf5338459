"""Technique 6 as code: what a model's outputs mean.

A `Task` pairs the activation of the outputs with the loss that fits it, the way to read a
prediction off it, and the metrics worth watching. Models give raw outputs (logits); only the
task turns them into probabilities, so softmax is applied once and in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tenfold.errors import ModelError, SettingError
from tenfold.train.picture_task import CHANNELS, picture_loss
from tenfold.train.pixel_task import IGNORE, pixel_loss
from tenfold.train.task_checks import CHECKS
from tenfold.train.thresholds import above, read_thresholds
from tenfold.train.units import read_out
from tenfold.train.word_loss import word_loss

__all__ = [
    "Task", "find_task", "make_task", "multi_label", "next_word", "number", "pixel_labels",
    "single_label",
]  # fmt: skip


@dataclass(frozen=True)
class Task:
    """Activation, loss, decoding and metrics of one kind of target.

    `outputs` is how many numbers the model gives for each item, or for each pixel of one, along
    `axis` of its outputs. `loss` maps raw outputs and targets to a mean; `activation` maps raw
    outputs to what a person reads; `decode` maps activated outputs to predictions. `settings`
    holds what `make_task` needs to build it again.

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
    settings: tuple[tuple[str, Any], ...] = ()
    axis: int = -1
    """Where the outputs of an item are counted."""
    examine: Callable[[Tensor, Tensor], None] | None = field(default=None, repr=False)
    """Refuses outputs or targets of the wrong kind, for a task that has a file of its own."""

    def check(self, outputs: Tensor, targets: Tensor) -> None:
        """Refuse outputs or targets that do not belong to this task; run on the first batch."""
        if self.examine is not None:
            self.examine(outputs, targets)
            return
        given = outputs.shape[self.axis if outputs.ndim > abs(self.axis) else -1]
        if self.outputs and given != self.outputs:
            raise ModelError(
                f"the model gives {given} outputs for each item; {self.name} on this "
                f"data needs {self.outputs}; change its last layer to {self.outputs} outputs"
            )
        CHECKS[self.name](self, outputs, targets)

    def with_loss(self, loss: Callable[[Tensor, Tensor], Tensor]) -> Task:
        """The same task trained with another loss, which must take raw outputs."""
        return replace(self, loss=loss)

    def with_temperature(self, temperature: float) -> Task:
        """The same task whose predictions are those of outputs / `temperature`; for single label.

        >>> cool = single_label(2).with_temperature(2.0)
        >>> bool(torch.equal(cool.activation(torch.ones(1, 2)), torch.full((1, 2), 0.5)))
        True
        """
        kept: dict[str, Any] = {**dict(self.settings), "temperature": temperature}
        other = single_label(**kept)
        return replace(self, activation=other.activation, settings=other.settings)

    def with_thresholds(self, threshold: float | Sequence[float]) -> Task:
        """The same task for several labels, deciding from other thresholds: one, or one a label."""
        if self.name != "multi label":
            raise SettingError(
                f"thresholds were given with {self.name}, which has none; they are for several "
                "labels: task=multi_label(classes, threshold=...)"
            )
        read = read_thresholds(threshold, self.outputs)
        settings = tuple({**dict(self.settings), "threshold": read}.items())
        return replace(self, decode=partial(above, threshold=read), settings=settings)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The chance from which each label counts as there; none for other kinds of target."""
        given = dict(self.settings).get("threshold", ())
        return (given,) * self.outputs if isinstance(given, float | int) else tuple(given)


def single_label(classes: int, *, smoothing: float = 0.0, temperature: float = 1.0) -> Task:
    """One of `classes` for each item: softmax with cross-entropy.

    Targets are class numbers (N,) or, after mixup, probabilities (N, classes). `smoothing`, 0 to
    below 1, is label smoothing: that share of every target is spread evenly over all classes, so
    that no output has to run to infinity (Szegedy et al. 2016, arXiv:1512.00567; Mueller et al.
    2019, arXiv:1906.02629). It makes probabilities less sure, and the validation loss larger by
    itself: compare what is right, not the loss. `temperature` is what outputs are divided by in
    predictions, not in the loss (Guo et al. 2017, arXiv:1706.04599).
    """
    if not 0 <= smoothing < 1:
        raise SettingError(f"smoothing={smoothing} was given; allowed is 0 to below 1; try 0.1")
    if not 0 < temperature < float("inf"):
        raise SettingError(
            f"temperature={temperature} was given; allowed is above 0; 1 changes nothing"
        )

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(outputs, targets, label_smoothing=smoothing)

    return Task(
        name="single label",
        outputs=classes,
        activation=lambda outputs: torch.softmax(outputs / temperature, dim=-1),
        loss=loss if smoothing else F.cross_entropy,
        decode=lambda probabilities: probabilities.argmax(dim=-1),
        metrics=("accuracy",),
        settings=(
            ("classes", classes),
            ("smoothing", smoothing),
            *((("temperature", temperature),) if temperature != 1 else ()),
        ),
    )


def multi_label(classes: int, *, threshold: float | Sequence[float] = 0.5) -> Task:
    """Any number of `classes` for each item: sigmoid with binary cross-entropy.

    Targets are 0 or 1, of any dtype, (N, classes). A label is predicted above its `threshold`,
    0 to 1: one for all, or one for each.

    Softmax is wrong here: it shares one whole out among the labels, so that two that are there
    cannot both be likely, and one of them must be where none is. A sigmoid answers each on its own.

    >>> task = multi_label(2, threshold=[0.5, 0.9])
    >>> task.decode(task.activation(torch.tensor([[2.0, 2.0]])))
    tensor([[ True, False]])
    """
    read = read_thresholds(threshold, classes)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs, targets.to(outputs.dtype))

    return Task(
        name="multi label",
        outputs=classes,
        activation=torch.sigmoid,
        loss=loss,
        decode=partial(above, threshold=read),
        metrics=("label_accuracy", "f1"),
        settings=(("classes", classes), ("threshold", read)),
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


def pixel_labels(classes: int, *, ignore: int = IGNORE, loss: str = "cross_entropy") -> Task:
    """One of `classes` for each pixel: softmax over the classes with cross-entropy.

    Outputs are (N, classes, h, w), targets whole numbers (N, h, w). Pixels whose target is
    `ignore`, a class or a number beyond them, count in no loss and no metric. `loss` is one of
    `PIXEL_LOSSES` ("cross_entropy", "dice", "focal"), or a sum as "cross_entropy+dice".

    >>> pixel_labels(2).decode(torch.tensor([0.2, 0.8]).view(1, 2, 1, 1)).item()
    1
    """
    if isinstance(classes, bool) or not isinstance(classes, int) or classes < 2:
        raise SettingError(f"classes={classes!r} was given; allowed is 2 and above; name them all")
    if isinstance(ignore, bool) or not isinstance(ignore, int):
        raise SettingError(
            f"ignore={ignore!r} was given; allowed is the number of a class, or one that no pixel "
            f"of a class has; leave it out for {IGNORE}"
        )
    return Task(
        name="pixel labels",
        outputs=classes,
        activation=lambda outputs: torch.softmax(outputs, dim=1),
        loss=pixel_loss(loss, ignore=ignore),
        decode=lambda probabilities: probabilities.argmax(dim=1),
        metrics=("pixel_accuracy", "mean_iou"),
        settings=(("classes", classes), ("ignore", ignore), ("loss", loss)),
        axis=1,
    )


def picture(*, loss: str = "l1") -> Task:
    """A picture for each picture: outputs and targets (N, 3, h, w), RGB in [0, 1].

    `loss` compares pixels: "l1" is the mean of absolute differences, "l2" of squared ones, which
    PSNR counts and which blurs more. `with_loss(FeatureLoss())` compares what a network sees.
    Outputs are trained as they are and read cut off at 0 and 1. The metrics are the means over
    pictures of `psnr`, in decibels, and `ssim`.

    >>> task = picture()
    >>> task.loss(torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5)).item()
    0.5
    >>> task.activation(torch.tensor([-0.2, 0.4, 1.3]))
    tensor([0.0000, 0.4000, 1.0000])
    """
    return Task(
        name="picture",
        outputs=CHANNELS,
        activation=lambda outputs: outputs.clamp(0, 1),
        loss=picture_loss(loss),
        decode=lambda pictures: pictures,
        metrics=("psnr", "ssim"),
        settings=(("loss", loss),),
        axis=1,
    )


_MAKERS: dict[str, Callable[..., Task]] = {
    "single label": single_label,
    "multi label": multi_label,
    "number": number,
    "next word": next_word,
    "pixel labels": pixel_labels,
    "picture": picture,
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
