"""An error or an interrupt between any two lines of something, and the state that is left."""

from __future__ import annotations

import random
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch

import tenfold
from tenfold.errors import TenfoldError
from tenfold.learner import Learner
from tenfold.train.trainer import fit

PACKAGE = str(Path(tenfold.__file__).parent)
# where the loop is, and what goes over batches: an error may come from any line of these
LOOP = ("trainer.py", "passes.py", "memory.py", "tta.py", "precompute.py", "predictor.py")
Act = Callable[[], None]


class Injected(Exception):
    """What is raised between two lines."""


def fail() -> None:
    raise Injected


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def interrupt_twice() -> None:
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)


class Lines:
    """Does `act` at line number `at` of what is run inside; counts the lines without it.

    `loop` looks at the files of the loop alone; else at every line of the package and of the
    contexts of Python that it uses, those too that put things back.
    """

    def __init__(self, *, act: Act | None = None, at: int = -1, loop: bool = False) -> None:
        self.count, self.where = 0, ""
        self._act, self._at, self._loop = act, at, loop

    def __enter__(self) -> Lines:
        self._before, self._hook = sys.gettrace(), sys.unraisablehook
        # what is raised while a generator is thrown away is dropped by Python, and told here
        sys.unraisablehook = lambda _: None
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: Any) -> None:
        sys.settrace(self._before)
        sys.unraisablehook = self._hook

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if self._loop:
            # `fit` enters what puts back and leaves it: no line of its own fails in between, and
            # Python guards none of them; interrupts are tried there too
            guard = frame.f_code is fit.__code__
            wanted = name.startswith(PACKAGE) and name.endswith(LOOP) and not guard
        else:
            wanted = name.startswith(PACKAGE) or name.endswith("contextlib.py")
        if not wanted:
            return None
        if event == "line" or (event == "call" and not self._loop):
            number, self.count = self.count, self.count + 1
            if number == self._at and self._act is not None:
                self.where = f"{Path(name).name}:{frame.f_lineno}"
                self._act()
        return self._trace


def state_of(learn: Learner) -> dict[str, Any]:
    """All that has to be what it was, but for what was learned."""
    modules, parameters = learn.model.modules(), list(learn.model.parameters())
    depth = torch.autocast_increment_nesting() - 1
    torch.autocast_decrement_nesting()
    return {
        "modes": [module.training for module in modules],
        "requires_grad": [parameter.requires_grad for parameter in parameters],
        "autocast": (torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"), depth),
        "grad mode": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "random": [random.getstate(), np.random.get_state()[1].tolist()],
        "torch's random": torch.get_rng_state().tolist(),
        "signals": signal.getsignal(signal.SIGINT),
        "tracing": torch.autograd.profiler._is_profiler_enabled,
    }


def weights_of(learn: Learner) -> dict[str, Any]:
    """What a rate finder promises to leave alone, besides."""
    state = learn._optimizer.state if learn._optimizer else {}
    slots = [
        {name: value.tolist() for name, value in state.get(one, {}).items()}
        for one in learn.model.parameters()
    ]
    weights = {name: value.tolist() for name, value in learn.model.state_dict().items()}
    return {"weights": weights, "slots": slots, "run": learn.run, "rows": len(learn.history)}


def wrong_after(
    learn: Learner, work: Callable[[Learner], Any], *, lines: Lines, exact: bool = False
) -> list[str]:
    """What is not what it was after `work` with what `lines` does; with `exact` weights count."""
    before = state_of(learn) | (weights_of(learn) if exact else {})
    kept: list[BaseException] = []
    try:
        with lines:
            work(learn)
    except (Injected, KeyboardInterrupt, TenfoldError) as error:
        kept.append(error)  # as a kernel keeps the last traceback
    after = state_of(learn) | (weights_of(learn) if exact else {})
    wrong = [name for name in before if before[name] != after[name]]
    try:
        learn._refuse_while_busy()
    except TenfoldError as error:
        wrong.append(str(error))
    kept.clear()
    again = state_of(learn)
    wrong += [f"{name} later" for name in again if again[name] != after[name]]
    return [f"{name} after {lines.where}" for name in wrong]


@contextmanager
def two_threads() -> Iterator[None]:
    """Another number of threads than a run sets, and no gradients: both have to come back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_num_threads(threads)
