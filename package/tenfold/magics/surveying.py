"""The magics that look at a model's layers, and at the loss around its weights."""

from __future__ import annotations

from tenfold.figures import Picture
from tenfold.interpret.landscape import Landscape
from tenfold.interpret.layer_table import Summary
from tenfold.interpret.sharpness import Sharpness
from tenfold.magics.call import BACKGROUND, Argument, Call, Magic, magic

__all__ = ["SURVEYING"]

SAMPLE = (
    Argument("--items", "count", "of the fixed sample that the loss is measured on; 256"),
    Argument(
        "--of", "word", "measure it on train, which is so without it, or on valid",
        {"choices": ("train", "valid")},
    ),
    Argument("--seed", "count", "of the random directions; 0 without it"),
)  # fmt: skip


@magic(
    "summary",
    Argument("--depth", "count", "join the layers that are deeper than this"),
    example="%summary --depth 2",
)
def summary(call: Call) -> Summary:
    """Show every layer: what it gives, its weights, what trains, operations and memory."""

    def show(found: Summary) -> None:
        if not call.used:
            call.show(found)

    settings = call.given("depth")
    return call.work(lambda learner: learner.summary(**settings), then=show, waits=True)


@magic(
    "landscape",
    Argument("--dimensions", "count", "2, a plane, which is so without it, or 1, a few lines"),
    Argument("--to", "item", "go to another solution: a learner, or a file that %%save wrote"),
    Argument("--points", "count", "along each direction, odd; 15, or 21 on a line"),
    Argument("--radius", "number", "how far to go, in lengths of the filters; 1 without it"),
    Argument("--directions", "count", "random lines; 3 without it"),
    *SAMPLE,
    Argument("--surface", "flag", "draw a plane as a mountain", {"action": "store_true"}),
    BACKGROUND,
    example="%landscape --points 21",
)
def landscape(call: Call) -> Landscape:
    """Draw the loss around the weights, or on the line to another solution.

    An interrupt keeps what was measured, and the same line goes on with it. The model stays as
    it is.
    """

    def show(found: Landscape) -> None:
        if not call.used:
            call.show(Picture(found.plot(surface=call["surface"]), words=found.words))

    names = "dimensions", "to", "points", "radius", "directions", "items", "of", "seed"
    settings = call.given(*names)
    return call.work(lambda learner: learner.landscape(**settings), then=show, waits=True)


@magic(
    "sharpness",
    Argument("--radius", "number", "how far to go, in lengths of the filters; 0.5 without it"),
    Argument("--directions", "count", "random directions; 10 without it"),
    *SAMPLE,
    Argument(
        "--hessian",
        "flag",
        "also the largest eigenvalue of the Hessian",
        {"action": "store_true"},
    ),
    BACKGROUND,
    example="%sharpness --hessian",
)
def sharpness(call: Call) -> Sharpness:
    """Measure how much the loss rises around the weights, in random directions."""

    def show(found: Sharpness) -> None:
        if not call.used:
            call.show(found)

    settings = call.given("radius", "directions", "items", "of", "seed", "hessian")
    return call.work(lambda learner: learner.sharpness(**settings), then=show, waits=True)


SURVEYING: tuple[Magic, ...] = (summary, landscape, sharpness)
