"""The pool of this process: one at a time, kept warm, ended with the process."""

from __future__ import annotations

import atexit
import threading

from tenfold.parallel.on_ray import RayPool
from tenfold.parallel.pool import Pool, Settings

__all__ = ["close_all", "pool_for"]

_POOLS: list[Pool] = []
_LOCK = threading.Lock()


def pool_for(settings: Settings) -> Pool:
    """A pool for a launch: a warm one, or a new one in the place of any other."""
    with _LOCK:
        for pool in list(_POOLS):
            if pool.settings.pool == settings.pool and pool.fresh:
                pool.hold()
                return pool
            pool.close()
            _POOLS.remove(pool)
        pool = _made(settings)
        _POOLS.append(pool)
    try:
        pool.gather()
    except BaseException:  # an interrupt too: half of a pool is none
        pool.close()
        raise
    return pool


def _made(settings: Settings) -> Pool:
    return RayPool(settings) if settings.on == "ray" else Pool(settings)


@atexit.register
def close_all() -> None:
    """End the processes of every pool."""
    with _LOCK:
        pools, _POOLS[:] = list(_POOLS), []
    for pool in pools:
        pool.close()
