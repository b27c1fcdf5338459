"""Taking up a run that another process began: find its checkpoint, compare, put all back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.data.likeness import described, differences
from tenfold.errors import FileError, TenfoldError
from tenfold.techniques.checkpoints import Checkpoints
from tenfold.techniques.clip_gradient import ClipGradient
from tenfold.techniques.fine_tune import ThenUnfrozen
from tenfold.techniques.replay import Replay
from tenfold.techniques.snapshots import CycleSnapshots
from tenfold.text import listed
from tenfold.train.events import Callback
from tenfold.train.history import History
from tenfold.train.optim import make_optimizer
from tenfold.train.place import (
    Place,
    read_history,
    read_place,
    read_plan,
    read_schedule,
    restore_model,
    restore_optimizer,
    stateful,
)
from tenfold.train.plan import Plan
from tenfold.train.run_folder import RunFolder
from tenfold.train.schedule import Schedule
from tenfold.train.state import tensors_of
from tenfold.train.task import Task
from tenfold.train.training_file import name_of, set_trained
from tenfold.train.tuned import tuned

__all__ = ["Found", "about", "asked_for", "extras"]


def about(
    model: nn.Module, data: Any, *, task: Task, plan: Plan, precompute: bool
) -> dict[str, Any]:
    """What a checkpoint says of its learner, to know one made alike again."""
    return {
        "model": name_of(model),
        "data": described(data),
        "tuned": tuned(task),
        "precompute": precompute,
        "plan": asdict(plan),
        "torch": torch.__version__,
    }


def asked_for(clip: float | None, changes: Any, stop_at: int | None) -> dict[str, Any]:
    """The settings of a fit that become callbacks, as JSON holds them."""
    asked = {"clip": clip, "changes": list(changes), "stop_at": stop_at}
    return {**asked, "cycles": None, "then": None}


def extras(asked: dict[str, Any]) -> tuple[list[Callback], list[Callback]]:
    """The callbacks that these settings become: those before the user's own, and those after."""
    clip, changes, stop_at = asked["clip"], asked["changes"], asked["stop_at"]
    before: list[Callback] = [] if clip is None else [ClipGradient(clip)]
    after: list[Callback] = [] if asked["cycles"] is None else [CycleSnapshots(asked["cycles"])]
    if then := asked.get("then"):  # an older Tenfold's checkpoint has no such word
        after.append(ThenUnfrozen(**then))
    if changes or stop_at is not None:
        after.append(Replay([(s, rate, group) for s, rate, group in changes], stop_at=stop_at))
    return before, after


