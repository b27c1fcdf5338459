"""How sharp a minimum is: the rise of the loss around it, and the largest curvature."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

import torch
from torch import Tensor

from tenfold.errors import ModelError
from tenfold.interpret.directions import Weights, random_direction
from tenfold.interpret.ground import Ground
from tenfold.interpret.landscape import Settings
from tenfold.tables import html_table, text_table
from tenfold.text import counted
from tenfold.train.control import Pass
from tenfold.train.passes import forward

__all__ = ["MOST_STEPS", "Sharpness", "largest_eigenvalue", "sharpness"]

# of power iteration: two or three digits of the eigenvalue
MOST_STEPS = 20


@dataclass(frozen=True, repr=False)
class Sharpness:
    """The rise of the loss at a distance from the weights, in several random directions.

    `rises` are, for each direction, the mean loss at `radius` before and behind the weights, less
    the `loss` at them. `eigenvalue` is the largest of the Hessian, when it was asked for.

    >>> Sharpness(loss=0.2, radius=0.5, rises=(1.0, 2.0, 6.0), items=64)
                                                     sharpness
    loss at the weights                                 0.2000
    its rise at a distance of 0.5, the median           2.0000
    the mean of 3 directions                            3.0000
    their lowest and highest                   1.0000 – 6.0000
    """

    loss: float
    radius: float
    rises: tuple[float, ...]
    items: int
    eigenvalue: float | None = None

    @property
    def rise(self) -> float:
        """The median over the directions: a single steep one does not decide."""
        return statistics.median(self.rises)

    @property
    def mean(self) -> float:
        """The mean over the directions."""
        return statistics.fmean(self.rises)

    @property
    def rows(self) -> list[list[str]]:
        """The table."""
        rows = [
            ["", "sharpness"],
            ["loss at the weights", f"{self.loss:.4f}"],
            [f"its rise at a distance of {self.radius:g}, the median", f"{self.rise:.4f}"],
            [f"the mean of {counted(len(self.rises), 'direction')}", f"{self.mean:.4f}"],
            ["their lowest and highest", f"{min(self.rises):.4f} – {max(self.rises):.4f}"],
        ]
        if self.eigenvalue is not None:
            rows.append(["largest eigenvalue of the Hessian", f"{self.eigenvalue:.4g}"])
        return rows

    @property
    def caption(self) -> str:
        """What was measured."""
        return f"filter-normalised directions, loss of {counted(self.items, 'item')}"

    def __repr__(self) -> str:
        return text_table(self.rows)

    def _repr_html_(self) -> str:
        return html_table(self.rows, caption=self.caption)


def sharpness(
    ground: Ground, settings: Settings, *, hessian: bool = False, control: Pass | None = None
) -> Sharpness:
    """Measure the rise at the radius, in the directions of the settings; see `random_direction`."""
    start, rises = ground.loss(control=control), []
    for number in range(settings.directions):
        direction = random_direction(ground.trained, seed=settings.seed + number)
        sides = [
            ground.loss((way * settings.radius, direction), control=control) for way in (1, -1)
        ]
        rises.append(statistics.fmean(sides) - start)
    ground.move()
    value = largest_eigenvalue(ground, seed=settings.seed, control=control) if hessian else None
    return Sharpness(start, settings.radius, tuple(rises), ground.items, value)


def largest_eigenvalue(
    ground: Ground,
    *,
    steps: int = MOST_STEPS,
    tolerance: float = 0.01,
    seed: int = 0,
    control: Pass | None = None,
) -> float:
    """The eigenvalue of the Hessian that is largest in size, by power iteration.

    Ends after `steps`, or when it changes by less than the share `tolerance`. Its size depends
    on how large the weights are, which normalised layers do not see: compare it between nets
    with care. Raises ModelError where torch cannot differentiate the model twice.
    """
    vector = _unit(_drawn(ground.trained, seed))
    value = math.inf
    for _ in range(steps):
        product = _times_hessian(ground, vector, control)
        before, value = value, _dot(vector, product)
        if abs(value - before) <= tolerance * abs(value) or not math.isfinite(value):
            break
        vector = _unit(product)
    return value


def _times_hessian(ground: Ground, vector: Weights, control: Pass | None) -> Weights:
    """The Hessian of the sample's loss times a direction (Pearlmutter 1994)."""
    trained = [one for name, one in ground.model.named_parameters() if name in vector]
    aimed, total = list(vector.values()), [torch.zeros_like(one) for one in trained]
    for inputs, targets in ground.batches:
        with torch.enable_grad():
            loss = ground.task.loss(forward(ground.model, inputs, ground.plan), targets)
            try:
                slopes = torch.autograd.grad(loss, trained, create_graph=True)
                along = sum(((s * v).sum() for s, v in zip(slopes, aimed)), loss.new_zeros(()))
                found = torch.autograd.grad(along, trained, materialize_grads=True)
            except RuntimeError as error:
                reason = str(error).splitlines()[0]
                raise ModelError(
                    f"torch cannot differentiate this model twice ({reason}); leave the Hessian "
                    "out: the rise of the loss needs no derivative"
                ) from error
        for sum_, one in zip(total, found):
            sum_ += one * (len(targets) / ground.items)
        if control is not None:
            control.advance()
    return dict(zip(vector, total))


def _drawn(weights: Weights, seed: int) -> Weights:
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(one.shape, generator=generator).to(one) for name, one in weights.items()
    }


def _unit(vector: Weights) -> Weights:
    length = math.sqrt(_dot(vector, vector))
    return {name: one / (length or 1.0) for name, one in vector.items()}


def _dot(first: Weights, second: Weights) -> float:
    parts: list[Tensor] = [(first[name] * second[name]).sum() for name in first]
    return float(torch.stack(parts).sum())
