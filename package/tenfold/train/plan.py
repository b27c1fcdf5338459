"""How a run uses this machine: precision, memory layout, threads. `probe.py` chooses them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from tenfold.errors import SettingError

__all__ = ["PRECISIONS", "Plan"]

# float16 is left out: it needs its losses scaled, and bfloat16 does the same without
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


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

    @cached_property
    def mixed(self) -> bool:
        """Whether the forward pass runs under autocast."""
        return self.precision != "float32"

    def lay_out(self, inputs: Any) -> Any:
        """Pictures (N, C, H, W) in the memory layout of this plan; anything else untouched."""
        if self.channels_last and isinstance(inputs, Tensor) and inputs.ndim == 4:
            return inputs.contiguous(memory_format=torch.channels_last)
        return inputs
