"""What follows the body: concat pooling without parameters, and the head that is trained first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from tenfold.errors import SettingError
from tenfold.text import counted


class ConcatPool(nn.Module):
    """The largest and the mean value of each channel: [N, C, h, w] to [N, 2 * C].

    >>> ConcatPool()(torch.tensor([[[[1.0, 3.0]]]]))
    tensor([[3., 2.]])
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)


def create_head(
    inputs: int,
    outputs: int,
    *,
    dropout: float | Sequence[float] = 0.5,
    hidden: Sequence[int] = (512,),
    seed: int = 0,
    norm: Callable[[int], nn.Module] = nn.BatchNorm1d,
) -> nn.Sequential:
    """Pooled features [N, inputs] to raw logits [N, outputs].

    Batch norm, dropout and a linear layer for each hidden width, with ReLU between them, then
    the same once more for the outputs. One `dropout` p means p / 2 before the hidden layers and
    p before the last; a sequence gives each layer its own. `norm` makes another normalisation.
    The weights are Kaiming's (He et al. 2015, https://arxiv.org/abs/1502.01852), from `seed`; the
    global random numbers stay as they are. Raises SettingError for rates outside 0 <= p < 1 and
    for widths below 1.

    >>> [type(layer).__name__ for layer in create_head(8, 2, hidden=())]
    ['BatchNorm1d', 'Dropout', 'Linear']
    """
    widths = [_width(width) for width in (inputs, *hidden, outputs)]
    rates = dropout_rates(dropout, len(widths) - 1)
    generator = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for place, rate in enumerate(rates):
        last = place == len(rates) - 1
        linear = _linear(widths[place], widths[place + 1], bias=last, generator=generator)
        layers += [norm(widths[place]), nn.Dropout(rate), linear]
        if not last:
            layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def dropout_rates(dropout: float | Sequence[float], layers: int) -> list[float]:
    """The rate of each of the head's linear layers, the last one's last.

    >>> dropout_rates(0.5, 2), dropout_rates([0.1, 0.2], 2)
    ([0.25, 0.5], [0.1, 0.2])
    """
    if isinstance(dropout, str) or not isinstance(dropout, int | float | Sequence):
        raise SettingError(_refused(dropout, layers))
    if isinstance(dropout, Sequence):
        rates = list(dropout)
    else:
        rates = [dropout / 2] * (layers - 1) + [dropout]
    if len(rates) != layers or not all(_is_rate(rate) for rate in rates):
        raise SettingError(_refused(dropout, layers))
    return [float(rate) for rate in rates]


def _is_rate(rate: object) -> bool:
    return isinstance(rate, int | float) and not isinstance(rate, bool) and 0 <= rate < 1


def _refused(dropout: object, layers: int) -> str:
    return (
        f"dropout={dropout!r} was given; allowed is one number p with 0 <= p < 1, or a list of "
        f"{counted(layers, 'such number')}, one for each layer of the head; try dropout=0.5"
    )


def _width(width: int) -> int:
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        raise SettingError(
            f"a layer of the head with {width!r} outputs was asked for; allowed is a whole number "
            "from 1; check outputs= and hidden="
        )
    return width


def _linear(inputs: int, outputs: int, *, bias: bool, generator: torch.Generator) -> nn.Linear:
    linear = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)
    nn.init.kaiming_normal_(linear.weight, nonlinearity="relu", generator=generator)
    if bias:
        nn.init.zeros_(linear.bias)
    return linear
