"""The looking half of a learner: predictions, and pictures and tables of what it has learned."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from torch import Tensor, nn

from tenfold.errors import DataError, ModelError, StateError
from tenfold.interpret.before_after import BeforeAfter, before_after
from tenfold.interpret.confusion import Confusion, check_single_label, confusion
from tenfold.interpret.factors import Factors, factors
from tenfold.interpret.hard_words import HardWords, hard_words
from tenfold.interpret.items import check_count
from tenfold.interpret.picture_losses import PictureLosses, picture_losses
from tenfold.interpret.residuals import Residuals, residuals
from tenfold.interpret.top_losses import TopLosses, raw_outputs, top_losses
from tenfold.predictor import Predictor
from tenfold.techniques.generate import generate
from tenfold.techniques.tta import check_tta, check_views, predicted, tta, tta_passes
from tenfold.train.control import Control, Pass
from tenfold.train.events import Callback
from tenfold.train.interrupts import Interrupts
from tenfold.train.metrics import Scores
from tenfold.train.passes import length_of
from tenfold.train.plan import Plan
from tenfold.train.probe import Planner
from tenfold.train.state import preserved
from tenfold.train.task import Task

__all__ = ["Looking"]

Result = TypeVar("Result")


class Looking:
    """What a learner shows of its model; it trains nothing, and leaves all as it was.

    A pass over data can be paused and stopped as a run can, and is `run` while it lasts.
    """

    data: Any
    model: nn.Module
    task: Task
    metrics: list[Any]
    quiet: bool
    run: Control | None
    holder: Any
    """The job that has this learner for itself, if there is one; `holder.thread` may use it."""
    snapshots: list[Any]
    observers: ClassVar[list[Callback]] = []
    """What sees every run and every pass of every learner, as the monitor does."""
    _planner: Planner

    def predictions(self) -> tuple[Tensor, Tensor]:
        """Activated predictions (items, outputs) and targets of the validation set."""
        self._refuse_while_busy(looking=True)
        model, _, valid = self._pass_parts()
        plan = self._whole_plan()

        def work(control: Pass) -> tuple[Tensor, Tensor]:
            return predicted(model, valid, task=self.task, plan=plan, control=control)

        return self._passing("predictions", length_of(self._needed(valid)), work)

    def tta(
        self, *, n: int = 4, beta: float = 0.25, corners: bool = False, seed: int = 0
    ) -> tuple[Tensor, Tensor]:
        """Predictions averaged over views: beta * plain + (1 - beta) * mean of `n` augmented.

        With `corners` the views are the four corner crops and their mirror images.
        """
        self._refuse_while_busy(looking=True)
        check_tta(n, beta)
        check_views(self.task)
        valid, plan = self._needed(self.data.valid), self._whole_plan()
        steps = length_of(valid) * tta_passes(n=n, beta=beta, corners=corners)
        settings: dict[str, Any] = {"n": n, "beta": beta, "corners": corners, "seed": seed}
        augment = getattr(self.data, "augment", None)

        def work(control: Pass) -> tuple[Tensor, Tensor]:
            told: dict[str, Any] = {"augment": augment, "control": control, **settings}
            return tta(self.model, valid, task=self.task, plan=plan, **told)

        return self._passing("tta", steps, work)

    def snapshot_predictions(self) -> tuple[Tensor, Tensor]:
        """Predictions averaged over the snapshots of the last `fit_sgdr(snapshots=True)`."""
        if not self.snapshots:
            raise StateError(
                "there are no snapshots; train with fit_sgdr(..., snapshots=True) first"
            )
        total, targets = None, None
        with Interrupts() as interrupts, preserved(self.model), interrupts.raising():
            for snapshot in self.snapshots:
                snapshot.restore()
                predictions, targets = self.predictions()
                total = predictions if total is None else total + predictions
        assert total is not None and targets is not None
        return total / len(self.snapshots), targets

    def score(self, predictions: Tensor, targets: Tensor) -> dict[str, float]:
        """The metrics of this learner for predictions such as `predictions` and `tta` return."""
        scores = Scores(self.metrics, task=self.task, device=predictions.device)
        scores.update(predictions, targets)
        return scores.compute()

    def predict(self, items: Any) -> Any:
        """Predict one item or several: pictures, rows of a table, whatever the data is made of.

        Gives a `Prediction`, or a Pillow picture from picture to picture; a list for several.
        """
        self._refuse_while_busy(looking=True)
        return self._predictor().predict(items)

    def generate(self, prompt: str, **settings: Any) -> str:
        """Let a language model write on after `prompt`.

        `settings` are `words`, how many; `temperature`, its daring; `top`, how many words are
        drawn from; `seed`.
        """
        self._refuse_while_busy(looking=True)
        return generate(self.model, getattr(self.data, "encoder", None), prompt, **settings)

    def confusion(self) -> Confusion:
        """Which classes of the validation set are taken for which; for one class an item."""
        check_single_label(self.task)
        predictions, targets = self.predictions()
        return confusion(predictions, targets, task=self.task, data=self.data)

    def residuals(self) -> Residuals:
        """Predictions against targets that are numbers: how far off, and where."""
        predictions, targets = self.predictions()
        name = str(getattr(self.data, "target", "target"))
        return residuals(predictions, targets, task=self.task, name=name)

    def before_after(self, item: int = 0) -> BeforeAfter:
        """What a model from picture to picture makes of the validation picture `item`."""
        self._refuse_while_busy(looking=True)
        plan = self._whole_plan()
        return before_after(self.model, self.data, task=self.task, plan=plan, item=item)

    def top_losses(self, n: int = 9) -> TopLosses | HardWords | PictureLosses:
        """The `n` validation items with the largest loss, the largest first.

        Of a language model they are words, with those before them, and the perplexity of all;
        from picture to picture each is seen as it came, as it was made and as it should be.
        """
        check_count(n)
        self._refuse_while_busy(looking=True)
        model, _, valid = self._pass_parts()
        plan = self._whole_plan()
        if self.task.name == "next word" and valid is not None:
            told: dict[str, Any] = {"encoder": self.data.encoder, "plan": plan, "n": n}
            return self._passing(
                "predictions",
                length_of(valid),
                lambda control: hard_words(model, valid, control=control, **told),
            )
        outputs, targets = self._passing(
            "predictions",
            length_of(self._needed(valid)),
            lambda control: raw_outputs(model, valid, plan=plan, control=control),
        )
        look = picture_losses if self.task.name == "picture" else top_losses
        return look(outputs, targets, task=self.task, data=self.data, n=n)

    def factors(self, of: str = "items") -> Factors:
        """What a model of ratings has learned of its "items" or "users": likeness, bias, a map."""
        self._refuse_while_busy(looking=True)
        return factors(self.model, self.data, of=of)

    # ---- inside ------------------------------------------------------------------------------

    def _pass_parts(self) -> tuple[nn.Module, Any, Any]:
        """The model and the two sets that a pass uses."""
        return self.model, self.data.train, self.data.valid

    def _say(self, sentence: str) -> None:
        if not self.quiet:
            print(sentence)

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

    def _needed(self, data: Any) -> Any:
        if data is None:
            raise DataError("there is no validation set; give data with one, as (train, valid)")
        if self.task.name == "next word":
            raise ModelError(
                "a language model's predictions are a number for every word at every place, more "
                "than memory holds; see the perplexity in learn.history, or use learn.generate"
            )
        return data

    def _whole_plan(self) -> Plan:
        """The plan of the whole model on the data itself."""
        return self._planner.plan(self.model, self.data.train)

    def _predictor(self) -> Predictor:
        told = {name: getattr(self.data, name, None) for name in ("classes", "encoder")}
        return Predictor(self.model, self.task, **told)
