"""What is killed: a short training of the bundled net on seedlings, in a process of its own."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from tenfold import samples, vision_learner
from tenfold.learner import Learner
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.techniques.keep_best import KeepBest
from tenfold.train.checkpoint import write_file
from tenfold.train.events import Callback
from tenfold.train.run import Run

SAVING = "a checkpoint is written"
# bytes in which a training says where it is; they outlive its process
NOTE = 64


@dataclass(frozen=True)
class Case:
    """One way to train."""

    schedule: str
    precompute: bool
    precision: str

    def __str__(self) -> str:
        stored = "precompute" if self.precompute else "pictures"
        return f"{self.schedule}, {stored}, {self.precision}"


CASES = [
    Case(schedule, precompute, precision)
    for schedule in ("sgdr", "one_cycle", "fine_tune")
    for precompute in (True, False)
    for precision in ("float32", "bfloat16")
]


def make_learner(case: Case) -> Learner:
    """The learner of a case: few pictures, so that a run takes a few seconds."""
    augment: dict[str, Any] = {"augment": None} if case.precompute else {}
    data = samples.seedlings(pictures=240, size=32, batch_size=8, **augment)
    learn = vision_learner(
        data, "nano", precompute=case.precompute, quiet=True, device="cpu", seed=3
    )
    learn.plan(precision=case.precision, channels_last=False, threads=1)
    if not case.precompute:
        learn.unfreeze()
    return learn


def train(case: Case, place: Path, *, checkpoints: bool = True) -> None:
    """Train, or go on with what was killed; then write all that there is to compare."""
    learn = make_learner(case)
    learn.callbacks.append(Where(place / "where"))
    folder = place / "run"
    if checkpoints and any(folder.glob("checkpoint-*.safetensors")):
        learn.resume(folder, callbacks=[KeepBest()])
    else:
        begin(learn, case, Checkpoints(folder, minutes=0) if checkpoints else None)
    predictions, targets = learn.predictions()
    history = learn.history
    tensors = {name: value for name, value in learn.model.state_dict().items()}
    tensors |= {"predictions": predictions, "targets": targets}
    tensors["losses"] = torch.from_numpy(history.losses)
    tensors["rates"] = torch.from_numpy(history.rates)
    rows = [{name: row[name] for name in row if name != "seconds"} for row in history.rows]
    header = {"rows": rows, "marks": history.marks}
    write_file(place / "result", tensors, kind="result", header=header)


def begin(learn: Learner, case: Case, checkpoint: Checkpoints | None) -> None:
    """The fit of a case."""
    more: dict[str, Any] = {"callbacks": [KeepBest()], "checkpoint": checkpoint}
    epochs = 8 if case.precompute else 1
    if case.schedule == "fine_tune":
        learn.fine_tune(2, 1e-2, freeze_epochs=epochs, **more)
    elif case.schedule == "sgdr":
        learn.fit_sgdr(2, "1e-3:1e-2", cycle_len=epochs, cycle_mult=2, snapshots=True, **more)
    else:
        learn.fit_one_cycle(3 * epochs, "1e-3:1e-2", clip=1.0, **more)


class Where(Callback):
    """Says in a file that outlives the process at which moment of which step it is."""

    def __init__(self, file: Path) -> None:
        with file.open("wb") as opened:
            opened.write(b" " * NOTE)
        with file.open("r+b") as opened:
            self._note = mmap.mmap(opened.fileno(), NOTE)

    def _say(self, moment: str, run: Run) -> None:
        self._note[:NOTE] = f"{moment} {run.step}".ljust(NOTE).encode()

    def before_fit(self, run: Run) -> None:
        self._say("begin", run)

    def before_epoch(self, run: Run) -> None:
        self._say("epoch begins", run)

    def before_batch(self, run: Run) -> None:
        self._say("forward and backward", run)

    def after_backward(self, run: Run) -> None:
        self._say("optimizer step", run)

    def after_step(self, run: Run) -> None:
        self._say("between batches", run)

    def before_validate(self, run: Run) -> None:
        self._say("validation", run)

    def after_epoch(self, run: Run) -> None:
        self._say("epoch ends", run)

    def after_fit(self, run: Run) -> None:
        self._say("end", run)


def where(place: Path) -> str:
    """The moment at which a training is, or was last seen."""
    if any(name.endswith(".part") for name in listdir(place / "run")):
        return SAVING
    try:
        return (place / "where").read_text().strip().rpartition(" ")[0] or "before the fit"
    except OSError:
        return "before the fit"


def listdir(folder: Path) -> list[str]:
    """The names in a folder; none when there is no folder."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


@contextmanager
def child(case: Case, place: Path, *, checkpoints: bool = True) -> Iterator[int]:
    """A process that trains, by its number; forked, because importing torch takes longer.

    Nothing was computed before, so no thread of OpenMP is missing in it.
    """
    place.mkdir(parents=True, exist_ok=True)
    number = os.fork()
    if number == 0:
        try:
            train(case, place, checkpoints=checkpoints)
            os._exit(0)
        except BaseException as error:
            words = json.dumps({"case": asdict(case), "error": repr(error)})
            (place / "error").write_text(words)
            os._exit(1)
    yield number
