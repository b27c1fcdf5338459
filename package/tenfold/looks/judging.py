"""Predictions beside targets: where a learner is right, and where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tenfold.interpret.confusion import Confusion, check_single_label, confusion
from tenfold.interpret.factors import Factors, factors
from tenfold.interpret.hard_words import HardWords, hard_words
from tenfold.interpret.iou import Iou, check_pixels, class_iou
from tenfold.interpret.items import check_count, class_names
from tenfold.interpret.label_confusion import LabelConfusion, label_confusion
from tenfold.interpret.labels import Labels
from tenfold.interpret.mask_losses import mask_losses
from tenfold.interpret.picture_losses import PictureLosses, picture_losses
from tenfold.interpret.residuals import Residuals, residuals
from tenfold.interpret.sheet import refuse_gan
from tenfold.interpret.top_losses import TopLosses, raw_outputs, top_losses
from tenfold.looks.predicting import Predicting
from tenfold.techniques.tune_thresholds import check_beta, check_several
from tenfold.train.control import Pass
from tenfold.train.passes import length_of

__all__ = ["Judging"]

Result = TypeVar("Result")


class Judging(Predicting):
    """The mistakes on the validation set, by class, by label, by pixel, by item."""

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

    def residuals(self) -> Residuals:
        """Predictions against targets that are numbers: how far off, and where."""
        predictions, targets = self.predictions()
        name = str(getattr(self.data, "target", "target"))
        return residuals(predictions, targets, task=self.task, name=name)

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

    def _over_pixels(self, look: Callable[..., Result], **settings: Any) -> Result:
        """A pass over validation masks that keeps less than every output of every pixel."""
        self._refuse_while_busy(looking=True)
        valid, plan = self._needed(self.data.valid), self._whole_plan()
        told: dict[str, Any] = {"task": self.task, "plan": plan, **settings}

        def work(control: Pass) -> Result:
            return look(self.model, self.data, valid, control=control, **told)

        return self._passing("predictions", length_of(valid), work)
