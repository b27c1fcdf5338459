"""Fine-tuning: the head alone, then everything; a checkpoint of the first fit knows the second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tenfold.train.events import Callback
from tenfold.train.schedule import OneCycle

__all__ = ["ThenUnfrozen", "then_of"]


class ThenUnfrozen(Callback):
    """Says of a fit which one follows it: everything trains for `epochs`, from low to high rates.

    It does nothing while training; a checkpoint keeps what it says, so that a run that was killed
    in either fit goes on to the end of both.

    >>> ThenUnfrozen(3, rates=[1e-5, 1e-3], momentum=[0.95, 0.85]).schedule
    OneCycle(rise=0.3, divide=5.0, divide_end=100000.0, momentum=(0.95, 0.85))
    """

    def __init__(self, epochs: int, *, rates: Sequence[float], momentum: Sequence[float]) -> None:
        self.epochs, self.rates, self.momentum = epochs, list(rates), list(momentum)

    @property
    def schedule(self) -> OneCycle:
        """How the rate rises and falls."""
        high, low = self.momentum
        return OneCycle(rise=0.3, divide=5.0, momentum=(high, low))


def then_of(callbacks: Iterable[Callback]) -> dict[str, Any] | None:
    """What one of the callbacks says of the fit that follows, as JSON holds it."""
    found = [vars(one) for one in callbacks if isinstance(one, ThenUnfrozen)]
    return dict(found[0]) if found else None
