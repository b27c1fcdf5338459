"""Networks for ratings: a row of factors and a bias for each user and each item.

The dot product with biases is that of Koren, Bell & Volinsky 2009, "Matrix factorization
techniques for recommender systems"; in the neural variant, after He et al. 2017,
arXiv:1708.05031, a small network takes the place of the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.head import dropout_rates
from tenfold.text import did_you_mean, listed

__all__ = ["DotBias", "NeuralRatings", "build_ratings", "create_ratings_model"]

# From so many weights on, updating only the rows of a batch is clearly quicker. Measured with
# batches of 512 and one thread: 0.5 M weights 0.46 ms a step fused and 0.47 ms by rows, 1.5 M
# 0.98 and 0.53, 8.4 M 5.7 and 0.54.
LARGE = 1_000_000
_SPREAD = {"dot_bias": 0.01, "neural": 0.1}


class Tables(nn.Module):
    """A row of `factors` numbers and a bias for each user and item; row 0 is for the unseen.

    The rows of the unseen are zero and no training batch uses them, so that a new user's
    prediction is the mean and the item's bias. `sparse` gradients suit `RowAdamW`.
    """

    def __init__(
        self, users: int, items: int, *, factors: int, sparse: bool, spread: float
    ) -> None:
        super().__init__()
        self.factors = factors
        # the bias is the last number of a row: one look-up and one update instead of two
        self.users = nn.Embedding(users, factors + 1, sparse=sparse)
        self.items = nn.Embedding(items, factors + 1, sparse=sparse)
        with torch.no_grad():
            for table in (self.users, self.items):
                table.weight.normal_(0, spread)
                table.weight[:, factors] = 0
                table.weight[0] = 0

    def forward(self, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        user, item = self.users(pairs[:, 0]), self.items(pairs[:, 1])
        cut = self.factors
        return user[:, :cut], item[:, :cut], user[:, cut:] + item[:, cut:]


class RatingsModel(nn.Module):
    """What the two models share: tables, and a base that every prediction starts from."""

    def __init__(self, tables: Tables, *, spec: dict[str, Any], notes: tuple[str, ...]) -> None:
        super().__init__()
        self.tables = tables
        self.base = nn.Parameter(torch.zeros(1))
        self.spec, self.notes = spec, notes

    @property
    def sparse(self) -> bool:
        """Whether the tables give gradients of the rows in a batch only."""
        return self.tables.users.sparse

    def rows_of(self, kind: str) -> tuple[Tensor, Tensor]:
        """Factors (N, factors) and biases (N,) of the "users" or the "items" that were seen."""
        rows = getattr(self.tables, kind).weight.detach()[1:].cpu()
        return rows[:, : self.tables.factors], rows[:, self.tables.factors]


class DotBias(RatingsModel):
    """Base, bias of user and item, and the product of their factors: pairs (N, 2) to (N, 1).

    >>> model = create_ratings_model("dot_bias", users=4, items=6, factors=3)
    >>> model(torch.tensor([[1, 2], [0, 0]])).shape
    torch.Size([2, 1])
    """

    def forward(self, pairs: Tensor) -> Tensor:
        user, item, bias = self.tables(pairs)
        return (user * item).sum(1, keepdim=True) + bias + self.base


class NeuralRatings(RatingsModel):
    """Base, biases, and a network of both rows of factors: pairs (N, 2) to (N, 1)."""

    def __init__(
        self, tables: Tables, net: nn.Module, *, spec: dict[str, Any], notes: tuple[str, ...]
    ) -> None:
        super().__init__(tables, spec=spec, notes=notes)
        self.net = net

    def forward(self, pairs: Tensor) -> Tensor:
        user, item, bias = self.tables(pairs)
        return self.net(torch.cat([user, item], 1)) + bias + self.base


def create_ratings_model(
    name: str = "dot_bias",
    *,
    users: int,
    items: int,
    factors: int = 50,
    layers: Sequence[int] = (100,),
    dropout: float | Sequence[float] = 0.2,
    sparse: bool | None = None,
    seed: int = 0,
) -> DotBias | NeuralRatings:
    """The model `name`, "dot_bias" or "neural", for so many users and items, unseen not counted.

    `layers` and `dropout` are for the network of "neural". Without `sparse`, large tables (a
    million weights) have sparse gradients, and `notes` says so. Raises SettingError for an
    unknown name and for numbers out of range.
    """
    _check(name, users=users, items=items, factors=factors, layers=layers)
    rates = dropout_rates(dropout, len(layers) + 1)
    weights = (users + items + 2) * (factors + 1)
    thin = weights >= LARGE if sparse is None else sparse
    spec = {
        "kind": "ratings", "name": name, "users": users, "items": items, "factors": factors,
        "layers": list(layers), "dropout": rates, "sparse": thin, "seed": seed,
    }  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        tables = Tables(users + 1, items + 1, factors=factors, sparse=thin, spread=_SPREAD[name])
        notes = (_note(weights, thin, asked=sparse is not None),)
        if name == "dot_bias":
            return DotBias(tables, spec=spec, notes=notes)
        return NeuralRatings(tables, _network(factors, layers, rates), spec=spec, notes=notes)


def build_ratings(spec: dict[str, Any]) -> DotBias | NeuralRatings:
    """The model that `spec` describes, with random weights.

    >>> build_ratings(create_ratings_model("neural", users=2, items=3).spec).spec["items"]
    3
    """
    try:
        settings = {key: value for key, value in spec.items() if key != "kind"}
        return create_ratings_model(settings.pop("name"), **settings)
    except (AttributeError, KeyError, TypeError) as error:
        raise ModelError(
            f"{spec!r} does not describe a model of ratings ({error}); allowed is the .spec of "
            "one; export the model again"
        ) from error


def _note(weights: int, sparse: bool, *, asked: bool) -> str:
    what = "only the rows of a batch are updated" if sparse else "every weight is, fused"
    limit = f"{'more' if sparse else 'fewer'} than {LARGE:,}"
    return f"tables of {weights:,} weights, {'set by hand' if asked else limit}: {what}"


def _network(factors: int, layers: Sequence[int], rates: list[float]) -> nn.Sequential:
    """Dropout before each layer, batch norm after each hidden one."""
    widths = [2 * factors, *layers]
    parts: list[nn.Module] = []
    for before, after, rate in zip(widths, widths[1:], rates, strict=False):
        parts += [nn.Dropout(rate), nn.Linear(before, after), nn.ReLU(), nn.BatchNorm1d(after)]
    return nn.Sequential(*parts, nn.Dropout(rates[-1]), nn.Linear(widths[-1], 1))


def _check(name: str, *, layers: Sequence[int], **counts: int) -> None:
    if name not in _SPREAD:
        raise SettingError(
            f"the model {name!r} was given; known for ratings are {listed(_SPREAD)}"
            f"{did_you_mean(str(name), _SPREAD)}"
        )
    if isinstance(layers, int):
        raise SettingError(
            f"layers={layers} was given; allowed is a list of widths; try layers=[{layers}]"
        )
    for word, count in [*counts.items(), *(("layers", width) for width in layers)]:
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise SettingError(f"{word}={count!r} was given; allowed is a whole number from 1")
