"""What the comparisons add to the page of a panel: a picture, in motion where that explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.interpret.decays import DecayFits
from tenfold.interpret.optimizer_runs import OptimizerRuns
from tenfold.interpret.optimizers import OptimizerWalks
from tenfold.interpret.widths import CurveFits
from tenfold.learner import Learner
from tenfold.live.widgets.piece import Piece, png, view

__all__ = ["IDEAS"]

Found = OptimizerWalks | OptimizerRuns | CurveFits | DecayFits


def idea(key: str, *, each: str) -> Callable[[str, Any, Learner], list[Piece]]:
    """What makes the piece under `key`, whose table has a row for each of `each`."""

    def pieces(line: str, found: Found, learner: Learner) -> list[Piece]:
        facts = view(found.summary, found.words, {f"each {each}": found.table})
        if isinstance(found, OptimizerRuns):
            return [Piece("results", key, facts, png(found.plot()))]
        if "--still" in line:
            return [Piece("results", key, facts, png(found.plot()), b"")]
        shown = found.moving()
        return [Piece("results", key, facts, png(shown.figure), shown.gif())]

    return pieces


IDEAS = {
    "compare_optimizers": idea("compare_optimizers", each="optimizer"),
    "optimizers": idea("optimizers", each="optimizer"),
    "widths": idea("widths", each="width"),
    "decays": idea("decays", each="decay"),
}
"""Their makers, by the magic that compares."""
