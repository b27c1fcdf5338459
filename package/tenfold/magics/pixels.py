"""The magics of masks: how well each class of the pixels is found."""

from __future__ import annotations

from tenfold.figures import Picture
from tenfold.interpret.iou import Iou
from tenfold.magics.call import Call, Magic, magic

__all__ = ["PIXELS"]


@magic("iou", example="%iou")
def iou(call: Call) -> Iou:
    """Show how well each class of the validation masks is found: intersection over union."""

    def show(found: Iou) -> None:
        if not call.used:
            call.show(Picture(found.plot(), words=found.summary))
            call.show(found)

    return call.work(lambda learner: learner.iou(), then=show, waits=True)


PIXELS: tuple[Magic, ...] = (iou,)
