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

    from tenfold.data import real as real
    from tenfold.data import samples as samples
    from tenfold.data.augment import Augment as Augment
    from tenfold.data.batches import Batches as Batches
    from tenfold.data.images import ImageData as ImageData
    from tenfold.data.plain import PlainData as PlainData
    from tenfold.data.ratings import RatingsData as RatingsData
    from tenfold.data.tables import TabularData as TabularData
    from tenfold.data.texts import TextData as TextData
    from tenfold.errors import TenfoldError as TenfoldError
    from tenfold.gan_learners import gan_learner as gan_learner
    from tenfold.interpret.decays import compare_decays as compare_decays
    from tenfold.interpret.embedded import EmbeddingMap as EmbeddingMap
    from tenfold.interpret.embedded import embedding_features as embedding_features
    from tenfold.interpret.frechet import frechet as frechet
    from tenfold.interpret.optimizers import compare_optimizers as compare_optimizers
    from tenfold.interpret.surfaces import Surface as Surface
    from tenfold.interpret.widths import compare_widths as compare_widths
    from tenfold.learner import Learner as Learner
    from tenfold.learners import ratings_learner as ratings_learner
    from tenfold.learners import tabular_learner as tabular_learner
    from tenfold.learners import unet_learner as unet_learner
    from tenfold.learners import vision_learner as vision_learner
    from tenfold.models.densenet import create_densenet as create_densenet
    from tenfold.models.gan import Critic as Critic
    from tenfold.models.gan import Generator as Generator
    from tenfold.models.initialise import initialise as initialise
    from tenfold.models.resnet import create_resnet as create_resnet
    from tenfold.picture_learners import restoration_learner as restoration_learner
    from tenfold.predictor import Predictor as Predictor
    from tenfold.predictor import load as load
    from tenfold.techniques.activation_regularisation import (
        ActivationRegularisation as ActivationRegularisation,
    )
    from tenfold.techniques.clip_gradient import ClipGradient as ClipGradient
    from tenfold.techniques.cutmix import CutMix as CutMix
    from tenfold.techniques.diff_augment import DiffAugment as DiffAugment
    from tenfold.techniques.early_stop import EarlyStop as EarlyStop
    from tenfold.techniques.ema import EMA as EMA
    from tenfold.techniques.ensemble import ensemble as ensemble
    from tenfold.techniques.feature_loss import FeatureLoss as FeatureLoss
    from tenfold.techniques.keep_best import KeepBest as KeepBest
    from tenfold.techniques.mixup import Mixup as Mixup
    from tenfold.techniques.sampled_words import SampledWords as SampledWords
    from tenfold.techniques.stop_divergence import StopDivergence as StopDivergence
    from tenfold.techniques.weight_decay import SquaredWeights as SquaredWeights
    from tenfold.techniques.weight_decay import squared_weights as squared_weights
    from tenfold.text_learners import language_model_learner as language_model_learner
    from tenfold.text_learners import text_classifier_learner as text_classifier_learner
    from tenfold.train.events import Callback as Callback
    from tenfold.train.schedule import Chained as Chained
    from tenfold.train.schedule import Constant as Constant
    from tenfold.train.schedule import Cosine as Cosine
    from tenfold.train.schedule import Exponential as Exponential
    from tenfold.train.schedule import FlatCosine as FlatCosine
    from tenfold.train.schedule import Linear as Linear
    from tenfold.train.schedule import OneCycle as OneCycle
    from tenfold.train.schedule import SlantedTriangle as SlantedTriangle
    from tenfold.train.schedule import sgdr as sgdr
    from tenfold.train.schedule import warm_up as warm_up
    from tenfold.train.task import multi_label as multi_label
    from tenfold.train.task import next_word as next_word
    from tenfold.train.task import number as number
    from tenfold.train.task import picture as picture
    from tenfold.train.task import pixel_labels as pixel_labels
    from tenfold.train.task import single_label as single_label
    from tenfold.trials.search import search as search

__version__ = "0.1.0"

# Names are imported when first used: a kernel that only needs one part loads only that part.
_WHERE = {
    "ActivationRegularisation": "tenfold.techniques.activation_regularisation",
    "Augment": "tenfold.data.augment",
    "Batches": "tenfold.data.batches",
    "Callback": "tenfold.train.events",
    "Chained": "tenfold.train.schedule",
    "ClipGradient": "tenfold.techniques.clip_gradient",
    "Constant": "tenfold.train.schedule",
    "Cosine": "tenfold.train.schedule",
    "Critic": "tenfold.models.gan",
    "CutMix": "tenfold.techniques.cutmix",
    "DiffAugment": "tenfold.techniques.diff_augment",
    "EMA": "tenfold.techniques.ema",
    "EmbeddingMap": "tenfold.interpret.embedded",
    "EarlyStop": "tenfold.techniques.early_stop",
    "Exponential": "tenfold.train.schedule",
    "FlatCosine": "tenfold.train.schedule",
    "FeatureLoss": "tenfold.techniques.feature_loss",
    "Generator": "tenfold.models.gan",
    "ImageData": "tenfold.data.images",
    "KeepBest": "tenfold.techniques.keep_best",
    "Learner": "tenfold.learner",
    "Linear": "tenfold.train.schedule",
    "Mixup": "tenfold.techniques.mixup",
    "OneCycle": "tenfold.train.schedule",
    "PlainData": "tenfold.data.plain",
    "Predictor": "tenfold.predictor",
    "RatingsData": "tenfold.data.ratings",
    "SampledWords": "tenfold.techniques.sampled_words",
    "SlantedTriangle": "tenfold.train.schedule",
    "SquaredWeights": "tenfold.techniques.weight_decay",
    "StopDivergence": "tenfold.techniques.stop_divergence",
    "Surface": "tenfold.interpret.surfaces",
    "TabularData": "tenfold.data.tables",
    "TenfoldError": "tenfold.errors",
    "TextData": "tenfold.data.texts",
    "compare_decays": "tenfold.interpret.decays",
    "compare_optimizers": "tenfold.interpret.optimizers",
    "compare_widths": "tenfold.interpret.widths",
    "create_densenet": "tenfold.models.densenet",
    "create_resnet": "tenfold.models.resnet",
    "ensemble": "tenfold.techniques.ensemble",
    "frechet": "tenfold.interpret.frechet",
    "gan_learner": "tenfold.gan_learners",
    "initialise": "tenfold.models.initialise",
    "language_model_learner": "tenfold.text_learners",
    "embedding_features": "tenfold.interpret.embedded",
    "load": "tenfold.predictor",
    "multi_label": "tenfold.train.task",
    "next_word": "tenfold.train.task",
    "number": "tenfold.train.task",
    "picture": "tenfold.train.task",
    "pixel_labels": "tenfold.train.task",
    "ratings_learner": "tenfold.learners",
    "restoration_learner": "tenfold.picture_learners",
    "search": "tenfold.trials.search",
    "sgdr": "tenfold.train.schedule",
    "single_label": "tenfold.train.task",
    "squared_weights": "tenfold.techniques.weight_decay",
    "tabular_learner": "tenfold.learners",
    "text_classifier_learner": "tenfold.text_learners",
    "unet_learner": "tenfold.learners",
    "vision_learner": "tenfold.learners",
    "warm_up": "tenfold.train.schedule",
}

_ROOMS = {"real": "tenfold.data.real", "samples": "tenfold.data.samples"}

__all__ = sorted([*_WHERE, *_ROOMS])


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(_ROOMS[name])
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
