"""The validation set as a map: items that the model finds alike lie near each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tenfold.errors import DataError, MissingPackageError, ModelError, SettingError
from tenfold.figures import COLOURS, GREY, new_figure
from tenfold.interpret.inside import hooked, untouched
from tenfold.interpret.vectors import principal_components
from tenfold.tables import html_table, text_table
from tenfold.text import counted, did_you_mean, listed
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan
from tenfold.train.task import Task
from tenfold.train.training_file import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["WAYS", "Embeddings", "check_way", "embeddings", "last_vectors"]

WAYS = ("pca", "tsne")
"""How vectors are laid flat: their principal components, or t-SNE of scikit-learn."""
MARKS = ("o", "s", "^", "D", "v", "P")
# fewer vectors have no neighbours worth a map
LEAST = 4


@dataclass(frozen=True, eq=False, repr=False)
class Embeddings:
    """Items as `vectors` (items, width), and as `places` (items, 2) on a map made by `way`.

    `actual` and `predicted` are class numbers (items,). `data`, if it has pictures, shows them.

    >>> vectors = torch.tensor([[0.0, 1.0], [0.0, 2.0], [9.0, 0.0], [9.0, 1.0]])
    >>> kinds = torch.tensor([0, 0, 1, 1])
    >>> found = Embeddings(vectors, vectors, kinds, kinds, ["cat", "dog"])
    >>> found.neighbours, found.neighbours_on_map
    (1.0, 1.0)
    """

    vectors: Tensor
    places: Tensor
    actual: Tensor
    predicted: Tensor
    classes: Sequence[str]
    way: str = "pca"
    data: Any = None

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def neighbours(self) -> float:
        """The share of items whose nearest other item has their class."""
        return _same_class(self.vectors, self.actual)

    @cached_property
    def neighbours_on_map(self) -> float:
        """The same on the map: how much of it laying it flat has kept."""
        return _same_class(self.places, self.actual)

    @property
    def summary(self) -> str:
        """How well the classes are apart, in words."""
        return (
            f"{counted(len(self), 'validation item')}, each {self.vectors.shape[1]:,} numbers: the "
            f"nearest other item has the same class in {self.neighbours:.1%}, on this map in "
            f"{self.neighbours_on_map:.1%}"
        )

    @property
    def words(self) -> str:
        """What `plot` shows, for who cannot see it."""
        return (
            f"a map of {counted(len(self), 'validation item')} by {self.way}, coloured by their "
            "class; those predicted wrong have a ring"
        )

    @property
    def table(self) -> list[list[str]]:
        """Each class with the class whose centre is nearest to its own, a header first."""
        there = self.actual.unique().tolist()
        centres = torch.stack([self.vectors[self.actual == one].mean(0) for one in there])
        apart = torch.cdist(centres, centres).fill_diagonal_(torch.inf)
        rows = []
        for place, number in enumerate(there):
            mine = self.actual == number
            right = int((self.predicted[mine] == number).sum())
            near = self.classes[there[int(apart[place].argmin())]] if len(there) > 1 else "–"
            rows.append([self.classes[number], f"{int(mine.sum()):,}", f"{right:,}", near])
        return [["class", "items", "right", "nearest class"], *rows]

    def plot(self) -> Figure:
        """The map, with the name of each class at its centre."""
        figure, axes = new_figure(width=6.4, height=5)
        for number in self.actual.unique().tolist():
            mine = self.actual == number
            across, up = self.places[mine].T.tolist()
            mark, colour = (
                MARKS[number // len(COLOURS) % len(MARKS)],
                COLOURS[number % len(COLOURS)],
            )
            axes.scatter(across, up, s=16, c=colour, marker=mark, alpha=0.8, linewidths=0)
            x, y = self.places[mine].median(0).values.tolist()
            style = {"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 1.5}
            axes.text(x, y, self.classes[number], size=8, bbox=style, parse_math=False)
        across, up = self.places[self.actual != self.predicted].T.tolist()
        axes.scatter(across, up, s=60, facecolors="none", edgecolors=GREY, linewidths=0.8)
        axes.set(xticks=[], yticks=[])
        axes.spines[["left", "bottom"]].set_visible(False)
        return figure

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary)


def embeddings(
    vectors: Tensor,
    outputs: Tensor,
    targets: Tensor,
    *,
    task: Task,
    classes: Sequence[str],
    data: Any = None,
    way: str = "pca",
    seed: int = 0,
) -> Embeddings:
    """Lay vectors (items, width) flat by `way`; raw outputs and targets say what each item is.

    The way "tsne" (van der Maaten & Hinton 2008) needs scikit-learn, and draws from `seed` alone.
    Raises SettingError for another way or a task without one class an item, DataError for less
    than four items, MissingPackageError without scikit-learn.

    >>> from tenfold.train.task import single_label
    >>> vectors, targets = torch.rand(6, 3), torch.tensor([0, 1] * 3)
    >>> embeddings(vectors, vectors[:, :2], targets, task=single_label(2),
    ...     classes=["cat", "dog"]).places.shape
    torch.Size([6, 2])
    """
    check_way(way, task)
    if len(vectors) < LEAST:
        raise DataError(
            f"a map needs {LEAST} items and more, and there are {len(vectors)}; give data with a "
            "larger validation set"
        )
    vectors, outputs, targets = (one.detach().cpu() for one in (vectors, outputs, targets))
    flat = principal_components(vectors)[0] if way == "pca" else _tsne(vectors, seed)
    if flat.shape[1] < 2:  # vectors of one number lie on a line
        flat = torch.cat([flat, torch.zeros_like(flat)], 1)
    decoded = task.decode(task.activation(outputs))
    return Embeddings(vectors, flat, targets, decoded, classes, way, data)


def last_vectors(
    model: nn.Module, data: Any, *, plan: Plan, control: Pass | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """What the last linear layer sees (items, width), the raw outputs, and the targets.

    The model stays as it was. Raises ModelError for a model without a linear layer, DataError for
    data without an item.

    >>> net = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 3))
    >>> items = [(torch.rand(8, 2), torch.zeros(8, dtype=torch.int64))]
    >>> [tuple(part.shape) for part in last_vectors(net, items, plan=Plan(threads=1))]
    [(8, 5), (8, 3), (8,)]
    """
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    seen, rows = list[Tensor](), list[tuple[Tensor, ...]]()

    def keep(layer: nn.Module, given: Any, output: Any) -> None:
        seen.append(given[0].detach())

    def use(outputs: Tensor, targets: Tensor) -> bool:
        # the last that worked; one that sees more rows than there are items sees parts of them
        if seen and len(seen[-1]) == len(outputs):
            rows.append((seen[-1].flatten(1).float(), outputs, targets))
        seen.clear()
        return not rows

    with untouched(model), hooked(dict.fromkeys(layers, keep)):
        predict_batches(model, data, use=use, plan=plan, control=control)
    if not rows:
        raise ModelError(
            f"{name_of(model)} has no linear layer at its end, so items have no vector; take a "
            'model by name, as vision_learner(data, "resnet34"), or end yours on nn.Linear'
        )
    vectors, outputs, targets = (torch.cat(part) for part in zip(*rows, strict=True))
    return vectors, outputs, targets


def check_way(way: str, task: Task) -> None:
    """Refuse a way that is not known, and a task whose items do not have one class each."""
    if way not in WAYS:
        raise SettingError(
            f"way={way!r} was given; allowed is {listed(WAYS)}{did_you_mean(str(way), WAYS)}"
        )
    if task.name != "single label":
        raise SettingError(
            f"a map of the items was asked for with {task.name}; it needs one class for each item; "
            "learn.top_losses() shows the worst items of any task"
        )


def _tsne(vectors: Tensor, seed: int) -> Tensor:
    try:
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise MissingPackageError(
            "t-SNE needs scikit-learn, which is not installed; pip install scikit-learn, or use "
            'way="pca"'
        ) from error
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    made = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    return torch.from_numpy(made.fit_transform(vectors.double().numpy())).float()


def _same_class(rows: Tensor, kinds: Tensor) -> float:
    """The share of rows whose nearest other row is of their kind."""
    apart = torch.cdist(rows.double(), rows.double()).fill_diagonal_(torch.inf)
    return float((kinds[apart.argmin(1)] == kinds).double().mean())
