"""Learners by the kind of data: each picks the model and the defaults of its field."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from tenfold.data.plain import as_data
from tenfold.data.ratings import RatingsData
from tenfold.data.tables import TabularData
from tenfold.device import default_device
from tenfold.errors import DataError, SettingError
from tenfold.learner import Learner
from tenfold.models.dot_bias import create_ratings_model
from tenfold.models.embeddings import embedding_width
from tenfold.models.tabular import create_tabular_model
from tenfold.models.unet import create_unet
from tenfold.models.vision import create_vision_model
from tenfold.text import did_you_mean, listed
from tenfold.train.rows import RowAdamW
from tenfold.train.task import Task, find_task, number

__all__ = ["ratings_learner", "tabular_learner", "unet_learner", "vision_learner"]


def tabular_learner(
    data: Any,
    *,
    layers: Sequence[int] = (200, 100),
    dropout: float | Sequence[float] = 0.2,
    embedding_dropout: float = 0.1,
    widths: str | Mapping[str, int] = "power",
    bins: int | None = None,
    join: str = "one input",
    output_range: tuple[float, float] | None = None,
    **more: Any,
) -> Learner:
    """A learner for tables: embeddings, numbers in bins, and hidden `layers` with batch norm.

    Of the three real tables it was measured on, this much dropout took 5% off the error of one
    whose targets are noisy, added 1% to that of another, and left the third as it was; a rate of
    1e-2 suits all.

    `widths` of the embeddings are a rule of `SIZE_RULES`, or numbers by column, for columns that
    are not named the rule "power". `bins` is how many quantile bins each number is seen through,
    0 for none; 16 without it, fewer in a wide table. `join` is one of `JOINS`: how categories and
    numbers come together. `output_range` keeps a number between two others, both in its own unit.
    `more` goes to `Learner`.

    >>> from tenfold.data import samples
    >>> learn = tabular_learner(samples.sales(stores=4, days=60), layers=[8], quiet=True)
    >>> learn.fit_one_cycle(1, 1e-2).state
    'finished'
    """
    if not isinstance(data, TabularData):
        raise DataError(
            f"{type(data).__name__} was given as data; tabular_learner takes a TabularData; make "
            "one with TabularData.from_frame"
        )
    if output_range is not None:
        more["task"] = _in_range(data, output_range, more.get("task"))
    net = create_tabular_model(
        [column.rows for column in data.encoder.categories],
        data.encoder.inputs - len(data.encoder.categories),
        outputs=find_task(data, more.get("task"), smoothing=0.0).outputs,
        layers=layers,
        dropout=dropout,
        embedding_dropout=embedding_dropout,
        widths=widths if isinstance(widths, str) else _named_widths(data, widths),
        bins=bins,
        join=join,
        seed=more.get("seed", 0),
    )
    net.fit_bins(data.train.inputs)
    return Learner(data, net, **more)


def _in_range(data: TabularData, output_range: tuple[float, float], task: Task | None) -> Task:
    if task is not None or data.classes is not None:
        raise SettingError(
            f"output_range={output_range} was given with {'a task' if task else 'classes'}; "
            "allowed is None there; a range is for a target that is a number"
        )
    low, high = output_range
    return number(low, high, log=data.log)


def _named_widths(data: TabularData, widths: Mapping[str, int]) -> list[int]:
    """The width of each category's embedding: the given ones, the others by rule."""
    columns = {column.name: column for column in data.encoder.categories}
    strange = [name for name in widths if name not in columns]
    if strange:
        raise SettingError(
            f"a width for {strange[0]!r} was given; the categories are {listed(columns)}"
            f"{did_you_mean(str(strange[0]), columns)}"
        )
    return [widths.get(name, embedding_width(one.rows)) for name, one in columns.items()]


def vision_learner(
    data: Any,
    model: str | nn.Module = "nano",
    *,
    pretrained: bool = True,
    dropout: float | Sequence[float] = 0.5,
    precompute: bool = False,
    **more: Any,
) -> Learner:
    """A learner for pictures: a backbone by name, cut, with a new head; frozen if pretrained.

    `model` is "nano" (bundled), any classification network of torchvision, any of timm when it
    is installed, or a module of yours, taken as it is. `dropout` is the share before the last
    layer, half of it before the hidden one. `precompute` stores the activations of the frozen
    body and trains the head on them. `more` goes to `Learner`.
    """
    if isinstance(model, nn.Module):
        learn = Learner(data, model, **more)
        learn.precompute = precompute
        return learn
    task = find_task(as_data(data), more.get("task"), smoothing=0.0)
    net = create_vision_model(
        model, task.outputs, pretrained=pretrained, dropout=dropout, seed=more.get("seed", 0)
    )
    learn = Learner(data, net, **more)
    if pretrained:
        learn.freeze()
    learn.precompute = precompute
    return learn


