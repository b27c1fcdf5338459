"""A Python file as one of the ranks that torchrun has started: every process runs all of it.

Its fits train together. Rank 0 prints and writes files; the others keep silent.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
import torch.distributed as dist

from tenfold.device import default_device
from tenfold.learner import Learner
from tenfold.parallel.group import Group, join
from tenfold.parallel.ranked import RankRun
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.techniques.taking_up import Found
from tenfold.train.run import Run
from tenfold.train.trainer import fit

__all__ = ["run_script"]


def run_script(file: Path, words: Sequence[str] = (), *, sync_batchnorm: bool = False) -> int:
    """Run `file` with `words` as its arguments; under torchrun, as one rank of several.

    Its exit status: what ended it is on stderr, with the traceback of this rank. A rank does not
    come back: its process ends here.
    """
    if "RANK" in os.environ:
        leave(run_here(file, words, ranked(sync_batchnorm)))
    return run_here(file, words, contextlib.nullcontext())


def leave(status: int) -> NoReturn:
    """End this process at once, after what was registered for its end.

    Torn down in the usual way, threads of torch's have aborted a rank that had done all its work.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run_here(
    file: Path, words: Sequence[str], ranks: contextlib.AbstractContextManager[None]
) -> int:
    """Run `file` in this process; its exit status."""
    sys.argv = [str(file), *words]
    sys.path.insert(0, str(file.resolve().parent))
    try:
        with ranks:
            runpy.run_path(str(file), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def ranked(sync_batchnorm: bool) -> Iterator[None]:
    """Make every fit of this process the share of its rank."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    group = join("cuda" if default_device().type == "cuda" else "cpu")

    def engine(learner: Learner, run: Run) -> Run:
        return train(learner, run, group, sync_batchnorm=sync_batchnorm)

    before = Learner.engine, Learner.save, Learner.export
    Learner.engine = engine  # type: ignore[assignment, method-assign]
    Learner.save = waiting(Learner.save, group)  # type: ignore[method-assign]
    Learner.export = waiting(Learner.export, group)  # type: ignore[method-assign]
    said = sys.stdout if group.leads else io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            yield
        dist.destroy_process_group()
    finally:
        Learner.engine = staticmethod(before[0])  # type: ignore[method-assign]
        Learner.save, Learner.export = before[1:]  # type: ignore[method-assign]


def train(learner: Learner, run: Run, group: Group, *, sync_batchnorm: bool) -> Run:
    """A fit of the script; after torchrun has begun anew it goes on from the last checkpoint.

    What a later fit of the script has taken the folder for is trained once more, unwritten.
    """
    values, writes = run.parts, group.leads
    writer = next((one for one in run.callbacks if isinstance(one, Checkpoints)), None)
    began_anew = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0
    if began_anew and writer is not None and run.place is None and writer.folder.unfinished():
        found = Found.of(writer.folder)
        place = found.place
        if place.first_epoch > run.first_epoch:
            writes = False
        elif place.first_epoch == run.first_epoch:  # else it is of a fit before this one
            found.restore(run.model, run.optimizer)
            learner.history = found.history
            values.update(place=place, history=found.history, base_rates=place.base_rates)
            writer.known_as(**found.identity)
    if not writes:
        values["callbacks"] = [one for one in run.callbacks if not isinstance(one, Checkpoints)]
    learner.run = ours = RankRun(**values, group=group, sync_batchnorm=sync_batchnorm)
    return fit(ours)


def waiting(method: Callable[[Learner, Any], Path], group: Group) -> Callable[..., Path]:
    """A method that writes a file, on which no rank goes on before the file is there."""

    def both(learner: Learner, path: Any) -> Path:
        written = method(learner, path)
        group.wait()
        return written

    return both
