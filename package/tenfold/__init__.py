"""Tenfold: ten deep-learning techniques, each a magic, a panel and a notebook.

    from tenfold import ImageData, vision_learner

    learn = vision_learner(ImageData.from_folder("photos"), "resnet34")
    learn.fine_tune(3)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"

# Names are imported when first used: a kernel that only needs one part loads only that part.
_WHERE = {
    "Augment": "tenfold.data.augment",
    "Batches": "tenfold.data.batches",
    "Callback": "tenfold.train.events",
    "Chained": "tenfold.train.schedule",
    "ClipGradient": "tenfold.techniques.clip_gradient",
    "Constant": "tenfold.train.schedule",
    "Cosine": "tenfold.train.schedule",
    "EarlyStop": "tenfold.techniques.early_stop",
    "Exponential": "tenfold.train.schedule",
    "FlatCosine": "tenfold.train.schedule",
    "ImageData": "tenfold.data.images",
    "KeepBest": "tenfold.techniques.keep_best",
    "Learner": "tenfold.learner",
    "Linear": "tenfold.train.schedule",
    "Mixup": "tenfold.techniques.mixup",
    "OneCycle": "tenfold.train.schedule",
    "PlainData": "tenfold.data.plain",
    "Predictor": "tenfold.predictor",
    "SlantedTriangle": "tenfold.train.schedule",
    "TenfoldError": "tenfold.errors",
    "load": "tenfold.predictor",
    "multi_label": "tenfold.train.task",
    "number": "tenfold.train.task",
    "sgdr": "tenfold.train.schedule",
    "single_label": "tenfold.train.task",
    "vision_learner": "tenfold.learners",
    "warm_up": "tenfold.train.schedule",
}

__all__ = sorted([*_WHERE, "samples"])


def __getattr__(name: str) -> Any:
    if name == "samples":
        return import_module("tenfold.data.samples")
    if name not in _WHERE:
        raise AttributeError(f"module 'tenfold' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext tenfold`: register the magics."""
    from tenfold.magics.extension import load_magics

    load_magics(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext tenfold`: take the magics away again."""
    from tenfold.magics.extension import unload_magics

    unload_magics(shell)
