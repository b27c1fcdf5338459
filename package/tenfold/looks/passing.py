"""A pass of a learner over its data: one at a time, under controls, and nothing changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import torch
from torch import nn

from tenfold.errors import DataError, ModelError, StateError
from tenfold.interpret.sheet import refuse_gan
from tenfold.predictor import Predictor
from tenfold.train.control import Control, Pass
from tenfold.train.events import Callback
from tenfold.train.history import History
from tenfold.train.interrupts import Interrupts
from tenfold.train.plan import Plan
from tenfold.train.probe import Planner
from tenfold.train.task import Task

__all__ = ["Passing"]

Result = TypeVar("Result")


class Passing:
    """What every look at a model needs of a learner; it trains nothing, and leaves all as it was.

    A pass over data can be paused and stopped as a run can, and is `run` while it lasts.
    """

    data: Any
    model: nn.Module
    task: Task
    metrics: list[Any]
    callbacks: list[Callback]
    history: History
    quiet: bool
    run: Control | None
    holder: Any
    """The job that has this learner for itself, if there is one; `holder.thread` may use it."""
    snapshots: list[Any]
    observers: ClassVar[list[Callback]] = []
    """What sees every run and every pass of every learner, as the monitor does."""
    _planner: Planner

    def _pass_parts(self) -> tuple[nn.Module, Any, Any]:
        """The model and the two sets that a pass uses."""
        return self.model, self.data.train, self.data.valid

    def _whole_plan(self) -> Plan:
        """The plan of the whole model on the data itself."""
        return self._planner.plan(self.model, self.data.train)

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device

    def _passing(self, kind: str, steps: int, work: Callable[[Pass], Result]) -> Result:
        """Do a pass under the controls of a run, which is `self.run` while it lasts."""
        control = Pass(kind, steps, observers=self.observers, owner=id(self))
        before = self._put_back(run=control)
        with Interrupts() as interrupts, before, control.going(), interrupts.raising():
            return work(control)

    @contextmanager
    def _put_back(self, *, run: Control | None = None) -> Iterator[None]:
        """`run` is what runs for a while; then it is again that of before."""
        kept = self.run
        try:
            self.run = run or kept
            yield
        finally:
            self.run = kept

    def _refuse_while_busy(self, *, looking: bool = False) -> None:
        """Refuse what cannot be done beside a run; `looking` may be done by the run itself."""
        here, run = threading.get_ident(), self.run
        if self.holder is not None and self.holder.thread != here:
            raise StateError(
                f"this learner is busy with {self.holder}; wait for it with %wait, or end it with "
                "%stop"
            )
        running = run is not None and run.state in {"running", "paused"}
        if run is not None and running and not (looking and run.thread == here):
            raise StateError(
                f"this learner is {run.standing}; wait for it with learn.run.wait(), or end it "
                "with learn.run.stop()"
            )

    def _given(self, data: Any) -> Any:
        if data is None:
            raise DataError("there is no validation set; give data with one, as (train, valid)")
        return data

    def _needed(self, data: Any) -> Any:
        if self.task.name == "next word" and data is not None:
            raise ModelError(
                "a language model's predictions are a number for every word at every place, more "
                "than memory holds; see the perplexity in learn.history, or use learn.generate"
            )
        return self._given(data)

    def _predictor(self) -> Predictor:
        refuse_gan(self.model)
        told = {name: getattr(self.data, name, None) for name in ("classes", "encoder")}
        return Predictor(self.model, self.task, **told)

    def _say(self, sentence: str) -> None:
        if not self.quiet:
            print(sentence)