@dataclass
class Found:
    """The newest checkpoint of a folder, read and not yet used."""

    file: Path
    tensors: dict[str, Tensor]
    words: dict[str, Any]
    place: Place
    history: History
    schedule: Schedule
    plan: Plan
    whole_plan: Plan

    @classmethod
    def of(cls, folder: RunFolder) -> Found:
        """Read it; raises FileError where there is none, or none that can be read."""
        file, tensors, words = folder.newest()
        try:
            return cls(
                file,
                tensors,
                words,
                read_place(words, tensors),
                read_history(words, tensors),
                read_schedule(words, tensors),
                read_plan(words["run"]["plan"]),
                read_plan(words["about"]["plan"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FileError(
                f"{file} has not what a checkpoint has ({error}); it was written by another "
                "version of Tenfold; use that one to go on"
            ) from error

    def check(self, model: nn.Module, data: Any, *, callbacks: Sequence[Callback]) -> None:
        """Refuse a learner that is not the one of the checkpoint, with all that differs."""
        then, run = self.words["about"], self.words["run"]
        differ = _models(model, self.tensors, then["model"])
        differ += differences(described(data), then["data"])
        if (now := _names(callbacks)) != run["callbacks"]:
            differ.append(
                f"callbacks with a state {listed(now) or 'none'} (it was "
                f"{listed(run['callbacks']) or 'none'})"
            )
        if differ:
            raise self._another(differ)

    def optimizer(
        self, model: nn.Module, *, make: Any, weight_decay: float
    ) -> torch.optim.Optimizer:
        """An optimizer as it was, still without its state; sets what is frozen in `model`."""
        before = [parameter.requires_grad for parameter in model.parameters()]
        try:
            set_trained(model, self.words["trains"])
            rates = self.place.base_rates
            made = make_optimizer(make, model, rates=rates, weight_decay=weight_decay)
            pairs = [
                ("the optimizer", type(made).__name__, self.words["run"]["optimizer"]),
                ("weight decay", weight_decay, self.words["run"]["weight_decay"]),
            ]
            if differ := [f"{name} {now} (it was {it})" for name, now, it in pairs if now != it]:
                raise self._another(differ)
        except TenfoldError:
            set_trained(model, before)
            raise
        return made

    def _another(self, differ: list[str]) -> FileError:
        return FileError(
            f"{self.file} is of a learner that differs from this one: {'; '.join(differ)}; "
            "make the learner as it was, and give its callbacks to resume(callbacks=...)"
        )

    def restore(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Put weights, buffers and the state of the optimizer back."""
        restore_model(model, self.words, self.tensors)
        restore_optimizer(optimizer, model, self.words, self.tensors)

    @property
    def asked(self) -> dict[str, Any]:
        """The settings of the fit that are callbacks."""
        return self.words["run"]["asked"]

    @property
    def epochs(self) -> int:
        """Epochs of the whole run."""
        return self.words["run"]["epochs"]

    @property
    def settings(self) -> dict[str, Any]:
        """What a run that goes on has from the one that began it."""
        return {
            "steps_per_epoch": self.words["run"]["steps_per_epoch"],
            "first_epoch": self.place.first_epoch,
            "place": self.place,
        }

    @property
    def tuned(self) -> dict[str, Any]:
        """What had been chosen for its task; checkpoints of before do not say."""
        return self.words["about"].get("tuned", {})

    @property
    def precompute(self) -> bool:
        """Whether it trained on stored activations."""
        return self.words["about"]["precompute"]

    @property
    def identity(self) -> dict[str, Any]:
        """By what its next checkpoints are known as of the same run."""
        return {"id": self.words["run"]["id"], "best": self.words["about"]["best"]}

    def checkpoints(self, folder: RunFolder) -> Checkpoints:
        """What goes on writing into the same folder, whose lock is held already."""
        goes_on = Checkpoints(folder.path, **self.words["about"]["checkpoints"])
        goes_on.folder = folder
        return goes_on

    @property
    def told(self) -> list[str]:
        """Where the run goes on, and what may change its bits, in words."""
        place, then = self.place, self.words["about"]
        lines = [f"goes on in epoch {place.epoch + 1} of {self.epochs}, at step {place.step}"]
        if place.epoch >= self.epochs:
            whose = " of its first fit" if self.asked.get("then") else ""
            lines = [f"the run in {self.file.parent} had finished; its weights{whose} are loaded"]
        if then["torch"] != torch.__version__:
            lines.append(
                f"it was begun with torch {then['torch']}, and this is {torch.__version__}: it "
                "may not be the same bit for bit"
            )
        return lines


def _models(model: nn.Module, tensors: dict[str, Tensor], name: str) -> list[str]:
    mine = {f"model.{key}": tuple(value.shape) for key, value in tensors_of(model).items()}
    theirs = {key: tuple(t.shape) for key, t in tensors.items() if key.startswith("model.")}
    if mine == theirs:
        return []
    differ = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
    shown = listed([key.removeprefix("model.") for key in differ], most=3)
    return [f"the model {name_of(model)} (it was {name}), in {shown}"]


def _names(callbacks: Sequence[Callback]) -> list[str]:
    return [type(one).__name__ for one in stateful(callbacks)]
