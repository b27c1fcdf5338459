"""The model of a learner from outside: its layers, and the loss around its weights."""

from __future__ import annotations

from typing import Any

from tenfold.errors import DataError
from tenfold.interpret.ground import Ground, sampled
from tenfold.interpret.landscape import Landscape, Settings, survey
from tenfold.interpret.layer_table import Summary
from tenfold.interpret.sharpness import MOST_STEPS, Sharpness, sharpness
from tenfold.interpret.sheet import refuse_gan
from tenfold.interpret.summary import summary
from tenfold.interpret.surveying import begun, check_trained, directions_of, settings_of
from tenfold.looks.passing import Passing

__all__ = ["Surveying"]


class Surveying(Passing):
    """A summary of the layers; the landscape of the loss, and how sharp it is."""

    _landscape: Landscape | None = None
    """The last one, which the same call goes on with."""

    def summary(self, depth: int | None = None) -> Summary:
        """Every layer with its shape, weights, operations and memory, on the first batch.

        Layers are the innermost modules, or with `depth` those at most so deep.
        """
        self._refuse_while_busy(looking=True)
        plan = self._whole_plan()
        batches = sampled(self.data.train, 1, device=self._device, plan=plan)
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

    def _ground(self, asked: Settings) -> Ground:
        """A copy of the model on a fixed sample of the set that is asked for."""
        refuse_gan(self.model, "each side's loss hangs on the other's weights: it has no landscape")
        data, plan = getattr(self.data, asked.of), self._whole_plan()
        if data is None:
            raise DataError("there is no validation set; give data with one, or leave of= out")
        batches = sampled(data, asked.items, device=self._device, plan=plan)
        return Ground(self.model, batches, task=self.task, plan=plan)
