"""A net with one hidden layer, fitted to a curve, and taken apart into bumps.

Cybenko 1989, "Approximation by superpositions of a sigmoidal function", Mathematics of Control,
Signals and Systems 2; Hornik 1991, "Approximation capabilities of multilayer feedforward
networks", Neural Networks 4(2), for any other activation that is not a polynomial.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["ACTIVATIONS", "HiddenLayer", "fitted"]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}
# how steep a step is beside the distance to the next: less and they blur, more and they jump
STEEP = 4.0


class HiddenLayer(nn.Module):
    """`width` units over one input (N,), added up to one output (N,), in double precision.

    Its units begin evenly spread over 0 to 1, so that no random number is drawn.
    """

    def __init__(self, width: int, activation: str) -> None:
        super().__init__()
        slope = 1.0 if activation == "relu" else STEEP * width
        places = torch.linspace(0, 1, width + 1, dtype=torch.float64)
        # a ReLU bends where it begins, a step lies in the middle of its part
        kinks = places[:-1] if activation == "relu" else (places[:-1] + places[1:]) / 2
        self.activation = activation
        self.weight = nn.Parameter(torch.full((width,), slope, dtype=torch.float64))
        self.bias = nn.Parameter(-slope * kinks)
        self.out = nn.Parameter(torch.zeros(width, dtype=torch.float64))
        self.level = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def units(self, inputs: Tensor) -> Tensor:
        """What each unit says (N, width), before it is weighted."""
        return ACTIVATIONS[self.activation](inputs[:, None] * self.weight + self.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.units(inputs) @ self.out + self.level

    @property
    def kinks(self) -> Tensor:
        """Where each unit bends, or steps (width,)."""
        return -self.bias / self.weight

    @torch.no_grad()
    def bumps(self, inputs: Tensor) -> Tensor:
        """The output over 0 to 1 as a sum of bumps (N, bumps), each of neighbouring units.

        Of ReLUs a bump is a triangle between three kinks; of steps, one that is taken back at the
        next.
        """
        if self.activation == "relu":
            ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
            inside = self.kinks[(self.kinks > 0) & (self.kinks < 1)]
            knots = torch.cat([ends, inside]).unique()
            return triangles(inputs, knots) * self(knots)
        order = self.kinks.argsort()
        steps = self.units(inputs)[:, order]
        heights = self.out[order].cumsum(0) + self.level
        before = self.level.expand(len(inputs), 1) * (1 - steps[:, :1])
        last = heights[-1] * steps[:, -1:]
        return torch.cat([before, heights[:-1] * (steps[:, :-1] - steps[:, 1:]), last], dim=1)


def triangles(inputs: Tensor, knots: Tensor) -> Tensor:
    """For each of the rising `knots` a triangle (N, knots): 1 there, 0 at its neighbours.

    >>> triangles(torch.tensor([0.25]), torch.tensor([0.0, 0.5, 1.0])).tolist()
    [[0.5, 0.5, 0.0]]
    """
    place = (torch.bucketize(inputs, knots, right=True) - 1).clamp(0, len(knots) - 2)
    share = (inputs - knots[place]) / (knots[place + 1] - knots[place])
    found = torch.zeros(len(inputs), len(knots), dtype=inputs.dtype)
    rows = torch.arange(len(inputs))
    found[rows, place] = 1 - share
    found[rows, place + 1] = share
    return found


def fitted(
    inputs: Tensor,
    wanted: Tensor,
    *,
    width: int,
    activation: str,
    steps: int,
    narrower: HiddenLayer | None = None,
) -> HiddenLayer:
    """A net of this width whose output layer is solved for, and that is then trained as a whole.

    Trained by L-BFGS on the squared error, `steps` steps at most. It begins with its units evenly
    spread and, where there is a `narrower` net, also as that net with more units: the better of
    both is kept, so that more units never fit worse.
    """
    starts = [HiddenLayer(width, activation)]
    if narrower is not None:
        starts.append(widened(narrower, width))
    for net in starts:
        solve(net, inputs, wanted)
        train(net, inputs, wanted, steps=steps)
    return min(starts, key=lambda net: error_of(net, inputs, wanted))


@torch.no_grad()
def widened(narrower: HiddenLayer, width: int) -> HiddenLayer:
    """The units of a narrower net and the first of an even spread, which add nothing as yet."""
    net = HiddenLayer(width, narrower.activation)
    old = len(narrower.out)
    fresh = HiddenLayer(width - old, narrower.activation)
    net.weight.copy_(torch.cat([narrower.weight, fresh.weight]))
    net.bias.copy_(torch.cat([narrower.bias, fresh.bias]))
    net.out[:old].copy_(narrower.out)
    net.level.copy_(narrower.level)
    return net


@torch.no_grad()
def solve(net: HiddenLayer, inputs: Tensor, wanted: Tensor) -> None:
    """Give the output layer the weights with the least squared error, where that is an advance."""
    units = torch.cat([net.units(inputs), torch.ones_like(inputs)[:, None]], dim=1)
    solved = torch.linalg.lstsq(units, wanted[:, None], driver="gelsd").solution[:, 0]
    if (units @ solved - wanted).square().mean() < error_of(net, inputs, wanted):
        net.out.copy_(solved[:-1])
        net.level.copy_(solved[-1:])


@torch.enable_grad()
def train(net: HiddenLayer, inputs: Tensor, wanted: Tensor, *, steps: int) -> None:
    """Train every weight; each step of L-BFGS makes the error smaller."""
    if not steps:
        return
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        error = (net(inputs) - wanted).square().mean()
        error.backward()
        return error

    optimizer.step(loss)


@torch.no_grad()
def error_of(net: HiddenLayer, inputs: Tensor, wanted: Tensor) -> float:
    """The mean squared error."""
    return float((net(inputs) - wanted).square().mean())
