"""How a run uses this machine: precision, memory layout, threads; timed once, then kept.

bfloat16 with channels-last makes convolutions two to four times faster on some processors and
slower on others, so a few steps are timed instead of guessed. The choice is kept on disk for
the same model, shape and machine: a second run takes the same one and gives the same bits.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.device import cache_folder
from tenfold.errors import SettingError
from tenfold.train.optim import set_train_mode
from tenfold.train.state import preserved

__all__ = ["PRECISIONS", "Plan", "make_plan"]

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# the faster choice must be clearly faster: full precision is the safer one
GAIN_NEEDED = 1.15


@dataclass(frozen=True)
class Plan:
    """The settings of a run on its device, and why they were chosen.

    >>> print(Plan(threads=1))
    float32, contiguous, 1 thread
    """

    precision: str = "float32"
    channels_last: bool = False
    threads: int = field(default_factory=torch.get_num_threads)
    why: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise SettingError(
                f"precision={self.precision!r} was given; allowed are {', '.join(PRECISIONS)}"
            )
        if isinstance(self.threads, bool) or not isinstance(self.threads, int) or self.threads < 1:
            raise SettingError(f"threads={self.threads!r} was given; allowed is 1 and above")

    def __str__(self) -> str:
        layout = "channels last" if self.channels_last else "contiguous"
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        return "\n  ".join([f"{self.precision}, {layout}, {threads}", *self.why])

    @property
    def mixed(self) -> bool:
        """Whether the forward pass runs under autocast."""
        return self.precision != "float32"

    def lay_out(self, inputs: Any) -> Any:
        """Pictures (N, C, H, W) in the memory layout of this plan; anything else untouched."""
        if self.channels_last and isinstance(inputs, Tensor) and inputs.ndim == 4:
            return inputs.contiguous(memory_format=torch.channels_last)
        return inputs


def make_plan(
    model: nn.Module, inputs: Any, *, compute: Callable[[Any], Tensor], chosen: dict[str, Any]
) -> Plan:
    """Choose by timing a few steps of `compute` (inputs to loss) on a model left as it was.

    `chosen` holds what the user set by hand, which is never timed.
    """
    key = _key(model, inputs, chosen)
    if (kept := _read(key)) is not None:
        return kept
    device = next(model.parameters()).device
    with preserved(model):
        set_train_mode(model)
        plan = _timed_plan(model, inputs, compute=compute, chosen=chosen, device=device)
    _write(key, plan)
    return plan


def _timed_plan(
    model: nn.Module,
    inputs: Any,
    *,
    compute: Callable[[Any], Tensor],
    chosen: dict[str, Any],
    device: torch.device,
) -> Plan:
    plan = Plan(why=tuple(f"{name}: set by hand" for name in chosen), **chosen)
    clock = _Clock(model, inputs, compute=compute, device=device)
    if {"precision", "channels_last"}.isdisjoint(chosen) and _convolves(model, inputs):
        plan = _faster(clock, plan, replace(plan, precision="bfloat16", channels_last=True))
    if "threads" not in chosen and device.type == "cpu" and plan.threads > 1:
        plan = _faster(clock, plan, replace(plan, threads=1), gain=1.0)
    return plan


def _faster(clock: _Clock, plan: Plan, other: Plan, *, gain: float = GAIN_NEEDED) -> Plan:
    """The faster of two plans, with the two times added to its reasons."""
    now, then = clock.time(plan), clock.time(other)
    better = other if now > gain * then else plan
    mine, theirs = str(plan).splitlines()[0], str(other).splitlines()[0]
    line = f"a step takes {now * 1e3:.3g} ms with {mine}, {then * 1e3:.3g} ms with {theirs}"
    return replace(better, why=(*plan.why, line))


class _Clock:
    """Times a forward and backward pass under a plan: the best of a few."""

    def __init__(
        self,
        model: nn.Module,
        inputs: Any,
        *,
        compute: Callable[[Any], Tensor],
        device: torch.device,
    ) -> None:
        self._model, self._inputs, self._compute = model, inputs, compute
        self._device = device

    def time(self, plan: Plan) -> float:
        torch.set_num_threads(plan.threads)
        inputs, best, begin = plan.lay_out(self._inputs), float("inf"), time.perf_counter()
        for repeat in range(20):
            start = time.perf_counter()
            with torch.autocast(
                self._device.type, PRECISIONS[plan.precision], enabled=plan.mixed
            ), torch.enable_grad():
                loss = self._compute(inputs)
            loss.backward()
            loss.item()  # waits for the device: this is a measurement
            self._model.zero_grad(set_to_none=True)
            best = min(best, time.perf_counter() - start) if repeat else best
            if repeat >= 2 and time.perf_counter() - begin > 0.5:
                break
        return best


def _convolves(model: nn.Module, inputs: Any) -> bool:
    pictures = isinstance(inputs, Tensor) and inputs.ndim == 4
    return pictures and any(isinstance(module, nn.Conv2d) for module in model.modules())


def _key(model: nn.Module, inputs: Any, chosen: dict[str, Any]) -> str:
    shapes = [(tuple(p.shape), p.requires_grad) for p in model.parameters()]
    device = str(next(model.parameters()).device)
    described = (type(model).__name__, shapes, str(getattr(inputs, "shape", "")), device)
    machine = (torch.__version__, os.cpu_count(), torch.get_num_threads(), _processor())
    text = repr((described, machine, sorted(chosen.items())))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _processor() -> str:
    return torch.backends.cpu.get_cpu_capability()


def _read(key: str) -> Plan | None:
    file = cache_folder() / "plans" / f"{key}.json"
    try:
        values = json.loads(file.read_text())
        return Plan(**{**values, "why": tuple(values["why"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(key: str, plan: Plan) -> None:
    folder = cache_folder() / "plans"
    try:
        folder.mkdir(exist_ok=True)
        part = folder / f"{key}.{os.getpid()}.part"
        part.write_text(json.dumps(asdict(plan)))
        part.replace(folder / f"{key}.json")
    except OSError:
        return  # a cache that cannot be written costs the timing again, nothing else
