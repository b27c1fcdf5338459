"""Fair timing: contenders take turns in one process, in a changing order, and none is left out."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

PACKAGES = ("torch", "torchvision", "tenfold", "fastai", "lightning", "keras", "numpy")
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8")
QUIET_LOAD = 0.3


@dataclass(frozen=True)
class Target:
    """What one figure should be: `value` at most, or at least, `limit`."""

    words: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass
class Table:
    """One measured part: for every contender the samples of all rounds, in their order.

    `columns` holds other figures beside the samples, by contender; `load` is the machine's load
    average before and after.
    """

    part: str
    title: str
    unit: str
    baseline: str
    samples: dict[str, list[float]]
    settings: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    load: tuple[float, float] = (0.0, 0.0)
    threads: int = field(default_factory=torch.get_num_threads)

    def ratios(self, name: str, *, to: str | None = None) -> list[float]:
        """Each sample over that of another contender in the same round."""
        return [a / b for a, b in zip(self.samples[name], self.samples[to or self.baseline])]

    def ratio(self, name: str, *, to: str | None = None) -> float:
        """The median of `ratios`."""
        return statistics.median(self.ratios(name, to=to))

    def record(self) -> dict[str, Any]:
        """Everything as JSON."""
        targets = [{**asdict(target), "met": target.met} for target in self.targets]
        return {**asdict(self), "targets": targets}


def interleave(
    contenders: Mapping[str, Callable[[], float]], *, rounds: int
) -> dict[str, list[float]]:
    """One sample of every contender a round; each second round goes backwards (A-B, B-A)."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders) if number % 2 == 0 else list(reversed(contenders))
        for name in names:
            samples[name].append(contenders[name]())
    return samples


def slope(run: Callable[[int], object], *, short: int, long: int) -> float:
    """Microseconds of processor time a step, from two lengths: what is paid once drops out."""
    times = []
    for steps in (short, long):
        start = time.process_time()
        run(steps)
        times.append(time.process_time() - start)
    return (times[1] - times[0]) / (long - short) * 1e6


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes by the clock."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def processor_seconds(run: Callable[[], object]) -> float:
    """What a call takes of all processors, processes that it starts and awaits included."""
    start = sum(os.times()[:4])
    run()
    return sum(os.times()[:4]) - start


def load_average() -> float:
    """How many processes wanted a core in the last minute, this one among them."""
    return os.getloadavg()[0]


def machine() -> dict[str, Any]:
    """Processor, cores and versions."""
    return {
        "processor": cpu_info("model name") or platform.processor(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in cpu_info("flags").split()],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def name_of_machine() -> str:
    """A neutral file name: cores and the widest arithmetic."""
    flags = machine()["flags"]
    return f"cpu-{os.cpu_count()}-cores-{flags[-1] if flags else platform.machine()}"


def version(package: str) -> str:
    """The installed version, or "not installed"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def cpu_info(name: str) -> str:
    """One line of Linux's description of the processor; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""
    found = re.search(rf"^{name}\s*: (.*)$", text, re.MULTILINE)
    return found[1] if found else ""
