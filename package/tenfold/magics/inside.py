"""The magics that look inside a model: heat maps, layers, a map of the items, calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.figures import Told
from tenfold.interpret.activations import Activations
from tenfold.interpret.calibration import Calibration
from tenfold.interpret.embeddings import WAYS, Embeddings
from tenfold.interpret.heat_maps import HeatMaps
from tenfold.learner import Learner
from tenfold.magics.call import Argument, Call, Magic, magic

__all__ = ["INSIDE"]

ITEMS = Argument(
    "items",
    "item",
    "numbers of validation items, paths of pictures, or variables that hold either; nine "
    "validation items without it",
    {"nargs": "*"},
)
LABEL = Argument("--label", "class", "the class asked about; what is predicted without it")


@magic(
    "gradcam",
    ITEMS,
    LABEL,
    Argument("--layer", "layer", "a layer that gives maps; the last of them without it"),
    Argument(
        "--guided",
        "flag",
        "sharp as the picture: times the guided gradient",
        {"action": "store_true"},
    ),
    Argument(
        "--axiomatic",
        "flag",
        "weigh each channel by what it adds to the output: XGrad-CAM",
        {"action": "store_true"},
    ),
    example="%gradcam 0 17 --label clover",
)
def gradcam(call: Call) -> HeatMaps:
    """Show where in pictures the evidence for a class lies, by Grad-CAM."""
    settings = call.given("label", "layer", "guided", "axiomatic")
    return _mapped(call, lambda learner, x: learner.grad_cam(x, **settings))


@magic(
    "occlusion",
    ITEMS,
    LABEL,
    Argument("--patch", "count", "the side of the square, in pixels; a sixth of the picture"),
    Argument("--stride", "count", "how far it moves, in pixels; half its side without it"),
    example="%occlusion 0 17 --patch 16",
)
def occlusion(call: Call) -> HeatMaps:
    """Show how much of a class's probability goes when a square of the picture is hidden."""
    settings = call.given("label", "patch", "stride")
    return _mapped(call, lambda learner, x: learner.occlusion(x, **settings))


@magic(
    "integrated_gradients",
    ITEMS,
    LABEL,
    Argument("--steps", "count", "points between the baseline and the picture; 50 without it"),
    Argument("--baseline", "number", "the grey that it starts from, 0 to 1; 0, black, without it"),
    example="%integrated_gradients 0 17",
)
def integrated_gradients(call: Call) -> HeatMaps:
    """Show what each pixel adds to the raw output of a class."""
    settings = call.given("label", "steps", "baseline")
    return _mapped(call, lambda learner, x: learner.integrated_gradients(x, **settings))


@magic("activations", example="%activations")
def activations(call: Call) -> Activations:
    """Show how each layer behaves over the validation set, and units that are dead."""
    return _looked(call, lambda learner: learner.activations())


@magic(
    "embeddings",
    Argument("--way", "word", "pca, which is so without it, or tsne", {"choices": WAYS}),
    Argument("--seed", "count", "of t-SNE; 0 without it"),
    example="%embeddings --way tsne",
)
def embeddings(call: Call) -> Embeddings:
    """Show the validation set as a map: items that the model finds alike lie near each other."""
    settings = call.given("way", "seed")
    return _looked(call, lambda learner: learner.embeddings(**settings))


@magic(
    "calibration",
    Argument("--bins", "count", "of the reliability diagram; 15 without it"),
    Argument(
        "--apply",
        "flag",
        "divide by the temperature in every prediction from now on, exported ones too",
        {"action": "store_true"},
    ),
    example="%calibration --apply",
)
def calibration(call: Call) -> Calibration:
    """Show whether probabilities are what they say, and the temperature that mends them."""
    settings = call.given("bins")

    def look(learner: Learner) -> Calibration:
        found = learner.calibration(**settings)
        if call["apply"]:
            learner.calibrate(found)
        return found

    found = _looked(call, look)
    if call["apply"] and not call.used:
        call.say(
            f"predictions are divided by the temperature {found.temperature:.2f} from now on; "
            "after more training write %calibration --apply again"
        )
    return found


def _mapped(call: Call, make: Callable[[Learner, Any], HeatMaps]) -> HeatMaps:
    """Make the maps of a line's items and show them, with a table."""
    items = [_item(one) for one in call["items"]]
    return _looked(call, lambda learner: make(learner, items or None))


def _item(value: Any) -> Any:
    """The number of an item where the word is one."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _looked(call: Call, look: Callable[[Learner], Any]) -> Any:
    """Do the work, then show its picture and its table."""

    def show(found: Any) -> None:
        if not call.used:
            call.show(Told(found.plot(), words=found.words))
            call.show(found)

    return call.work(look, then=show, waits=True)


INSIDE: tuple[Magic, ...] = (
    gradcam, occlusion, integrated_gradients, activations, embeddings, calibration,
)  # fmt: skip
