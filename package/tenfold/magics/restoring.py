"""The magics of models from picture to picture, and what `%predict` says of their pictures."""

from __future__ import annotations

from typing import Any

from tenfold.interpret.before_after import BeforeAfter
from tenfold.live.widgets.restored import restored
from tenfold.magics.call import Argument, Call, Magic, magic

__all__ = ["RESTORING", "show_restored"]


@magic(
    "before_after",
    Argument("item", "count", "the number of a validation picture; 0 without it", {"nargs": "?"}),
    example="%before_after 3",
)
def before_after(call: Call) -> BeforeAfter:
    """Show a validation picture before and after the model, and what it should be."""
    settings = call.given("item")

    def show(found: BeforeAfter) -> None:
        if not call.used:
            call.show(found)

    return call.work(lambda learner: learner.before_after(**settings), then=show, waits=True)


def show_restored(call: Call, items: list[Any], found: Any) -> None:
    """Show pictures that a model was given beside what it made of them."""
    encoder = call.idle_learner.data.encoder
    for item, made in zip(items, found if isinstance(found, list) else [found], strict=True):
        call.show(restored(item, made, encoder=encoder))


RESTORING: tuple[Magic, ...] = (before_after,)
