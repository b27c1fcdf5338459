"""The magics of several labels: how each is told, and from which chance on it counts as there."""

from __future__ import annotations

from typing import Any

from tenfold.figures import Picture
from tenfold.interpret.label_confusion import LabelConfusion
from tenfold.interpret.labels import Labels
from tenfold.magics.call import Argument, Call, Magic, magic
from tenfold.techniques.tune_thresholds import Thresholds
from tenfold.text import listed

__all__ = ["SEVERAL", "missed"]

BETA = Argument(
    "--beta", "number", "how much recall weighs in F: 1 as precision, without it; 2 more, 0.5 less"
)


@magic("labels", BETA, example="%labels --beta 2")
def labels(call: Call) -> Labels:
    """Show how well each of several labels is told: precision, recall, F, average precision.

    The picture has precision over recall, the hardest labels first, and where each threshold is.
    """
    settings = call.given("beta")
    return call.work(lambda learner: learner.labels(**settings), then=both(call), waits=True)


@magic("tune_thresholds", BETA, example="%tune_thresholds --beta 2")
def tune_thresholds(call: Call) -> Thresholds:
    """Choose for each of several labels the threshold with the best F on the validation set.

    Predictions, metrics and exports decide by them from then on. Choose again after training on.
    """
    settings = call.given("beta")
    return call.work(
        lambda learner: learner.tune_thresholds(**settings), then=both(call), waits=True
    )


def both(call: Call) -> Any:
    """What shows a result as a picture and as a table."""

    def show(found: Labels | Thresholds) -> None:
        if not call.used:
            call.show(Picture(found.plot(), words=found.summary))
            call.show(found)

    return show


def missed(found: LabelConfusion) -> str:
    """The most frequent mistakes of several labels in words."""
    wrong = found.most_wrong(5)
    return f"most often wrong: {listed(wrong)}" if wrong else "nothing is missed or seen in vain"


SEVERAL: tuple[Magic, ...] = (labels, tune_thresholds)
