"""What a model of ratings has learned: items that are alike, the best and the worst, a map."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from torch import Tensor

from tenfold.errors import DataError, ModelError, SettingError
from tenfold.figures import GREY, new_figure
from tenfold.interpret.items import check_count
from tenfold.interpret.vectors import cosines, principal_components
from tenfold.tables import html_table, text_table
from tenfold.text import counted, did_you_mean, listed, nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FactorMap", "Factors", "Ranking", "factors"]

KINDS = ("items", "users")
# longer names are cut in a map
_NAME = 28


@dataclass(frozen=True, repr=False)
class Ranking:
    """Names in an order, each with the number that it is ordered by.

    >>> Ranking("bias", (("Alien", 0.91), ("Heat", 0.4)))
           bias
    Alien  0.91
    Heat   0.40
    """

    column: str
    rows: tuple[tuple[str, float], ...]
    caption: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> list[str]:
        """The names alone, in order."""
        return [name for name, _ in self.rows]

    def __repr__(self) -> str:
        return text_table(self._table())

    def _repr_html_(self) -> str:
        return html_table(self._table(), caption=self.caption)

    def _table(self) -> list[list[str]]:
        return [["", self.column], *[[name, f"{value:.2f}"] for name, value in self.rows]]


@dataclass(frozen=True, eq=False, repr=False)
class FactorMap:
    """Names as points (N, 2): near each other when they are rated alike.

    `shares` is how much of the difference between all factors each direction holds.
    """

    names: tuple[str, ...]
    points: Tensor
    shares: tuple[float, float]

    def __repr__(self) -> str:
        first, second = self.shares
        size = counted(len(self.names), "name")
        return f"a map of {size}; across {first:.0%}, upwards {second:.0%} of the differences"

    def plot(self) -> Figure:
        """The names at their places."""
        figure, axes = new_figure(width=8, height=6)
        across, up = self.points.T.tolist()
        axes.scatter(across, up, s=10)
        for name, x, y in zip(self.names, across, up, strict=True):
            words = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
            axes.annotate(
                words, (x, y), xytext=(3, 2), textcoords="offset points", fontsize=7, color=GREY
            )
        axes.set_xlabel(f"first direction, {self.shares[0]:.0%}")
        axes.set_ylabel(f"second direction, {self.shares[1]:.0%}")
        return figure


@dataclass(frozen=True, eq=False, repr=False)
class Factors:
    """The factors (N, factors) and biases (N,) of the items, or of the users, by name.

    `counts` (N,) says how many training ratings each has: little is known of one with few, and
    its numbers have stayed near zero. `ids` are as in the data, `names` the words shown for them.

    >>> import torch
    >>> vectors = torch.tensor([[1.0, 0.1], [0.9, 0.0], [-1.0, 0.2]])
    >>> found = Factors(("a", "b", "c"), ("a", "b", "c"), vectors, torch.arange(3.0), torch.ones(3))
    >>> found.like("a", n=2)
       cosine
    b    1.00
    c   -0.96
    """

    ids: tuple[Any, ...]
    names: tuple[str, ...]
    vectors: Tensor
    biases: Tensor
    counts: Tensor

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return (
            f"{self.vectors.shape[1]} factors and a bias of {counted(len(self), 'name')}; .like(), "
            ".best(), .worst() and .map() show them"
        )

    def like(self, which: Any, n: int = 10, *, least: int = 1) -> Ranking:
        """The `n` whose factors point most in the same direction as those of `which`.

        `which` is an id or a name. Those with fewer than `least` ratings are left out.
        """
        check_count(n)
        row = self._row(which)
        near = cosines(self.vectors, row)
        allowed = self._allowed(least)
        order = [
            one for one in near.argsort(descending=True).tolist() if allowed[one] and one != row
        ]
        return self._ranking("cosine", near, order[:n], caption=f"most like {self.names[row]}")

    def best(self, n: int = 10, *, least: int = 1) -> Ranking:
        """The `n` largest biases: rated above what the tastes of their users explain."""
        return self._by_bias(n, least=least, sign=1)

    def worst(self, n: int = 10, *, least: int = 1) -> Ranking:
        """The `n` smallest biases: rated below what the tastes of their users explain."""
        return self._by_bias(n, least=least, sign=-1)

    def map(self, n: int = 40) -> FactorMap:
        """The `n` with the most ratings on the two directions in which all differ most (PCA)."""
        check_count(n)
        width = self.vectors.shape[1]
        if len(self) < 3 or width < 2:
            raise DataError(
                f"{counted(len(self), 'name')} with {counted(width, 'factor')} were given; a map "
                "needs 3 names and 2 factors; train with more"
            )
        points, shares = principal_components(self.vectors)
        often = self.counts.argsort(descending=True, stable=True)[:n]
        names = tuple(self.names[row] for row in often.tolist())
        return FactorMap(names, points[often], (float(shares[0]), float(shares[1])))

    def _by_bias(self, n: int, *, least: int, sign: int) -> Ranking:
        check_count(n)
        allowed = self._allowed(least)
        order = (sign * self.biases).argsort(descending=True, stable=True).tolist()
        caption = f"the {'largest' if sign > 0 else 'smallest'} biases"
        chosen = [row for row in order if allowed[row]][:n]
        return self._ranking("bias", self.biases, chosen, caption=caption)

    def _allowed(self, least: int) -> list[bool]:
        allowed = (self.counts >= least).tolist()
        if not any(allowed):
            raise SettingError(
                f"least={least} was given; none has so many ratings: the most is "
                f"{int(self.counts.max())}; give a smaller number"
            )
        return allowed

    def _ranking(self, column: str, of: Tensor, rows: Sequence[int], *, caption: str) -> Ranking:
        found = tuple((self.names[row], float(of[row])) for row in rows)
        return Ranking(column, found, caption)

    @cached_property
    def _rows(self) -> dict[Any, int]:
        named = {name: row for row, name in enumerate(self.names)}
        return named | {one: row for row, one in enumerate(self.ids)}

    def _row(self, which: Any) -> int:
        if isinstance(which, Hashable) and which in self._rows:
            return self._rows[which]
        asked, lower = str(which).lower(), {name.lower(): name for name in self.names}
        meant = next((name for name in lower if asked in name), None) or nearest(asked, lower)
        hint = f"; did you mean {lower[meant]!r}?" if meant else ""
        raise DataError(
            f"{which!r} was asked for; training has seen no such name or id; there are "
            f"{listed(map(repr, self.names), most=3)}{hint}"
        )


def factors(model: Any, data: Any, *, of: str = "items") -> Factors:
    """What `model` has learned of the "items" or the "users" of `data`.

    Raises ModelError for a model that is not one of ratings.
    """
    if of not in KINDS:
        raise SettingError(
            f"of={of!r} was given; allowed is {' or '.join(map(repr, KINDS))}"
            f"{did_you_mean(str(of), KINDS)}"
        )
    if not hasattr(model, "rows_of") or not hasattr(data, "counts"):
        raise ModelError(
            f"{type(model).__name__} on {type(data).__name__} was given; factors are those of a "
            "model of ratings; make the learner with ratings_learner(RatingsData...)"
        )
    ids = getattr(data, of)
    vectors, biases = model.rows_of(of)
    if len(vectors) != len(ids):
        raise ModelError(
            f"the model has {counted(len(vectors), 'row')} of {of}, the data {len(ids):,}; give "
            "the data that the model was trained on"
        )
    names = [data.title(one) if of == "items" else str(one) for one in ids.values]
    return Factors(ids.values, tuple(names), vectors, biases, data.counts(of))
