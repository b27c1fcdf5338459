"""The magics that show an idea: how optimizers walk, what width and weight decay do."""

from __future__ import annotations

from typing import Any

from tenfold.figures import Told
from tenfold.interpret.decays import DecayFits, compare_decays
from tenfold.interpret.hidden_layer import ACTIVATIONS
from tenfold.interpret.optimizer_runs import OptimizerRuns
from tenfold.interpret.optimizers import OptimizerWalks, compare_optimizers
from tenfold.interpret.surfaces import SURFACES
from tenfold.interpret.walks import COMPARED
from tenfold.interpret.widths import CURVES, CurveFits, compare_widths
from tenfold.live.jobs import Job
from tenfold.magics.call import BACKGROUND, Argument, Call, Magic, magic
from tenfold.text import listed

__all__ = ["IDEAS"]

STILL = Argument("--still", "flag", "a picture that does not move", {"action": "store_true"})
ONLY = Argument(
    "--only",
    "word",
    f"the optimizers to compare: {listed(COMPARED)}; all without it",
    {"nargs": "+", "choices": tuple(COMPARED), "metavar": "NAME"},
)


@magic(
    "optimizers",
    Argument(
        "surface",
        "word",
        "what they walk down; the valley without it",
        {"nargs": "?", "choices": tuple(SURFACES)},
    ),
    ONLY,
    Argument("--steps", "count", "how many steps; 150 without it"),
    Argument("--lr", "number", "one rate for all; without it each takes its best of a few"),
    STILL,
    example="%optimizers rosenbrock --steps 300",
    learner=False,
)
def optimizers(call: Call) -> OptimizerWalks:
    """Compare optimizers on one surface: their paths, their losses, the size of their steps.

    SGD, momentum, Nesterov, RMSprop, Adam and AdamW, each torch's own. %compare_optimizers does
    the same with your learner.
    """
    chosen = {"names": call["only"], **call.given("surface", "steps", "lr")}
    return shown(call, compare_optimizers(**chosen))


@magic(
    "compare_optimizers",
    Argument("epochs", "count", "how long with each; 1 without it", {"nargs": "?"}),
    ONLY,
    Argument("--lr", "number", "one rate for all; without it each finds its own"),
    BACKGROUND,
    example="%compare_optimizers 2 --only sgd momentum adamw",
)
def on_learner(call: Call) -> OptimizerRuns | Job:
    """Train copies of the learner, one with each optimizer, from the same weights."""
    chosen = {"names": call["only"], **call.given("epochs", "lr")}

    def show(found: OptimizerRuns) -> None:
        if not call.used:
            call.show(Told(found.plot(), words=found.words))
            call.show(found)

    return call.work(lambda learner: learner.compare_optimizers(**chosen), then=show)


@magic(
    "widths",
    Argument(
        "curve",
        "word",
        "what is fitted; the waves without it",
        {"nargs": "?", "choices": tuple(CURVES)},
    ),
    Argument("--units", "count", "how many units, from few to many", {"nargs": "+"}),
    Argument(
        "--activation", "word", "of the units; relu without it", {"choices": tuple(ACTIVATIONS)}
    ),
    STILL,
    example="%widths steps --activation sigmoid",
    learner=False,
)
def widths(call: Call) -> CurveFits:
    """Fit a curve with one hidden layer of more and more units: universal approximation."""
    units = {} if call["units"] is None else {"widths": call["units"]}
    return shown(call, compare_widths(**call.given("curve", "activation"), **units))


@magic(
    "decays",
    Argument("--points", "count", "how many noisy points; 15 without it"),
    Argument("--noise", "number", "how far they lie off, a standard deviation; 0.4 without it"),
    Argument("--seed", "count", "of the points; 0 without it"),
    STILL,
    example="%decays --points 30",
    learner=False,
)
def decays(call: Call) -> DecayFits:
    """Fit noisy points with weight decay from none to much: complexity and squared weights."""
    return shown(call, compare_decays(**call.given("points", "noise", "seed")))


def shown(call: Call, found: Any) -> Any:
    """Show a comparison in motion, or still, with its table, or give it to who asked for it."""
    if not call.used and not call.silent:
        still = call["still"]
        call.show(Told(found.plot(), words=found.words) if still else found.moving())
        call.show(found)
    return found


IDEAS: tuple[Magic, ...] = (optimizers, on_learner, widths, decays)
