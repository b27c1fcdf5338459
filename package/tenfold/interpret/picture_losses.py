"""The pictures that a model from picture to picture gets most wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from tenfold.data.show import beside, draw_pictures
from tenfold.interpret.items import check_count
from tenfold.interpret.top_losses import item_losses
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.picture_task import decibels
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PictureLoss", "PictureLosses", "picture_losses"]

# inches of a row of three pictures
WIDTH = 3.6


@dataclass(frozen=True)
class PictureLoss:
    """One item: its number in the validation set, its loss, and its PSNR in decibels."""

    index: int
    loss: float
    psnr: float

    @property
    def title(self) -> str:
        """What stands above its pictures."""
        return f"{self.index}: loss {self.loss:.3g}, {self.psnr:.1f} dB"


@dataclass(frozen=True, eq=False, repr=False)
class PictureLosses:
    """The items with the largest losses, the largest first, with what the model made of them.

    `outputs` and `targets` are pictures (n, 3, h, w) in the order of `items`; the inputs come
    from `data`, a PicturePairs.

    >>> import torch
    >>> PictureLosses((PictureLoss(4, 0.25, 6.0),), torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8))
    item    loss  PSNR (dB)
    4     0.2500       6.00
    """

    items: tuple[PictureLoss, ...]
    outputs: Tensor
    targets: Tensor
    data: Any = None

    def __len__(self) -> int:
        return len(self.items)

    def plot(self) -> Figure:
        """Input, output and target of each; without a PicturePairs, output and target."""
        shown = [self.outputs.cpu(), self.targets.cpu()]
        if hasattr(self.data, "pairs"):
            shown.insert(0, self.data.pairs([item.index for item in self.items])[0].cpu())
        return draw_pictures(beside(*shown), [item.title for item in self.items], side=WIDTH)

    @property
    def words(self) -> str:
        """What the picture shows."""
        return (
            f"the {counted(len(self), 'validation picture')} with the largest loss: input, "
            "output and target"
        )

    @property
    def table(self) -> list[list[str]]:
        """A row for each item, a header first."""
        rows = [[str(one.index), f"{one.loss:.4f}", f"{one.psnr:.2f}"] for one in self.items]
        return [["item", "loss", "PSNR (dB)"], *rows]

    def __repr__(self) -> str:
        return text_table(self.table)

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.words)


def picture_losses(
    outputs: Tensor, targets: Tensor, *, task: Task, data: Any = None, n: int = 9
) -> PictureLosses:
    """The `n` items with the largest loss, from raw outputs and targets (items, 3, h, w).

    >>> import torch
    >>> from tenfold.train.task import picture
    >>> black, grey = torch.zeros(2, 3, 8, 8), torch.full((2, 3, 8, 8), 0.1)
    >>> grey[1] = 0.5
    >>> [item.index for item in picture_losses(black, grey, task=picture()).items]
    [1, 0]
    """
    check_count(n)
    task.check(outputs, targets)
    losses = item_losses(outputs, targets, task=task)
    worst = losses.sort(descending=True, stable=True).indices[:n]
    made, wanted = task.activation(outputs[worst]), targets[worst]
    rows = zip(worst.tolist(), losses[worst].tolist(), decibels(made, wanted).tolist(), strict=True)
    return PictureLosses(tuple(PictureLoss(*row) for row in rows), made, wanted, data)
