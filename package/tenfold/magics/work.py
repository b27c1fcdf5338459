"""How a magic hands its work to the worker thread, and how the main thread waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tenfold.learner import Learner
from tenfold.live.interrupts import IdleInterrupts
from tenfold.live.jobs import Job, jobs
from tenfold.live.output import parent_of, pinned
from tenfold.magics.settings import Tenfold

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["finished", "start", "synchronous", "wait_for"]

# seconds between two looks; an interrupt is noticed in between
POLL = 0.1

_INTERRUPTS: WeakKeyDictionary[InteractiveShell, IdleInterrupts] = WeakKeyDictionary()


def synchronous(shell: InteractiveShell) -> bool:
    """Whether the environment or %config asks that every job is waited for."""
    settings = next((one for one in shell.configurables if isinstance(one, Tenfold)), None)
    return (settings or Tenfold()).synchronous


def start(
    shell: InteractiveShell,
    work: Callable[[], Any],
    *,
    lines: list[str],
    learner: Learner,
    name: str,
    in_cell: bool = True,
    keep: bool = True,
    parent: Any = None,
) -> Job:
    """Put work in line as a job; its outputs go to the cell of `parent`, or the one that runs.

    Interrupts stop it while the kernel is idle.
    """
    parent = parent_of(shell) if parent is None else parent
    interrupts = interrupts_of(shell)

    job = jobs.submit(
        work,
        lines=lines,
        learner=learner,
        name=name,
        in_cell=in_cell,
        keep=keep,
        around=lambda: pinned(shell, parent),
    )
    if interrupts is not None:
        interrupts.watch()
    return job


def interrupts_of(shell: InteractiveShell) -> IdleInterrupts | None:
    """What listens for interrupts between cells; there is none outside a kernel."""
    kernel = getattr(shell, "kernel", None)
    if getattr(kernel, "io_loop", None) is None:
        return None
    if shell not in _INTERRUPTS:
        _INTERRUPTS[shell] = IdleInterrupts(kernel, jobs)
    return _INTERRUPTS[shell]


def finished(job: Job) -> Any:
    """The value of a job once it has ended; raises what ended it."""
    wait_for(job)
    return job.value()


def wait_for(job: Job) -> None:
    """Wait until a job has ended. An interrupt stops it at the next batch; a second one raises."""
    asked = False
    while True:
        try:
            while not job.wait(POLL):
                pass
            return
        except KeyboardInterrupt:
            if asked:
                raise
            asked = True
            job.stop("interrupted")
