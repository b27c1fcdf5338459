"""The other libraries, as their documentation shows them, on the small step problem."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

RATE, MOMENTUM = 0.01, 0.9
Run = Callable[[int], object]


def fastai(data: Any, network: Callable[[], nn.Module], *, silent: bool) -> Run:
    """fastai's Learner over the batches; with its bar, or without bar and log."""
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.optimizer import SGD

    def run(steps: int) -> None:
        dls = DataLoaders(data.loader(steps), data.batches(1))
        options = {"loss_func": F.cross_entropy, "opt_func": SGD, "moms": (MOMENTUM,) * 3}
        learn = Learner(dls, network(), **options)
        with contextlib.ExitStack() as quiet, contextlib.redirect_stdout(io.StringIO()):
            if silent:
                quiet.enter_context(learn.no_bar())
                quiet.enter_context(learn.no_logging())
            learn.fit(1, RATE)

    import fastai.callback.progress  # noqa: F401  (registers the bar, as every star import does)

    return run


def lightning(data: Any, network: Callable[[], nn.Module], *, barebones: bool) -> Run:
    """Lightning's Trainer with its defaults, or with everything off."""
    import lightning as L

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

        def training_step(self, batch: Any, number: int) -> torch.Tensor:
            return F.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), RATE, momentum=MOMENTUM)

    def run(steps: int) -> None:
        with tempfile.TemporaryDirectory() as folder, silence():
            options = {"barebones": True} if barebones else {"default_root_dir": folder}
            trainer = L.Trainer(max_epochs=1, accelerator="cpu", devices=1, **options)
            trainer.fit(Module(), data.loader(steps))

    return run


def keras(data: Any, network: Callable[[], nn.Module]) -> Run:
    """Keras on torch: compile and fit, over arrays, in silence."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras as K

    def run(steps: int) -> None:
        inputs, targets = (tensor.numpy() for tensor in data.first(steps))
        model = K.Sequential([K.layers.Dense(50, activation="relu"), K.layers.Dense(10)])
        loss = K.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=K.optimizers.SGD(RATE, momentum=MOMENTUM), loss=loss)
        model.fit(inputs, targets, batch_size=64, epochs=1, verbose=0)

    return run


@contextlib.contextmanager
def silence() -> Any:
    """Bars and advice go to a string: they are drawn all the same."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(io.StringIO()):
            yield


STEPS: dict[str, Callable[[Any, Callable[[], nn.Module]], Run]] = {
    "fastai, silent": lambda data, net: fastai(data, net, silent=True),
    "fastai": lambda data, net: fastai(data, net, silent=False),
    "Lightning, barebones": lambda data, net: lightning(data, net, barebones=True),
    "Lightning": lambda data, net: lightning(data, net, barebones=False),
    "Keras on torch": keras,
}