def unet_learner(
    data: Any, model: str | nn.Module = "nano", *, pretrained: bool = True, **more: Any
) -> Learner:
    """A learner for pictures whose targets are pictures: a U-Net on any backbone.

    `model` is a name as for `vision_learner`, or a module of yours, taken as it is, that maps
    (N, 3, h, w) to (N, outputs, h, w). The layer groups are the early body, the late body and
    the head; the body is frozen at first if pretrained. `more` goes to `Learner`.
    """
    if isinstance(model, nn.Module):
        return Learner(data, model, **more)
    task = find_task(as_data(data), more.get("task"), smoothing=0.0)
    told: dict[str, Any] = {"pretrained": pretrained, "seed": more.get("seed", 0)}
    net = create_unet(model, task.outputs, wide=True, **told)
    learn = Learner(data, net, **more)
    if pretrained:
        learn.freeze()
    return learn


def ratings_learner(
    data: Any,
    model: str | nn.Module = "dot_bias",
    *,
    factors: int = 50,
    layers: Sequence[int] = (100,),
    dropout: float | Sequence[float] = 0.2,
    sparse: bool | None = None,
    weight_decay: float | None = None,
    **more: Any,
) -> Learner:
    """A learner for ratings: a row of `factors` and a bias for each user and each item.

    `model` is "dot_bias" (the product of the two rows, and the biases), "neural" (a network of
    `layers` with `dropout` instead of the product), or a module of yours that takes pairs (N, 2).
    From a million weights on only the rows of a batch are updated, unless `sparse` or an
    `optimizer` of yours says otherwise; `learn.plan()` says what was chosen. 5e-3 is a good
    rate. `weight_decay` is 0.3 for "dot_bias", which suits batches of 512 (for those of 64, with
    more steps, 0.1 does), and 0.1 otherwise. The network of "neural" learns single ratings by
    heart sooner than the product does: on MovieLens latest-small dropout 0.5 and weight decay
    0.3 bring its RMSE from 0.865 to 0.853, that of "dot_bias" is 0.842. `more` goes to `Learner`.

    >>> frame = {"user": [1, 1, 2, 2], "item": ["Alien", "Heat"] * 2, "rating": [5, 3, 4, 1]}
    >>> data = RatingsData.from_frame(frame, valid=0.25, device="cpu")
    >>> learn = ratings_learner(data, factors=4, quiet=True)
    >>> learn.fit(1, 5e-3).state
    'finished'
    """
    if weight_decay is None:
        weight_decay = 0.3 if model == "dot_bias" else 0.1
    if isinstance(model, nn.Module):
        return Learner(data, model, weight_decay=weight_decay, **more)
    if not isinstance(data, RatingsData):
        raise DataError(
            f"{type(data).__name__} was given; a ratings_learner takes RatingsData; make it with "
            "RatingsData.from_frame, or give a module of your own as model"
        )
    net = create_ratings_model(
        model,
        users=len(data.users),
        items=len(data.items),
        factors=factors,
        layers=layers,
        dropout=dropout,
        sparse=_by_rows(sparse, more),
        seed=more.get("seed", 0),
    )
    task = find_task(data, more.get("task"), smoothing=0.0)
    nn.init.constant_(net.base, _raw(data.mean, task))
    if net.sparse:
        by_rows = partial(RowAdamW, betas=(0.9, 0.99), eps=1e-5, fused=True)
        more.setdefault("optimizer", by_rows)
    learn = Learner(data, net, weight_decay=weight_decay, **more)
    if net.sparse and not learn.quiet:
        print(*net.notes, sep="\n")
    return learn


def _by_rows(sparse: bool | None, more: dict[str, Any]) -> bool | None:
    """Whether tables get sparse gradients; None: their size says it."""
    if torch.device(more.get("device") or default_device()).type == "mps":
        return False  # which has no sparse tensors
    if sparse is None and "optimizer" in more:
        return False  # most optimizers refuse sparse gradients
    return sparse


def _raw(value: float, task: Task) -> float:
    """The raw output that a task with a range turns into `value`."""
    limits = dict(task.settings)
    if set(limits) != {"low", "high"}:
        return 0.0  # a task of the user's own; the base is learned anyway
    share = (value - limits["low"]) / (limits["high"] - limits["low"])
    share = min(max(share, 0.01), 0.99)
    return math.log(share / (1 - share))
