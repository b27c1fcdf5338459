"""The tabular network: embeddings for categories, bins for numbers, and a few hidden layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.embeddings import Embeddings, embedding_width
from tenfold.models.head import dropout_rates
from tenfold.text import listed

__all__ = ["JOINS", "TabularModel", "TabularSpec", "build_tabular", "create_tabular_model"]

JOINS = ("one input", "two inputs", "ensemble")
"""How categories and numbers come together; see `TabularModel`."""


@dataclass(frozen=True)
class TabularSpec:
    """Everything that describes a tabular network but its weights.

    `rows` and `widths` are the rows and columns of each category's embedding; `numbers` is how
    many numbers follow the categories in a row, flags included. `layers` are hidden widths.
    `bins` is the number of bins of each number, 0 for none.
    """

    rows: tuple[int, ...]
    widths: tuple[int, ...]
    numbers: int
    outputs: int
    layers: tuple[int, ...] = (200, 100)
    dropout: tuple[float, ...] = (0.0, 0.0)
    embedding_dropout: float = 0.0
    join: str = "one input"
    bins: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.join not in JOINS:
            raise SettingError(
                f"join={self.join!r} was given; allowed is {listed(map(repr, JOINS))}; try "
                "'one input'"
            )
        widths = (*self.layers, self.outputs)
        if any(isinstance(one, bool) or not isinstance(one, int) or one < 1 for one in widths):
            raise SettingError(
                f"layers={list(self.layers)} was given; allowed are whole numbers from 1; try "
                "layers=[200, 100]"
            )
        if self.layers:
            dropout_rates(self.dropout, len(self.layers))  # refuses what is no share
        if any(isinstance(one, bool) or not isinstance(one, int) or one < 1 for one in self.widths):
            raise SettingError(
                f"widths={list(self.widths)} was given; allowed are whole numbers from 1, one for "
                "each category; try widths='power'"
            )
        if not 0 <= self.embedding_dropout < 1:
            raise SettingError(
                f"embedding_dropout={self.embedding_dropout} was given; allowed is 0 to below 1; "
                "try 0.1"
            )
        if isinstance(self.bins, bool) or not isinstance(self.bins, int) or self.bins < 0:
            raise SettingError(
                f"bins={self.bins!r} was given; allowed is a whole number from 0; try 16"
            )


class Bins(nn.Module):
    """Numbers [N, numbers] to how far they are through each bin: [N, numbers * (bins + 1)].

    A bin gives 0 below it, 1 above it, and the share of the way inside, so a network sees bends
    and steps that it would have to build from many units (Gorishniy et al. 2022,
    https://arxiv.org/abs/2203.05556). The number comes too, kept within ±3 by a smooth curve:
    one row that is thirty deviations away must not move the whole network (Holzmüller et al.
    2024, https://arxiv.org/abs/2407.04491). The edges are quantiles of the training rows, from
    `fit`.

    >>> bins = Bins(1, 2)
    >>> bins.fit(torch.tensor([[0.0], [1.0], [2.0]]))
    >>> bins(torch.tensor([[1.5], [30.0]]))
    tensor([[1.3416, 1.0000, 0.5000],
            [2.9851, 1.0000, 1.0000]])
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, numbers: int, bins: int) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(numbers, bins))
        self.register_buffer("scale", torch.zeros(numbers, bins))

    def fit(self, numbers: Tensor) -> None:
        """Put the edges at the quantiles of `numbers` (N, numbers); empty bins stay 0.

        Every k-th row is enough where there are more than 100,000.
        """
        count = self.scale.shape[1]
        numbers = numbers[:: -(-len(numbers) // 100_000)]
        places = torch.linspace(0, 1, count + 1, dtype=torch.float64)
        for row, column in enumerate(numbers.cpu().double().unbind(1)):
            edges = _quantiles(column, places).unique()
            width = edges.diff()
            scale, shift = torch.zeros(count), torch.zeros(count)
            scale[: len(width)] = (1 / width).float()
            shift[: len(width)] = (-edges[:-1] / width).float()
            self.scale[row], self.shift[row] = scale, shift

    def forward(self, numbers: Tensor) -> Tensor:
        within = torch.addcmul(self.shift, numbers[:, :, None], self.scale).clamp(0, 1)
        kept = numbers * torch.rsqrt(1 + numbers.square() / 9)
        return torch.cat([kept, within.flatten(1)], 1)


def _quantiles(column: Tensor, places: Tensor) -> Tensor:
    ordered = column.sort().values
    at = places * (len(ordered) - 1)
    below = at.floor().long()
    above = (below + 1).clamp(max=len(ordered) - 1)
    return torch.lerp(ordered[below], ordered[above], at - below)


class TabularModel(nn.Module):
    """Encoded rows [N, categories + numbers] to raw outputs [N, outputs].

    Each category has an embedding; numbers go in as they are, or through `Bins`. Hidden layers
    are linear, batch norm, ReLU, dropout. `join` says how the two kinds come together:
    "one input": side by side into one stack of layers; "two inputs": each through a stack of its
    own, then side by side into the last layer; "ensemble": two whole networks, one for each
    kind, and the mean of their outputs. They are trained together, on the loss of that mean, so
    each learns what the other lacks; networks trained apart and averaged are another thing.

    >>> spec = TabularSpec(rows=(3,), widths=(2,), numbers=1, outputs=4)
    >>> TabularModel(spec)(torch.tensor([[2.0, 0.5], [0.0, -0.5]])).shape
    torch.Size([2, 4])
    """

    def __init__(self, spec: TabularSpec) -> None:
        super().__init__()
        self.spec = {"kind": "tabular", **asdict(spec)}
        self.categories, self.join = len(spec.rows), spec.join
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            self.embeddings = Embeddings(spec.rows, spec.widths) if spec.rows else None
            self.bins = Bins(spec.numbers, spec.bins) if spec.bins and spec.numbers else None
            self.dropout = nn.Dropout(spec.embedding_dropout)
            sizes = (sum(spec.widths), spec.numbers * (1 + spec.bins))
            self.stacks, self.heads = _layers(spec, sizes)

    def forward(self, rows: Tensor) -> Tensor:
        kinds = self._kinds(rows)
        if self.join == "one input":
            kinds = [torch.cat(kinds, 1)] if len(kinds) > 1 else kinds
        parts = [stack(kind) for stack, kind in zip(self.stacks, kinds, strict=True)]
        if self.join == "two inputs":
            parts = [torch.cat(parts, 1)]
        outputs = [head(part) for head, part in zip(self.heads, parts, strict=True)]
        return outputs[0] if len(outputs) == 1 else torch.stack(outputs).mean(0)

    def fit_bins(self, rows: Tensor) -> None:
        """Put the edges of the bins where encoded training rows have their quantiles."""
        if self.bins is not None:
            self.bins.fit(rows[:, self.categories :])

    def _kinds(self, rows: Tensor) -> list[Tensor]:
        """What is known of the categories, and what of the numbers."""
        kinds = []
        if self.embeddings is not None:
            found = self.embeddings(rows[:, : self.categories])
            kinds.append(self.dropout(found) if self.dropout.p else found)
        numbers = rows[:, self.categories :]
        if numbers.shape[1]:
            kinds.append(numbers if self.bins is None else self.bins(numbers))
        return kinds


def create_tabular_model(
    rows: Sequence[int],
    numbers: int,
    *,
    outputs: int,
    layers: Sequence[int] = (200, 100),
    dropout: float | Sequence[float] = 0.0,
    embedding_dropout: float = 0.0,
    widths: str | Sequence[int] = "power",
    bins: int | None = None,
    join: str = "one input",
    seed: int = 0,
) -> TabularModel:
    """A network for categories with so many `rows` each, and so many `numbers`.

    `widths` of the embeddings are numbers, or a rule of `SIZE_RULES`. One `dropout` p means p
    after the last hidden layer and p / 2 after the others. `bins` are 16 for each number without
    it, fewer when there are many numbers; they must be fitted: `model.fit_bins(rows)`. The
    weights come from `seed`.

    >>> create_tabular_model([5], 2, outputs=1)(torch.zeros(4, 3)).shape
    torch.Size([4, 1])
    """
    if isinstance(layers, int):
        raise SettingError(
            f"layers={layers} was given; allowed is a list of widths; try layers=[{layers}]"
        )
    if isinstance(widths, str):
        widths = [embedding_width(one, rule=widths) for one in rows]
    spec = TabularSpec(
        rows=tuple(rows),
        widths=tuple(widths),
        numbers=numbers,
        outputs=outputs,
        layers=tuple(layers),
        dropout=tuple(dropout_rates(dropout, len(layers))) if len(layers) else (),
        embedding_dropout=embedding_dropout,
        join=join,
        # many numbers with many bins each would make the first layer the whole cost
        bins=min(16, 1024 // max(1, numbers)) if bins is None else bins,
        seed=seed,
    )
    return TabularModel(spec)


def _layers(spec: TabularSpec, sizes: tuple[int, int]) -> tuple[nn.ModuleList, nn.ModuleList]:
    """The stacks of hidden layers and the last layers."""
    given = [size for size in sizes if size]
    if spec.join == "one input" or len(given) == 1:
        given = [sum(given)]
    stacks = nn.ModuleList(_stack(size, spec) for size in given)
    width = spec.layers[-1] if spec.layers else 0
    ends = [width or size for size in given]
    if spec.join == "two inputs":
        ends = [sum(ends)]
    return stacks, nn.ModuleList(nn.Linear(end, spec.outputs) for end in ends)


def _stack(inputs: int, spec: TabularSpec) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width, rate in zip(spec.layers, spec.dropout, strict=True):
        # the norm before ReLU: on three real tables never worse, on two 5 to 10% less error
        layers += [nn.Linear(inputs, width, bias=False), nn.BatchNorm1d(width)]
        layers.append(nn.ReLU(inplace=True))
        layers += [nn.Dropout(rate)] if rate else []
        inputs = width
    return nn.Sequential(*layers)


def build_tabular(spec: dict[str, Any]) -> TabularModel:
    """The network that `spec` describes, with random weights.

    >>> spec = TabularModel(TabularSpec(rows=(3,), widths=(2,), numbers=1, outputs=4)).spec
    >>> build_tabular(spec).spec == spec
    True
    """
    known = {one.name for one in fields(TabularSpec)}
    if not isinstance(spec, dict) or spec.get("kind") != "tabular" or set(spec) - {"kind"} != known:
        raise ModelError(
            f"{spec!r:.80} does not describe a tabular network; allowed is the .spec of a "
            f"TabularModel, with {listed(sorted(known))}; save the model again"
        )
    lists = {"rows", "widths", "layers", "dropout"}
    given: dict[str, Any] = {
        name: tuple(spec[name]) if name in lists else spec[name] for name in known
    }
    return TabularModel(TabularSpec(**given))
