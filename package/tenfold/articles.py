"""The spellings of the two "ten techniques" articles, over Tenfold's own names.

    from tenfold.articles import *

is the only line of theirs to change: their code was written for fastai 0.7. Rates, cycles and
layer groups mean what they meant there: momentum SGD and no weight decay. One thing is added:
gradients are clipped, because the articles train whole networks without batch norm at 0.1.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from tenfold.errors import SettingError, StateError
from tenfold.learners import vision_learner
from tenfold.train.history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tenfold.data.images import ImageData
    from tenfold.learner import Learner
    from tenfold.techniques.lr_find import RateCurve
    from tenfold.train.optim import Rate
    from tenfold.train.run import Run

LARGEST_GRADIENT = 1.0


class Architecture(str):
    """The name of a network that can be written with and without brackets.

    >>> VGG16() == VGG16 == "vgg16"
    True
    """

    def __call__(self) -> Architecture:
        return self


VGG16 = vgg16 = Architecture("vgg16")
vgg19 = Architecture("vgg19")
resnet18 = Architecture("resnet18")
resnet34 = Architecture("resnet34")
resnet50 = Architecture("resnet50")
resnet101 = Architecture("resnet101")
resnext50 = Architecture("resnext50_32x4d")
densenet121 = dn121 = Architecture("densenet121")
inception_v3 = Architecture("inception_v3")
squeezenet1_0 = Architecture("squeezenet1_0")
nano = Architecture("nano")

__all__ = [
    "VGG16",
    "ConvLearner",
    "ImageClassifierData",
    "densenet121",
    "dn121",
    "inception_v3",
    "nano",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnext50",
    "squeezenet1_0",
    "tfms_from_model",
    "vgg16",
    "vgg19",
]


@dataclass(frozen=True)
class Transforms:
    """What the pictures of a data set are brought to: `size` in pixels."""

    size: int = 128


def tfms_from_model(model: str, sz: int) -> Transforms:
    """Pictures of `sz` by `sz` pixels for `model`, which does its own normalising.

    >>> tfms_from_model(resnet34, 224).size
    224
    """
    return Transforms(size=sz)


class ImageClassifierData:
    """Makes an `ImageData`, as the articles spell it."""

    @staticmethod
    def from_paths(
        path: str | os.PathLike[str], *, tfms: Transforms | None = None, bs: int = 64
    ) -> ImageData:
        """The pictures of train/ and valid/ in `path`, a folder for each class; `bs` a batch."""
        from tenfold.data.images import ImageData

        return ImageData.from_folder(path, size=(tfms or Transforms()).size, batch_size=bs)


class Sched:
    """The plots of the last `fit` or `lr_find`."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._found: RateCurve | None = None
        self._finding = False

    def plot_lr(self) -> Figure:
        """The learning rate by step: of the finder right after `lr_find`, else of the training."""
        if self._finding and self._found is not None:
            rates, losses = self._found.rates, self._found.losses
            return History(losses=losses, rates=rates[:, None]).plot_lr()
        if not self._learner.history.steps:
            raise StateError("nothing has been trained; call learn.fit or learn.lr_find first")
        return self._learner.history.plot_lr()

    def plot(self) -> Figure:
        """Loss over learning rate, as the last `lr_find` measured it."""
        if self._found is None:
            raise StateError("there is no curve to plot; call learn.lr_find() first")
        return self._found.plot()

    def trained(self) -> None:
        """From now on `plot_lr` shows the training."""
        self._finding = False

    def found(self, curve: RateCurve) -> None:
        """From now on `plot` and `plot_lr` show this curve."""
        self._found, self._finding = curve, True


class ConvLearner:
    """A vision learner with the articles' methods; `learner` is Tenfold's, with all the others.

    Made by `ConvLearner.pretrained`.
    """

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.sched = Sched(learner)

    @classmethod
    def pretrained(
        cls,
        model: str,
        data: ImageData,
        *,
        ps: float | list[float] | None = None,
        precompute: bool = False,
    ) -> ConvLearner:
        """A pretrained `model` with a new head for `data`; everything but the head is frozen.

        `ps` is the dropout of every layer of the head, or one share for each.
        """
        dropout: Any = 0.5 if ps is None else [ps, ps] if isinstance(ps, int | float) else ps
        learner = vision_learner(
            data,
            model,
            dropout=dropout,
            precompute=precompute,
            optimizer="sgd",
            weight_decay=0.0,
        )
        return cls(learner)

    def __repr__(self) -> str:
        return f"ConvLearner.pretrained: {self.learner!r}"

    @property
    def precompute(self) -> bool:
        """Whether the head trains on stored activations of the body."""
        return self.learner.precompute

    @precompute.setter
    def precompute(self, wanted: bool) -> None:
        self.learner.precompute = wanted

    def fit(
        self,
        lr: Rate,
        cycles: int | None = None,
        *,
        epochs: int | None = None,
        cycle_len: int | None = None,
        cycle_mult: int = 1,
    ) -> Run:
        """Train at `lr`, one rate or one for each layer group.

        With `cycle_len` the rate anneals by a cosine in every cycle and restarts (SGDR); cycle k
        lasts cycle_len * cycle_mult**k epochs. Without it `cycles`, or `epochs`, counts epochs
        at a constant rate.
        """
        count = epochs if cycles is None else cycles
        if count is None or None not in (cycles, epochs):
            raise SettingError(
                f"cycles={cycles} and epochs={epochs} were given; give one of them: "
                "learn.fit(0.1, 3)"
            )
        if cycle_len is None:
            run = self.learner.fit(count, lr, clip=LARGEST_GRADIENT)
        else:
            run = self.learner.fit_sgdr(
                count, lr, cycle_len=cycle_len, cycle_mult=cycle_mult, clip=LARGEST_GRADIENT
            )
        self.sched.trained()
        return run

    def lr_find(self) -> RateCurve:
        """Train a few steps at rising rates, put everything back; then `sched.plot()` shows it."""
        curve = self.learner.lr_find()
        self.sched.found(curve)
        return curve

    def freeze(self) -> None:
        """Train only the head."""
        self.learner.freeze()

    def unfreeze(self) -> None:
        """Train every layer; turns precompute off."""
        self.learner.unfreeze()

    def set_data(self, data: ImageData) -> None:
        """Go on with the same classes in other pictures, for example larger ones."""
        self.learner.set_data(data)

    def TTA(self) -> tuple[Tensor, Tensor]:
        """Test-time augmentation: predictions (items, classes) and targets of valid/."""
        return self.learner.tta()
