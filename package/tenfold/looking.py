"""The looking half of a learner: predictions, and pictures and tables of what it has learned."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from tenfold.errors import DataError, ModelError, StateError
from tenfold.interpret.before_after import BeforeAfter, before_after
from tenfold.interpret.confusion import Confusion, check_single_label, confusion
from tenfold.interpret.factors import Factors, factors
from tenfold.interpret.ground import Ground, sampled
from tenfold.interpret.hard_words import HardWords, hard_words
from tenfold.interpret.iou import Iou, check_pixels, class_iou
from tenfold.interpret.items import check_count, class_names
from tenfold.interpret.label_confusion import LabelConfusion, label_confusion
from tenfold.interpret.labels import Labels
from tenfold.interpret.landscape import Landscape, Settings, survey
from tenfold.interpret.live_sheet import sheets_of
from tenfold.interpret.mask_losses import mask_losses
from tenfold.interpret.picture_losses import PictureLosses, picture_losses
from tenfold.interpret.residuals import Residuals, residuals
from tenfold.interpret.sharpness import MOST_STEPS, Sharpness, sharpness
from tenfold.interpret.sheet import Sheet, Sheets, make_sheet, refuse_gan
from tenfold.interpret.summary import Summary, summary
from tenfold.interpret.surveying import begun, check_trained, directions_of, settings_of
from tenfold.interpret.top_losses import TopLosses, raw_outputs, top_losses
from tenfold.predictor import Predicted, Predictor
from tenfold.techniques.generate import generate
from tenfold.techniques.tta import check_tta, check_views, predicted, tta, tta_passes
from tenfold.techniques.tune_thresholds import check_beta, check_several
from tenfold.train.control import Control, Pass
from tenfold.train.events import Callback
from tenfold.train.history import History
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
    _landscape: Landscape | None = None
    """The last one, which the same call goes on with."""

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
        refuse_gan(self.model)
        check_tta(n, beta)
        check_views(self.task)
        valid, plan = self._needed(self.data.valid), self._whole_plan()
        augment = getattr(self.data, "augment", None)
        passes = tta_passes(self.task, augment, n=n, beta=beta, corners=corners)
        steps = length_of(valid) * passes
        settings: dict[str, Any] = {"n": n, "beta": beta, "corners": corners, "seed": seed}

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

    def predict(self, items: Any) -> Predicted | list[Predicted]:
        """Predict one item or several: pictures, rows of a table, whatever the data is made of.

        Each becomes a `Prediction`; where every pixel has a class, a `MaskPrediction`; from
        picture to picture, a Pillow picture.
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

    def sheet(self, n: int = 64, *, seed: int = 0) -> Sheet:
        """`n` pictures that a GAN makes of the noise of `seed`: the same seed, the same noise.

        Of one that makes pictures of pictures, those of the first `n` of the validation set.
        """
        self._refuse_while_busy(looking=True)
        where = {"epoch": len(self.history), "step": self.history.steps}
        return make_sheet(self.model, self.data.valid, n=n, seed=seed, **where)

    def sheets(self) -> Sheets:
        """A few pictures of the same noise after every epoch of a GAN, a row for each."""
        return sheets_of(self.model, self.callbacks)

    def confusion(self) -> Confusion | LabelConfusion:
        """Which classes of the validation set are taken for which.

        Of several labels, what each hits, misses, and sees where it is not: a `LabelConfusion`.
        """
        several = self.task.name == "multi label"
        if not several:
            check_single_label(self.task)
        predictions, targets = self.predictions()
        compare = label_confusion if several else confusion
        return compare(predictions, targets, task=self.task, data=self.data)

    def labels(self, *, beta: float = 1.0) -> Labels:
        """Several labels one by one: precision, recall, F-beta, average precision, threshold.

        All labels together hide the rare ones; here each has a row. `beta` weighs recall in F.
        """
        check_several(self.task, "a table of labels")
        check_beta(beta)
        predictions, targets = self.predictions()
        names = class_names(self.data, self.task)
        return Labels(predictions, targets, names, self.task.thresholds, beta)

    def iou(self) -> Iou:
        """How well each class of the validation masks is found: intersection over union."""
        check_pixels(self.task)
        return self._over_pixels(class_iou)

    def _over_pixels(self, look: Callable[..., Result], **settings: Any) -> Result:
        """A pass over validation masks that keeps less than every output of every pixel."""
        self._refuse_while_busy(looking=True)
        valid, plan = self._needed(self.data.valid), self._whole_plan()
        told: dict[str, Any] = {"task": self.task, "plan": plan, **settings}

        def work(control: Pass) -> Result:
            return look(self.model, self.data, valid, control=control, **told)

        return self._passing("predictions", length_of(valid), work)

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
        if self.task.name == "pixel labels":
            return self._over_pixels(mask_losses, n=n)
        self._refuse_while_busy(looking=True)
        refuse_gan(self.model)
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

    def summary(self, depth: int | None = None) -> Summary:
        """Every layer with its shape, weights, operations and memory, on the first batch.

        Layers are the innermost modules, or with `depth` those at most so deep.
        """
        self._refuse_while_busy(looking=True)
        plan = self._whole_plan()
        batches = sampled(self.data.train, 1, device=self._place, plan=plan)
        return summary(self.model, batches[0][0], plan=plan, depth=depth)

    def landscape(self, dimensions: int = 2, *, to: Any = None, **settings: Any) -> Landscape:
        """The loss around the weights: over a plane, along a few lines, or on the way to `to`.

        `dimensions` is 2 for a plane, 1 for lines, in random directions whose filters are as
        long as those of the weights (Li et al. 2018, arXiv:1712.09913). `to` is another solution
        of the same network: a learner, a model, a snapshot, the path of a file that `save` wrote
        (Goodfellow et al. 2015, arXiv:1412.6544). `settings` are `points` along a direction,
        `radius`, `directions` (of lines), `items` of the fixed sample, `of` which set ("train" or
        "valid"), `seed`. The model stays as it is: a copy is moved. An interrupt keeps what was
        measured, and the same call goes on with it.
        """
        self._refuse_while_busy(looking=True)
        asked = settings_of(dimensions, to=to, **settings)
        ground = self._ground(asked)
        directions = directions_of(ground, asked, to=to)
        found = self._landscape = begun(self._landscape, ground, asked, directions)
        left = found.losses.size - found.measured
        if left:
            steps = left * len(ground.batches)
            self._passing(
                "landscape", steps, lambda control: survey(found, ground, directions, control)
            )
        return found

    def sharpness(
        self, radius: float = 0.5, *, directions: int = 10, hessian: bool = False, **settings: Any
    ) -> Sharpness:
        """How much the loss rises at `radius` from the weights, in random directions.

        The directions are those of `landscape`, so that nets can be compared. With `hessian` also
        the largest eigenvalue, by power iteration. `settings` are `items`, `of`, `seed` as there.
        """
        self._refuse_while_busy(looking=True)
        asked = Settings("line", radius=radius, directions=directions, **settings)
        ground = self._ground(asked)
        check_trained(ground)
        steps = (1 + 2 * directions + MOST_STEPS * hessian) * len(ground.batches)
        return self._passing(
            "landscape",
            steps,
            lambda control: sharpness(ground, asked, hessian=hessian, control=control),
        )

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

    def _ground(self, asked: Settings) -> Ground:
        """A copy of the model on a fixed sample of the set that is asked for."""
        data, plan = getattr(self.data, asked.of), self._whole_plan()
        if data is None:
            raise DataError("there is no validation set; give data with one, or leave of= out")
        batches = sampled(data, asked.items, device=self._place, plan=plan)
        return Ground(self.model, batches, task=self.task, plan=plan)

    @property
    def _place(self) -> torch.device:
        return next(self.model.parameters()).device

    def _whole_plan(self) -> Plan:
        """The plan of the whole model on the data itself."""
        return self._planner.plan(self.model, self.data.train)

    def _predictor(self) -> Predictor:
        refuse_gan(self.model)
        told = {name: getattr(self.data, name, None) for name in ("classes", "encoder")}
        return Predictor(self.model, self.task, **told)
