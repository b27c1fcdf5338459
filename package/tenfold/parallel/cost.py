"""What more processes should gain: a model, for machines that nobody has measured here."""

from __future__ import annotations

from tenfold.errors import SettingError

__all__ = ["speed_up"]


def speed_up(
    ranks: int,
    *,
    seconds: float,
    weights: int,
    bandwidth: float,
    latency: float = 0.0,
    hidden: float = 0.0,
) -> float:
    """How many times faster `ranks` processes are than one, at the same batch size altogether.

    A step of one process takes `seconds`, of which each rank does its share. Then the gradients of
    `weights` float32 numbers are summed in a ring: 2 (n - 1) messages of 1/n of them each
    (Patarasuk & Yuan 2009), over links of `bandwidth` bytes a second, with `latency` seconds to a
    message. DistributedDataParallel sums while it still goes backward: the share `hidden` of the
    time of a step, 0 to 1, covers as much of the sum.

    The model knows nothing of data that come too slowly, of small batches that a GPU does not
    fill, or of ranks that wait for the slowest one: it is a bound and not a promise.

    >>> round(speed_up(2, seconds=0.1, weights=25_000_000, bandwidth=1e10), 2)
    1.67
    """
    if ranks < 1 or not 0 <= hidden <= 1 or min(seconds, bandwidth) <= 0 or latency < 0:
        raise SettingError(
            f"ranks={ranks}, seconds={seconds}, bandwidth={bandwidth}, latency={latency} and "
            f"hidden={hidden} were given; allowed are numbers above 0, ranks from 1, a latency "
            "from 0 and a share from 0 to 1"
        )
    own = seconds / ranks
    messages = 2 * (ranks - 1)
    summed = messages * (latency + 4 * weights / ranks / bandwidth)
    return seconds / (own + max(0.0, summed - hidden * own))
