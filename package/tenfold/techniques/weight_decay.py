"""Weight decay: every step pulls the weights a little towards zero, so that they stay small.

Two ways that are one for plain SGD and differ for the rest. **L2**, the older one (Krogh & Hertz
1991, "A simple weight decay can improve generalization", NeurIPS 4), adds decay / 2 times the sum
of squared weights to the loss, so decay * weight to the gradient: `sgd`, `adam` and `rmsprop` do
that. With Adam such a pull is divided by the size of the gradients like the rest, and large
gradients lose it. **Decoupled** decay (Loshchilov & Hutter 2019, arXiv:1711.05101) shrinks the
weights by lr * decay beside the step: `adamw`, which is the default.

It is a setting of every learner, `weight_decay=0.01`, and part of the optimizer, made in
`train/optim.py`. Biases, norms and other parameters of one dimension are not decayed: they bend
no function, and pulling them to zero only shifts its mean. In a few epochs of fine-tuning it
changes next to nothing: on the nursery 38.1 % right without, 38.0 at 0.01, 37.6 at 0.3 (three
seeds, six epochs); `%decays` shows where it matters.
"""

from __future__ import annotations

from torch import nn

from tenfold.train.events import Callback
from tenfold.train.optim import decays
from tenfold.train.run import Run

__all__ = ["SquaredWeights", "decayed", "squared_weights"]


class SquaredWeights(Callback):
    """Writes the sum of the squared weights into the row of every epoch, as `squared_weights`.

    >>> watch = SquaredWeights()
    """

    def after_epoch(self, run: Run) -> None:
        run.row["squared_weights"] = squared_weights(run.model)


def decayed(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that weight decay pulls at, by name.

    >>> list(decayed(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))))
    ['0.weight']
    """
    return {name: value for name, value in model.named_parameters() if decays(value)}


def squared_weights(model: nn.Module) -> float:
    """The sum of the squares of all decayed weights: how complex the function may be.

    >>> model = nn.Linear(2, 1)
    >>> _ = nn.init.constant_(model.weight, 3.0)
    >>> squared_weights(model)
    18.0
    """
    return float(sum(value.detach().float().square().sum() for value in decayed(model).values()))
