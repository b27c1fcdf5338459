"""What a tabular network learned about categories: features for other models, neighbours, a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tenfold.data.columns import Category
from tenfold.errors import DataError, ModelError
from tenfold.figures import GREY, new_figure
from tenfold.text import did_you_mean, listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EmbeddingMap", "embedding_features"]

# more names on one picture cover each other
MOST_NAMES = 60


def embedding_features(learn: Any, frame: Any) -> Any:
    """A frame with the learned embedding of every category, and the numbers as the network's.

    Columns are "Store 0", "Store 1" … for the embedding of Store, then the normalised numbers
    and, as "age missing", what was missing; the index is that of `frame`. Train any other model
    on it: after Guo & Berkhahn 2016, https://arxiv.org/abs/1604.06737.

    >>> from tenfold.data import samples
    >>> from tenfold.learners import tabular_learner
    >>> frame = samples.sales_frame(stores=3, days=60)
    >>> learn = tabular_learner(samples.sales(stores=3, days=60), layers=[8], quiet=True)
    >>> list(embedding_features(learn, frame).columns)[:3]
    ['Store 0', 'Store 1', 'Store 2']
    """
    import pandas

    encoder = learn.data.encoder
    rows = encoder.encode(frame)
    parts: list[Tensor] = []
    names: list[str] = []
    for place, column in enumerate(encoder.categories):
        table = _table(learn, place)
        parts.append(table[rows[:, place].long()])
        names += [f"{column.name} {number}" for number in range(table.shape[1])]
    parts.append(rows[:, len(encoder.categories) :])
    names += [one.name for one in encoder.numbers]
    names += [f"{one.name} missing" for one in encoder.flagged]
    return pandas.DataFrame(torch.cat(parts, 1).numpy(), columns=names, index=frame.index)


class EmbeddingMap:
    """The embeddings of one category `column` of a learner's data: who is near whom.

    `names` are the values, `vectors` (values, width) their embeddings; the rows for unseen and
    missing values are left out. Raises DataError for a column or a value that is not there.

    >>> from tenfold.data import samples
    >>> from tenfold.learners import tabular_learner
    >>> learn = tabular_learner(samples.sales(stores=3, days=60), layers=[8], quiet=True)
    >>> len(EmbeddingMap(learn, "Store").nearest(1, n=2))
    2
    """

    def __init__(self, learn: Any, column: str) -> None:
        place, self.category = _category(learn, column)
        self.names = [str(value) for value in self.category.values]
        self.vectors = _table(learn, place)[self.category.rows - len(self.names) :]

    def __repr__(self) -> str:
        count, width = self.vectors.shape
        return f"EmbeddingMap({self.category.name}: {count} values, {width} numbers each)"

    def nearest(self, value: Any, *, n: int = 5) -> list[tuple[str, float]]:
        """The `n` values most like `value`, with the cosine of the angle between them."""
        if str(value) not in self.names:
            raise DataError(
                f"{value!r} was given; {self.category.name} has {listed(self.names, most=6)}"
                f"{did_you_mean(str(value), self.names)}"
            )
        place = self.names.index(str(value))
        likeness = torch.cosine_similarity(self.vectors, self.vectors[place][None])
        order = [one for one in likeness.argsort(descending=True).tolist() if one != place]
        return [(self.names[one], float(likeness[one])) for one in order[:n]]

    def components(self, count: int = 2) -> tuple[Tensor, list[float]]:
        """Principal components: places (values, count), and the share of variance of each."""
        centred = self.vectors - self.vectors.mean(0)
        left, strengths, _ = torch.linalg.svd(centred, full_matrices=False)
        count = min(count, len(strengths))
        total = strengths.square().sum().clamp(min=1e-12)
        places = left[:, :count] * strengths[:count]
        # the sign is free: the largest number of each component is made positive
        places = places * places.gather(0, places.abs().argmax(0)[None]).sign()
        return places, (strengths[:count].square() / total).tolist()

    def plot(self, *, names: Sequence[Any] | None = None) -> Figure:
        """The two first principal components as a map; `names` picks whose names are written."""
        places, shares = self.components(2)
        figure, axes = new_figure(width=6, height=5)
        across = places[:, 0]
        up = places[:, 1] if places.shape[1] > 1 else torch.zeros_like(across)
        axes.scatter(across, up, s=12)
        written = set(map(str, names)) if names is not None else set(self.names[:MOST_NAMES])
        for name, x, y in zip(self.names, across.tolist(), up.tolist(), strict=True):
            if name in written:
                axes.annotate(name, (x, y), (3, 3), textcoords="offset points", color=GREY)
        words = [f"component {place} ({share:.0%})" for place, share in enumerate(shares, 1)]
        axes.set_xlabel(words[0])
        axes.set_ylabel(words[1] if len(words) > 1 else "")
        axes.set_title(self.category.name)
        return figure


def _category(learn: Any, column: str) -> tuple[int, Category]:
    _embeddings(learn)
    columns = [one.name for one in learn.data.encoder.categories]
    if column not in columns:
        raise DataError(
            f"{column!r} was given; the categories are {listed(columns)}"
            f"{did_you_mean(str(column), columns)}"
        )
    place = columns.index(column)
    return place, learn.data.encoder.categories[place]


def _embeddings(learn: Any) -> Any:
    found = getattr(learn.model, "embeddings", None)
    if found is None or not hasattr(learn.data, "encoder"):
        raise ModelError(
            "this learner has no embeddings of categories; make one with tabular_learner, from a "
            "table that has categories"
        )
    return found


def _table(learn: Any, place: int) -> Tensor:
    return _embeddings(learn).table(place).detach().float().cpu().clone()
