"""The validation items that a model gets most wrong: the first place to look for bad labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tenfold.errors import DataError
from tenfold.interpret.heat_maps import HeatMaps
from tenfold.interpret.items import (
    check_count,
    class_names,
    draw_items,
    draw_masks,
    item_words,
)
from tenfold.tables import html_table, text_table
from tenfold.text import counted, listed
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TopLoss", "TopLosses", "item_losses", "raw_outputs", "top_losses"]


@dataclass(frozen=True)
class TopLoss:
    """One item: its number in the validation set, its loss, and what the model took it for.

    `probability` is what the model gave the actual class, `predicted_probability` what it gave
    the one it predicted; both are None where an item has not one class. Of several labels
    `worst` says which one costs most, and what the model gave it.

    >>> TopLoss(4, 2.3026, "cat", "dog", 0.1, 0.9).title
    'cat / dog / 2.30'
    """

    index: int
    loss: float
    actual: str
    predicted: str
    probability: float | None = None
    predicted_probability: float | None = None
    worst: str = ""

    @property
    def title(self) -> str:
        """What stands above its picture: actual / predicted / loss, or the worst label / loss."""
        if self.worst:
            return f"{self.worst} / {self.loss:.2f}"
        return f"{self.actual} / {self.predicted} / {self.loss:.2f}"


@dataclass(frozen=True, eq=False, repr=False)
class TopLosses:
    """The items with the largest losses, the largest first; rows of a table with their values.

    `data.files["valid"][item.index]` is the file of an item, where there are files; `heat` shows
    where the model saw what it predicted, where that was asked for.

    >>> TopLosses((TopLoss(4, 2.3026, "cat", "dog", 0.1, 0.9),))
    item    loss  actual  predicted  probability of actual  of predicted
    4     2.3026     cat        dog                  10.0%         90.0%
    """

    items: tuple[TopLoss, ...]
    data: Any = None
    heat: HeatMaps | None = None
    masks: Tensor | None = None
    """What was predicted for each pixel (items, h, w), where targets are masks."""

    def __len__(self) -> int:
        return len(self.items)

    def plot(self) -> Figure:
        """The pictures, each under actual / predicted / loss, with its heat map or its masks."""
        titles, items = ([getattr(item, of) for item in self.items] for of in ("title", "index"))
        if self.heat is not None:
            return self.heat.plot(titles)
        if self.masks is not None:
            return draw_masks(self.data, items, self.masks, titles)
        return draw_items(self.data, items, titles)

    def __repr__(self) -> str:
        return text_table(self._table())

    def _repr_html_(self) -> str:
        caption = f"the {counted(len(self), 'validation item')} with the largest loss"
        return html_table(self._table(), caption=caption)

    def _table(self) -> list[list[str]]:
        shares = any(item.probability is not None for item in self.items)
        head = ["item", "loss", "actual", "predicted"]
        held = item_words(self.data, [item.index for item in self.items])
        worst = any(item.worst for item in self.items)
        more = [*["probability of actual", "of predicted"] * shares, *["worst label"] * worst]
        rows = [[*head, *more, *held]]
        for item, *words in zip(self.items, *held.values(), strict=True):
            row = [str(item.index), f"{item.loss:.4f}", item.actual, item.predicted]
            given = (item.probability, item.predicted_probability) if shares else ()
            rows.append(row + [f"{share:.1%}" for share in given if share is not None])
            rows[-1] += [*[item.worst] * worst, *words]
        return rows


def top_losses(
    outputs: Tensor, targets: Tensor, *, task: Task, data: Any = None, n: int = 9
) -> TopLosses:
    """The `n` items with the largest loss, from raw outputs (items, outputs) and their targets.

    A loss that is not a number counts as the largest. `data` names the classes and shows pictures.

    >>> from tenfold.train.task import single_label
    >>> outputs, targets = torch.tensor([[9.0, 0.0], [0.0, 5.0]]), torch.tensor([0, 0])
    >>> [item.index for item in top_losses(outputs, targets, task=single_label(2)).items]
    [1, 0]
    """
    check_count(n)
    task.check(outputs, targets)
    losses = item_losses(outputs, targets, task=task)
    worst = losses.sort(descending=True, stable=True).indices[:n]
    classes = class_names(data, task)
    activated = task.activation(outputs[worst])
    rows = zip(
        worst.tolist(),
        losses[worst].tolist(),
        _labels(targets[worst], task, classes),
        _labels(task.decode(activated), task, classes),
        *_probabilities(activated, targets[worst], task),
        _worst_labels(activated, targets[worst], task, classes),
        strict=True,
    )
    return TopLosses(tuple(TopLoss(*row) for row in rows), data)


def item_losses(outputs: Tensor, targets: Tensor, *, task: Task) -> Tensor:
    """The loss of every item (items,), each as a batch of its own.

    >>> from tenfold.train.task import number
    >>> item_losses(torch.tensor([[1.0], [3.0]]), torch.zeros(2), task=number())
    tensor([1., 9.])
    """
    rows = zip(outputs.split(1), targets.split(1), strict=True)
    return torch.stack([task.loss(output, target) for output, target in rows])


def raw_outputs(
    model: nn.Module, data: Any, *, plan: Plan, control: Pass | None = None
) -> tuple[Tensor, Tensor]:
    """Raw outputs and targets of a whole pass, on the device of the model.

    >>> outputs, targets = raw_outputs(nn.Linear(2, 3), [(torch.zeros(5, 2), torch.zeros(5))],
    ...     plan=Plan(threads=1))
    >>> outputs.shape
    torch.Size([5, 3])
    """
    pairs: list[tuple[Tensor, Tensor]] = []

    def keep(*pair: Tensor) -> None:
        pairs.append(pair)  # type: ignore[arg-type]

    predict_batches(model, data, use=keep, plan=plan, control=control)
    if not pairs:
        raise DataError("there is nothing to look at: the data gave no batch; check the set")
    outputs, targets = zip(*pairs, strict=True)
    return torch.cat(outputs), torch.cat(targets)


def _labels(values: Tensor, task: Task, classes: list[str]) -> list[str]:
    """Targets or decoded predictions as words."""
    if task.name == "number":
        return [f"{value:.4g}" for value in values.flatten().tolist()]
    if values.ndim == 1:
        return [classes[number] for number in values.tolist()]
    carried = ([classes[place] for place in row.nonzero().flatten().tolist()] for row in values)
    return [listed(names) or "no label" for names in carried]


def _probabilities(activated: Tensor, targets: Tensor, task: Task) -> list[list[float | None]]:
    """What the model gave the actual and the predicted class of each item."""
    if task.name != "single label":
        return [[None] * len(targets)] * 2
    places = targets, task.decode(activated)
    return [activated.gather(1, place[:, None])[:, 0].tolist() for place in places]


def _worst_labels(activated: Tensor, targets: Tensor, task: Task, classes: list[str]) -> list[str]:
    """The label of each item that the model is furthest off with, in words; "" without labels."""
    if task.name != "multi label":
        return [""] * len(targets)
    off = (activated - targets.to(activated)).abs().argmax(dim=1, keepdim=True)
    rows = zip(
        off[:, 0].tolist(),
        targets.gather(1, off)[:, 0].tolist(),
        activated.gather(1, off)[:, 0].tolist(),
        strict=True,
    )
    verbs = "sees", "misses"
    return [f"{verbs[there > 0.5]} {classes[at]} ({share:.1%})" for at, there, share in rows]
