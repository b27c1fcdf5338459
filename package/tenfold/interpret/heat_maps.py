"""Heat maps over pictures: where a model looks, drawn, told in words, and scored."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tenfold.data.show import draw_pictures
from tenfold.errors import DataError
from tenfold.figures import COLOURS
from tenfold.interpret.asked import Asked, asked_classes
from tenfold.interpret.inside import score_of, untouched
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.control import Pass
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["HeatMaps", "Look", "MapScore", "heat_maps", "passes_of"]

Look = Callable[[Tensor, Tensor], Tensor]

# pictures that go through the model together
TOGETHER = 16
# the share of the largest values that is drawn alike, so that one pixel does not pale the rest
CLIPPED = 0.01
# characters on a line above one picture
TITLE = 18


class MapScore(NamedTuple):
    """How well maps find a thing of which the mask is known; each is a share from 0 to 1.

    `hits` counts the maps whose hottest pixel lies on it: the pointing game of Zhang et al. 2018,
    https://arxiv.org/abs/1608.00507. `inside` is the mean share of a map's heat that lies on it,
    and `area` that of its pixels: what heat that knows nothing would have.

    >>> print(MapScore(0.95, 0.6, 0.2))
    the hottest pixel is on it in 95.0%, and 60.0% of the heat, on 20.0% of the pixels
    """

    hits: float
    inside: float
    area: float

    def __str__(self) -> str:
        return (
            f"the hottest pixel is on it in {self.hits:.1%}, and {self.inside:.1%} of the heat, on "
            f"{self.area:.1%} of the pixels"
        )


@dataclass(frozen=True, eq=False, repr=False)
class HeatMaps:
    """One map (N, h, w) for each of the pictures (N, channels, h, w), made by `way`.

    Above 0 is what speaks for `labels`, the classes asked about, below 0 what speaks against.
    `probabilities` are what the model gives them, `actual` what the pictures are, and `items`
    their numbers in the validation set, where that is known.

    >>> maps = torch.zeros(1, 2, 3)
    >>> maps[0, 1, 2] = 1.0
    >>> found = HeatMaps(torch.rand(1, 3, 2, 3), maps, ["cat"], [0.9], way="Grad-CAM")
    >>> found.hottest.tolist(), found.score(maps > 0).hits
    ([[1, 2]], 1.0)
    >>> found
    picture  asked about  probability                 hottest at
    1                cat        90.0%  row 2 of 2, column 3 of 3
    """

    pictures: Tensor
    maps: Tensor
    labels: Sequence[str]
    probabilities: Sequence[float | None]
    way: str
    actual: Sequence[str] | None = None
    items: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.maps)

    @cached_property
    def hottest(self) -> Tensor:
        """The row and the column (N, 2) of each map's largest value."""
        places = self.maps.flatten(1).argmax(1)
        width = self.maps.shape[2]
        return torch.stack([places // width, places % width], 1)

    @property
    def _warm(self) -> Tensor:
        """Which maps (N,) have a place that speaks for the class at all."""
        return self.maps.flatten(1).amax(1) > 0

    def hits(self, masks: Any, *, margin: int = 0) -> Tensor:
        """Whether (N,) each hottest pixel lies where the mask (N, h, w) is not 0.

        Within `margin` pixels of it is enough, as in the pointing game of the paper. A map without
        heat hits nothing. Raises DataError for masks of another size.
        """
        there = self._masks(masks)
        if margin:
            wide = F.max_pool2d(there.float()[:, None], 2 * margin + 1, 1, margin)
            there = wide[:, 0] > 0
        rows, columns = self.hottest.T
        return there[torch.arange(len(self)), rows, columns] & self._warm

    def score(self, masks: Any) -> MapScore:
        """How well the maps find what the masks (N, h, w) mark; 0 marks the rest.

        Heat is what is above 0. Raises DataError for masks of another size.
        """
        there = self._masks(masks)
        heat = self.maps.clamp(min=0)
        whole = heat.sum((1, 2)).clamp(min=torch.finfo(heat.dtype).tiny)
        inside = (heat * there).sum((1, 2)) / whole
        hits = self.hits(masks).double().mean()
        return MapScore(float(hits), float(inside.mean()), float(there.double().mean()))

    @property
    def words(self) -> str:
        """What `plot` shows, for who cannot see it."""
        return (
            f"{self.way} of {counted(len(self), 'picture')}: each beside its heat map; orange "
            "speaks for the class asked about, blue against it, and a ring is at the hottest pixel"
        )

    @property
    def table(self) -> list[list[str]]:
        """What was asked about each picture and where it is hottest, a header first."""
        height, width = self.maps.shape[1:]
        head = ["picture" if self.items is None else "item"]
        columns = [[str(one) for one in self.items or range(1, len(self) + 1)]]
        if self.actual is not None:
            head, columns = [*head, "actual"], [*columns, list(self.actual)]
        shares = ["–" if one is None else f"{one:.1%}" for one in self.probabilities]
        places = [
            f"row {row + 1} of {height}, column {column + 1} of {width}" if warm else "nowhere"
            for (row, column), warm in zip(self.hottest.tolist(), self._warm.tolist(), strict=True)
        ]
        columns += [list(self.labels), shares, places]
        head += ["asked about", "probability", "hottest at"]
        return [head, *map(list, zip(*columns, strict=True))]

    def plot(self, titles: Sequence[str] | None = None) -> Figure:
        """Each picture under its title or, without, its class, and beside it its heat map."""
        above = list(titles) if titles is not None else self._titles()
        shares = ["" if one is None else f" {one:.0%}" for one in self.probabilities]
        asked = [f"{label}{share}" for label, share in zip(self.labels, shares, strict=True)]
        shown = torch.stack([_in_range(self.pictures), self._heated()], 1).flatten(0, 1)
        words = [textwrap.fill(one, TITLE) for pair in zip(above, asked) for one in pair]
        columns = 2 * min(3, max(1, round(len(self) ** 0.5)))
        figure = draw_pictures(shown, words, columns=columns)
        places = zip(figure.axes[1::2], self.hottest.tolist(), self._warm.tolist(), strict=False)
        for axes, (row, column), _ in (one for one in places if one[2]):
            for width, colour in ((3.0, "black"), (1.5, "white")):
                axes.plot(column, row, "o", ms=9, mfc="none", mec=colour, mew=width, clip_on=False)
        return figure

    def __repr__(self) -> str:
        return text_table(self.table)

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.way)

    def _titles(self) -> list[str]:
        names = self.items or range(1, len(self) + 1)
        word = "picture" if self.items is None else "item"
        actual = [""] * len(self) if self.actual is None else [f": {one}" for one in self.actual]
        return [f"{word} {name}{is_}" for name, is_ in zip(names, actual, strict=True)]

    def _heated(self) -> Tensor:
        """The pictures in grey (N, 3, h, w), coloured by their maps."""
        from matplotlib.colors import to_rgb

        size = torch.quantile(self.maps.abs().flatten(1), 1 - CLIPPED, dim=1)
        # a map that is 0 nearly everywhere still has its few places drawn
        size = torch.where(size > 0, size, self.maps.abs().flatten(1).amax(1)).clamp(min=1e-30)
        share = (self.maps.abs() / size[:, None, None]).clamp(max=1)[:, None]
        warm, cold = (torch.tensor(to_rgb(COLOURS[one]))[:, None, None] for one in (5, 0))
        colour = torch.where(self.maps[:, None] > 0, warm, cold)
        grey = _in_range(self.pictures).mean(1, keepdim=True)
        return grey * (1 - 0.8 * share) + colour * 0.8 * share

    def _masks(self, masks: Any) -> Tensor:
        there = torch.as_tensor(masks) != 0
        if there.shape != self.maps.shape:
            raise DataError(
                f"masks of {tuple(there.shape)} were given; the maps are {tuple(self.maps.shape)}; "
                "give one mask for each picture, of its size"
            )
        return there


def heat_maps(
    asked: Asked,
    look: Look,
    *,
    model: nn.Module,
    task: Task,
    classes: Sequence[str],
    way: str,
    label: str | None = None,
    control: Pass | None = None,
) -> HeatMaps:
    """Make the map of every picture by `look(pictures, classes)`, a few pictures at a time.

    Each is asked about `label` or, without, about what the model predicts. Between them
    `control` is asked whether to go on.

    >>> from tenfold.train.task import single_label
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    >>> asked, task = Asked(torch.rand(5, 3, 2, 2)), single_label(2)
    >>> heat_maps(asked, lambda pictures, classes: pictures.mean(1), model=net, task=task,
    ...     classes=["cat", "dog"], way="brightness").maps.shape
    torch.Size([5, 2, 2])
    """
    maps, chosen, shares = list[Tensor](), list[Tensor](), list[Tensor]()
    for inputs in asked.inputs.split(TOGETHER):
        with untouched(model), torch.no_grad():
            outputs = model(inputs)
            score_of(outputs, torch.zeros(len(inputs), dtype=torch.int64, device=inputs.device))
        wanted = asked_classes(label, outputs, task=task, classes=classes)
        chosen.append(wanted.cpu())
        shares.append(score_of(task.activation(outputs.float()), wanted).cpu())
        maps.append(look(inputs, wanted).detach().cpu())
        if control is not None:
            control.advance()
    numbers, given = torch.cat(chosen).tolist(), torch.cat(shares).tolist()
    plain = task.name == "number"
    return HeatMaps(
        asked.inputs.cpu(),
        torch.cat(maps),
        ["the number"] * len(given) if plain else [classes[number] for number in numbers],
        [None] * len(given) if plain else given,
        way=way,
        actual=_actual(asked.actual, classes),
        items=asked.items,
    )


def passes_of(asked: Asked) -> int:
    """How many times a few pictures are taken for all that were asked about.

    >>> passes_of(Asked(torch.zeros(17, 3, 1, 1)))
    2
    """
    return -(-len(asked.inputs) // TOGETHER)


def _actual(targets: Tensor | None, classes: Sequence[str]) -> list[str] | None:
    """The targets as classes; None where an item has not one."""
    if targets is None or targets.ndim != 1 or targets.is_floating_point():
        return None
    return [classes[number] for number in targets.tolist()]


def _in_range(pictures: Tensor) -> Tensor:
    """Pictures (N, 3, h, w) from 0 to 1; those that were normalised by themselves, stretched."""
    low, high = pictures.amin(), pictures.amax()
    if low < 0 or high > 1:
        pictures = (pictures - low) / (high - low)
    return pictures.expand(-1, 3, -1, -1) if pictures.shape[1] == 1 else pictures[:, :3]
