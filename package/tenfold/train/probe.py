"""Choosing the plan of a run by timing a few steps; the choice is kept on disk.

bfloat16 with channels-last makes convolutions two to four times faster on some processors and
slower on others, so it is timed instead of guessed. The choice is kept for the same model,
shape and machine: a second run takes the same one and gives the same bits.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor, nn

from tenfold.device import cache_folder
from tenfold.errors import SettingError
from tenfold.train.interrupts import Interrupts
from tenfold.train.memory import out_of_memory
from tenfold.train.optim import set_train_mode
from tenfold.train.passes import batches_of, forward
from tenfold.train.plan import Plan
from tenfold.train.state import preserved

__all__ = ["Planner", "make_plan"]

# the faster choice must be clearly faster: full precision is the safer one
GAIN_NEEDED = 1.15
# pictures of a batch that are timed: the fastest plan is the same as for all
ENOUGH = 16
# and how long a plan is timed, after two steps at least
ENOUGH_SECONDS = 0.1
# in seconds; only steps as short as this can be slower with more threads
SHORT_STEP = 0.005
# what was chosen in this process, so that two learners of one kind do the same
_CHOSEN: dict[str, Plan] = {}


class Planner:
    """The plans of a learner, one for each model, batch and set of frozen layers.

    What the user set by hand is kept and never timed.
    """

    def __init__(self) -> None:
        self._chosen: dict[str, Any] = {}
        self._plans: dict[Any, Plan] = {}
        self._again = False

    def choose(self, *, auto: bool = False, **settings: Any) -> None:
        """Set some settings by hand; with `auto` forget those set before."""
        unknown = set(settings) - {"precision", "channels_last", "threads"}
        if unknown:
            raise SettingError(
                f"{', '.join(sorted(unknown))} was given; a plan has precision, channels_last "
                "and threads"
            )
        Plan(**settings)  # refuses what is out of range
        self._chosen = settings if auto else {**self._chosen, **settings}
        if auto:
            self._plans.clear()
            _CHOSEN.clear()
        self._again = auto

    def forget(self) -> None:
        """Forget the plans, because the data changed; what was set by hand stays."""
        self._plans.clear()

    def keep(self, model: nn.Module, data: Any, *, plan: Plan) -> None:
        """Use `plan` for `model` on the batches of `data`, as a run that goes on has to."""
        self._plans[self._key(model, data)] = plan

    def _key(self, model: nn.Module, data: Any) -> Any:
        trains = tuple(parameter.requires_grad for parameter in model.parameters())
        return type(model), id(data), trains, tuple(sorted(self._chosen.items()))

    def plan(self, model: nn.Module, data: Any) -> Plan:
        """The plan for `model` on the batches of `data`."""
        key = self._key(model, data)
        if key not in self._plans:
            device = next(model.parameters()).device
            kept = preserved(model, loaders=(data,))
            with Interrupts() as interrupts, kept, interrupts.raising():
                first = next(iter(batches_of(data, device=device, plan=Plan(), epoch=0)))
            plan = make_plan(model, first[0], chosen=self._chosen, again=self._again)
            self._plans[key] = replace(plan, why=(*plan.why, *_notes(model)))
        return self._plans[key]


def _notes(model: nn.Module) -> tuple[str, ...]:
    """What a model says about its own choices, as the size from which its tables are sparse."""
    notes = getattr(model, "notes", ())
    return notes if isinstance(notes, tuple) else ()


def make_plan(
    model: nn.Module, inputs: Any, *, chosen: dict[str, Any], again: bool = False
) -> Plan:
    """Choose by timing a few steps on `inputs`; the model is left as it was.

    `chosen` holds what the user set by hand, which is never timed. A choice made before on this
    machine is taken, unless `again`.
    """
    key = _key(model, inputs, chosen)
    if not again and (kept := _CHOSEN.get(key) or _read(key)) is not None:
        return kept
    device = next(model.parameters()).device
    with Interrupts() as interrupts, preserved(model), interrupts.raising():
        set_train_mode(model)
        plan = _timed_plan(model, inputs, chosen=chosen, device=device)
    _CHOSEN[key] = plan
    if len(plan.why) > len(chosen) and _busy():  # something was timed
        words = "other work was running, so this was not kept: learn.plan(auto=True) times again"
        return replace(plan, why=(*plan.why, words))
    _write(key, plan)
    return plan


def _timed_plan(
    model: nn.Module,
    inputs: Any,
    *,
    chosen: dict[str, Any],
    device: torch.device,
) -> Plan:
    plan = Plan(why=tuple(f"{name}: set by hand" for name in chosen), **chosen)
    clock = _Clock(model, inputs[:ENOUGH] if _convolves(model, inputs) else inputs)
    if {"precision", "channels_last"}.isdisjoint(chosen) and _convolves(model, inputs):
        plan = _faster(clock, plan, replace(plan, channels_last=True))
        plan = _faster(clock, plan, replace(plan, precision="bfloat16", channels_last=True))
    elif "precision" not in chosen and _recurs(model):
        plan = _faster(clock, plan, replace(plan, precision="bfloat16"))
    if "threads" in chosen or device.type != "cpu" or plan.threads == 1:
        return plan
    if clock.time(plan) < SHORT_STEP:
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
    """Times a forward and backward pass under a plan: the best of a few, each plan once."""

    def __init__(self, model: nn.Module, inputs: Any) -> None:
        self._model, self._inputs = model, inputs
        self._times: dict[Plan, float] = {}

    def time(self, plan: Plan) -> float:
        key = replace(plan, why=())
        if key not in self._times:
            try:
                self._times[key] = self._measured(key)
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                self._times[key] = float("inf")  # the run splits its batches and says so
        return self._times[key]

    def _measured(self, plan: Plan) -> float:
        torch.set_num_threads(plan.threads)
        inputs, best, begin = plan.lay_out(self._inputs), float("inf"), time.perf_counter()
        for repeat in range(20):
            start = time.perf_counter()
            loss = forward(self._model, inputs, plan).square().mean()
            if loss.requires_grad:
                loss.backward()
            loss.item()  # waits for the device: this is a measurement
            self._model.zero_grad(set_to_none=True)
            best = min(best, time.perf_counter() - start) if repeat else best
            if repeat >= 2 and time.perf_counter() - begin > ENOUGH_SECONDS:
                break
        return best


def _convolves(model: nn.Module, inputs: Any) -> bool:
    pictures = isinstance(inputs, Tensor) and inputs.ndim == 4
    return pictures and any(isinstance(module, nn.Conv2d) for module in model.modules())


def _recurs(model: nn.Module) -> bool:
    return any(isinstance(module, nn.RNNBase) for module in model.modules())


def _key(model: nn.Module, inputs: Any, chosen: dict[str, Any]) -> str:
    shapes = [(tuple(p.shape), p.requires_grad) for p in model.parameters()]
    device = str(next(model.parameters()).device)
    described = (type(model).__name__, shapes, str(getattr(inputs, "shape", "")), device)
    machine = (torch.__version__, os.cpu_count(), torch.get_num_threads(), _processor())
    text = repr((described, machine, sorted(chosen.items())))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _busy() -> bool:
    """Whether other programs compete for the processors, so that timings mean little."""
    try:
        return os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)
    except (OSError, AttributeError):  # Windows does not say
        return False


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
