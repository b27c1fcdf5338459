"""What a learner says about items, and what it makes."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tenfold.errors import StateError
from tenfold.interpret.before_after import BeforeAfter, before_after
from tenfold.interpret.live_sheet import sheets_of
from tenfold.interpret.sheet import Sheet, Sheets, make_sheet, refuse_gan
from tenfold.looks.passing import Passing
from tenfold.predictor import Predicted
from tenfold.techniques.generate import generate
from tenfold.techniques.tta import predicted, read_tta, tta, tta_passes
from tenfold.train.control import Pass
from tenfold.train.interrupts import Interrupts
from tenfold.train.metrics import Scores
from tenfold.train.passes import length_of
from tenfold.train.state import preserved

__all__ = ["Predicting"]


class Predicting(Passing):
    """Predictions of the validation set and of items of yours; texts and pictures that are made."""

    def predictions(self) -> tuple[Tensor, Tensor]:
        """Activated predictions (items, outputs) and targets of the validation set."""
        self._refuse_while_busy(looking=True)
        model, _, valid = self._pass_parts()
        plan = self._whole_plan()

        def work(control: Pass) -> tuple[Tensor, Tensor]:
            return predicted(model, valid, task=self.task, plan=plan, control=control)

        return self._passing("predictions", length_of(self._needed(valid)), work)

    def tta(
        self, *, n: int | None = None, beta: float | None = None, corners: bool = False,
        seed: int = 0,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Predictions averaged over views: beta * plain + (1 - beta) * mean of `n` augmented.

        Without them `n` is 4 and `beta` 0.25. With `corners` the views are the four corner crops
        and their mirror images. From picture to picture they are the eight flips and quarter
        turns, all of one weight: each prediction is turned back before they are averaged (the
        self-ensemble, Timofte et al. 2016, arXiv:1511.02228). For a class of each pixel they are
        mirrored, and turned where the augmentation of the data does so.
        """
        self._refuse_while_busy(looking=True)
        refuse_gan(self.model)
        n, beta = read_tta(self.task, n, beta)
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

    def before_after(self, item: int = 0) -> BeforeAfter:
        """What a model from picture to picture makes of the validation picture `item`."""
        self._refuse_while_busy(looking=True)
        plan = self._whole_plan()
        return before_after(self.model, self.data, task=self.task, plan=plan, item=item)

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
