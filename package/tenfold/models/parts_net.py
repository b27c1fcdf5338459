"""A network from parts: stem, stages, mean over the picture, linear; made again from its spec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from tenfold.errors import ModelError, SettingError
from tenfold.models.blocks import Parts, stem
from tenfold.models.body import IMAGENET_MEAN, IMAGENET_STD
from tenfold.models.cut import halves
from tenfold.models.initialise import initialise
from tenfold.models.vision import Normalise

__all__ = ["PartsNet", "finished", "read_depth", "rebuilt", "whole"]


class PartsNet(nn.Module):
    """Pictures [N, 3, h, w] in [0, 1] to raw logits [N, outputs]: stem, stages, mean, linear.

    Made by `create_resnet` and `create_densenet`; `spec` is what makes the same network again.
    """

    def __init__(
        self,
        first: nn.Module,
        stages: Sequence[nn.Module],
        *,
        channels: int,
        outputs: int,
        spec: dict[str, Any],
    ) -> None:
        super().__init__()
        self.normalise = Normalise(IMAGENET_MEAN, IMAGENET_STD)
        self.stem = first
        self.stages = nn.Sequential(*stages)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(channels, outputs)
        self.spec = spec

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.stages(self.stem(self.normalise(x)))))

    def groups(self) -> list[list[nn.Module]]:
        """The layer groups: early half, late half, head. Each parameter is in exactly one."""
        return [*halves([self.stem, *self.stages]), [self.head]]


def finished(
    stages: Sequence[nn.Module], *, width: int, channels: int, parts: Parts, spec: dict[str, Any]
) -> PartsNet:
    """Stages between a stem of `width` channels and a head, with weights from the spec's seed."""
    spec = {**spec, "name": spec["kind"]}
    first = stem(spec["stem"], width, parts=parts, bare=spec["kind"] == "densenet")
    net = PartsNet(first, stages, channels=channels, outputs=spec["outputs"], spec=spec)
    initialise(net, spec["init"], seed=spec["seed"])
    return net


def rebuilt(spec: dict[str, Any], make: Any, *, kind: str) -> PartsNet:
    """What `make` makes of a spec that came from it; raises ModelError for any other."""
    given = dict(spec) if isinstance(spec, dict) else {}
    kept = {name: value for name, value in given.items() if name not in ("kind", "name", "outputs")}
    try:
        if given.get("kind") != kind:
            raise TypeError(f"its kind is {given.get('kind')!r}")
        return make(given["outputs"], **kept)
    except (TypeError, KeyError) as error:
        raise ModelError(
            f"{spec!r} does not describe a {kind} ({error}); allowed is the .spec of what "
            f"create_{kind} made; save the model again"
        ) from error


def read_depth(depth: int | Sequence[int], *, fixed: int, layers: int, stages: int) -> list[int]:
    """How many blocks of `layers` layers each stage has; a depth counts `fixed` more.

    >>> read_depth(20, fixed=2, layers=2, stages=3), read_depth([3, 4, 6, 3], fixed=2, layers=2,
    ...     stages=3)
    ([3, 3, 3], [3, 4, 6, 3])
    """
    if isinstance(depth, Sequence) and not isinstance(depth, str):
        if depth and all(_is_whole(count) for count in depth):
            return list(depth)
    elif _is_whole(depth):
        count, rest = divmod(depth - fixed, layers * stages)
        if count > 0 and rest == 0:
            return [count] * stages
    step, small = layers * stages, fixed + layers * stages
    raise SettingError(
        f"depth={depth!r} was given; allowed is {step} n + {fixed}, as {small}, {small + step} or "
        f"{small + 2 * step}, or how many blocks each stage has, as [3, 4, 6, 3]"
    )


def whole(**given: int) -> None:
    """Refuse numbers that are not whole, or below 1."""
    for name, value in given.items():
        if not _is_whole(value):
            raise SettingError(f"{name}={value!r} was given; allowed is a whole number from 1")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
