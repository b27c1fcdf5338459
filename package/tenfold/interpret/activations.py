"""How the layers of a model behave: mean and spread of what they give, and units that are dead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tenfold.errors import DataError, ModelError
from tenfold.figures import COLOURS, GREY, quiet, showable
from tenfold.interpret.inside import hooked, untouched
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.control import Pass
from tenfold.train.passes import predict_batches
from tenfold.train.plan import Plan
from tenfold.train.training_file import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Activations", "LayerActivations", "activations"]

# names that are nearer to each other than this cannot be read
MOST_NAMES = 30


@dataclass(frozen=True)
class LayerActivations:
    """One layer over a pass: mean and standard deviation of its outputs, and its units.

    A unit is a channel of maps, or a number of a vector. `dead` of the `units` gave the same
    number for every item at every place, as a ReLU does that never opens.

    >>> LayerActivations("0", "ReLU", mean=0.4, std=0.6, units=8, dead=2).share
    0.25
    """

    name: str
    kind: str
    mean: float
    std: float
    units: int
    dead: int

    @property
    def share(self) -> float:
        """The share of units that are dead."""
        return self.dead / max(self.units, 1)


@dataclass(frozen=True, eq=False, repr=False)
class Activations:
    """The layers of a model in the order in which they work, over `items` items.

    >>> Activations((LayerActivations("0", "ReLU", 0.4, 0.6, 8, 2),), 100)
    1 layer over 100 items; 2 of 8 units are dead, all in 1 layer
    layer  kind   mean    std  units  dead
    0      ReLU  0.400  0.600      8     2
    """

    layers: tuple[LayerActivations, ...]
    items: int

    def __len__(self) -> int:
        return len(self.layers)

    @property
    def summary(self) -> str:
        """How many units are dead, and where most of them are, in words."""
        units, dead = (sum(getattr(one, what) for one in self.layers) for what in ("units", "dead"))
        over = f"{counted(len(self), 'layer')} over {counted(self.items, 'item')}"
        if not dead:
            return f"{over}; none of {units:,} units is dead"
        places = [one for one in self.layers if one.dead]
        worst = max(places, key=lambda one: one.share)
        where = (
            f"all in {counted(1, 'layer')}"
            if len(places) == 1
            else f"in {counted(len(places), 'layer')}, the largest share, {worst.share:.0%}, in "
            f"{worst.name}"
        )
        verb = "is" if dead == 1 else "are"
        return f"{over}; {dead:,} of {units:,} units {verb} dead, {where}"

    @property
    def words(self) -> str:
        """What `plot` shows, for who cannot see it."""
        return (
            f"the mean of each of {counted(len(self), 'layer')} with a band of one standard "
            "deviation, and the share of dead units"
        )

    @property
    def table(self) -> list[list[str]]:
        """A row for each layer, a header first."""
        rows = [
            [one.name, one.kind, f"{one.mean:.3f}", f"{one.std:.3f}", f"{one.units:,}",
             f"{one.dead:,}"]
            for one in self.layers
        ]  # fmt: skip
        return [["layer", "kind", "mean", "std", "units", "dead"], *rows]

    def plot(self) -> Figure:
        """Mean and spread layer by layer, and below the share of dead units."""
        from matplotlib.figure import Figure

        width = min(10.0, 3 + 0.2 * len(self))
        figure = Figure(figsize=(width, 5), layout="constrained", facecolor="none")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        places = range(len(self))
        means = [one.mean for one in self.layers]
        low, high = ([one.mean + sign * one.std for one in self.layers] for sign in (-1, 1))
        above.fill_between(places, low, high, color=COLOURS[0], alpha=0.25, linewidth=0)
        above.plot(places, means, color=COLOURS[0], marker="o", markersize=3)
        above.axhline(0, color=GREY, linewidth=0.5)
        above.set_ylabel("mean ± std")
        below.bar(places, [100 * one.share for one in self.layers], color=COLOURS[5])
        below.set_ylabel("dead units, %")
        below.set_ylim(0, max(5.0, 1.1 * max((100 * one.share for one in self.layers), default=0)))
        step = -(-len(self) // MOST_NAMES)
        names = [one.name for one in self.layers][::step]
        below.set_xticks(places[::step], names, rotation=90, fontsize=8, parse_math=False)
        for axes in (above, below):
            quiet(axes)
        return showable(figure)

    def __repr__(self) -> str:
        return f"{self.summary}\n{text_table(self.table)}"

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary)


@dataclass
class _Sums:
    """What has to be added up to know a layer; on the device, in double precision where it can."""

    kind: str
    count: int = 0
    moments: Tensor = field(default_factory=lambda: torch.zeros(2))
    ends: tuple[Tensor, Tensor] | None = None

    def add(self, output: Tensor) -> None:
        values = output.detach().float()
        # a channel is a unit wherever it looks; tokens and vectors have theirs at the end
        units = values.movedim(1, -1) if values.ndim == 4 else values
        rows = units.reshape(-1, units.shape[-1])
        low, high = rows.aminmax(dim=0)
        if self.ends is not None:
            low, high = torch.minimum(low, self.ends[0]), torch.maximum(high, self.ends[1])
        self.ends = low, high
        sums = torch.stack([rows.sum(dtype=torch.float64), rows.double().square().sum()])
        self.moments = self.moments.to(sums) + sums
        self.count += rows.numel()

    def told(self, name: str) -> LayerActivations:
        assert self.ends is not None
        mean, square = (self.moments / self.count).tolist()
        dead = int((self.ends[0] == self.ends[1]).sum())
        spread = max(square - mean**2, 0.0) ** 0.5
        return LayerActivations(name, self.kind, mean, spread, len(self.ends[0]), dead)


def activations(
    model: nn.Module, data: Any, *, plan: Plan, control: Pass | None = None
) -> Activations:
    """Run `data` through the model once and look at every layer that has no layers inside.

    A layer that works more than once has a row for each time: "relu", "relu (2)". Layers whose
    outputs are no numbers are left out. The model stays as it was. Raises DataError for data
    without an item, ModelError for a model without layers.

    >>> net = nn.Sequential(nn.Linear(2, 4), nn.ReLU())
    >>> found = activations(net, [(torch.rand(8, 2), torch.zeros(8))], plan=Plan(threads=1))
    >>> [layer.units for layer in found.layers]
    [4, 4]
    """
    names = {
        layer: name for name, layer in model.named_modules() if name and not any(layer.children())
    }
    if not names:
        raise ModelError(
            f"{name_of(model)} is one layer, so there is nothing inside to look at; give a model "
            "made of layers, as nn.Sequential(...)"
        )
    sums, times, items = dict[str, _Sums](), Counter[nn.Module](), 0

    def look(layer: nn.Module, given: Any, output: Any) -> None:
        if not isinstance(output, Tensor) or not output.is_floating_point() or output.ndim < 2:
            return
        times[layer] += 1
        name = names[layer] if times[layer] == 1 else f"{names[layer]} ({times[layer]})"
        sums.setdefault(name, _Sums(type(layer).__name__)).add(output)

    def use(outputs: Tensor, targets: Tensor) -> None:
        nonlocal items
        items += len(outputs)
        times.clear()

    with untouched(model), hooked(dict.fromkeys(names, look)):
        predict_batches(model, data, use=use, plan=plan, control=control)
    if not items:
        raise DataError("there is nothing to look at: the data gave no batch; check the set")
    return Activations(tuple(one.told(name) for name, one in sums.items()), items)
