"""`learn.launch(2)`: the training methods of a learner, on several processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from types import TracebackType
from typing import Any

import torch

from tenfold.errors import SettingError
from tenfold.learner import Learner
from tenfold.parallel.follow import Followed, follow
from tenfold.parallel.pool import Settings
from tenfold.text import did_you_mean, listed
from tenfold.train.run import Run

__all__ = ["METHODS", "PLACES", "Launch", "read_settings"]

METHODS = ("fit", "fit_one_cycle", "fit_sgdr", "fine_tune", "resume")
"""What can be launched."""
PLACES = ("local", "ray")
"""Where ranks can be: on this machine, or on a cluster of Ray's."""


def read_settings(
    processes: int | None = None,
    *,
    sync_batchnorm: bool = False,
    on: str = "local",
    restarts: int = 3,
) -> Settings:
    """The settings of a launch, checked."""
    count = cores() if processes is None else processes
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise SettingError(f"processes={processes!r} was given; allowed is 1 and above; try 2")
    if on not in PLACES:
        hint = did_you_mean(str(on), PLACES)
        raise SettingError(f"on={on!r} was given; allowed is {listed(PLACES)}{hint}")
    if isinstance(restarts, bool) or not isinstance(restarts, int) or restarts < 0:
        raise SettingError(f"restarts={restarts!r} was given; allowed is 0 and above; try 3")
    if processes is None and torch.cuda.is_available():
        count = torch.cuda.device_count()
    return Settings(count, sync_batchnorm=bool(sync_batchnorm), on=on, restarts=restarts)


class Launch:
    """The training methods of `learner`, carried out by several processes.

    `learn.launch(2).fit(3)` is one fit; `with learn.launch(2):` holds for every fit inside.
    """

    def __init__(self, learner: Learner, settings: Settings) -> None:
        self._learner, self._settings = learner, settings
        self._before: list[Any] = []

    def __repr__(self) -> str:
        return f"{self._learner!r} on {self._settings.processes} processes"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in METHODS:
            raise AttributeError(f"{name} cannot be launched; what can is {listed(METHODS)}")
        method = getattr(self._learner, name)

        @wraps(method)
        def launched(*values: Any, **settings: Any) -> Any:
            with self:
                return method(*values, **settings)

        return launched

    def __dir__(self) -> list[str]:
        return list(METHODS)

    def __enter__(self) -> Learner:
        self._before.append(vars(self._learner).get("engine"))
        self._learner.engine = self._train  # type: ignore[method-assign]
        return self._learner

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        before = self._before.pop()
        if before is None:
            del self._learner.engine
        else:
            self._learner.engine = before  # type: ignore[method-assign]

    def _train(self, run: Run) -> Run:
        """What the learner calls in the place of the loop."""
        learner, settings = self._learner, on_its_device(self._settings, run)
        stay = [*learner.observers, learner.reporter]
        here = [one for one in run.callbacks if one in stay]
        run.plan = replace(run.plan, threads=settings.threads)
        followed = Followed.of(run, here)
        learner.run = followed
        return follow(followed, settings)


def on_its_device(settings: Settings, run: Run) -> Settings:
    """The settings for the device and the threads of a run."""
    kind = run.device.type
    if kind == "cuda" and settings.on == "local" and settings.processes > torch.cuda.device_count():
        raise SettingError(
            f"{settings.processes} processes were asked for, and there are "
            f"{torch.cuda.device_count()} GPUs; each process needs its own; ask for as many"
        )
    threads = max(1, min(run.plan.threads, cores() // settings.processes))
    return replace(settings, kind=kind, threads=threads)


def cores() -> int:
    """The processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
