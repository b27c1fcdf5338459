"""A picture before and after a model from picture to picture, and what it should have become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from tenfold.data.show import beside, draw_pictures
from tenfold.errors import DataError, ModelError
from tenfold.figures import Told
from tenfold.train.passes import predict_batches
from tenfold.train.picture_task import decibels
from tenfold.train.plan import Plan
from tenfold.train.task import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["BeforeAfter", "before_after", "check_picture_task"]

# inches of one picture in a figure
SIDE = 2.2


@dataclass(frozen=True, eq=False, repr=False)
class BeforeAfter:
    """One picture: `before` and `after` the model, and its `target` where there is one.

    All are float32 (3, h, w) in [0, 1], on the CPU. In a notebook it shows them side by side.

    >>> import torch
    >>> clean = torch.full((3, 16, 16), 0.5)
    >>> BeforeAfter("photo", clean - 0.1, clean - 0.01, clean)
    photo: 20.0 dB before, 40.0 dB after
    """

    name: str
    before: Tensor
    after: Tensor
    target: Tensor | None = None

    @property
    def table(self) -> list[list[str]]:
        """PSNR and SSIM before and after, a header first; empty without a target."""
        if self.target is None:
            return []
        ways = {"before": self.before, "after": self.after}
        rows = [[way, *_scores(picture, self.target)] for way, picture in ways.items()]
        return [["", "PSNR (dB)", "SSIM"], *rows]

    @property
    def pictures(self) -> dict[str, Tensor]:
        """Before, after and, where there is one, the target, by name."""
        target = {} if self.target is None else {"target": self.target}
        return {"before": self.before, "after": self.after, **target}

    def plot(self) -> Figure:
        """Before, after and target, side by side, under how near they are to it."""
        row = beside(*(picture[None] for picture in self.pictures.values()))
        nearness = self._decibels()
        names = [
            f"{name} {nearness[name]:.1f} dB" if name in nearness else name
            for name in self.pictures
        ]
        return draw_pictures(row, [", ".join(names)], side=SIDE * len(self.pictures))

    def __repr__(self) -> str:
        if self.target is None:
            height, width = self.after.shape[-2:]
            return f"{self.name}: before and after, {height} x {width} pixels"
        nearness = self._decibels()
        return f"{self.name}: {nearness['before']:.1f} dB before, {nearness['after']:.1f} dB after"

    def _decibels(self) -> dict[str, float]:
        """The PSNR before and after; nothing without a target."""
        if self.target is None:
            return {}
        ways = {"before": self.before, "after": self.after}
        return {way: float(decibels(one[None], self.target[None])) for way, one in ways.items()}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return Told(self.plot(), words=str(self))._repr_mimebundle_()


def before_after(
    model: nn.Module, data: Any, *, task: Task, plan: Plan, item: int = 0
) -> BeforeAfter:
    """What `model` makes of the validation pair number `item` of a PicturePairs.

    Raises ModelError for another task, DataError for other data, SettingError for a number that
    no pair has.
    """
    check_picture_task(task)
    if not hasattr(data, "pairs"):
        raise DataError(
            f"this data is {type(data).__name__}, which has no pairs of pictures to show; make it "
            "with ImageData.from_pairs"
        )
    inputs, targets = data.pairs([item])
    found: list[Tensor] = []

    def keep(outputs: Tensor, targets: Tensor) -> None:
        found.append(task.activation(outputs))

    predict_batches(model, [(inputs, targets)], use=keep, plan=plan)
    pictures = (picture[0].float().cpu() for picture in (inputs, found[0], targets))
    return BeforeAfter(f"validation picture {item}", *pictures)


def check_picture_task(task: Task) -> None:
    """Refuse a task whose outputs are no pictures."""
    if task.name != "picture":
        raise ModelError(
            f"before and after are of models whose outputs are pictures; this one is for "
            f"{task.name}; make data with ImageData.from_pairs and use restoration_learner"
        )


def _scores(picture: Tensor, target: Tensor) -> list[str]:
    from torchmetrics.functional.image import structural_similarity_index_measure as ssim

    pair = picture[None], target[None]
    found = ssim(*pair, data_range=(0.0, 1.0))
    assert isinstance(found, Tensor)
    return [f"{float(decibels(*pair)):.2f}", f"{float(found):.4f}"]
