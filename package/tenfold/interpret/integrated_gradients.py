"""What each pixel adds to a class's output, so that the parts add up to the whole.

Sundararajan et al. 2017, "Axiomatic attribution for deep networks",
https://arxiv.org/abs/1703.01365.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.interpret.inside import score_of, untouched

__all__ = ["integrated_gradients"]


def integrated_gradients(
    model: nn.Module, inputs: Tensor, classes: Tensor, *, steps: int = 50, baseline: float = 0.0
) -> Tensor:
    """The share of each number in the class's raw output, of the shape of `inputs`.

    They add up to what the output is above that of `baseline`, a picture of one grey between 0
    (black) and 1: the gradient is integrated on the straight line between both, at `steps`
    points by the rule of Gauss and Legendre. Raises SettingError for no step and for a baseline
    that is no grey.

    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(12, 2, bias=False))
    >>> x, first = torch.rand(1, 3, 2, 2), torch.tensor([0])
    >>> found = integrated_gradients(net, x, first, steps=2)
    >>> bool(torch.isclose(found.sum(), net(x)[0, 0]))
    True
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise SettingError(f"steps={steps!r} was given; allowed is 1 and above; try 50")
    if not 0 <= baseline <= 1:
        raise SettingError(f"baseline={baseline!r} was given; allowed is a grey from 0 to 1; try 0")
    places, weights = np.polynomial.legendre.leggauss(steps)
    with untouched(model):
        way = inputs - baseline
        total = torch.zeros_like(inputs)
        for place, weight in zip(places.tolist(), weights.tolist(), strict=True):
            # the rule is for -1 to 1, the way goes from 0 to 1
            point = (baseline + way * (place + 1) / 2).requires_grad_()
            score = score_of(model(point), classes).sum()
            total += torch.autograd.grad(score, point)[0] * weight / 2
        return total * way
