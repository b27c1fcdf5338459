"""Looking inside the model of a learner: where it looks, how its layers behave, what it knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor

from tenfold.errors import SettingError
from tenfold.interpret.activations import Activations, activations
from tenfold.interpret.asked import ask, spread_items
from tenfold.interpret.calibration import Calibration, calibration, check_bins
from tenfold.interpret.embeddings import Embeddings, check_way, embeddings, last_vectors
from tenfold.interpret.grad_cam import grad_cam, guided_grad_cam
from tenfold.interpret.heat_maps import HeatMaps, Look, heat_maps, passes_of
from tenfold.interpret.integrated_gradients import integrated_gradients
from tenfold.interpret.items import class_names, has_pictures
from tenfold.interpret.occlusion import occlusion
from tenfold.interpret.top_losses import TopLosses, raw_outputs
from tenfold.looks.judging import Judging
from tenfold.train.passes import length_of
from tenfold.train.state import kept_random

__all__ = ["Inside"]

# pictures that are shown where none were asked for
SHOWN = 9


class Inside(Judging):
    """What a learner shows of the inside of its model, which it leaves as it was.

    For pictures, `x` is the number of a validation item or several, or pictures as `predict`
    takes them; without it, nine validation items. `label` is the class asked about; without it,
    what the model predicts.
    """

    def grad_cam(
        self, x: Any = None, *, label: str | None = None, layer: str | None = None,
        guided: bool = False, axiomatic: bool = False,
    ) -> HeatMaps:  # fmt: skip
        """Where the evidence for a class lies, by Grad-CAM; `guided` is sharper.

        `layer` is the name of one that gives maps; without it the last one. `axiomatic` weighs
        each channel by what it adds (XGrad-CAM, Fu et al. 2020, arXiv:2008.02312). Selvaraju et
        al. 2017, arXiv:1610.02391. Raises ModelError for a model without maps.
        """
        make = guided_grad_cam if guided else grad_cam
        way = ("guided " if guided else "") + ("XGrad-CAM" if axiomatic else "Grad-CAM")

        def look(inputs: Tensor, classes: Tensor) -> Tensor:
            return make(self.model, inputs, classes, layer=layer, axiomatic=axiomatic)

        return self._heat_maps(way, look, x, label)

    def occlusion(
        self, x: Any = None, *, label: str | None = None, patch: int | None = None,
        stride: int | None = None,
    ) -> HeatMaps:  # fmt: skip
        """How much of a class's probability goes when a square of the picture is hidden.

        `patch` is its side in pixels, a sixth of the picture without it, and `stride` how far it
        moves, half a patch without it. Works with any model. Zeiler & Fergus 2014, arXiv:1311.2901.
        """

        def look(inputs: Tensor, classes: Tensor) -> Tensor:
            settings: dict[str, Any] = {"patch": patch, "stride": stride}
            activation = self.task.activation
            return occlusion(self.model, inputs, classes, activation=activation, **settings)

        return self._heat_maps("occlusion", look, x, label)

    def integrated_gradients(
        self, x: Any = None, *, label: str | None = None, steps: int = 50, baseline: float = 0.0
    ) -> HeatMaps:
        """What each pixel adds to a class's raw output, above that of a picture of one grey.

        `baseline` is that grey, from 0 (black) to 1. A map adds up to the whole difference.
        Sundararajan et al. 2017, arXiv:1703.01365.
        """

        def look(inputs: Tensor, classes: Tensor) -> Tensor:
            settings: dict[str, Any] = {"steps": steps, "baseline": baseline}
            return integrated_gradients(self.model, inputs, classes, **settings).sum(1)

        return self._heat_maps("integrated gradients", look, x, label)

    def top_losses(self, n: int = 9, *, heat: bool = False, **settings: Any) -> Any:
        """The `n` validation items with the largest loss, the largest first.

        Of a language model they are words, with those before them, and the perplexity of all.
        With `heat` each picture has beside it where the model saw what it predicted.
        """
        if heat and not has_pictures(self.data):
            raise SettingError(
                f"heat maps were asked for, and this data is {type(self.data).__name__}, which has "
                "no pictures to show; leave heat out"
            )
        with kept_random():
            found: Any = super().top_losses(n, **settings)
        if not heat or not isinstance(found, TopLosses):
            return found
        return replace(found, heat=self.grad_cam([item.index for item in found.items]))

    def activations(self) -> Activations:
        """Mean and spread of what every layer gives over the validation set, and dead units."""
        self._refuse_while_busy(looking=True)
        valid, plan = self._given(self.data.valid), self._whole_plan()
        return self._passing(
            "predictions",
            length_of(valid),
            lambda control: activations(self.model, valid, plan=plan, control=control),
        )

    def embeddings(self, *, way: str = "pca", seed: int = 0) -> Embeddings:
        """The validation set as a map of what the last linear layer sees of each item.

        `way` is "pca", or "tsne" (van der Maaten & Hinton 2008), which draws from `seed`.
        """
        check_way(way, self.task)
        self._refuse_while_busy(looking=True)
        model, _, valid = self._pass_parts()
        plan = self._whole_plan()
        vectors, outputs, targets = self._passing(
            "predictions",
            length_of(self._needed(valid)),
            lambda control: last_vectors(model, valid, plan=plan, control=control),
        )
        told: dict[str, Any] = {"classes": class_names(self.data, self.task), "data": self.data}
        return embeddings(vectors, outputs, targets, task=self.task, way=way, seed=seed, **told)

    def calibration(self, *, bins: int = 15) -> Calibration:
        """Whether probabilities are what they say: reliability, and the temperature that mends it.

        `calibrate` makes that temperature a part of the predictions. Guo et al. 2017,
        arXiv:1706.04599.
        """
        check_bins(bins)
        self._refuse_while_busy(looking=True)
        model, _, valid = self._pass_parts()
        plan = self._whole_plan()
        with kept_random():
            outputs, targets = self._passing(
                "predictions",
                length_of(self._needed(valid)),
                lambda control: raw_outputs(model, valid, plan=plan, control=control),
            )
        return calibration(outputs, targets, task=self.task, bins=bins)

    def calibrate(self, found: Calibration | None = None) -> Calibration:
        """Divide raw outputs by the temperature of `calibration` in every prediction from now on.

        The classes predicted stay the same. Exported models and saved states have the temperature
        too; training on makes it stale, so do it last. `found` is a calibration that was made.
        """
        self._refuse_while_busy()
        found = self.calibration() if found is None else found
        self.task = self.task.with_temperature(found.temperature)
        return found

    def _heat_maps(self, way: str, look: Look, x: Any, label: str | None) -> HeatMaps:
        self._refuse_while_busy(looking=True)
        predictor = self._predictor()
        x = spread_items(self._given(self.data), SHOWN) if x is None else x
        asked = ask(x, data=self.data, encoder=predictor.encoder, device=self._device)
        told: dict[str, Any] = {"model": self.model, "task": self.task, "way": way, "label": label}
        return self._passing(
            "predictions",
            passes_of(asked),
            lambda control: heat_maps(
                asked, look, classes=predictor.classes, control=control, **told
            ),
        )
